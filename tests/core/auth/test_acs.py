"""Which signatures of Alibaba Cloud are taken: those of known vectors, and any other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from emulator.app import Application
from emulator.core.http.exchange import Request
from emulator.core.primitives.clock import SECOND, from_iso
from emulator.dialects.alibaba.signed_texts import canonical_request, sign, string_to_sign
from tests.core.auth.acs_requests import STS, STS_TOKEN, let_in, refusal, send
from tests.core.auth.acs_signer import (
    BODY,
    DATASETS,
    HOST,
    KEY,
    NOW,
    SECRET,
    Wish,
    acs3,
    before,
    canonical_query,
    creating,
    escaped,
    listing,
    older,
    params,
)

Sign = Callable[..., Wish]
WINDOW = 15 * 60 * SECOND
ODD = "a b*~+/é"
WAYS_TO_WRITE = {
    "as it is signed": "Label=&Name=a%20b%2A~%2B%2F%C3%A9",
    "as the sync client": "Name=a+b%2A~%2B%2F%C3%A9&Label=",
    "as the async client": "Name=a+b*~%2B/%C3%A9&Label=",
    "in lower case": "Name=a%20b%2a~%2b%2f%c3%a9&Label=",
    "with everything encoded": "%4e%61me=%61+b%2A%7e%2B%2F%C3%A9&Label=",
    "without an equals sign": "Name=a+b*~%2B%2F%C3%A9&Label",
    "with ampersands too many": "&Name=a+b*~%2B%2F%C3%A9&&Label=&",
}

HOSTS = [
    "http://127.0.0.1:4680",
    "127.0.0.1:4680/",
    "127.0.0.1:4680/pai",
    "Localhost",
    "aiworkspace.eu-central-1.aliyuncs.com",
    "aiworkspace-vpc.cn-beijing.aliyuncs.com:443",
]


VECTOR = {
    "host": HOST,
    "user-agent": "test-agent",
    "x-acs-date": NOW,
    "x-acs-signature-nonce": "0123456789abcdef0123456789abcdef",
    "accept": "application/json",
    "x-acs-credentials-provider": "static_ak",
    "x-acs-version": "2021-02-04",
}
SIGNED = "host;user-agent;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-signature-nonce;x-acs-version"  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Vector:
    """A known vector."""

    sent: Wish
    signed: str
    body: str
    query: str
    canonical: str
    signature: str
    answered: tuple[int, str]
    """What comes after the gateway: the dataset, or that there is no workspace 478."""


VECTORS = {
    "A": Vector(
        sent=Wish(
            method="POST",
            headers={
                **VECTOR,
                "x-acs-action": "CreateDataset",
                "content-type": "application/json; charset=utf-8",
            },
            body=b'{"DataSourceType":"NAS","Name":"myName","Property":"DIRECTORY",'
            b'"Uri":"nas://09f1.cn-hangzhou/"}',
        ),
        signed=f"accept;content-type;{SIGNED}",
        body="7456616265941e11ea4714f1cb8fce1b8c843af58ed41ee988f3f8f37755d3f5",
        query="",
        canonical="5ae1b7843291733c161e7b5a13db9b88c1e675507d63ff1bf17ccec9c09e3c06",
        signature="591d36c93ba61b93ce885200edb9dfe5316e01188ca75fc1537c38ca58a29278",
        answered=(200, ""),
    ),
    "B": Vector(
        sent=Wish(
            method="GET",
            headers={**VECTOR, "x-acs-action": "ListDatasets"},
            written="WorkspaceId=478&PageSize=10&Name=a+b%2A~%2B%2F%C3%A9&Label=",
        ),
        signed=f"accept;{SIGNED}",
        body="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        query="Label=&Name=a%20b%2A~%2B%2F%C3%A9&PageSize=10&WorkspaceId=478",
        canonical="c9fbae917d2677c5e29df893dc3f22bff5882b23041aa6a7e9ca158b3b5228b6",
        signature="12771ff0b61a20006499e63bb5a181e496e09afb045a4c753363db6bbfb8db14",
        answered=(404, "100400027"),
    ),
}
EVERY_VECTOR = pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS.keys())


@EVERY_VECTOR
def test_the_verifier_works_out_the_vectors(vector: Vector) -> None:
    assert hashlib.sha256(vector.sent.body).hexdigest() == vector.body
    headers = {**vector.sent.headers, "x-acs-content-sha256": vector.body}
    request = Request(
        method=vector.sent.method,
        target=vector.sent.target,
        prefix="",
        path=DATASETS,
        query=(),
        headers=Headers(headers),
        parameters={},
        peer="",
        body=vector.sent.body,
    )
    text = canonical_request(request, request.target, vector.signed.split(";"), vector.body)
    assert text.split("\n")[2] == vector.query
    assert hashlib.sha256(text.encode()).hexdigest() == vector.canonical
    assert string_to_sign(text) == f"ACS3-HMAC-SHA256\n{vector.canonical}"
    assert sign(text, SECRET) == vector.signature


@EVERY_VECTOR
@pytest.mark.parametrize("seconds", [0, 1, -899, 900])
def test_the_vectors_are_let_in(emulator: Application, vector: Vector, seconds: int) -> None:
    emulator.world.clock.set(now=from_iso(NOW) + seconds * SECOND)
    names, signature = vector.signed, vector.signature
    value = f"ACS3-HMAC-SHA256 Credential=testKey,SignedHeaders={names},Signature={signature}"
    headers = {"x-acs-content-sha256": vector.body, "Authorization": value}
    answer = send(emulator, vector.sent.also(headers))
    assert (answer.status_code, answer.get_json().get("Code", "")) == vector.answered
    assert answer.status_code != 200 or answer.get_json().keys() == {"RequestId", "DatasetId"}


@pytest.mark.parametrize(
    "names",
    [
        {"host", "x-acs-date"},
        {n for n in creating().headers if n == "host" or n.startswith("x-acs-")},
        {*(n for n in creating().headers if n.startswith("x-acs-")), "host", "content-type"},
        set(creating().headers),
        {*creating().headers, "x-acs-not-sent"},
    ],
    ids=["least", "host and x-acs-*", "samples of the page", "all", "one that is not sent"],
)
def test_any_list_of_signed_headers_will_do(emulator: Application, names: set[str]) -> None:
    assert let_in(send(emulator, acs3(creating(), names=names)))


def test_headers_are_trimmed_before_they_are_signed(emulator: Application) -> None:
    for value in ("  x \t", "a  b", "", "à", "Å\u00a0b\u0085"):
        assert let_in(send(emulator, acs3(listing().also({"user-agent": value}))))


def test_headers_that_are_not_signed_may_change_on_the_way(emulator: Application) -> None:
    names = set(creating().headers) - {"user-agent", "accept"}
    signed = acs3(creating(), names=names)
    changed = {"user-agent": "proxied", "accept": "application/json, */*", "via": "1.1 proxy"}
    assert let_in(send(emulator, signed.also(changed)))


@pytest.mark.parametrize("host", HOSTS)
def test_the_host_is_signed_as_it_was_sent(emulator: Application, host: str) -> None:
    assert let_in(send(emulator, acs3(creating().also({"host": host}))))


@pytest.mark.parametrize("written", WAYS_TO_WRITE.values(), ids=WAYS_TO_WRITE.keys())
def test_a_query_is_signed_as_it_is_meant(emulator: Application, written: str) -> None:
    asked = listing(("Name", ODD), ("Label", ""), written=written)
    assert let_in(send(emulator, acs3(asked)))
    again = before(listing(("Name", ODD), ("Label", ""), written=written))
    assert let_in(send(emulator, older(again)))


def test_names_are_sorted_before_they_are_encoded(emulator: Application) -> None:
    query = [("Ab", "1"), ("A[", "2"), ("A}", "3"), ("Aé", "4"), ("A=b", "5"), ("A", "6")]
    assert canonical_query(query).startswith("A=6&A%3Db=5&A%5B=2&Ab=1&A%7D=3")
    assert let_in(send(emulator, acs3(listing(*query))))
    assert let_in(send(emulator, older(before(listing(*query)))))


def test_a_name_may_come_again(emulator: Application) -> None:
    query, written = [("A", "1"), ("A", "2"), ("A", "")], "A=2&A=1&A"
    assert let_in(send(emulator, acs3(listing(*query, written=written))))


@pytest.mark.parametrize("path", ["d%2d0", "d%2F0", "%E6%95%B0", "d~0", "a+b", "%64"])
def test_a_path_is_signed_undecoded(emulator: Application, path: str) -> None:
    found = [
        refusal(send(emulator, sign(params("GET", path=f"{DATASETS}/{path}"))))[1]
        for sign in (acs3, lambda asked: older(before(asked)))
    ]
    assert set(found) <= {"201300002", "InvalidAction.NotFound"}


@pytest.mark.parametrize("prefix", ["", "/pai"], ids=["as the SDK", "as others"])
@pytest.mark.parametrize("sign", [acs3, lambda asked: older(before(asked))], ids=["new", "older"])
def test_a_prefix_may_be_signed_or_not(emulator: Application, prefix: str, sign: Sign) -> None:
    signed = sign(params("GET", path=f"{prefix}{DATASETS}", query=[("Name", ODD)]))
    sent = Wish(method="GET", path=f"/pai{DATASETS}", query=signed.query, headers=signed.headers)
    assert let_in(send(emulator, sent))


def test_the_older_signature_is_taken(emulator: Application) -> None:
    assert let_in(send(emulator, older(before(creating()))))
    assert let_in(send(emulator, older(before(listing(("Name", ODD), ("Label", ""))))))
    with_md5 = {"content-md5": "not looked at", "date": "Wed, 1 Apr 2026 08:00:00 +0800"}
    assert let_in(send(emulator, older(before(listing()).also(with_md5))))


def test_a_nonce_may_be_left_out(emulator: Application) -> None:
    signed = acs3(listing().also({"x-acs-signature-nonce": None}))
    assert let_in(send(emulator, signed))
    assert let_in(send(emulator, signed))


@pytest.mark.parametrize("off", [-WINDOW, WINDOW], ids=["behind", "ahead"])
def test_a_clock_may_be_off_by_a_quarter_of_an_hour(emulator: Application, off: int) -> None:
    emulator.world.clock.set(now=emulator.world.clock.now() - off)
    assert let_in(send(emulator, acs3(creating())))
    assert let_in(send(emulator, older(before(listing()))))


@pytest.mark.parametrize(
    "sign", [acs3, lambda asked, key: older(before(asked), key)], ids=["new", "older"]
)
def test_temporary_credentials_come_with_their_token(emulator: Application, sign: Sign) -> None:
    headers = {"x-acs-accesskey-id": STS, "x-acs-security-token": STS_TOKEN}
    assert let_in(send(emulator, sign(listing().also(headers), key=STS)))


BESIDES: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture],
}
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
VALUES = st.from_regex(r"\A[!-~]([ -~]{0,20}[!-~])?\Z")
HEADERS = st.dictionaries(
    st.from_regex(r"\Ax-(acs-)?[a-z]{2,9}\Z").map(lambda name: f"{name}-extra"), VALUES, max_size=4
)


@st.composite
def queries(draw: st.DrawFn) -> tuple[list[tuple[str, str]], str]:
    """A query and a way to write it: shuffled, more or less encoded, blanks as they come."""
    pairs = draw(st.lists(st.tuples(TEXTS.map("x{}".format), TEXTS), max_size=5))
    writers = [
        escaped,
        lambda text: quote(text, safe="~*!'()/:@?,$").replace("%20", "+"),
        lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    ]
    write = st.sampled_from(writers)
    shuffled = draw(st.permutations(pairs))
    written = [f"{draw(write)(name)}={draw(write)(value)}" for name, value in shuffled]
    return pairs, "&".join(written)


@settings(max_examples=150, **BESIDES)
@given(query=queries(), headers=HEADERS, data=st.data())
def test_whatever_is_signed_by_the_sheet_is_let_in(
    emulator: Application,
    query: tuple[list[tuple[str, str]], str],
    headers: dict[str, str],
    data: st.DataObject,
) -> None:
    pairs, written = query
    asked = listing(*pairs, written=written).also(headers)
    key = data.draw(st.sampled_from([KEY, "anotherKey"]))
    if data.draw(st.booleans()):
        answer = send(emulator, older(before(asked), key))
    else:
        chosen = data.draw(st.sets(st.sampled_from(sorted(asked.headers))))
        answer = send(emulator, acs3(asked, key, names={"host", "x-acs-date", *chosen}))
    assert let_in(answer), answer.text


@settings(max_examples=75, **BESIDES)
@given(body=st.binary(max_size=200) | st.dictionaries(TEXTS, TEXTS).map(lambda d: json.dumps({**d, **BODY}).encode()))  # fmt: skip
def test_whatever_body_is_signed_gets_past_the_gateway(emulator: Application, body: bytes) -> None:
    asked = params("POST", None).also({"content-type": "application/json"})
    asked = Wish(method="POST", headers=asked.headers, body=body)
    answer = send(emulator, acs3(asked, names=set(asked.headers) - {"x-acs-content-sha256"}))
    assert answer.status_code == 200 or refusal(answer)[1] in {
        "MissingParameter",
        "InvalidParameter",
        "201300003",
    }
