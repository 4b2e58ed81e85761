"""Credentials that `--auth verify` accepts: a credentials file, or the default pair."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator.core.contract.location import built_in_folder
from emulator.core.contract.validation import Rules
from emulator.core.primitives import clock, json_text
from emulator.core.primitives.json_pointer import pointer

EVERYBODYS = "emulator"
"""Id and secret of the default pair."""


class CredentialsError(ValueError):
    """A credentials file is invalid; the text does not repeat its contents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """One entry of a credentials file."""

    id: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    """A session token or a personal token."""
    account: str | None = None
    world: str | None = None
    expires: int | None = None
    """Microseconds UTC, or None if the credentials do not expire."""

    def is_expired(self, now: int) -> bool:
        """Return whether the credentials have expired at a time in microseconds."""
        return self.expires is not None and self.expires <= now


class Keyring:
    """The known credentials of one provider."""

    def __init__(self, credentials: Iterable[Credential]) -> None:
        self._by_id = {credential.id: credential for credential in credentials}
        self.binds = any(credential.world for credential in self._by_id.values())
        """Whether any credentials are bound to a world."""

    def all(self) -> Sequence[Credential]:
        """List the credentials, in the order of the file."""
        return list(self._by_id.values())

    def find(self, key: str) -> Credential | None:
        """Return the credentials with an id."""
        return self._by_id.get(key)

    def find_by_token(self, token: str) -> Credential | None:
        """Return the credentials with a token; compares every token in constant time."""
        return self._holder_of(token, lambda credential: credential.token)

    def find_by_secret(self, secret: str) -> Credential | None:
        """Return the credentials with a secret; compares every secret in constant time."""
        return self._holder_of(secret, lambda credential: credential.secret)

    def _holder_of(self, text: str, proof: Callable[[Credential], str | None]) -> Credential | None:
        given = text.encode("utf-8", "replace")
        found = [
            credential
            for credential in self._by_id.values()
            if hmac.compare_digest((proof(credential) or "").encode(), given) and given
        ]
        return found[0] if found else None


def keyrings(file: str | None, providers: Iterable[str]) -> Mapping[str, Keyring]:
    """Return the keyring of each provider: from a file, or with the default pair.

    Raises `CredentialsError`.
    """
    names = list(providers)
    if file is None:
        known = [Credential(id=EVERYBODYS, secret=EVERYBODYS)]
        return {name: Keyring(known) for name in names}
    entries = _read(Path(file))
    by_provider: dict[str, dict[str, Credential]] = {name: {} for name in names}
    for number, entry in enumerate(entries):
        owners, where = entry["provider"], f"{file}: /credentials/{number}"
        for name in names if owners == "*" else [owners] if isinstance(owners, str) else owners:
            if name not in by_provider:
                raise CredentialsError(f"{where}/provider: must be one of {', '.join(names)}")
            if entry["id"] in by_provider[name]:
                raise CredentialsError(f"{where}: duplicate id for {name}")
            by_provider[name][entry["id"]] = _credential(where, entry)
    return {name: Keyring(known.values()) for name, known in by_provider.items()}


def _read(file: Path) -> list[Mapping[str, Any]]:
    meta = Rules(json.loads((built_in_folder() / "_meta/credentials.json").read_text("utf-8")))
    try:
        document: Any = json_text.read(file.read_text("utf-8"))
        json.dumps(document, ensure_ascii=False).encode()  # an unpaired surrogate cannot be signed
    except OSError as error:
        raise CredentialsError(f"{file}: {error.strerror}") from None
    except ValueError:
        raise CredentialsError(f"{file}: is not JSON in UTF-8") from None
    for violation in () if meta.accepts(document) else meta.violations(document):
        # The name of an unknown member may be a secret: report only where it is.
        unknown = violation.keyword == "additionalProperties"
        path = violation.path[:-1] if unknown else violation.path
        where = pointer(path) or "/"
        raise CredentialsError(f"{file}: {where}: breaks {violation.keyword}")
    entries: list[Mapping[str, Any]] = document["credentials"]
    return entries


def _credential(where: str, entry: Mapping[str, Any]) -> Credential:
    try:
        until = clock.from_iso(entry["expires"]) if "expires" in entry else None
    except ValueError:
        raise CredentialsError(f"{where}/expires: not a valid date") from None
    return Credential(
        id=entry["id"],
        secret=entry["secret"],
        token=entry.get("token"),
        account=entry.get("account"),
        world=entry.get("world"),
        expires=until,
    )
