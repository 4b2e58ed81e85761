"""The inspector in a browser, with the emulator that `serve` starts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
import requests

from tests.project.browser import ENTER, ESCAPE, Browser, browser, watched
from tests.project.served import served

HOSTILE = "<img src=x onerror=alert(1)>"
NUMBERS = count(1)


@dataclass
class Page:
    """The inspector's page of a world of its own, and that world."""

    browser: Browser
    base: str

    def open(self) -> Browser:
        self.browser.go(f"{self.base}/_emulator/")
        self.browser.until("!document.querySelector('main').ariaBusy")
        return self.browser

    def look(self) -> None:
        """Let the page look at once, as when it was hidden and is seen again."""
        self.browser.script("document.dispatchEvent(new Event('visibilitychange'))")

    def control(self, method: str, path: str, body: object = None) -> Any:
        answer = requests.request(method, f"{self.base}/_emulator/{path}", json=body, timeout=9)
        assert answer.ok, answer.text
        return answer.json()

    def create_group(self, name: str = "clicks") -> requests.Response:
        """Create a dataset group, which takes a while to become active."""
        scope = "emulator/20260401/us-east-1/personalize/aws4_request"
        headers = {
            "X-Amz-Target": "AmazonPersonalize.CreateDatasetGroup",
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Date": "20260401T000000Z",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=u",
        }
        body = json.dumps({"name": name})
        return requests.post(f"{self.base}/personalize/", body, headers=headers, timeout=9)


@pytest.fixture(scope="module")
def started() -> Iterator[tuple[Browser, str]]:
    with browser() as window, served("--port", "0", "--clock", "frozen") as emulator:
        yield window, emulator.base


@pytest.fixture
def page(started: tuple[Browser, str]) -> Iterator[Page]:
    """A page of a new world; at the end nothing is wrong, and nobody else was asked anything."""
    window, base = started
    with watched(window.driver):
        yield Page(window, f"{base}/w/page-{next(NUMBERS)}")
    assert window.errors() == []
    assert [url for url in window.asked() if not url.startswith(f"{base}/")] == []


def test_what_is_done_at_a_provider_appears_and_follows_the_clock(page: Page) -> None:
    window = page.open()
    assert page.create_group().status_code == 200
    window.until_text("#requests", "CreateDatasetGroup")
    window.until_text("#resources", "CREATE PENDING")
    before = window.text("#now")
    window.click("#second")
    window.until(f"document.querySelector('#now').innerText > {json.dumps(before)}")
    window.until_text("#resources", "CREATE IN_PROGRESS")
    window.click("#settle")
    window.until_text("#resources", "ACTIVE")
    assert page.control("GET", "resources")["resources"][0]["state"] == "ACTIVE"


def test_the_clock_is_released_and_frozen(page: Page) -> None:
    window = page.open()
    assert (window.text("#mode"), window.text("#toggle")) == ("frozen", "Run")
    window.click("#toggle")
    window.until_text("#mode", "running")
    assert page.control("GET", "clock")["mode"] == "real"
    window.click("#toggle")
    window.until_text("#mode", "frozen")
    before = datetime.fromisoformat(page.control("GET", "clock")["now"])
    window.click("#minute")
    after = before + timedelta(minutes=1)
    window.until_text("#now", f"{after:%Y-%m-%d %H:%M:%SZ}")
    assert datetime.fromisoformat(page.control("GET", "clock")["now"]) == after


def test_a_fault_is_ordered_from_what_is_declared_and_taken_back(page: Page) -> None:
    window = page.open()
    window.choose("#order-provider", "personalize")
    window.choose("#order-operation", "CreateDatasetGroup")
    offered = window.script(
        "return [...document.querySelector('#order-error')].map((o) => o.value)"
    )
    operations = page.control("GET", "operations?provider=personalize")["operations"]
    declared = next(o["errors"] for o in operations if o["operation"] == "CreateDatasetGroup")
    assert offered == [*declared, "Throttled", "Forbidden", "Unavailable", "InternalError"]
    window.choose("#order-error", "LimitExceededException")
    window.click("#order button")
    window.until_text("#faults", "error: LimitExceededException")
    assert page.create_group().json()["__type"] == "LimitExceededException"
    page.look()
    window.until("document.querySelector('#faults').rows[0].cells[3].innerText === '1'")
    assert page.create_group().status_code == 200
    window.click("#faults button")
    window.until("document.querySelector('#faults').rows.length === 0")
    assert page.control("GET", "faults") == {"faults": []}


def test_a_refused_request_says_why_to_whoever_opens_it_with_the_keyboard(page: Page) -> None:
    window = page.open()
    assert page.create_group("no spaces").status_code == 400
    page.look()
    window.until_text("#requests", "400")
    window.type("#requests button", ENTER)
    window.until("document.querySelector('#detail').open")
    told = window.text("#detail")
    assert "/name breaks pattern " in told
    assert '{"name": "no spaces"}' in told
    assert "Member must satisfy regular expression pattern" in told
    window.type("#detail button", ESCAPE)
    window.until("!document.querySelector('#detail').open")


def test_the_journal_is_filtered_by_provider_and_status(page: Page) -> None:
    for name in ("clicks", "no spaces"):
        page.create_group(name)
    requests.get(f"{page.base}/coactive/api/v1/datasets", timeout=9)
    window = page.open()
    statuses = "return [...document.querySelector('#requests').rows].map((r) => r.cells[4].innerText)"  # fmt: skip
    window.until("document.querySelector('#requests').rows.length === 3")
    assert window.script(statuses) == ["401", "400", "200"]
    window.choose("#of-provider", "personalize")
    assert window.script(statuses) == ["400", "200"]
    window.choose("#of-status", "2")
    assert window.script(statuses) == ["200"]


def test_a_resource_is_put_into_another_state(page: Page) -> None:
    page.create_group()
    window = page.open()
    window.click("#resources button")
    window.until("document.querySelector('#change').open")
    window.choose("#change-state", "CREATE FAILED")
    window.type("#change-reason", "It was asked to")
    window.click("#change button[value=put]")
    window.until_text("#resources", "CREATE FAILED")
    window.click("#resources button")
    window.choose("#change-state", "ACTIVE")
    window.click("#change button[value='']")
    assert page.control("GET", "resources")["resources"][0]["state"] == "CREATE FAILED"


def test_what_comes_from_requests_is_shown_as_text(page: Page) -> None:
    page.create_group()
    page.create_group(HOSTILE)
    requests.get(f"{page.base}/coactive/{HOSTILE}", headers={"X-Hostile": HOSTILE}, timeout=9)
    fault = {"match": {"operation": HOSTILE}, "effect": {"error": "x"}}
    refused = requests.post(f"{page.base}/_emulator/faults", json=fault, timeout=9)
    assert HOSTILE in refused.json()["message"]
    fault = {"effect": {"lifecycle": "failed", "reason": HOSTILE}}
    page.control("POST", "faults", fault)
    state = json.dumps(page.control("GET", "state")).replace('"clicks"', json.dumps(HOSTILE))
    page.control("PUT", "state", json.loads(state))
    page.create_group(HOSTILE)
    window = page.open()
    for part in ("#resources", "#faults"):
        window.until_text(part, HOSTILE)
    requests.get(f"{page.base}/coactive/{HOSTILE}", headers={"X-Hostile": HOSTILE}, timeout=9)
    page.look()
    window.until_text("#requests", HOSTILE)
    window.click("#requests button")
    window.until("document.querySelector('#detail').open")
    assert window.text("#detail").count(HOSTILE) > 1
    assert window.script("return document.images.length") == 0


def test_documents_are_shown_with_their_examples(page: Page) -> None:
    window = page.browser
    window.go(f"{page.base}/_emulator/docs#personalize")
    window.until("!document.querySelector('main').ariaBusy")
    assert window.text("#title") == "Amazon Personalize"
    window.script(
        "for (const part of document.querySelectorAll('#operations details')) part.open = true"
    )
    window.until_text("#operations", "Example CreateDataset")
    window.until_text("#operations", "AmazonPersonalize.CreateDataset")
    window.until_text("#schemas", "CreateDatasetRequest")


def test_requests_that_were_forgotten_leave_the_page_and_so_does_all_at_a_reset(page: Page) -> None:
    page.create_group()
    window = page.open()
    window.until("document.querySelector('#requests').rows.length === 1")
    page.control("DELETE", "requests", {})
    page.look()
    window.until("document.querySelector('#requests').rows.length === 0")
    page.create_group("others")
    page.look()
    window.until("document.querySelector('#requests').rows.length === 1")
    window.click("#reset")
    window.accept()
    window.until("document.querySelector('#resources').rows.length === 0")
    window.until("document.querySelector('#requests').rows.length === 0")
    assert page.control("GET", "resources") == {"resources": []}


def test_another_world_has_a_page_of_its_own(page: Page) -> None:
    page.create_group()
    window = page.open()
    window.until_text("#resources", "clicks")
    window.type("#go-world", "elsewhere" + ENTER)
    window.until("document.title === 'elsewhere - inspector'")
    window.until("!document.querySelector('main').ariaBusy")
    assert window.script("return location.pathname") == "/w/elsewhere/_emulator/"
    assert window.script("return document.querySelector('#resources').rows.length") == 0
    window.go(page.base.partition("/w/")[0] + "/_emulator")
    window.until("document.title === 'default - inspector'")
    assert window.script("return location.pathname") == "/_emulator/"


def test_what_the_emulator_refuses_is_said(page: Page) -> None:
    page.create_group()
    window = page.open()
    window.until("document.querySelector('#requests').rows.length === 1")
    page.control("POST", "reset", {})
    window.script("document.querySelector('#requests button').click()")
    window.until_text("#said", "There is no request 1 in the journal; it may have been removed.")
    assert "404" in window.errors()[0]  # the browser tells of the answer in the console


def test_a_token_is_asked_for_where_changes_need_one(started: tuple[Browser, str]) -> None:
    window, _ = started
    asks = ("--port", "0", "--clock", "frozen", "--control-token", "hush")
    with served(*asks) as emulator, watched(window.driver):
        page = Page(window, emulator.base)
        page.open()
        window.click("#second")
        window.until_text("#said", "A call that changes something needs the token")
        assert "401" in window.errors()[0]  # the browser tells of the answer in the console
        window.type("#token", "hush")
        before = window.text("#now")
        window.click("#second")
        window.until(f"document.querySelector('#now').innerText > {json.dumps(before)}")
        assert (window.text("#said"), window.errors()) == ("", [])
        window.go("about:blank")
        window.asked()


def test_an_emulator_that_stopped_is_said_to(started: tuple[Browser, str]) -> None:
    window, _ = started
    with watched(window.driver):
        with served("--port", "0") as emulator:
            page = Page(window, emulator.base)
            page.open()
        page.look()
        window.until_text("#away", "No response from the emulator.")
        window.go("about:blank")
        window.errors()
        window.asked()


def test_a_page_of_another_site_gets_nothing_and_changes_nothing(
    started: tuple[Browser, str],
) -> None:
    """Not even one whose name was made to lead to the emulator."""
    window, base = started
    page, port = Page(window, f"{base}/w/attacked"), base.rpartition(":")[2]
    page.create_group()
    before = page.control("GET", "state"), page.control("GET", "worlds")
    with watched(window.driver):
        window.go(f"http://evil.example:{port}/_emulator/")
        assert '"Forbidden"' in window.text("body")
        window.go(f"http://evil.example:{port}/nobody")
        attack = """
            const headers = {'X-Emulator-Control': '1', 'Content-Type': 'application/json'};
            const reset = (at, how) => fetch(at + '/w/attacked/_emulator/reset', {method: 'POST', ...how});
            const tried = await Promise.allSettled([
              reset('', {headers}), reset('BASE', {headers}),
              reset('BASE', {mode: 'no-cors', body: '{}'}), fetch('BASE/w/theirs/_emulator/'),
            ]);
            return tried.map(({value}) => value ? value.type + value.status : 'refused');
        """.replace("BASE", base)
        answers = window.script(attack)
        assert answers == ["basic403", "refused", "opaque0", "refused"]
        assert (page.control("GET", "state"), page.control("GET", "worlds")) == before
        window.go("about:blank")
        assert (window.errors(), window.asked()) != ([], [])  # of the attack; not of other tests


def test_nobody_is_asked_while_the_page_is_hidden(page: Page) -> None:
    window = page.open()
    window.script("window.later = []; window.setTimeout = (_, after) => window.later.push(after);")
    hide = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true}); document.dispatchEvent(new Event('visibilitychange'));"  # fmt: skip
    now = "document.querySelector('#now').innerText"
    window.script((hide % "true") + f"window.before = {now}; window.later = [];")
    window.script("document.querySelector('#minute').click()")
    assert window.script(f"const look = (done) => {now} > window.before ? done(window.later) : requestAnimationFrame(() => look(done)); return new Promise(look);") == []  # fmt: skip
    window.script(hide % "false")
    looked = "const look = (done) => window.later.length ? done(window.later) : requestAnimationFrame(() => look(done)); return new Promise(look);"  # fmt: skip
    assert window.script(looked) == [2000]


def test_everything_that_takes_input_has_a_label(page: Page) -> None:
    window = page.open()
    unnamed = "return [...document.querySelectorAll('input, select')].filter((each) => !each.labels.length).map((each) => each.id)"  # fmt: skip
    assert window.script(unnamed) == []
    assert window.script("return [...document.querySelectorAll('th')].every((th) => th.scope)")
