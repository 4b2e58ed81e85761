"""Signs requests as Alibaba Cloud documents it (ACS3); knows nothing of the emulator's code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import string
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

KEY, SECRET = "testKey", "testSecret"
HOST = "127.0.0.1:8080"
NOW = "2026-04-01T00:00:00Z"
NOW_AS_DATE = "Wed, 01 Apr 2026 00:00:00 GMT"
DATASETS = "/api/v1/datasets"
BODY = {
    "DataSourceType": "NAS",
    "Name": "myName",
    "Property": "DIRECTORY",
    "Uri": "nas://09f1.cn-hangzhou/",
}
_KEPT = f"{string.ascii_letters}{string.digits}-._~"
_NONCES = count(1)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A request before it is signed: what is meant, and how its query is written on the wire."""

    method: str
    path: str = DATASETS
    query: Sequence[tuple[str, str]] = ()
    written: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def target(self) -> str:
        """What stands in the first line of the request."""
        written = canonical_query(self.query) if self.written is None else self.written
        return f"{self.path}?{written}" if written else self.path

    def also(self, headers: Mapping[str, str | None]) -> Wish:
        """The same with other headers; None takes one away."""
        merged = {**self.headers, **headers}
        return replace(self, headers={n: v for n, v in merged.items() if v is not None})


def action_of(method: str, path: str) -> str:
    """The action at a route, which the gateway compares with the header."""
    if path.endswith("/members"):
        return "CreateMember"
    if path.endswith(DATASETS):
        return "CreateDataset" if method == "POST" else "ListDatasets"
    return "GetDataset"


def params(method: str, body: object = None, **members: Any) -> Wish:
    """A request with the headers that the vendor's client sets, and a nonce of its own."""
    data = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
    headers = {
        "accept": "application/json",
        "host": HOST,
        "user-agent": "test-agent",
        "x-acs-action": action_of(method, members.get("path", DATASETS)),
        "x-acs-content-sha256": hashlib.sha256(data).hexdigest(),
        "x-acs-credentials-provider": "static_ak",
        "x-acs-date": NOW,
        "x-acs-signature-nonce": f"{next(_NONCES):032x}",
        "x-acs-version": "2021-02-04",
    }
    if body is not None:
        headers["content-type"] = "application/json; charset=utf-8"
    return Wish(method=method, headers=headers, body=data, **members)


def creating(**members: Any) -> Wish:
    """A request that creates a dataset."""
    return params("POST", {**BODY, **members})


def listing(*query: tuple[str, str], written: str | None = None) -> Wish:
    """A request that lists datasets."""
    return params("GET", query=query, written=written)


def escaped(text: str) -> str:
    """Encode as RFC 3986 has it: space %20, * %2A, ~ kept."""
    return "".join(chr(b) if chr(b) in _KEPT else f"%{b:02X}" for b in text.encode())


def canonical_query(query: Sequence[tuple[str, str]]) -> str:
    """Keys sorted, then key and value encoded."""
    return "&".join(f"{escaped(name)}={escaped(value)}" for name, value in sorted(query))


def canonical_request(asked: Wish, names: Collection[str], hidden: Collection[str] = ()) -> str:
    """The canonical request; values of `hidden` headers are shown as `***`."""
    values = {name: asked.headers.get(name, "").strip(" \t") for name in names}
    values |= {name: "***" for name in hidden if name in values}
    return (
        f"{asked.method}\n{asked.path}\n{canonical_query(asked.query)}\n"
        + "".join(f"{name}:{values[name]}\n" for name in sorted(names))
        + f"\n{';'.join(sorted(names))}\n{hashlib.sha256(asked.body).hexdigest()}"
    )


def string_to_sign(asked: Wish, names: Collection[str]) -> str:
    """What the key signs."""
    text = canonical_request(asked, names).encode()
    return f"ACS3-HMAC-SHA256\n{hashlib.sha256(text).hexdigest()}"


def acs3(
    asked: Wish, key: str = KEY, secret: str = SECRET, names: Collection[str] | None = None
) -> Wish:
    """Sign the named headers, or all there are."""
    names = sorted(asked.headers if names is None else names)
    mac = hmac.new(secret.encode(), string_to_sign(asked, names).encode(), hashlib.sha256)
    signed, signature = ";".join(names), mac.hexdigest()
    value = f"ACS3-HMAC-SHA256 Credential={key},SignedHeaders={signed},Signature={signature}"
    return asked.also({"Authorization": value})


def before(asked: Wish) -> Wish:
    """The request with the headers of the older signature in the place of the newer one's."""
    newer = {"x-acs-date": None, "x-acs-content-sha256": None}
    older = {"x-acs-signature-method": "HMAC-SHA1", "x-acs-signature-version": "1.0"}
    return asked.also({**newer, **older, "date": NOW_AS_DATE})


def older_string_to_sign(asked: Wish, hidden: Collection[str] = ()) -> str:
    """What the key signs in the older signature."""
    shown = {name: "***" if name in hidden else value for name, value in asked.headers.items()}
    own = ("accept", "content-md5", "content-type", "date")
    family = "".join(f"{n}:{v}\n" for n, v in sorted(shown.items()) if n.startswith("x-acs-"))
    query = "&".join(f"{name}={value}" if value else name for name, value in sorted(asked.query))
    return (
        f"{asked.method}\n"
        + "".join(f"{shown.get(name, '')}\n" for name in own)
        + family
        + (f"{asked.path}?{query}" if query else asked.path)
    )


def older(asked: Wish, key: str = KEY, secret: str = SECRET) -> Wish:
    """Sign as `acs AK:signature`."""
    mac = hmac.new(secret.encode(), older_string_to_sign(asked).encode(), hashlib.sha1)
    return asked.also({"authorization": f"acs {key}:{base64.b64encode(mac.digest()).decode()}"})
