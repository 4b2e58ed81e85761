"""The wire format of event trackers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marshmallow import fields

from emulator.api import JavaSeconds, Wire, reads
from emulator.providers.personalize.resources import Tag
from emulator.providers.personalize.wire import Listing


@dataclass(frozen=True, kw_only=True)
class CreateEventTracker:
    """The request to create the event tracker of a dataset group."""

    name: str
    dataset_group_arn: str
    tags: list[Tag] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class DescribeEventTracker:
    """The request to get an event tracker."""

    event_tracker_arn: str


@dataclass(frozen=True, kw_only=True)
class ListEventTrackers(Listing):
    """The request to list event trackers, that of a dataset group or all."""

    dataset_group_arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeleteEventTracker:
    """The request to delete an event tracker."""

    event_tracker_arn: str


class _EventTracker(Wire):
    name = fields.String()
    event_tracker_arn = fields.String(attribute="id")
    account_id = fields.String()
    tracking_id = fields.String()
    dataset_group_arn = fields.String()
    status = fields.String(attribute="state.name")
    creation_date_time = JavaSeconds(attribute="created_at")
    last_updated_date_time = JavaSeconds(attribute="updated_at")


class _EventTrackerSummary(Wire):
    name = fields.String()
    event_tracker_arn = fields.String(attribute="id")
    status = fields.String(attribute="state.name")
    creation_date_time = JavaSeconds(attribute="created_at")
    last_updated_date_time = JavaSeconds(attribute="updated_at")


class _EventTrackerCreated(Wire):
    event_tracker_arn = fields.String(attribute="id")
    tracking_id = fields.String()


class _EventTrackerDescribed(Wire):
    event_tracker = fields.Nested(_EventTracker)


class _EventTrackersListed(Wire):
    event_trackers = fields.Nested(_EventTrackerSummary, many=True, attribute="items")
    next_token = fields.String(attribute="token")


REQUESTS: Mapping[str, type[Wire]] = {
    "CreateEventTracker": reads(CreateEventTracker),
    "DescribeEventTracker": reads(DescribeEventTracker),
    "ListEventTrackers": reads(ListEventTrackers),
    "DeleteEventTracker": reads(DeleteEventTracker),
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "CreateEventTracker": _EventTrackerCreated,
    "DescribeEventTracker": _EventTrackerDescribed,
    "ListEventTrackers": _EventTrackersListed,
    "DeleteEventTracker": None,
}
