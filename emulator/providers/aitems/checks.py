"""Checks shared by several operations of AiTEMS."""

from __future__ import annotations

from emulator.api import Call, NotReady, Resource
from emulator.providers.aitems.resources import Named


def check_state(resource: Resource, *forbidden: str) -> None:
    """Reject a resource in one of the forbidden phases."""
    if resource.state.phase in forbidden:
        raise NotReady(resource.kind, id=resource.id, state=resource.state.name)


def check_ready(resource: Resource) -> None:
    """Reject a resource that training cannot use now."""
    if not resource.ready:
        raise NotReady(resource.kind, id=resource.id, state=resource.state.name)


def rename(call: Call, former: Named, edited: Named) -> None:
    """Move the claim of a resource to its new name; raises `AlreadyExists` if it is taken."""
    if edited.name != former.name:
        call.resources.claim(edited, edited.claim)
        call.resources.release(former, former.claim)
