"""Asking the control API of a running emulator, with nothing but the standard library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

Document = Mapping[str, Any]

_PATIENCE = 60
"""Seconds that an answer of an emulator on the same machine may take."""


class ControlError(Exception):
    """The control API refused a call; `status` and `code` are those of its answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code


class Control:
    """The control API of one emulator, or of one world in it."""

    def __init__(self, base: str, token: str | None = None) -> None:
        """Ask under the URL `base`, `http://127.0.0.1:4680` or `.../w/<world>`."""
        self._base = base
        self._headers = {"Content-Type": "application/json"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        self._opener = build_opener(ProxyHandler({}))  # a proxy does not know this machine

    def get(self, path: str, **query: object) -> Any:
        """Read; parts of the query that are None are left out."""
        given = {name: value for name, value in query.items() if value is not None}
        return self.send("GET", f"{path}?{urlencode(given)}" if given else path)

    def send(self, method: str, path: str, document: Document | None = None) -> Any:
        """Send a document and give that of the answer; raises `ControlError`."""
        __tracebackhide__ = True  # pytest shows the line of the test, and what was refused
        request = Request(  # noqa: S310 - the URL of an emulator, which is HTTP
            f"{self._base}/_emulator/{path}",
            method=method,
            data=None if document is None else json.dumps(document).encode(),
            headers=self._headers,
        )
        try:
            with self._opener.open(request, timeout=_PATIENCE) as answer:
                return json.load(answer)
        except HTTPError as error:
            with error:
                raise _refusal(error.code, error.read()) from None


def _refusal(status: int, body: bytes) -> ControlError:
    try:
        said = json.loads(body)
        return ControlError(status, said["error"], said["message"])
    except (ValueError, KeyError, TypeError):
        return ControlError(status, "Unreadable", body[:200].decode(errors="replace"))
