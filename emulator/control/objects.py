"""Calls about S3 objects, which clients upload because the emulator fetches nothing."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control.context import ControlContext, Handler
from emulator.core.contract.model import Document
from emulator.core.storage.objects import StoredObject
from emulator.core.storage.objects import put_object as keep
from emulator.core.storage.query import Query

_MOST = 1000
"""Objects in a list, at most."""


def put_object(context: ControlContext, params: Document) -> object:
    """Store an S3 object that calls may refer to."""
    with context.world.objects() as repository:
        return _shown(keep(repository, params["bucket"], params["key"], params["text"]))


def objects(context: ControlContext, _: Document) -> object:
    """List the uploaded S3 objects, oldest first, without their contents."""
    with context.world.objects() as repository:
        page = repository.list(StoredObject, Query(most=_MOST))
    return {"objects": [_shown(stored) for stored in page.items]}


def delete_object(context: ControlContext, params: Document) -> object:
    """Delete an uploaded S3 object."""
    with context.world.objects() as repository:
        repository.drop(repository.get(StoredObject, f"{params['bucket']}/{params['key']}"))
    return {"status": "ok"}


def _shown(stored: StoredObject) -> Document:
    bucket, _, key = stored.id.partition("/")
    return {"bucket": bucket, "key": key, "characters": len(stored.text)}


HANDLERS: Mapping[str, Handler] = {
    "PutObject": put_object,
    "ListObjects": objects,
    "DeleteObject": delete_object,
}
