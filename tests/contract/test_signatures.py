"""What is signed cannot be changed, by a bit or in any other way, and what is not does not matter."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.app import Application
from emulator.settings import Settings
from tests.contract import catalogue
from tests.contract.signing import NOW, SIGNERS, Sent, send, unsigned

QUERIES = {
    "personalize": "",
    "lookoutvision": "?maxResults=2&nextToken=a%2Fb%20c",
    "pai": "?PageSize=10&Name=a+b%2A~*%2B%2F%C3%A9&Label=",
    "aitems": "?limit=10&name=a%20b+c%7E",
    "coactive": "?limit=10&name_pattern=a%20b",
}
"""Odd characters in the queries of requests that list."""
PATHS = {"lookoutvision": "/2020-11-20/tags/arn%3Aaws%3Alookoutvision%3Aus-east-1%3A123456789012%3Aproject%2Fdemo-project"}  # fmt: skip
SIGNED = {
    "personalize": {"method", "target", "X-Amz-Target", "Content-Type", "X-Amz-Date", "body"},
    "lookoutvision": {"method", "target", "Content-Type", "X-Amz-Date", "body"},
    "pai": {"method", "target", "x-acs-version", "content-type", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256", "body"},
    "aitems": {"method", "target", "x-ncp-apigw-timestamp", "x-ncp-iam-access-key"},
    "coactive": set(),
}  # fmt: skip
"""What the vendor's signature covers; a pair or a token covers nothing but itself."""
SIGNATURES = {"aitems": "x-ncp-apigw-signature-v2"}
EVERY_PROVIDER = pytest.mark.parametrize("name", list(SIGNERS))
DECODED = {"personalize", "lookoutvision", "pai"}
"""Who signs a query as it is decoded, whatever the case of its escapes."""


def emulator(grade: Literal["parse", "verify"]) -> Iterator[Application]:
    nanoseconds = int(NOW.timestamp()) * 10**9
    asked = Settings(auth=grade, demo=True, clock="frozen", strict=True)
    application = Application(asked, wall=lambda: nanoseconds)
    yield application
    application.close()


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    yield from emulator("verify")


@pytest.fixture(scope="module")
def lenient() -> Iterator[Application]:
    yield from emulator("parse")


def requests_of(name: str) -> list[Sent]:
    """The request that creates, one that lists, and one with escapes in its path; unsigned."""
    contract = catalogue.contracts()[name]
    example = contract.seed["example"]
    headers = unsigned(example["headers"])
    body = json.dumps(example["body"]).encode()
    path, query = example["path"], QUERIES[name]
    create = Sent(method=example["method"], target=f"/{name}{path}", headers=headers, body=body)
    if not query:
        return [create]
    lists = "/2020-11-20/projects" if name == "lookoutvision" else path
    found = [create, Sent(method="GET", target=f"/{name}{lists}{query}", headers=headers)]
    if name in PATHS:
        found.append(Sent(method="GET", target=f"/{name}{PATHS[name]}", headers=headers))
    return found


def signed(name: str, sent: Sent) -> Sent:
    return SIGNERS[name](sent, "emulator", "emulator")


def parts_of(name: str, sent: Sent) -> Mapping[str, bytes]:
    """Name each part of a request whose change must be noticed."""
    signature = SIGNATURES.get(name, "Authorization")
    places = {"method": sent.method, "target": sent.target, **sent.headers}
    found = {place: places[place].encode() for place in SIGNED[name] - {"body"} if place in places}
    if "body" in SIGNED[name] and sent.body:
        found["body"] = sent.body
    tail = sent.headers[signature]
    return {**found, signature: tail[tail.rfind("ignature=") + 9 :].encode()}


def changed(name: str, sent: Sent, place: str, old: bytes, new: bytes) -> Sent:
    if place == "body":
        return replace(sent, body=new)
    if place == "method":
        return replace(sent, method=new.decode("latin-1"))
    if place == "target":
        return replace(sent, target=new.decode("latin-1"))
    text = sent.headers[place].encode().replace(old, new)
    return sent.also(**{place: text.decode("latin-1")})


def means_the_same(name: str, place: str, old: bytes, new: bytes) -> bool:
    """Tell whether both are one query to those who sign it decoded."""
    paths = [text.partition(b"?")[0] for text in (old, new)]
    if name not in DECODED or place != "target" or paths[0] != paths[1]:
        return False
    return unquote(old.replace(b"+", b"%20").decode("latin-1")) == unquote(
        new.replace(b"+", b"%20").decode("latin-1")
    )


@EVERY_PROVIDER
def test_what_is_signed_is_let_in(application: Application, name: str) -> None:
    for sent in requests_of(name):
        application.world.reset()
        status, body = send(application, signed(name, sent))
        assert "ignature" not in body
        assert status < 500
        assert status not in (401, 403), body


def test_a_letter_is_no_space_because_of_its_bytes(application: Application) -> None:
    sent = signed("personalize", requests_of("personalize")[0].also(**{"X-Amz-Meta": "a  à b"}))
    on_the_wire = "a  à b".encode().decode("latin-1")
    status, body = send(application, sent.also(**{"X-Amz-Meta": on_the_wire}))
    assert status < 300, body


@EVERY_PROVIDER
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_byte_of_what_is_signed_can_be_changed(
    application: Application, name: str, data: st.DataObject
) -> None:
    application.world.nonces.clear()
    sent = signed(name, data.draw(st.sampled_from(requests_of(name))))
    place, old = data.draw(st.sampled_from(sorted(parts_of(name, sent).items())))
    index = data.draw(st.integers(0, len(old) - 1))
    byte = old[index] ^ data.draw(st.integers(1, 127))
    new = old[:index] + bytes([byte]) + old[index + 1 :]
    if means_the_same(name, place, old, new) or (place != "body" and not 32 < byte < 127):
        return
    status, body = send(application, changed(name, sent, place, old, new))
    assert 400 <= status < 500, (place, new, body)


@EVERY_PROVIDER
@settings(max_examples=50, deadline=None)
@given(
    header=st.from_regex(
        r"(?!Content-|Host$|Date$)[A-Z][a-z]{2,8}(-[A-Z][a-z]{2,8})?", fullmatch=True
    ),
    value=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
)
def test_no_header_matters_that_is_not_signed(
    application: Application, name: str, header: str, value: str
) -> None:
    if header.lower() in {n.lower() for n in (*signed(name, requests_of(name)[0]).headers, "host")}:
        return
    answers = []
    for extra in ({}, {header: value}):
        application.world.reset()
        sent = signed(name, requests_of(name)[0]).also(**extra)
        answers.append(send(application, sent)[0])
    assert answers[0] == answers[1] < 300


@EVERY_PROVIDER
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_credentials_of_any_kind_are_answered_by_the_vendor(
    application: Application, lenient: Application, name: str, data: st.DataObject
) -> None:
    headers = signed(name, requests_of(name)[0]).headers
    noise = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)
    place = data.draw(st.sampled_from(sorted(headers)))
    value = headers[place]
    cut = data.draw(st.integers(0, len(value)))
    absurd = data.draw(st.sampled_from([value[:cut], value[cut:], value[:cut] + data.draw(noise)]))
    sent = requests_of(name)[0].also(**headers).also(**{place: absurd})
    application.world.nonces.clear()
    for asked in (application, lenient):
        status, body = send(asked, sent)
        assert status < 500, body
        assert json.loads(body)
