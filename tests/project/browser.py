"""A browser that a test drives, by the W3C's WebDriver protocol: JSON over HTTP.

chromedriver answers it; https://www.w3.org/TR/webdriver2/ has the commands.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from shutil import which
from typing import Any

import requests

from tests.programs import missing

PATIENCE = 60
"""Seconds that a browser has to start, and each test to end."""

ENTER, ESCAPE = "\ue007", "\ue00c"

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_STARTED = re.compile(r"successfully on port (\d+)")
_FLAGS = [
    "--headless=new",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP evil.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]
_UNTIL = """
const deadline = performance.now() + 20000;
const look = (done, gives_up) => {
  let found = null;
  try { found = (() => { return %s; })(); } catch { /* not there yet */ }
  if (found) done(found);
  else if (performance.now() > deadline) gives_up(new Error("it never came true"));
  else setTimeout(look, 20, done, gives_up);
};
return new Promise(look);
"""
"""Waits in the browser for a condition."""


class Browser:
    """One window of a browser."""

    def __init__(self, session: str, driver: subprocess.Popen[str]) -> None:
        self._session = session
        self.driver = driver

    def go(self, url: str) -> None:
        self._post("url", url=url)

    def script(self, script: str) -> Any:
        """Run the body of a function in the page, and give what it returns."""
        return self._post("execute/sync", script=script, args=[])

    def until(self, condition: str) -> Any:
        """Wait until an expression of JavaScript holds, and give its value."""
        return self.script(_UNTIL % condition)

    def text(self, css: str) -> str:
        return str(self.script(f"return document.querySelector({json.dumps(css)}).innerText"))

    def until_text(self, css: str, text: str) -> None:
        """Wait until an element shows a text."""
        self.until(f"document.querySelector({json.dumps(css)}).innerText.includes({json.dumps(text)})")  # fmt: skip

    def click(self, css: str) -> None:
        self._post(f"element/{self._find(css)}/click")

    def type(self, css: str, keys: str) -> None:
        self._post(f"element/{self._find(css)}/value", text=keys)

    def choose(self, css: str, word: str) -> None:
        """Choose from a select, as a person would, by its text."""
        self.click(f"{css} option[value={json.dumps(word)}]")

    def accept(self) -> None:
        """Say yes to a question of the page."""
        self._post("alert/accept")

    def errors(self) -> list[str]:
        """What the console says is wrong, since it was asked last."""
        lines = self._post("se/log", type="browser")
        return [line["message"] for line in lines if line["level"] in ("SEVERE", "WARNING")]

    def asked(self) -> list[str]:
        """The addresses that were requested, since it was asked last."""
        events = [json.loads(e["message"])["message"] for e in self._post("se/log", type="performance")]  # fmt: skip
        return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]  # fmt: skip

    def _find(self, css: str) -> str:
        found: str = self._post("element", using="css selector", value=css)[_ELEMENT]
        return found

    def _post(self, command: str, **members: Any) -> Any:
        return post(f"{self._session}/{command}", members)


def post(url: str, members: dict[str, Any]) -> Any:
    """Give a command; an answer that is an error fails the test in the browser's words."""
    value = requests.post(url, json=members, timeout=PATIENCE).json()["value"]
    assert not (isinstance(value, dict) and "error" in value), value.get("message")
    return value


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a browser; the test that needs it is skipped where there is none."""
    program = which("chromium") or missing("Chromium")
    driver = which("chromedriver") or missing("chromedriver")
    process = subprocess.Popen(
        [driver, "--port=0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        with watched(process):
            assert process.stdout is not None
            port = next(found[1] for line in process.stdout if (found := _STARTED.search(line)))
            sessions = f"http://127.0.0.1:{port}/session"
            made = post(sessions, {"capabilities": {"alwaysMatch": _wanted(program)}})
        yield Browser(f"{sessions}/{made['sessionId']}", process)
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # the browser is in the driver's group
        process.communicate()


@contextmanager
def watched(process: subprocess.Popen[str]) -> Iterator[None]:
    """Kill a driver, and its browser, that take longer than `PATIENCE`."""
    watchdog = threading.Timer(PATIENCE, os.killpg, [process.pid, signal.SIGKILL])
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()


def _wanted(program: str) -> dict[str, Any]:
    return {
        "browserName": "chrome",
        "goog:chromeOptions": {"binary": program, "args": _FLAGS},
        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
    }
