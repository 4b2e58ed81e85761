"""The resource of event trackers.

Formats of ARN and tracking id: observed in a response of 2019 (service.json, `trackers2019`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from emulator.api import Resource
from emulator.providers.personalize.resources import Tag


@dataclass(kw_only=True)
class EventTracker(Resource):
    """The endpoint for events of a dataset group; its ARN has an id instead of its name."""

    kind: ClassVar[str] = "event-tracker"
    identifier: ClassVar[str] = "event_tracker_arn"

    name: str
    account_id: str
    tracking_id: str
    dataset_group_arn: str
    tags: list[Tag] = field(default_factory=list)
