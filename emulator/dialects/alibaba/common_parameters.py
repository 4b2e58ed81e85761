"""What the gateway looks at before the credentials: the version and the action of a request.

Source: https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
"""

from __future__ import annotations

from emulator.core.errors.failures import Malformed, NoSuchOperation
from emulator.core.http.exchange import Exchange

_VERSION, _ACTION = "x-acs-version", "x-acs-action"


def check_common_parameters(exchange: Exchange) -> None:
    """Reject another version, none at all, and an action that is not the route's.

    An action may be absent: clients older than the current signature do not send it. Raises
    `Malformed` and `NoSuchOperation`.
    """
    expected = exchange.contract.service["protocol"]["version"]
    version = exchange.request.header(_VERSION)
    if not version:
        raise Malformed("missing-version", reason=f"there is no {_VERSION}")
    if version != expected:
        raise Malformed("version", reason=f"{_VERSION} is not {expected}")
    action = exchange.request.header(_ACTION)
    if action and action != exchange.operation.name:
        name = exchange.operation.name
        raise NoSuchOperation("action", reason=f"{_ACTION} is not {name}, which has this route")
