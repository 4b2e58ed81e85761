"""The resource of services, which train on one dataset of each type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from emulator.providers.aitems.resources import Named

HpConfig = dict[str, str | int | bool]
"""Hyperparameter optimisation: `is_enabled` and options, as on the wire."""


@dataclass(kw_only=True)
class Service(Named):
    """A recommendation service."""

    kind: ClassVar[str] = "service"
    identifier: ClassVar[str] = "service_id"

    description: str
    type: str
    dataset_ids: list[str] = field(default_factory=list)
    """None until datasets are attached, then one of each type; some may be deleted since."""
    hp_config: HpConfig = field(default_factory=lambda: {"is_enabled": False})
