"""No secret is written down, however its name is spelt and wherever it is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from emulator.core.worlds.journal import LONGEST_BODY, Journal
from emulator.core.worlds.redaction import REDACTED, Redaction, redaction_of
from tests.contract import catalogue

SERVICES = [contract.service for contract in catalogue.contracts().values()]
NAMES = sorted({name for service in SERVICES for name in service["redact"]} | {"Cookie"})
SECRET = "hush"

AROUND = st.text(st.sampled_from('ab"\\\n\t:,{}[]/\u00e9\u2028'), max_size=6)
"""What else may be in a value: whatever JSON has to escape."""


@st.composite
def spelt(draw: st.DrawFn) -> str:
    """A name in capital and small letters as they come."""
    name = draw(st.sampled_from(NAMES))
    capital = draw(st.lists(st.booleans(), min_size=len(name), max_size=len(name)))
    return "".join(c.upper() if up else c.lower() for c, up in zip(name, capital, strict=True))


@st.composite
def secrets(draw: st.DrawFn) -> str:
    return f"{draw(AROUND)}{SECRET}{draw(AROUND)}"


@st.composite
def documents(draw: st.DrawFn) -> Any:
    """A document with a secret member somewhere in it, and another member after that."""
    document: Any = {draw(spelt()): draw(secrets()), "after": draw(AROUND)}
    for _ in range(draw(st.integers(0, 3))):
        inside = json.dumps(document, **draw(LAYOUTS)) if draw(st.booleans()) else document
        document = draw(
            st.sampled_from([[inside], {"before": draw(AROUND), "inside": inside, "after": 1}])
        )
    return document


LAYOUTS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"indent": st.sampled_from([None, 1]), "ensure_ascii": st.booleans()}
)


@dataclass
class Explained:
    """A rejection with a given explanation."""

    document: Any
    text: str = ""

    def explain(self) -> Any:
        return self.document


def written(**members: Any) -> str:
    journal = Journal(redaction_of(SERVICES))
    usual: dict[str, Any] = {"at": 0, "provider": None, "operation": None, "method": "POST", "path": "/", "query": [], "status": 200, "sent": ([], b""), "answered": ([], b"")}  # fmt: skip
    journal.add(**{**usual, **members})
    return repr([asdict(entry) for entry in journal])


@given(documents(), LAYOUTS)
def test_no_secret_member_of_a_body_is_written_down(document: Any, layout: Any) -> None:
    body = json.dumps(document, **layout).encode("utf-8", "surrogatepass")
    assert SECRET not in written(sent=([], body))
    assert SECRET not in written(answered=([], body))
    assert SECRET not in written(rejection=Explained({"facts": document}))


@given(documents(), LAYOUTS)
def test_what_is_left_is_the_document_it_was(document: Any, layout: Any) -> None:
    """Nothing but the secret is taken out: its place holds a placeholder."""
    left = Redaction(NAMES).text(json.dumps(document, **layout).encode())
    assert plain(json.loads(left)) == plain(document)


def plain(node: Any) -> Any:
    """Read documents in texts, too, and put the placeholder in the place of the secret."""
    if isinstance(node, dict):
        return {name.lower(): plain(member) for name, member in node.items()}
    if isinstance(node, list):
        return [plain(item) for item in node]
    if isinstance(node, str) and SECRET in node and not node.lstrip().startswith(("{", "[")):
        return REDACTED
    try:
        return plain(json.loads(node)) if isinstance(node, str) and node.lstrip()[:1] in "{[" else node  # fmt: skip
    except ValueError:
        return REDACTED if SECRET in node else node


@given(spelt(), secrets())
def test_no_secret_header_or_parameter_is_written_down(name: str, secret: str) -> None:
    assert SECRET not in written(sent=([(name, secret)], b""))
    assert SECRET not in written(answered=([(name, secret)], b""))
    assert SECRET not in written(query=[("a", "b"), (name, secret)])


@given(spelt(), st.integers(1, 3))
def test_a_secret_that_is_cut_off_is_not_written_down_either(name: str, depth: int) -> None:
    document: Any = {name: f'"{SECRET}\\' * 1000}
    for _ in range(depth):
        document = {"inside": json.dumps(document)}
    body = b" " * (LONGEST_BODY - 60) + json.dumps(document).encode()
    assert SECRET not in written(sent=([], body))
