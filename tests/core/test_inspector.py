"""The inspector over HTTP: what is sent, to whom, and that it is the page it says it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from werkzeug.test import Client

import emulator.inspector
from emulator import Settings
from emulator.app import Application
from tests.contract import catalogue
from tests.core.test_control_guard import FOREIGN, OWN, PEERS

FOLDER = Path(emulator.inspector.__file__).parent
TYPES = {
    "/_emulator/": ("page.html", "text/html; charset=utf-8"),
    "/_emulator/docs": ("docs.html", "text/html; charset=utf-8"),
    "/_emulator/inspector/docs.js": ("docs.js", "text/javascript; charset=utf-8"),
    "/_emulator/inspector/page.css": ("page.css", "text/css; charset=utf-8"),
    "/_emulator/inspector/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/_emulator/inspector/control.js": ("control.js", "text/javascript; charset=utf-8"),
    "/_emulator/inspector/parts.js": ("parts.js", "text/javascript; charset=utf-8"),
    "/_emulator/inspector/icon.svg": ("icon.svg", "image/svg+xml; charset=utf-8"),
}
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"  # fmt: skip
SCRIPTS = {file.name: file.read_text() for file in FOLDER.glob("*.js")}
CSS = (FOLDER / "page.css").read_text()
PAGES = {file.name: file.read_text() for file in FOLDER.glob("*.html")}
EVERY_PAGE = pytest.mark.parametrize("html", PAGES.values(), ids=PAGES)
OF_PAGE = {"page.html": "page.js", "docs.html": "docs.js"}
"""The script of each page; the others are shared."""


class Tags(HTMLParser):
    """Collects the elements of the page and the text inside scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, Mapping[str, str | None]]] = []
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] in ("script", "style"):
            self.inline.append(data.strip())

    @property
    def ids(self) -> list[str]:
        return [found for _, attributes in self.found if (found := attributes.get("id"))]


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    application = Application(Settings(clock="frozen"))
    yield application
    application.close()


@pytest.fixture
def client(application: Application) -> Client:
    return Client(application)


@pytest.mark.parametrize("at", ["", "/w/mine"])
@pytest.mark.parametrize("path", TYPES)
def test_each_file_is_sent_with_its_type_and_a_strict_policy(
    client: Client, path: str, at: str
) -> None:
    name, media_type = TYPES[path]
    answer = client.get(at + path, headers=OWN)
    body = (FOLDER / name).read_bytes()
    assert (answer.status_code, answer.get_data()) == (200, body)
    assert dict(answer.headers) == {
        "Content-Type": media_type,
        "Content-Length": str(len(body)),
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    head = client.head(at + path, headers=OWN)
    assert (head.status_code, head.get_data(), dict(head.headers)) == (200, b"", dict(answer.headers))  # fmt: skip


def test_nothing_but_the_files_of_the_page_is_sent(client: Client) -> None:
    assert {name for name, _ in TYPES.values()} == {
        file.name for file in FOLDER.iterdir() if file.suffix not in (".py", ".md", "")
    }
    paths = ["", "page.html", "__init__.py", "../__init__.py", "page.js/", "nope.js", "%2e%2e/page.js"]  # fmt: skip
    for path in [f"/_emulator/inspector/{path}" for path in paths] + ["/_emulator//"]:
        answer = client.get(path, headers=OWN)
        assert (path, answer.status_code) == (path, 404)
        assert answer.get_json()["error"] == "NoSuchRoute"
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert client.open("/_emulator/", method=method, headers=OWN).status_code == 404


@pytest.mark.parametrize("at", ["", "/w/mine"])
def test_without_its_slash_the_address_leads_to_the_page(client: Client, at: str) -> None:
    answer = client.get(f"{at}/_emulator", headers=OWN)
    assert (answer.status_code, answer.headers["Location"]) == (308, "_emulator/")
    followed = urljoin(f"http://localhost{at}/_emulator", answer.headers["Location"])
    assert followed == f"http://localhost{at}/_emulator/"


@pytest.mark.parametrize("how", [*({"headers": source} for source in FOREIGN.values()), *({"headers": OWN, "environ_base": {"REMOTE_ADDR": peer}} for peer in PEERS)], ids=repr)  # fmt: skip
def test_who_may_not_use_the_control_api_does_not_get_the_page(
    client: Client, how: Mapping[str, Any]
) -> None:
    for path in ("/_emulator", *TYPES):
        for at in ("", "/w/theirs"):
            answer = client.get(at + path, **how)
            assert (path, answer.status_code) == (path, 403)
            assert answer.get_json().keys() == {"error", "message"}
            assert not [name for name, _ in answer.headers if name.lower().startswith("access-")]
    worlds = client.get("/_emulator/worlds", headers=OWN).get_json()["worlds"]
    assert {"name": "theirs"} not in worlds


def test_a_browser_is_let_in_that_opens_the_page_and_fetches_from_it(client: Client) -> None:
    opened = {**OWN, "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?1"}  # fmt: skip
    assert client.get("/_emulator/", headers=opened).status_code == 200
    own = {**OWN, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
    assert client.get("/_emulator/inspector/page.js", headers=own).status_code == 200
    assert client.get("/_emulator/clock", headers=own).status_code == 200
    changing = {**own, "Origin": "http://localhost:4680", "X-Emulator-Control": "1"}
    put = client.put("/_emulator/clock", json={"mode": "frozen"}, headers=changing)
    assert put.status_code == 200


def test_the_page_is_not_a_request_of_the_journal(client: Client) -> None:
    for path in ("/_emulator", *TYPES):
        client.get(path, headers=OWN)
    assert client.get("/_emulator/requests", headers=OWN).get_json() == {"requests": []}


def test_every_call_of_the_page_is_an_operation_of_the_control_api() -> None:
    routes = dict(re.findall(r'^  (\w+): "([A-Z]+ [^"]+)",$', SCRIPTS["control.js"], re.MULTILINE))
    operations = catalogue.control().operations
    known = {name: f"{op.method} {op.path.removeprefix('/_emulator/')}" for name, op in operations.items()}  # fmt: skip
    assert routes == {name: known[name] for name in routes}
    called = {name for text in SCRIPTS.values() for name in re.findall(r'call\("(\w+)"', text)}
    assert called == routes.keys()
    fetching = {name: text.count("fetch(") for name, text in SCRIPTS.items()}
    assert fetching == {"control.js": 1, "docs.js": 0, "page.js": 0, "parts.js": 0}


def test_no_script_makes_html_or_code_of_text() -> None:
    makers = r"innerHTML|outerHTML|insertAdjacent|document\.write|createContextualFragment|DOMParser|srcdoc|setHTML|eval\(|Function\(|setAttribute\(\"on|javascript:|localStorage|cookie"  # fmt: skip
    for name, text in SCRIPTS.items():
        assert not re.findall(makers, text), name


@EVERY_PAGE
def test_the_page_has_nothing_inline_and_names_nobody_else(html: str) -> None:
    tags = Tags(html)
    assert [text for text in tags.inline if text] == []
    for tag, attributes in tags.found:
        assert not [name for name in attributes if name == "style" or name.startswith("on")], tag
    named = [value for _, attributes in tags.found for name in ("src", "href") if (value := attributes.get(name))]  # fmt: skip
    assert len(named) >= 3
    assert [value for value in named if f"/_emulator/{value}" not in TYPES] == []
    for text in (html, CSS, *SCRIPTS.values()):
        assert "//" not in re.sub(r"(?m)^\s*//.*$|; //.*$", "", text)


@pytest.mark.parametrize(("page", "script"), OF_PAGE.items())
def test_what_scripts_look_for_is_on_the_page_once(page: str, script: str) -> None:
    ids = Tags(PAGES[page]).ids
    assert len(ids) == len(set(ids))
    scripts = [SCRIPTS[script], *(SCRIPTS[name] for name in SCRIPTS.keys() - OF_PAGE.values())]
    looked_for = {found for text in scripts for found in re.findall(r'\bthe\("([\w-]+)"\)', text)}  # fmt: skip
    assert looked_for <= set(ids)


@EVERY_PAGE
def test_headings_go_down_by_one_and_every_header_of_a_table_says_of_what(html: str) -> None:
    tags = Tags(html).found
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert {attributes.get("scope") for tag, attributes in tags if tag == "th"} <= {"col"}
    labelled = {attributes["for"] for tag, attributes in tags if tag == "label"}
    assert {attributes["id"] for tag, attributes in tags if tag in ("input", "select")} == labelled


def test_text_stands_out_in_light_and_in_dark() -> None:
    """At least 4.5 to 1, as WCAG 2 wants it."""
    for theme in CSS.split("@media"):
        colors = dict(re.findall(r"--(\w+): #([0-9a-f]{6});", theme))
        ground = luminance(colors["ground"])
        for name in ("text", "quiet", "accent", "bad"):
            light, dark = sorted((luminance(colors[name]), ground), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (name, theme[:40])


def luminance(color: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)  # fmt: skip
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_page_stays_small() -> None:
    lines = sum(text.count("\n") for text in (*PAGES.values(), CSS, *SCRIPTS.values()))
    assert lines <= 750
