"""Environment variables that point clients at an emulator: `env` prints, `exec` exports them.

Their names follow from the schemas: every provider has a URL variable. A provider whose requests
are signed with SigV4 also has the variable that the AWS SDKs read.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from emulator.catalogue import ProviderCatalogue, Service
from emulator.paths import CONTROL_PATH
from emulator.settings import ENVIRONMENT_PREFIX

if TYPE_CHECKING:
    from emulator.core.http.auth.keyring import Credential

_WORLD_PATH = re.compile(r"/w/[^/]*$")

_KEY = "emulator"
"""Id and secret that every level of `--auth` accepts by default."""

_SDK_NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_OWN_NAMES = ("ID", "SECRET", "TOKEN")

_MISLEADING = (
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
)
"""Variables that would point a client elsewhere or send real credentials to the emulator."""


def variables(
    base: str, urls: Mapping[str, str] | None = None, credentials: str | None = None
) -> Mapping[str, str]:
    """Return the variables for the emulator at `base`, a URL that may name a world.

    `urls` are the URLs of providers that are not under `base`, by name. `credentials` is the
    emulator's credentials file; raises `ValueError` if it is invalid.
    """
    services = list(ProviderCatalogue.find().services.values())
    known = urls or {service["provider"]: f"{base}/{service['provider']}" for service in services}
    signed = [service for service in services if _signs_for_sdks(service)]
    return {
        **{_sdk_variable(service): known[service["provider"]] for service in signed},
        **_pairs(credentials, known, [service["provider"] for service in signed]),
        **dict.fromkeys(("AWS_DEFAULT_REGION", "AWS_REGION"), signed[0]["identity"]["region"]),
        f"{ENVIRONMENT_PREFIX}_URL": base,
        f"{ENVIRONMENT_PREFIX}_CONTROL_URL": f"{base}{CONTROL_PATH}",
        **{f"{ENVIRONMENT_PREFIX}_{name.upper()}_URL": url for name, url in known.items()},
    }


def _pairs(file: str | None, names: Iterable[str], signed: Sequence[str]) -> Mapping[str, str]:
    """Return the variables of credentials: the default pair, or the first of a file.

    The SDKs use one pair for all `signed` providers, so a pair that fits more of them goes first.
    """
    usual = {"AWS_ACCESS_KEY_ID": _KEY, "AWS_SECRET_ACCESS_KEY": _KEY}
    if file is None:
        return usual
    from emulator.core.http.auth.keyring import keyrings  # noqa: PLC0415 - heavy

    held = {name: ring.all() for name, ring in keyrings(file, names).items()}
    either = [pair for name in signed for pair in held[name]]
    fitting = sorted(either, key=either.count, reverse=True)
    found = dict(_written(fitting[0], _SDK_NAMES) if fitting else usual)
    for name, pairs in held.items():
        own = [f"{ENVIRONMENT_PREFIX}_{name.upper()}_{member}" for member in _OWN_NAMES]
        found |= _written(pairs[0], own) if pairs else {}
    return found


def _written(pair: Credential, names: Sequence[str]) -> Mapping[str, str]:
    values = zip(names, (pair.id, pair.secret, pair.token), strict=True)
    return {name: value for name, value in values if value is not None}


def in_world(base: str, world: str | None) -> str:
    """Return the URL of a world; it replaces the world in `base`, if any."""
    return base if world is None else f"{_WORLD_PATH.sub('', base)}/w/{world}"


def command_environment(own: Mapping[str, str], exported: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment for a command: ours, changed so that clients find the emulator."""
    kept = {name: value for name, value in own.items() if name not in _MISLEADING}
    host = urlsplit(exported[f"{ENVIRONMENT_PREFIX}_URL"]).hostname or ""
    direct = kept.get("no_proxy", kept.get("NO_PROXY", ""))
    if direct != "*":
        direct = f"{direct},{host}".lstrip(",")
    return {**kept, "no_proxy": direct, "NO_PROXY": direct, **exported}


def _shell(found: Mapping[str, str]) -> str:
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in found.items())


def _dotenv(found: Mapping[str, str]) -> str:
    return "\n".join(f"{name}={shlex.quote(value)}" for name, value in found.items())


def _json(found: Mapping[str, str]) -> str:
    return json.dumps(found, indent=2)


FORMATS: Mapping[str, Callable[[Mapping[str, str]], str]] = {
    "shell": _shell,
    "dotenv": _dotenv,
    "json": _json,
}
"""Formats of the output, by name."""


def _signs_for_sdks(service: Service) -> bool:
    return bool(service.get("credentials", {}).get("scheme") == "sigv4")


def _sdk_variable(service: Service) -> str:
    # The SDKs name it after the service id; signatures are scoped to the same name here.
    return "AWS_ENDPOINT_URL_" + re.sub(r"\W", "_", service["credentials"]["service"]).upper()
