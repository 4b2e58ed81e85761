"""Access tokens that no login of Coactive gave out, in all the ways there are, and none is let in."""

from __future__ import annotations

import hashlib
import hmac
import json
import string
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from werkzeug.test import Client

from tests.core.auth.bearer_requests import (
    EMPTY,
    ISSUED,
    access_token,
    assert_answers,
    assert_refuses,
    basic,
    claims,
    listed,
    make,
    part,
    published,
    signed_part,
    token,
)

SYSTEM = basic("client-7:sec:ret")
LETTERS = string.ascii_letters + string.digits + "-_"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    application = make(tmp_path_factory.mktemp("forgeries"), "verify")
    yield Client(application)
    application.close()


def test_a_token_as_documented_is_let_in(client: Client) -> None:
    for sub in ("client-7@clients", "client-7"):
        assert_answers(listed(client, f"Bearer {token(sub=sub)}"), 200, EMPTY)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://api.coactive.ai/"},
        {"aud": "https://app.coactive.ai"},
        {"aud": ["https://api.coactive.ai/"]},
        {"aud": None},
        {"aud": ...},
        {"iss": "https://auth.coactive.ai"},
        {"iss": "https://auth.example.com/"},
        {"iss": ["https://auth.coactive.ai/"]},
        {"iss": ...},
        {"exp": ...},
        {"exp": None},
        {"exp": "soon"},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": []},
        {"exp": 0},
        {"exp": -1},
        {"exp": ISSUED},
        {"exp": True},
        {"sub": ...},
        {"sub": None},
        {"sub": 7},
        {"sub": ["client-7"]},
        {"sub": ""},
        {"sub": "@clients"},
        {"sub": "nobody@clients"},
        {"sub": "elsewhere"},
        {"sub": "emulator"},
        {"sub": "client-7@clients@clients"},
        {"sub": "client-8@clients", "exp": ISSUED},
        {"sub": "\ud800"},
        {"algorithm": "RS512"},
        {"algorithm": "PS256"},
    ],
    ids=str,
)
def test_a_token_for_others_or_of_others_is_refused(client: Client, changes: Any) -> None:
    assert_refuses(listed(client, f"Bearer {token(**changes)}"))


def test_a_token_may_outlast_every_clock(client: Client) -> None:
    assert_answers(listed(client, f"Bearer {token(exp=10**400)}"), 200, EMPTY)


@pytest.mark.parametrize(
    "payload",
    [b"", b"null", b"[]", b"{}", b'"client-7"', b"{", b"\xff", b"[" * 20_000, b'{"exp":1' + b"0" * 5000 + b"}"],
    ids=lambda payload: repr(payload[:8]),
)  # fmt: skip
def test_a_signed_token_that_holds_no_claims_is_refused(client: Client, payload: bytes) -> None:
    assert_refuses(listed(client, f"Bearer {signed_part(payload)}"))


def test_a_token_of_another_key_is_refused(client: Client) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    for headers in ({}, {"kid": "1"}, {"jwk": public}, {"jku": "https://auth.example.com/"}):
        forged = jwt.encode(claims(), key, algorithm="RS256", headers=headers)
        assert_refuses(listed(client, f"Bearer {forged}"))


def test_a_token_without_a_signature_is_refused(client: Client) -> None:
    unsigned = jwt.encode(claims(), "", algorithm="none")
    right = token().split(".")
    for forged in (
        unsigned,
        f"{unsigned}{right[2]}",
        f"{part({'alg': 'None'})}.{right[1]}.",
        f"{part({'typ': 'JWT'})}.{right[1]}.{right[2]}",
        f"{right[0]}.{right[1]}.",
        f"{right[0]}.{right[1]}",
    ):
        assert_refuses(listed(client, f"Bearer {forged}"))


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(client: Client) -> None:
    public = published().public_key()
    text = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims())}"
    jwk = json.dumps(jwt.algorithms.RSAAlgorithm.to_jwk(public, as_dict=True)).encode()
    secrets = [
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        jwk,
        b"",
    ]
    for secret in (*secrets, secrets[0].strip()):
        mac = hmac.new(secret, text.encode(), hashlib.sha256).digest()
        assert_refuses(listed(client, f"Bearer {text}.{part(mac)}"))


@pytest.mark.parametrize("which", [0, 1, 2], ids=["header", "claims", "signature"])
def test_no_character_of_a_token_can_be_another(client: Client, which: int) -> None:
    parts = access_token(client, SYSTEM).split(".")
    right = parts[which]
    changed = [
        right[:index] + LETTERS[(LETTERS.index(letter) + 1) % 64] + right[index + 1 :]
        for index, letter in enumerate(right)
    ]
    changed += [right[:-1] + letter for letter in LETTERS if letter != right[-1]]
    for other in (*changed, right[:-1], right + "A", right + "=", right + "==", right + "\xe9", ""):
        forged = ".".join([*parts[:which], other, *parts[which + 1 :]])
        assert_refuses(listed(client, f"Bearer {forged}"))


def test_a_token_has_three_parts_and_nothing_else(client: Client) -> None:
    right = access_token(client, SYSTEM)
    one, two, three = right.split(".")
    for forged in (
        f"{right}.",
        f".{right}",
        f"{right}.{three}",
        f"{one}..{three}",
        f"{one}. {two}.{three}",
        f"{right},{right}",
        right.replace("-", "+").replace("_", "/"),
        "..",
        ".",
    ):
        assert_refuses(listed(client, f"Bearer {forged}"))
    assert_answers(listed(client, f"Bearer   {right}"), 200, EMPTY)
