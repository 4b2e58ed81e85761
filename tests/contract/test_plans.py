"""Plans translate every message of every case as marshmallow does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.core.contract.names import members_of
from emulator.core.pipeline.messages import Messages
from emulator.core.pipeline.plans import Params
from emulator.core.primitives import json_text
from tests.cases import runner
from tests.cases.runner import Case, Runner, all_cases


class Both:
    """Translates both ways, and counts."""

    def __init__(self) -> None:
        self.read = self.written = 0

    def reader(self, plain: Callable[..., Callable[[Any], Params]]) -> Any:
        def make(messages: Messages, schema: Any) -> Callable[[Any], Params]:
            read, wire = plain(messages, schema), messages.wire(schema, reading=True)()

            def compare(document: Any) -> Params:
                params = read(document)
                self.read += 1
                loaded = wire.load(document)
                assert {name: getattr(params, name) for name in loaded} == loaded
                assert len(vars(params)) == len({field.attribute for field in wire.fields.values()})
                return params

            return compare

        return make

    def writer(self, plain: Callable[..., Callable[[Any], Any] | None]) -> Any:
        def make(messages: Messages, schema: Any) -> Callable[[Any], Any] | None:
            write = plain(messages, schema)
            if write is None:
                return None
            many = schema.get("type") == "array"
            wire = messages.wire(schema["items"] if many else schema)(many=many)

            def compare(result: Any) -> Any:
                document = write(result)
                self.written += 1
                dumped = wire.dump(result)
                # as bytes: in the same order, numbers written alike
                assert json_text.write(document) == json_text.write(dumped)
                assert many or not document or document.keys() <= members_of(schema).keys()
                return document

            return compare

        return make


@pytest.mark.parametrize("share", range(4))
def test_plans_translate_as_marshmallow_does(share: int, monkeypatch: pytest.MonkeyPatch) -> None:
    runner._application.cache_clear()  # those of other tests have made their plans
    both = Both()
    monkeypatch.setattr(Messages, "reader", both.reader(Messages.reader))
    monkeypatch.setattr(Messages, "writer", both.writer(Messages.writer))
    cases: list[Case] = list(all_cases())[share::4]
    for case in cases:
        Runner(case).run()
    runner._application.cache_clear()
    assert both.read > 500
    assert both.written > 300
