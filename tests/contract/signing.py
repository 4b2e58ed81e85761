"""Requests as bytes on the wire, and a signer per scheme that owes nothing to the emulator's own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from emulator.app import Application

HOST = "127.0.0.1:4680"
NOW = datetime(2026, 4, 1, 8, 0, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request; `target` is what stands in its first line."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def also(self, **headers: str) -> Sent:
        return replace(self, headers={**self.headers, **headers})


def unsigned(headers: Mapping[str, str]) -> dict[str, str]:
    """Leave out what a signer adds."""
    own = ("authorization", "x-amz-date", "x-acs-date", "x-ncp-")
    return {name: value for name, value in headers.items() if not name.lower().startswith(own)}


def send(application: Application, sent: Sent) -> tuple[int, str]:
    """Hand a request to the application as a server does; give status and body."""
    path, _, query = sent.target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": sent.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": sent.target,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "4680",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": HOST,
        "CONTENT_LENGTH": str(len(sent.body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(sent.body),
        "wsgi.errors": sys.stderr,
    }
    for name, value in sent.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    status: list[str] = []
    body = b"".join(application(environ, lambda line, _: status.append(line)))
    return int(status[0][:3]), body.decode()


def sigv4(sent: Sent, service: str, key: str, secret: str) -> Sent:
    """Sign as botocore does."""
    request = AWSRequest(
        method=sent.method,
        url=f"http://{HOST}{sent.target}",
        headers=dict(sent.headers),
        data=sent.body,
    )
    request.context["timestamp"] = f"{NOW:%Y%m%dT%H%M%SZ}"
    signer = SigV4Auth(Credentials(key, secret), service, "us-east-1")
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    canonical = signer.canonical_request(request)
    text = signer.string_to_sign(request, canonical)
    signature = signer.signature(text, request)
    names = signer.signed_headers(signer.headers_to_sign(request))
    scope = f"{key}/{NOW:%Y%m%d}/us-east-1/{service}/aws4_request"
    authorization = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature={signature}"  # fmt: skip
    signed = {"X-Amz-Date": request.context["timestamp"], "Authorization": authorization}
    return replace(sent, headers={**sent.headers, **signed})


def acs3(sent: Sent, key: str, secret: str) -> Sent:
    """Sign as the vendor documents its signature, every header; one request, one nonce."""
    hashed = hashlib.sha256(sent.body).hexdigest()
    nonce = hashlib.md5(repr(sent).encode(), usedforsecurity=False).hexdigest()
    own = {"x-acs-date": f"{NOW:%Y-%m-%dT%H:%M:%SZ}", "x-acs-signature-nonce": nonce, "x-acs-content-sha256": hashed}  # fmt: skip
    headers = {**{name.lower(): value for name, value in sent.headers.items()}, **own}
    signed = {**headers, "host": HOST}
    split = urlsplit(sent.target)
    pairs = sorted(parse_qsl(split.query, keep_blank_values=True))
    query = "&".join(f"{quote(n, safe='~')}={quote(v, safe='~')}" for n, v in pairs)
    lines = [sent.method, split.path, query]
    lines += [f"{name}:{signed[name].strip()}" for name in sorted(signed)]
    names = ";".join(sorted(signed))
    canonical = "\n".join([*lines, "", names, hashed])
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    authorization = f"ACS3-HMAC-SHA256 Credential={key},SignedHeaders={names},Signature={signature}"
    return replace(sent, headers={**headers, "Authorization": authorization})


def ncp(sent: Sent, key: str, secret: str) -> Sent:
    """Sign as the gateway documents its signature."""
    timestamp = str(int(NOW.timestamp() * 1000))
    text = f"{sent.method} {sent.target}\n{timestamp}\n{key}"
    mac = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return sent.also(
        **{
            "x-ncp-apigw-timestamp": timestamp,
            "x-ncp-iam-access-key": key,
            "x-ncp-apigw-signature-v2": base64.b64encode(mac).decode(),
        }
    )


Signer = Callable[[Sent, str, str], Sent]
SIGNERS: Mapping[str, Signer] = {
    "personalize": lambda sent, key, secret: sigv4(sent, "personalize", key, secret),
    "lookoutvision": lambda sent, key, secret: sigv4(sent, "lookoutvision", key, secret),
    "pai": acs3,
    "aitems": ncp,
    "coactive": lambda sent, key, secret: sent.also(Authorization=f"Bearer {key}:{secret}"),
}
"""How a provider's requests are signed, at `NOW`."""
