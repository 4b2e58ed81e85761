"""A client of the control API of a running emulator.

It asks the emulator directly: no proxy of the environment is used, no redirect followed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

_PAUSE = 0.05
"""Seconds between two looks at whether an emulator is ready."""

_LONGEST_LOOK = 2.0
"""Seconds that one look may take."""

_FIRST_REFUSAL = 300


class RemoteError(Exception):
    """The emulator does not answer, or refuses; the text is one line that says which."""


class Unreachable(RemoteError):
    """Nothing answers, or something that is no emulator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A running emulator, in the world that its URL names."""

    url: str
    token: str | None = None
    timeout: float = 10.0
    """Seconds to wait for each part of an answer."""

    def get(self, path: str) -> Any:
        """Give the document at a path below `/_emulator`; raises `RemoteError`."""
        return self._document("GET", path, None)

    def post(self, path: str, document: object) -> Any:
        """Send a document, give that of the answer; raises `RemoteError`."""
        return self._document("POST", path, json.dumps(document).encode())

    def read(self, path: str) -> bytes:
        """Give what is at a path below `/_emulator`, as it is; raises `RemoteError`."""
        return self._ask("GET", path, None)

    def put(self, path: str, body: bytes) -> None:
        """Send JSON as it is; raises `RemoteError`."""
        self._ask("PUT", path, body)

    def wait(self) -> None:
        """Wait until the emulator is ready, as long as the timeout; raises `RemoteError`."""
        end = time.monotonic() + self.timeout
        while True:
            left = max(_PAUSE, end - time.monotonic())
            look = Remote(url=self.url, token=self.token, timeout=min(left, _LONGEST_LOOK))
            try:
                look.get("ready")
            except RemoteError as error:
                if time.monotonic() + _PAUSE >= end:
                    text = f"not ready after {self.timeout:g} seconds: {error}"
                    raise RemoteError(text) from None
            else:
                return
            time.sleep(_PAUSE)

    def _document(self, method: str, path: str, body: bytes | None) -> Any:
        answered = self._ask(method, path, body)
        try:
            document = json.loads(answered)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise Unreachable(f"what answers at {self.url} is no emulator")
        return document

    def _ask(self, method: str, path: str, body: bytes | None) -> bytes:
        parts = urlsplit(self.url)
        connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = connect(parts.hostname or "", parts.port, timeout=self.timeout)
        target = f"{parts.path}/_emulator/{path}"
        try:
            connection.request(method, target, body, self._headers())
            answer = connection.getresponse()
            answered = answer.read()
        except (OSError, HTTPException, UnicodeError) as error:
            raise Unreachable(f"nothing answers at {self.url}: {_reason(error)}") from None
        finally:
            connection.close()
        if answer.status >= _FIRST_REFUSAL:
            raise RemoteError(_message(answered) or f"{method} {target}: {answer.status}")
        return answered

    def _headers(self) -> Mapping[str, str]:
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        return headers | ({"Authorization": f"Bearer {self.token}"} if self.token else {})


def _reason(error: Exception) -> str:
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(reason).partition("\n")[0]


def _message(answered: bytes) -> str:
    """Give what the emulator says of a refusal, on one line; nothing if nothing was said."""
    try:
        return " ".join(str(json.loads(answered)["message"]).split())
    except (ValueError, KeyError, TypeError):
        return ""
