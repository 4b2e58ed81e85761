"""A client of the control API of a running emulator.

It connects directly: it uses no proxy of the environment and follows no redirect.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from emulator.paths import CONTROL_PATH

Document = Mapping[str, Any]

_PAUSE = 0.05
"""Seconds between two checks whether an emulator is ready."""

_LONGEST_LOOK = 2.0
"""Seconds that one check may take."""

_FIRST_REFUSAL = 300


class RemoteError(Exception):
    """A call failed; `text` is the reason on one line."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Unreachable(RemoteError):
    """No emulator responds at the URL."""


class ControlError(RemoteError):
    """The control API rejected a call; `status` and `code` are those of its response."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A running emulator, in the world that its URL names."""

    url: str
    token: str | None = None
    timeout: float = 60.0
    """Seconds to wait for each part of a response."""

    def get(self, path: str, **query: object) -> Any:
        """Return the document at a path under `/_emulator`; raises `RemoteError`.

        Query parameters that are None are not sent.
        """
        given = {name: value for name, value in query.items() if value is not None}
        return self.send("GET", f"{path}?{urlencode(given)}" if given else path)

    def send(self, method: str, path: str, document: Document | None = None) -> Any:
        """Send a document and return that of the response; raises `RemoteError`."""
        __tracebackhide__ = True  # pytest shows the line of the test, and what was refused
        body = None if document is None else json.dumps(document).encode()
        received = self._call(method, path, body)
        try:
            found = json.loads(received)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Unreachable(f"{self.url} is not a dataset emulator")
        return found

    def read(self, path: str) -> bytes:
        """Return the bytes at a path under `/_emulator`; raises `RemoteError`."""
        return self._call("GET", path, None)

    def put(self, path: str, body: bytes) -> None:
        """Send JSON bytes; raises `RemoteError`."""
        self._call("PUT", path, body)

    def wait(self) -> None:
        """Wait until the emulator is ready, up to the timeout; raises `RemoteError`."""
        end = time.monotonic() + self.timeout
        while True:
            left = max(_PAUSE, end - time.monotonic())
            look = Remote(url=self.url, token=self.token, timeout=min(left, _LONGEST_LOOK))
            try:
                look.get("ready")
            except RemoteError as error:
                if time.monotonic() + _PAUSE >= end:
                    text = f"not ready after {self.timeout:g} seconds: {error.text}"
                    raise RemoteError(text) from None
            else:
                return
            time.sleep(_PAUSE)

    def _call(self, method: str, path: str, body: bytes | None) -> bytes:
        __tracebackhide__ = True
        parts = urlsplit(self.url)
        connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = connect(parts.hostname or "", parts.port, timeout=self.timeout)
        target = f"{parts.path}{CONTROL_PATH}/{path}"
        try:
            connection.request(method, target, body, self._headers())
            response = connection.getresponse()
            received = response.read()
        except (OSError, HTTPException, UnicodeError) as error:
            raise Unreachable(f"no response from {self.url}: {_reason(error)}") from None
        finally:
            connection.close()
        if response.status >= _FIRST_REFUSAL:
            code, text = _error_of(received)
            raise ControlError(
                response.status, code, text or f"{method} {target}: {response.status}"
            )
        return received

    def _headers(self) -> Mapping[str, str]:
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        return headers | ({"Authorization": f"Bearer {self.token}"} if self.token else {})


def _reason(error: Exception) -> str:
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(reason).partition("\n")[0]


def _error_of(body: bytes) -> tuple[str, str]:
    """Return the code and the message of an error, on one line."""
    try:
        error = json.loads(body)
        return str(error.get("error", "Unreadable")), " ".join(str(error["message"]).split())
    except (ValueError, KeyError, TypeError, AttributeError):
        return "Unreadable", ""
