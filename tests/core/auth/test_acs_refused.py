"""What is answered to credentials of Alibaba Cloud that are wrong, and what is logged of them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from emulator.app import Application
from emulator.core.primitives.clock import SECOND
from tests.core.auth.acs_requests import (
    BEARER_EXPIRED,
    EXPIRED,
    EXPIRED_TOKEN,
    INACTIVE,
    OTHERS,
    REAL,
    SECRETS,
    STS,
    STS_TOKEN,
    let_in,
    refusal,
    send,
    verifying,
)
from tests.core.auth.acs_signer import (
    KEY,
    Wish,
    acs3,
    before,
    canonical_request,
    creating,
    listing,
    older,
    older_string_to_sign,
    string_to_sign,
)

MINUTE = 60
UNSIGNED = "ACS3-HMAC-SHA256 Credential=testKey,SignedHeaders=host"
MISSING = (400, "MissingAccessKeyId", "AccessKeyId is mandatory for this action.")
INCOMPLETE = (400, "IncompleteSignature", "The request signature does not conform to Aliyun standards.")  # fmt: skip
NO_TIME = (400, "MissingTimestamp", "Timestamp is mandatory for this action.")
BAD_TIME = (400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.")  # fmt: skip
STALE = (400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
UNKNOWN = (404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
INACTIVE_KEY = (400, "InvalidAccessKeyId.Inactive", "Specified access key is disabled.")
NO_TOKEN = (400, "MissingSecurityToken", "SecurityToken is mandatory for this action.")
OTHER_TOKEN = (400, "InvalidSecurityToken.MismatchWithAccessKey", "Specified SecurityToken mismatch with the AccessKey.")  # fmt: skip
TOKEN_EXPIRED = (400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
USED = (400, "SignatureNonceUsed", "Specified signature nonce was used already.")
BEARER_WRONG = (400, "InvalidBearerToken", "InvalidBearerTokenException: Bearertoken is invalid")
BEARER_OLD = (400, "InvalidBearerToken", "InvalidBearerTokenException: Bearertoken has expired")

Refused = tuple[int, str, str]


def dated(text: str | None) -> Wish:
    return acs3(creating().also({"x-acs-date": text}))


def older_dated(text: str | None) -> Wish:
    return older(before(creating()).also({"date": text}))


def authorized(text: str | None) -> Wish:
    return creating().also({"Authorization": text})


def temporary(key: str, token: str | None) -> Wish:
    return acs3(listing().also({"x-acs-accesskey-id": key, "x-acs-security-token": token}), key)


def bearing(token: str) -> Wish:
    return listing().also({"x-acs-bearer-token": token, "x-acs-signature-type": "BEARERTOKEN"})


REFUSALS: dict[str, tuple[Callable[[], Wish], Refused]] = {
    "no Authorization": (lambda: authorized(None), MISSING),
    "an empty key": (lambda: acs3(creating(), key=""), MISSING),
    "an empty key, older": (lambda: older(before(creating()), key=""), MISSING),
    "another algorithm": (lambda: authorized("ACS3-HMAC-SHA1 Credential=a"), INCOMPLETE),
    "another scheme": (lambda: authorized("OSS testKey:signature"), INCOMPLETE),
    "nothing but the algorithm": (lambda: authorized("ACS3-HMAC-SHA256"), INCOMPLETE),
    "no signature": (lambda: authorized(UNSIGNED), INCOMPLETE),
    "an empty signature": (lambda: authorized(f"{UNSIGNED},Signature="), INCOMPLETE),
    "no signed headers": (lambda: authorized("ACS3-HMAC-SHA256 Credential=a,Signature=b"), INCOMPLETE),
    "no signature, older": (lambda: authorized(f"acs {KEY}:"), INCOMPLETE),
    "no date": (lambda: dated(None), NO_TIME),
    "no date, older": (lambda: older_dated(None), NO_TIME),
    "yesterday": (lambda: dated("yesterday"), BAD_TIME),
    "no zone": (lambda: dated("2026-04-01T00:00:00"), BAD_TIME),
    "another zone": (lambda: dated("2026-04-01T08:00:00+08:00"), BAD_TIME),
    "milliseconds": (lambda: dated("2026-04-01T00:00:00.000Z"), BAD_TIME),
    "a day that there is not": (lambda: dated("2026-02-30T00:00:00Z"), BAD_TIME),
    "the date of the older one": (lambda: dated("Wed, 01 Apr 2026 00:00:00 GMT"), BAD_TIME),
    "yesterday, older": (lambda: older_dated("yesterday"), BAD_TIME),
    "a day that there is not, older": (lambda: older_dated("Mon, 30 Feb 2026 00:00:00 GMT"), BAD_TIME),
    "a year out of reach, older": (lambda: older_dated("Wed, 01 Apr 99999999999 00:00:00 GMT"), BAD_TIME),
    "an unknown key": (lambda: acs3(creating(), "nobody"), UNKNOWN),
    "an unknown key, older": (lambda: older(before(creating()), "nobody"), UNKNOWN),
    "a key in other letters": (lambda: acs3(creating(), KEY.upper()), UNKNOWN),
    "a key of another provider": (lambda: acs3(creating(), OTHERS), UNKNOWN),
    "a disabled key": (lambda: acs3(creating(), INACTIVE), INACTIVE_KEY),
    "20 minutes behind": (lambda: dated("2026-03-31T23:40:00Z"), STALE),
    "a second too far behind": (lambda: dated("2026-03-31T23:44:59Z"), STALE),
    "a second too far ahead": (lambda: dated("2026-04-01T00:15:01Z"), STALE),
    "20 minutes ahead": (lambda: dated("2026-04-01T00:20:00Z"), STALE),
    "ages ago": (lambda: dated("0001-01-01T00:00:00Z"), STALE),
    "20 minutes behind, older": (lambda: older_dated("Tue, 31 Mar 2026 23:40:00 GMT"), STALE),
    "20 minutes ahead, older": (lambda: older_dated("Wed, 01 Apr 2026 08:20:00 +0800"), STALE),
    "no token": (lambda: temporary(STS, None), NO_TOKEN),
    "an empty token": (lambda: temporary(STS, ""), NO_TOKEN),
    "the token of another": (lambda: temporary(STS, EXPIRED_TOKEN), OTHER_TOKEN),
    "a token nobody asked for": (lambda: temporary(KEY, STS_TOKEN), OTHER_TOKEN),
    "an expired token": (lambda: temporary(EXPIRED, EXPIRED_TOKEN), TOKEN_EXPIRED),
    "a wrong bearer token": (lambda: bearing("testBearerTokem"), BEARER_WRONG),
    "a session token to bear": (lambda: bearing(STS_TOKEN), BEARER_WRONG),
    "an expired bearer token": (lambda: bearing(BEARER_EXPIRED), BEARER_OLD),
}  # fmt: skip
WITHOUT_PROOF = {MISSING, INCOMPLETE, NO_TIME, BAD_TIME}
EVERY_REFUSAL = pytest.mark.parametrize(("asked", "wanted"), REFUSALS.values(), ids=REFUSALS.keys())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("acs")


@pytest.fixture(scope="module")
def started(folder: Path) -> Iterator[Application]:
    with verifying(folder) as application:
        yield application


@pytest.fixture
def emulator(started: Application) -> Application:
    started.world.reset()
    return started


@pytest.fixture(scope="module")
def lenient(folder: Path) -> Iterator[Application]:
    with verifying(folder, auth="parse") as application:
        yield application


@pytest.fixture(scope="module")
def careless(folder: Path) -> Iterator[Application]:
    with verifying(folder, auth="off") as application:
        yield application


@EVERY_REFUSAL
def test_verify_refuses(emulator: Application, asked: Callable[[], Wish], wanted: Refused) -> None:
    assert refusal(send(emulator, asked())) == wanted


@EVERY_REFUSAL
def test_parse_refuses_what_cannot_be_read_and_no_more(
    lenient: Application, asked: Callable[[], Wish], wanted: Refused
) -> None:
    lenient.world.reset()
    answer = send(lenient, asked())
    if wanted in WITHOUT_PROOF:
        assert refusal(answer) == wanted
    else:
        assert let_in(answer)


@EVERY_REFUSAL
def test_off_refuses_nothing(
    careless: Application, asked: Callable[[], Wish], wanted: Refused
) -> None:
    careless.world.reset()
    assert let_in(send(careless, asked())), wanted


def does_not_match(signed: Wish, names: set[str], hidden: tuple[str, ...] = ()) -> Refused:
    """The documented answer to a signature that is another."""
    said = "Specified signature does not match our calculation."
    text, shown = string_to_sign(signed, names), canonical_request(signed, names, hidden)
    return (
        400,
        "SignatureDoesNotMatch",
        f"{said} server StringToSign is [{text}] server CanonicalRequest is [{shown}]",
    )


def older_does_not_match(signed: Wish, hidden: tuple[str, ...] = ()) -> Refused:
    said, text = "Specified signature is not matched with our calculation.", older_string_to_sign
    return 400, "SignatureDoesNotMatch", f"{said} server string to sign is:{text(signed, hidden)}"


ODD = (("Name", "a b*~+/é"), ("Label", ""), ("Braces", "{canonical}"))


@pytest.mark.parametrize(
    "asked",
    [creating(), listing(*ODD), listing().also({"user-agent": "é{shown}"})],
    ids=["create", "list", "agent"],
)
def test_to_a_wrong_secret_the_calculation_is_shown(emulator: Application, asked: Wish) -> None:
    signed = acs3(asked, secret="testSecres")
    assert refusal(send(emulator, signed)) == does_not_match(signed, set(asked.headers))


@pytest.mark.parametrize("asked", [creating(), listing(*ODD)], ids=["create", "list"])
def test_to_a_wrong_secret_the_older_calculation_is_shown(
    emulator: Application, asked: Wish
) -> None:
    signed = older(before(asked), secret="testSecres")
    assert refusal(send(emulator, signed)) == older_does_not_match(signed)


def test_what_is_secret_is_hidden_in_what_is_shown(emulator: Application) -> None:
    headers = {"x-acs-accesskey-id": STS, "x-acs-security-token": STS_TOKEN}
    asked, hidden = listing().also(headers), tuple(headers)
    signed = acs3(asked, STS, "wrong")
    one = refusal(send(emulator, signed))
    assert one == does_not_match(signed, set(asked.headers), hidden)
    assert "\nx-acs-accesskey-id:***\n" in one[2]
    assert "\nx-acs-security-token:***\n" in one[2]
    signed = older(before(asked), STS, "wrong")
    another = refusal(send(emulator, signed))
    assert another == older_does_not_match(signed, hidden)
    seen = f"{one}{another}{list(emulator.world.journal)}"
    assert not any(secret in seen for secret in (STS, STS_TOKEN, *SECRETS))


TAMPERED: dict[str, Callable[[Wish], Wish]] = {
    "body": lambda signed: replace(signed, body=signed.body.replace(b"my", b"My")),
    "no body": lambda signed: replace(signed, body=b""),
    "query": lambda signed: replace(signed, query=[("DryRun", "true")]),
    "header": lambda signed: signed.also({"x-acs-credentials-provider": "another"}),
    "host": lambda signed: signed.also({"host": "127.0.0.1:8081"}),
    "nonce": lambda signed: signed.also({"x-acs-signature-nonce": "0"}),
    "date": lambda signed: signed.also({"x-acs-date": "2026-04-01T00:00:01Z"}),
}


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED.keys())
def test_what_was_signed_cannot_be_changed(
    emulator: Application, tamper: Callable[[Wish], Wish]
) -> None:
    signed = acs3(creating())
    changed = tamper(signed)
    names = set(creating().headers)
    assert refusal(send(emulator, changed)) == does_not_match(changed, names)
    assert let_in(send(emulator, signed))


def test_the_key_is_signed_with_its_own_secret_only(emulator: Application) -> None:
    swapped = acs3(creating(), "anotherKey").headers["Authorization"].replace("anotherKey", KEY)
    asked = creating().also({"Authorization": swapped})
    assert refusal(send(emulator, asked))[1] == "SignatureDoesNotMatch"


def test_a_request_is_taken_once(emulator: Application) -> None:
    for signed in (acs3(creating()), older(before(listing()))):
        assert let_in(send(emulator, signed))
        assert [refusal(send(emulator, signed)) for _ in range(2)] == [USED, USED]


def nonced(asked: Wish, nonce: str = "0123456789abcdef0123456789abcdef") -> Wish:
    return asked.also({"x-acs-signature-nonce": nonce})


def test_a_nonce_is_of_one_key_whatever_it_signs(emulator: Application) -> None:
    assert let_in(send(emulator, acs3(nonced(creating()))))
    assert refusal(send(emulator, acs3(nonced(listing())))) == USED
    assert refusal(send(emulator, older(nonced(before(listing()))))) == USED
    assert let_in(send(emulator, acs3(nonced(listing()), "anotherKey")))


def test_only_a_right_signature_burns_its_nonce(emulator: Application) -> None:
    for spoilt in (
        acs3(nonced(listing()), secret="wrong"),
        acs3(nonced(listing()), "nobody"),
        acs3(nonced(listing()).also({"x-acs-date": "2026-03-31T23:40:00Z"})),
    ):
        assert refusal(send(emulator, spoilt)) != USED
    assert let_in(send(emulator, acs3(nonced(listing()))))


def test_what_the_service_refuses_burns_its_nonce(emulator: Application) -> None:
    assert refusal(send(emulator, acs3(nonced(creating(Name=""))))) != USED
    assert refusal(send(emulator, acs3(nonced(creating())))) == USED


def test_a_nonce_is_remembered_as_long_as_its_request_could_come_again(
    emulator: Application,
) -> None:
    clock = emulator.world.clock
    ahead = acs3(nonced(listing().also({"x-acs-date": "2026-04-01T00:15:00Z"})))
    assert let_in(send(emulator, ahead))
    clock.advance(30 * MINUTE * SECOND)
    assert refusal(send(emulator, ahead)) == USED
    clock.advance(SECOND)
    assert refusal(send(emulator, ahead)) == STALE
    again = listing().also({"x-acs-date": "2026-04-01T00:30:00Z"})
    assert let_in(send(emulator, acs3(nonced(again))))


def test_a_reset_forgets_the_nonces(emulator: Application) -> None:
    signed = acs3(creating())
    assert let_in(send(emulator, signed))
    emulator.world.reset()
    assert let_in(send(emulator, signed))


@EVERY_REFUSAL
def test_a_refusal_is_logged_without_secrets(
    emulator: Application,
    caplog: pytest.LogCaptureFixture,
    asked: Callable[[], Wish],
    wanted: Refused,
) -> None:
    sent = asked()
    send(emulator, sent)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    said = r"pai (CreateDataset|ListDatasets) rejected: [a-z]\S* .+ \(--auth verify .+\)"
    assert re.fullmatch(said, record.getMessage()), wanted
    signature = sent.headers.get("Authorization", sent.headers.get("authorization", "none sent"))
    given = {signature[-20:], sent.headers.get("x-acs-bearer-token", SECRETS[0])}
    assert not any(secret in caplog.text for secret in {*SECRETS, *given})


def test_the_log_names_the_grade_that_refused(
    lenient: Application, caplog: pytest.LogCaptureFixture
) -> None:
    assert refusal(send(lenient, authorized(None))) == MISSING
    assert "--auth parse" in caplog.text
    caplog.clear()
    assert let_in(send(lenient, acs3(listing(), "nobody", "wrong")))
    assert not caplog.records


def test_a_key_that_looks_real_is_warned_of_once_and_not_repeated(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with verifying(folder) as emulator:
        assert let_in(send(emulator, acs3(listing(), REAL)))
        assert let_in(send(emulator, acs3(creating(), REAL)))
        assert refusal(send(emulator, acs3(listing(), "LTAI" + "B" * 12))) == UNKNOWN
        kept = repr(list(emulator.world.journal))
    warned, rejected = (record.getMessage() for record in caplog.records)
    assert "look real" in warned
    assert "rejected" in rejected
    assert "LTAI" not in f"{caplog.text}{kept}"
