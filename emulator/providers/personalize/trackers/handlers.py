"""The operations on event trackers: a dataset group has one at a time."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.api import Call, Handler, Page, Params
from emulator.providers.personalize.checks import (
    check_owner,
    check_ready,
    check_settled,
    check_tags,
)
from emulator.providers.personalize.lists import page_of
from emulator.providers.personalize.resources import DatasetGroup, arn
from emulator.providers.personalize.trackers.resources import EventTracker


def create_event_tracker(call: Call, params: Params) -> EventTracker:
    """Start to create the event tracker of an active dataset group."""
    check_owner(call, params.dataset_group_arn)
    group = call.resources.get(DatasetGroup, params.dataset_group_arn)
    check_ready(group)
    suffix = call.identifiers.hex(8, *call.purpose(EventTracker.kind, group.id))
    tracking_id = call.identifiers.uuid(*call.purpose("tracking-id", group.id))
    tracker = EventTracker(
        id=arn(call.scope, EventTracker.kind, suffix),
        account_id=call.scope.account,
        tracking_id=str(tracking_id),
        **vars(params),
    )
    stored = call.resources.add(tracker, parent=group.id, claims=[f"event-tracker/{group.id}"])
    check_tags(call, params.tags)
    return stored


def describe_event_tracker(call: Call, params: Params) -> Mapping[str, EventTracker]:
    """Return an event tracker with its state."""
    return {"event_tracker": call.resources.get(EventTracker, params.event_tracker_arn)}


def list_event_trackers(call: Call, params: Params) -> Page[EventTracker]:
    """List event trackers, oldest first; a group that does not exist has none."""
    return page_of(call, EventTracker, params, parent=params.dataset_group_arn)


def delete_event_tracker(call: Call, params: Params) -> None:
    """Start to delete an event tracker; its dataset stays."""
    check_owner(call, params.event_tracker_arn)
    tracker = call.resources.get(EventTracker, params.event_tracker_arn)
    check_settled(tracker)
    call.resources.remove(tracker)


HANDLERS: Mapping[str, Handler] = {
    "CreateEventTracker": create_event_tracker,
    "DescribeEventTracker": describe_event_tracker,
    "ListEventTrackers": list_event_trackers,
    "DeleteEventTracker": delete_event_tracker,
}
