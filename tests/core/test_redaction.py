"""No secret survives a look at the journal, however its name is spelt and wherever it is."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.core.worlds.journal import LONGEST_BODY, Journal
from emulator.core.worlds.redaction import REDACTED, Redaction, redaction_of
from tests.contract import catalogue

SERVICES = [contract.service for contract in catalogue.contracts().values()]
REDACTION = redaction_of(SERVICES)
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
    why: str = ""

    def explain(self) -> Any:
        return self.document


def written(**members: Any) -> str:
    journal = Journal(REDACTION)
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


@st.composite
def escaped(draw: st.DrawFn, escape: str) -> str:
    """A name with some of its letters as escapes: of JSON (`\\u0041`) or of a form (`%41`)."""
    letters = draw(spelt())
    odd = draw(st.lists(st.booleans(), min_size=len(letters), max_size=len(letters)))
    return "".join(
        f"{escape}{ord(c):02x}" if is_odd else c for c, is_odd in zip(letters, odd, strict=True)
    )


VALUES: st.SearchStrategy[Any] = st.recursive(
    secrets() | st.integers(),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(AROUND, inner, min_size=1, max_size=3)
    ),
    max_leaves=4,
)


@given(escaped("\\u00"), VALUES, st.integers(0, 2), LAYOUTS)
def test_no_spelling_of_a_member_and_no_type_of_value_hides_a_secret(
    name: str, value: Any, depth: int, layout: Any
) -> None:
    text = f'{{"{name}": {json.dumps([SECRET, value, 271828], **layout)}, "after": 1}}'
    for _ in range(depth):
        text = json.dumps({"inside": text, "after": 1}, **layout)
    shown = written(sent=([], text.encode()))
    assert SECRET not in shown
    assert "271828" not in shown
    assert "after" in shown


@pytest.mark.parametrize("value", ["271828", "-2.71828e5", "[271828]", '{"a": {"b": 271828}}'])
def test_what_is_no_string_becomes_one(value: str) -> None:
    text = f'{{"a": 1, "access_token": {value}, "b": {{"c": 2}}}}'
    left = {"a": 1, "access_token": REDACTED, "b": {"c": 2}}
    assert json.loads(Redaction(["access_token"]).text(text.encode())) == left
    nested = json.dumps({"inside": text})
    assert json.loads(json.loads(Redaction(["access_token"]).text(nested.encode()))["inside"]) == left  # fmt: skip


@pytest.mark.parametrize("value", ["null", "true", "", "}"])
def test_what_cannot_be_a_secret_stays(value: str) -> None:
    text = f'{{"access_token": {value}}}'
    assert Redaction(["access_token"]).text(text.encode()) == text


@st.composite
def forms(draw: st.DrawFn) -> str:
    """A form with a secret: under its own name, or in JSON, a URL or a form that is a value."""
    name, secret, depth = draw(escaped("%")), draw(secrets()), draw(st.integers(0, 3))
    form = f"{name}={quote_plus(secret)}"
    for _ in range(depth):
        around = draw(st.sampled_from(["{}", "https://a.b/c?{}", "https://a.b/c?d=e&{}#f"]))
        form = urlencode({"before": draw(AROUND), "inside": around.format(form)})
    return draw(st.sampled_from(["{}", "a=b&{}", "{}&a=b"])).format(form)


@settings(deadline=None)  # an example looks at several journals
@given(forms(), LAYOUTS)
def test_no_form_and_no_url_hides_a_secret(form: str, layout: Any) -> None:
    in_json = json.dumps({"link": f"https://a.b/c?{form}", "after": 1}, **layout).encode()
    for shown in (
        written(sent=([("Content-Type", "application/x-www-form-urlencoded")], form.encode())),
        written(sent=([("Referer", f"https://a.b/c?{form}")], b"")),
        written(query=[("link", f"https://a.b/c?{form}")]),
        written(sent=([], in_json)),
        written(answered=([("Location", f"/c?{form}")], in_json)),
    ):
        assert SECRET not in shown


@given(documents(), LAYOUTS)
def test_no_form_hides_a_document_with_a_secret(document: Any, layout: Any) -> None:
    form = urlencode({"a": "b", "document": json.dumps(document, **layout), "c": "d"})
    shown = written(sent=([], form.encode()))
    assert SECRET not in shown
    assert "a=b&document=" in shown
    assert "&c=d" in shown


@given(documents(), st.sampled_from(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]))
def test_no_encoding_hides_a_secret(document: Any, encoding: str) -> None:
    shown = written(sent=([], json.dumps(document).encode(encoding)))
    assert SECRET not in shown.replace("\\x00", "")


KEYS = st.sampled_from(
    [
        service["credentials"]["realKeyPattern"]
        for service in SERVICES
        if "realKeyPattern" in service.get("credentials", {})
    ]
).flatmap(lambda pattern: st.from_regex(pattern, fullmatch=True))


@settings(deadline=None)  # an example looks at several journals
@given(KEYS, AROUND, LAYOUTS)
def test_no_real_key_is_written_down(key: str, around: str, layout: Any) -> None:
    body = json.dumps({"a": json.dumps({"b": f"{around} {key}"}, **layout)}, **layout).encode()
    places: list[dict[str, Any]] = [
        {"path": f"/a/{key}/b"},
        {"query": [("a", f"{around} {key}")]},
        {"sent": ([("X-Key", f"a {key}")], body)},
        {"sent": ([], urlencode({"a": f"{around} {key}"}).encode())},
        {"sent": ([], body.decode().encode("utf-16"))},
        {"answered": ([("X-Key", key)], body)},
        {"rejection": Explained({"facts": {"id": key}}, text=key)},
    ]
    for place in places:
        assert key not in written(**place).replace("\\x00", "")


@given(st.lists(st.sampled_from([*NAMES, '"', ":", "=", "&", "%", "%3d", "%25", "\\", "u0061", "AKIA" + "B" * 16, "a", " ", "{", "\0"]), max_size=12).map("".join))  # fmt: skip
def test_the_cheap_look_misses_nothing(text: str) -> None:
    """Whatever redaction changes is not kept as it came."""
    sent = text.encode()
    assert REDACTION.text(sent) == text or not REDACTION.is_clean(sent)


def test_an_ordinary_request_is_kept_as_it_came() -> None:
    """Or redaction would cost as much as before."""
    for contract in catalogue.contracts().values():
        example = contract.seed["example"]
        fields = REDACTION.masked(example["headers"].items())
        text = "\n".join((*fields.values(), example["path"], json.dumps(example["body"])))
        assert REDACTION.is_clean(text.encode())


@pytest.mark.parametrize("text", ["\\" * 20_000, "a" * 20_000, "%41" * 6_000, '"' * 20_000, '{"access_token":' * 1_300, "a%3d" * 5_000, "%25" * 6_000, '{"access_token": "' + "\\" * 20_000])  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    Redaction(["access_token"]).text(text.encode())
    assert time.process_time() - began < 1


def test_what_is_encoded_again_and_again_is_taken_out_unread() -> None:
    text = "a b"
    for _ in range(20):
        text = quote(text)
    assert Redaction().text(f"c={text}&d=e".encode()) == "***&d=e"


@given(spelt(), st.integers(1, 3))
def test_a_secret_that_is_cut_off_is_not_written_down_either(name: str, depth: int) -> None:
    document: Any = {name: f'"{SECRET}\\' * 1000}
    for _ in range(depth):
        document = {"inside": json.dumps(document)}
    body = b" " * (LONGEST_BODY - 60) + json.dumps(document).encode()
    assert SECRET not in written(sent=([], body))
