"""Matchers of service.json: one meaning, whether a request has reached its provider or not."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from emulator.core.http.exchange import Request
from emulator.core.http.matchers import compile_matcher
from emulator.core.http.wsgi import WsgiRequest

MATCHERS: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({"path": "/v1/.*"}, {"path": "/v1/x"}, True),
    ({"path": "/v1/.*"}, {"path": "/a/v1/x"}, False),
    ({"path": "/v1"}, {"path": "/v1/x"}, False),
    ({"header": "X-Sdk"}, {"headers": {"x-sdk": ""}}, True),
    ({"header": "X-Sdk"}, {}, False),
    ({"header": "X-Sdk", "matches": "old"}, {"headers": {"X-SDK": "old"}}, True),
    ({"header": "X-Sdk", "matches": "old"}, {"headers": {"X-Sdk": "older"}}, False),
    ({"header": "Content-Type", "matches": "text/.*"}, {"headers": {"Content-Type": "text/x"}}, True),
    ({"host": "a[.]b"}, {"headers": {"Host": "A.b:80"}}, True),
    ({"host": "a[.]b"}, {"headers": {"Host": "x.a.b"}}, False),
    ({"headerPrefix": "x-acs-"}, {"headers": {"X-Acs-Action": "a"}}, True),
    ({"headerPrefix": "x-acs-"}, {"headers": {"X-Ac": "a", "Y-X-Acs-B": "b"}}, False),
    ({"query": "offset"}, {"query": {"offset": ""}}, True),
    ({"query": "offset"}, {"query": {"Offset": "1"}}, False),
    ({"query": "offset", "matches": "[0-9]+"}, {"query": {"offset": "1"}}, True),
    ({"query": "offset", "matches": "[0-9]+"}, {"query": {"offset": "x"}}, False),
    ({"query": "a", "header": "X-Sdk"}, {"query": {"a": "1"}, "headers": {"X-Sdk": "1"}}, True),
    ({"query": "a", "header": "X-Sdk"}, {"query": {"a": "1"}}, False),
]  # fmt: skip


@pytest.mark.parametrize(("matcher", "request_", "matches"), MATCHERS, ids=repr)
def test_both_views_of_a_request_match_alike(
    matcher: dict[str, Any], request_: dict[str, Any], matches: bool
) -> None:
    builder = EnvironBuilder(
        path=request_.get("path", "/"),
        headers=request_.get("headers"),
        query_string=request_.get("query"),
    )
    test = compile_matcher(matcher)
    assert test(WsgiRequest(builder.get_environ())) is matches
    assert test(arrived(request_)) is matches


@pytest.mark.parametrize(
    ("body", "matches"),
    [
        (b'{"encoder":1}', True),
        (b'{"encoder":1,"encoder_name":2}', False),
        (b'{"encoder_name":2}', False),
        (b'["encoder"]', False),
        (b"{", False),
        (b"", False),
        (b"[" * 100_000, False),
    ],
)
def test_members_of_a_body_are_there_or_absent(body: bytes, matches: bool) -> None:
    test = compile_matcher({"bodyHasAny": ["encoder", "settings"], "bodyHasNone": ["encoder_name"]})
    assert test(arrived({"body": body})) is matches


def arrived(request: dict[str, Any]) -> Request:
    """A request as its provider sees it."""
    return Request(
        method="GET",
        target="/",
        prefix="",
        path=request.get("path", "/"),
        query=list(request.get("query", {}).items()),
        headers=Headers(request.get("headers")),
        parameters={},
        peer="",
        body=request.get("body", b""),
    )
