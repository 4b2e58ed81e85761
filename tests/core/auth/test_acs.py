"""Who is let in with a signature or a bearer token of Alibaba Cloud, and as whom."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.app import Application
from emulator.core.clock import SECOND
from tests.core.auth.acs_estate import (
    BEARER,
    KEY,
    REAL,
    SECRET,
    STS,
    STS_TOKEN,
    USER,
    let_in,
    refusal,
    send,
    verifying,
)
from tests.core.auth.acs_signer import (
    BODY,
    DATASETS,
    Wish,
    acs3,
    before,
    canonical_query,
    creating,
    escaped,
    listing,
    older,
    wish,
)

CALLER, ACCOUNT = "2485765000023475", "1004110000006048"
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


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    with verifying(tmp_path_factory.mktemp("acs")) as application:
        yield application


@pytest.fixture
def emulator(started: Application) -> Application:
    started.world.reset()
    return started


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


@pytest.mark.parametrize("host", ["http://127.0.0.1:4680", "127.0.0.1:4680/", "Localhost"])
def test_the_host_is_signed_as_it_was_sent(emulator: Application, host: str) -> None:
    assert let_in(send(emulator, acs3(creating().also({"host": host}))))


@pytest.mark.parametrize("host", ["aiworkspace.eu-central-1.aliyuncs.com", HOST_VPC := "aiworkspace-vpc.cn-beijing.aliyuncs.com"])  # fmt: skip
def test_a_host_of_the_vendor_is_signed_as_well(emulator: Application, host: str) -> None:
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
        refusal(send(emulator, sign(wish("GET", path=f"{DATASETS}/{path}"))))[1]
        for sign in (acs3, lambda asked: older(before(asked)))
    ]
    assert set(found) <= {"201300003", "InvalidAction.NotFound"}


@pytest.mark.parametrize("prefix", ["", "/pai"], ids=["as the SDK", "as others"])
@pytest.mark.parametrize("sign", [acs3, lambda asked: older(before(asked))], ids=["new", "older"])
def test_a_prefix_may_be_signed_or_not(
    emulator: Application, prefix: str, sign: type[acs3]
) -> None:
    signed = sign(wish("GET", path=f"{prefix}{DATASETS}", query=[("Name", ODD)]))
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


@pytest.mark.parametrize("sign", [acs3, lambda asked, key: older(before(asked), key)])
def test_temporary_credentials_come_with_their_token(
    emulator: Application, sign: type[acs3]
) -> None:
    headers = {"x-acs-accesskey-id": STS, "x-acs-security-token": STS_TOKEN}
    assert let_in(send(emulator, sign(listing().also(headers), key=STS)))


def test_a_bearer_token_stands_for_its_owner(emulator: Application) -> None:
    headers = {"x-acs-bearer-token": BEARER, "x-acs-signature-type": "BEARERTOKEN"}
    made = send(emulator, creating().also(headers)).json["DatasetId"]
    got = send(emulator, wish("GET", path=f"{DATASETS}/{made}").also(headers)).json
    assert (got["Name"], got["OwnerId"]) == ("myName", "1004110000008888")


def made_by(emulator: Application, key: str, **members: str) -> dict[str, str]:
    """Create with a key; give back what there is then."""
    made = send(emulator, acs3(creating(**members), key)).json["DatasetId"]
    return send(emulator, acs3(wish("GET", path=f"{DATASETS}/{made}"), key)).json


def test_the_account_is_that_of_the_credentials_file(emulator: Application) -> None:
    one, another = made_by(emulator, KEY), made_by(emulator, "ofAnotherAccount")
    assert (one["OwnerId"], one["UserId"]) == (ACCOUNT, CALLER)
    assert (another["OwnerId"], another["UserId"]) == ("1004110000009999", CALLER)
    gone = send(emulator, acs3(wish("GET", path=f"{DATASETS}/{one['DatasetId']}"), "ofAnotherAccount"))  # fmt: skip
    assert refusal(gone)[:2] == (404, "201300003")


def test_a_key_of_digits_is_the_caller(emulator: Application) -> None:
    no_role = (404, "100700008")
    assert refusal(send(emulator, acs3(listing(), USER)))[:2] == no_role
    members = {"Members": [{"UserId": USER, "Roles": ["PAI.AlgoDeveloper"]}]}
    joining = wish("POST", members, path="/api/v1/workspaces/478123/members")
    assert send(emulator, acs3(joining)).status_code == 200
    assert made_by(emulator, USER)["UserId"] == USER


def test_a_key_that_looks_real_is_let_in_but_is_nobody_special(emulator: Application) -> None:
    assert made_by(emulator, REAL)["UserId"] == CALLER
    kept = repr(list(emulator.world.journal))
    assert REAL not in kept
    assert SECRET not in kept


def test_without_a_file_everybody_knows_one_pair() -> None:
    from emulator.core.clock import from_iso
    from emulator.settings import Settings
    from tests.core.auth.acs_signer import NOW

    wall = from_iso(NOW) * 1000
    application = Application(Settings(auth="verify", clock="frozen"), wall=lambda: wall)
    assert let_in(send(application, acs3(listing(), "emulator", "emulator")))
    assert refusal(send(application, acs3(listing(), "emulator")))[1] == "SignatureDoesNotMatch"
    assert refusal(send(application, acs3(listing())))[1] == "InvalidAccessKeyId.NotFound"
    application.close()


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
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


@settings(max_examples=250, deadline=None)
@given(query=queries(), headers=HEADERS, data=st.data())
def test_whatever_is_signed_by_the_sheet_is_let_in(
    started: Application,
    query: tuple[list[tuple[str, str]], str],
    headers: dict[str, str],
    data: st.DataObject,
) -> None:
    pairs, written = query
    asked = listing(*pairs, written=written).also(headers)
    key = data.draw(st.sampled_from([KEY, "anotherKey"]))
    if data.draw(st.booleans()):
        answer = send(started, older(before(asked), key))
    else:
        chosen = data.draw(st.sets(st.sampled_from(sorted(asked.headers))))
        answer = send(started, acs3(asked, key, names={"host", "x-acs-date", *chosen}))
    assert let_in(answer), answer.text


@settings(max_examples=100, deadline=None)
@given(body=st.binary(max_size=200) | st.dictionaries(TEXTS, TEXTS).map(lambda d: json.dumps({**d, **BODY}).encode()))  # fmt: skip
def test_whatever_body_is_signed_gets_past_the_gateway(started: Application, body: bytes) -> None:
    asked = wish("POST", None).also({"content-type": "application/json"})
    asked = Wish(method="POST", headers=asked.headers, body=body)
    answer = send(started, acs3(asked, names=set(asked.headers) - {"x-acs-content-sha256"}))
    assert answer.status_code == 200 or refusal(answer)[1] in {
        "MissingParameter",
        "InvalidParameter",
        "201300003",
    }
