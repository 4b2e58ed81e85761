"""Which targets a client may have signed: as it was sent, or without the prefix of the emulator."""

from __future__ import annotations

import operator
from functools import partial

import pytest
from werkzeug.datastructures import Headers

from emulator.app import Application
from emulator.core.contract.model import NO_OPERATION
from emulator.core.http.auth.presented import signs_any_target
from emulator.core.http.exchange import Exchange, Request


def exchange(application: Application, target: str, prefix: str) -> Exchange:
    return Exchange(
        contract=application.contracts["personalize"],
        operation=NO_OPERATION,
        request=Request(
            method="GET",
            target=target,
            prefix=prefix,
            path="/",
            query=[],
            headers=Headers(),
            parameters={},
            peer="",
            body=b"",
        ),
        request_id_for=lambda _: "",
        world=application.world,
        arrived=0,
    )


@pytest.mark.parametrize(
    ("target", "prefix", "tried"),
    [
        ("/prefix/a?b", "/prefix", ["/prefix/a?b", "/a?b"]),
        ("/prefix", "/prefix", ["/prefix", "/"]),
        ("/a?b", "", ["/a?b"]),
        ("/%70refix/a", "/prefix", ["/%70refix/a"]),
        ("/other/a", "/prefix", ["/other/a"]),
        ("/prefi", "/prefix", ["/prefi"]),
    ],
)
def test_the_prefix_is_left_out_where_the_target_begins_with_it(
    application: Application, target: str, prefix: str, tried: list[str]
) -> None:
    asked: list[str] = []

    def signs(target: str) -> bool:
        asked.append(target)
        return False

    assert not signs_any_target(exchange(application, target, prefix), signs)
    assert asked == tried
    for right in tried:
        assert signs_any_target(exchange(application, target, prefix), partial(operator.eq, right))
