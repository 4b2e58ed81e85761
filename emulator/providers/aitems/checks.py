"""What several operations of AiTEMS refuse for the same reason."""

from __future__ import annotations

from emulator.api import Call, NotReady, Resource
from emulator.providers.aitems.resources import Named


def check_state(resource: Resource, *forbidden: str) -> None:
    """Refuse a resource whose phase is one of the forbidden ones."""
    if resource.state.phase in forbidden:
        raise NotReady(resource.kind, id=resource.id, state=resource.state.name)


def check_ready(resource: Resource) -> None:
    """Refuse a resource that training cannot use now."""
    if not resource.ready:
        raise NotReady(resource.kind, id=resource.id, state=resource.state.name)


def rename(call: Call, former: Named, edited: Named) -> None:
    """Let a resource have the name it was given, if no other of its kind has it."""
    if edited.name != former.name:
        call.resources.claim(edited, edited.claim)
        call.resources.release(former, former.claim)
