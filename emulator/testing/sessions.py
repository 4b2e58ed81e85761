"""Sessions of requests with a base URL and credentials, where a vendor has no client."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from emulator.core.primitives.clock import Clock

_PAIR = "emulator"
"""Id and secret that --auth verify accepts by default."""


class BaseSession(requests.Session):
    """A session that puts paths after its base URL."""

    def __init__(self, base: str, auth: AuthBase | None) -> None:
        super().__init__()
        self.base = base
        self.auth = auth
        self.trust_env = False  # no proxy and no .netrc for a local emulator

    def request(self, method: str | bytes, url: str | bytes, *rest: Any, **params: Any) -> Any:
        """Send a request to a path, `/api/v1/datasets`, or to a whole URL."""
        path = url.decode() if isinstance(url, bytes) else url
        whole = f"{self.base}{path}" if path.startswith("/") else path
        return super().request(method, whole, *rest, **params)


class Signed(AuthBase):
    """Signs requests with NAVER Cloud's signature v2, at the time of the machine."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request."""
        url = urlsplit(str(request.url))
        target = f"{url.path}?{url.query}" if url.query else url.path
        timestamp = str(Clock().now() // 1000)
        text = f"{request.method} {target}\n{timestamp}\n{_PAIR}"
        mac = hmac.new(_PAIR.encode(), text.encode(), hashlib.sha256).digest()
        request.headers["x-ncp-apigw-timestamp"] = timestamp
        request.headers["x-ncp-iam-access-key"] = _PAIR
        request.headers["x-ncp-apigw-signature-v2"] = base64.b64encode(mac).decode()
        return request


class Bearer(AuthBase):
    """Sends client id and client secret as a bearer token, as Coactive's own client does."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the token to a request."""
        request.headers["Authorization"] = f"Bearer {_PAIR}:{_PAIR}"
        return request


class Key(AuthBase):
    """Sends a key in a header of its own, or as a bearer key."""

    def __init__(self, header: str, value: str) -> None:
        self._header = header
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the key to a request."""
        request.headers[self._header] = self._value
        return request


def session(url: str, service: Mapping[str, Any]) -> BaseSession:
    """Make a session for a provider, with the key that the `credentials` of service.json need.

    There are none for schemes that are not generic.
    """
    terms = service.get("credentials", {})
    keys = {
        "api-key": Key(terms.get("header", "X-API-Key"), _PAIR),
        "bearer-key": Key("Authorization", f"Bearer {_PAIR}"),
    }
    return BaseSession(url, keys.get(terms.get("scheme", "")))


def aitems(url: str) -> BaseSession:
    """Make a session for AiTEMS."""
    return BaseSession(url, Signed())


def coactive(url: str) -> BaseSession:
    """Make a session for Coactive."""
    return BaseSession(url, Bearer())
