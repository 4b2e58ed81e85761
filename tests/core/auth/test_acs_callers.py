"""As whom a request to Alibaba Cloud comes in, and what is kept of keys that look real."""

from __future__ import annotations

from emulator.app import Application
from emulator.core.primitives.clock import from_iso
from emulator.settings import Settings
from tests.core.auth.acs_requests import (
    BEARER,
    REAL,
    USER,
    let_in,
    refusal,
    send,
)
from tests.core.auth.acs_signer import DATASETS, KEY, NOW, SECRET, acs3, creating, listing, params

CALLER, ACCOUNT = "2485765000023475", "1004110000006048"


def test_a_bearer_token_stands_for_its_owner(emulator: Application) -> None:
    headers = {"x-acs-bearer-token": BEARER, "x-acs-signature-type": "BEARERTOKEN"}
    made = send(emulator, creating().also(headers)).get_json()["DatasetId"]
    got = send(emulator, params("GET", path=f"{DATASETS}/{made}").also(headers)).get_json()
    assert (got["Name"], got["OwnerId"]) == ("myName", "1004110000008888")


def made_by(emulator: Application, key: str, **members: str) -> dict[str, str]:
    """Create with a key; give back what there is then."""
    made = send(emulator, acs3(creating(**members), key)).get_json()["DatasetId"]
    got = params("GET", path=f"{DATASETS}/{made}")
    shown: dict[str, str] = send(emulator, acs3(got, key)).get_json()
    return shown


def test_the_account_is_that_of_the_credentials_file(emulator: Application) -> None:
    one, another = made_by(emulator, KEY), made_by(emulator, "ofAnotherAccount")
    assert (one["OwnerId"], one["UserId"]) == (ACCOUNT, CALLER)
    assert (another["OwnerId"], another["UserId"]) == ("1004110000009999", CALLER)
    gone = send(emulator, acs3(params("GET", path=f"{DATASETS}/{one['DatasetId']}"), "ofAnotherAccount"))  # fmt: skip
    assert refusal(gone)[:2] == (404, "201300002")


def test_a_key_of_digits_is_the_caller(emulator: Application) -> None:
    no_role = (404, "100700008")
    assert refusal(send(emulator, acs3(listing(), USER)))[:2] == no_role
    members = {"Members": [{"UserId": USER, "Roles": ["PAI.AlgoDeveloper"]}]}
    joining = params("POST", members, path="/api/v1/workspaces/478123/members")
    assert send(emulator, acs3(joining)).status_code == 200
    assert made_by(emulator, USER)["UserId"] == USER


def test_a_key_that_looks_real_is_let_in_but_is_nobody_special(emulator: Application) -> None:
    assert made_by(emulator, REAL)["UserId"] == CALLER
    kept = repr(list(emulator.world.journal))
    assert REAL not in kept
    assert SECRET not in kept


def test_without_a_file_everybody_knows_one_pair() -> None:
    wall = from_iso(NOW) * 1000
    application = Application(Settings(auth="verify", clock="frozen"), wall=lambda: wall)
    assert let_in(send(application, acs3(listing(), "emulator", "emulator")))
    assert refusal(send(application, acs3(listing(), "emulator")))[1] == "SignatureDoesNotMatch"
    assert refusal(send(application, acs3(listing())))[1] == "InvalidAccessKeyId.NotFound"
    application.close()
