"""Fixtures for tests of code that talks to the emulated services.

Every run of pytest in an environment that has the emulator imports this module, so it
imports nothing but pytest; what is heavy comes with the first test that asks for it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest

if TYPE_CHECKING:
    from emulator.testing import Emulators, Running, World
    from emulator.testing.controls import Clock, Faults
    from emulator.testing.coverage import Coverage

_RUNNING = "DATASET_EMULATOR_URL"
_TOKEN = "DATASET_EMULATOR_CONTROL_TOKEN"  # noqa: S105 - the name of a variable
_SHORT_NAMES = "dataset_emulator_short_names"
_SESSIONS = "dataset_emulator_sessions"
_OUTPUT = "dataset_emulator_coverage"
_MARKER = (
    "dataset_emulator(lifecycle=None, allow_errors=False, allow_unused_faults=False, **settings):"
    " how the emulator is to be for this test; settings such as auth='verify' start one of its own"
)
_CHECKS: Mapping[str, object] = {
    "lifecycle": None,
    "allow_errors": False,
    "allow_unused_faults": False,
}
"""What the marker says about the world; the rest of it is settings."""

_went_wrong = pytest.StashKey[bool]()
_asked = pytest.StashKey[Callable[[], str]]()
_coverage: pytest.StashKey[Coverage] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the option and the ini option."""
    parser.getgroup("dataset-emulator").addoption(
        "--emulator-coverage",
        action="store_true",
        help="show which operations, errors and states of the emulated services were exercised",
    )
    parser.addini(_SHORT_NAMES, "define the fixtures clock, faults and settle as well", type="bool")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and the fixtures with short names where they are wanted."""
    from emulator.catalogue import ProviderCatalogue  # noqa: PLC0415 - only in a run of tests

    config.addinivalue_line("markers", _MARKER)
    config.pluginmanager.register(_sessions(ProviderCatalogue.find().names), _SESSIONS)
    if config.getini(_SHORT_NAMES):
        config.pluginmanager.register(_ShortNames(), _SHORT_NAMES)
    if config.getoption("--emulator-coverage"):
        from emulator.testing.coverage import Coverage  # noqa: PLC0415 - only if it is wanted

        config.stash[_coverage] = Coverage()


@pytest.fixture(scope="session")
def dataset_emulator_settings() -> Mapping[str, Any]:
    """Settings of the emulator; override it in conftest.py, as in `{"demo": True}`."""
    return {}


@pytest.fixture(scope="session")
def _dataset_emulators() -> Iterator[Emulators]:
    from emulator.testing import Emulators  # noqa: PLC0415 - heavy, so only when it is used

    emulators = Emulators()
    yield emulators
    emulators.stop()


@pytest.fixture(scope="session")
def dataset_emulator(
    _dataset_emulators: Emulators, dataset_emulator_settings: Mapping[str, Any]
) -> Running:
    """The emulator of this session: in this process, or the one at $DATASET_EMULATOR_URL."""
    from emulator.testing import Running  # noqa: PLC0415 - heavy, so only when it is used

    environment = os.environ  # noqa: TID251 - about the tests, not a setting of an emulator
    if _RUNNING not in environment:
        return _started(_dataset_emulators, dataset_emulator_settings)
    return Running(environment[_RUNNING], token=environment.get(_TOKEN), shared=True)


@pytest.fixture
def dataset_world(
    request: pytest.FixtureRequest,
    _dataset_emulators: Emulators,
    dataset_emulator_settings: Mapping[str, Any],
) -> Iterator[World]:
    """A clean world for this test, dropped after it."""
    item, options = request.node, _options(request.node)
    settings = {name: params for name, params in options.items() if name not in _CHECKS}
    if settings:
        running = _started(_dataset_emulators, {**dataset_emulator_settings, **settings})
    else:
        running = request.getfixturevalue("dataset_emulator")
    world = running.world(_world_name(item, shared=running.shared))
    item.stash[_asked] = lambda: _requests_of(world)
    if options["lifecycle"] is not None:
        world.lifecycle(options["lifecycle"])
    yield world
    try:
        went_wrong = item.stash.get(_went_wrong, False)
        complaints = list(_complaints(world, options, went_wrong=went_wrong))
        _count(item.config, world)
        asked = _requests_of(world) if complaints else ""
    finally:
        del item.stash[_asked]
        world.drop()
    if complaints:
        item.stash[_asked] = lambda: asked
        pytest.fail("\n".join(complaints), pytrace=False)


@pytest.fixture
def personalize_client(request: pytest.FixtureRequest, dataset_world: World) -> Any:
    """A boto3 client of Amazon Personalize in the world of this test."""
    return _client(request, dataset_world)


@pytest.fixture
def lookoutvision_client(request: pytest.FixtureRequest, dataset_world: World) -> Any:
    """A boto3 client of Amazon Lookout for Vision in the world of this test."""
    return _client(request, dataset_world)


@pytest.fixture
def pai_client(
    request: pytest.FixtureRequest, dataset_world: World, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """A client of Alibaba Cloud PAI AIWorkSpace in the world of this test."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)  # it would use one for 127.0.0.1, too
    return _client(request, dataset_world)


@pytest.fixture
def aitems_session(request: pytest.FixtureRequest, dataset_world: World) -> Any:
    """A session of requests for NAVER Cloud AiTEMS in the world of this test; it takes paths."""
    return _client(request, dataset_world)


@pytest.fixture
def coactive_session(request: pytest.FixtureRequest, dataset_world: World) -> Any:
    """A session of requests for Coactive in the world of this test; it takes paths."""
    return _client(request, dataset_world)


def _sessions(providers: Iterable[str]) -> ModuleType:
    """Make a plugin with a fixture `<name>_session` for each provider that has none above."""
    plugin = ModuleType(_SESSIONS)
    for provider in providers:
        if not {f"{provider}_client", f"{provider}_session"} & globals().keys():
            setattr(plugin, f"{provider}_session", pytest.fixture(_session_of(provider)))
    return plugin


def _session_of(provider: str) -> Callable[..., Any]:
    def session(request: pytest.FixtureRequest, dataset_world: World) -> Any:
        return _client(request, dataset_world)

    session.__doc__ = f"A session of requests for {provider} in the world of this test."
    return session


class _ShortNames:
    """Fixtures whose names others may have taken; there for who asks for them in an ini file."""

    @pytest.fixture
    def clock(self, dataset_world: World) -> Clock:
        """The clock of the world of this test."""
        return dataset_world.clock

    @pytest.fixture
    def faults(self, dataset_world: World) -> Faults:
        """The faults of the world of this test."""
        return dataset_world.faults

    @pytest.fixture
    def settle(self, dataset_world: World) -> Callable[[], None]:
        """Move the clock of the world of this test on until no state would change."""
        return dataset_world.settle


@pytest.hookimpl(hookwrapper=True, tryfirst=True)  # in the form that older pytests know, too
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, None]:
    """Remember a test that went wrong, for unused faults; tell what the emulator was asked."""
    report: pytest.TestReport = (yield).get_result()
    if call.excinfo is not None and call.when != "teardown":
        item.stash[_went_wrong] = True
    if report.failed and _asked in item.stash:
        report.sections.append(("emulator requests", item.stash[_asked]()))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a worker of xdist, hand the coverage to the process that reports it."""
    coverage = session.config.stash.get(_coverage, None)
    output = getattr(session.config, "workeroutput", None)
    if coverage is not None and output is not None:
        output[_OUTPUT] = coverage.document


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take the coverage of a worker of xdist that has ended; one that crashed has none."""
    document = getattr(node, "workeroutput", {}).get(_OUTPUT)
    if document is not None:
        node.config.stash[_coverage].add(document)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show the coverage, if it was asked for; with -v also what was not exercised."""
    coverage = config.stash.get(_coverage, None)
    if coverage is None:
        return
    terminalreporter.section("emulator coverage")
    told = list(coverage.lines(missing=config.get_verbosity() > 0))
    for line in told or ["no test used dataset_world"]:
        terminalreporter.line(line)


def _started(emulators: Emulators, settings: Mapping[str, Any]) -> Running:
    """Give an emulator in this process, or fail for settings that there are not."""
    from emulator.settings import SettingError  # noqa: PLC0415 - only if an emulator is used

    try:
        return emulators.of(settings)
    except SettingError as error:
        pytest.fail(f"the emulator cannot be like that: {error}", pytrace=False)


def _options(item: pytest.Item) -> dict[str, Any]:
    """Gather what markers say; the closest one has the last word."""
    options = dict(_CHECKS)
    for marker in reversed(list(item.iter_markers("dataset_emulator"))):
        if marker.args:
            raise pytest.UsageError("the marker dataset_emulator takes keywords only")
        options |= marker.kwargs
    return options


def _world_name(item: pytest.Item, *, shared: bool) -> str:
    """Name a world by its test, so that seeded ids stay; beside others also by the process."""
    worker = getattr(item.config, "workerinput", {}).get("workerid", "main")
    whose = f"{worker}-{os.getpid()}-" if shared else ""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", item.name).strip("-")
    return f"{whose}{crc32(item.nodeid.encode()):08x}-{readable}"[:64]


def _complaints(world: World, options: Mapping[str, Any], *, went_wrong: bool) -> Iterator[str]:
    if not options["allow_errors"]:
        yield from (f"the emulator failed: {failure}" for failure in world.failures())
    if not (options["allow_unused_faults"] or went_wrong):
        yield from world.unused_faults()


def _count(config: pytest.Config, world: World) -> None:
    """Add what happened in a world to the coverage, if that was asked for."""
    coverage = config.stash.get(_coverage, None)
    if coverage is not None:
        for document in world.coverage():
            coverage.add(document)


def _requests_of(world: World) -> str:
    """Tell what a world was asked; of an emulator that is gone, that it does not answer."""
    from emulator.client import RemoteError  # noqa: PLC0415 - only where a test failed
    from emulator.testing.request_report import lines  # noqa: PLC0415 - likewise

    try:
        return "\n".join(lines(world.requests.ever()))
    except RemoteError as error:
        return error.text


def _client(request: pytest.FixtureRequest, world: World) -> Any:
    """Hand out the client that a fixture is named after, or skip where its library is missing."""
    provider = str(request.fixturename).rpartition("_")[0]
    try:
        return world.client(provider)
    except ImportError as missing:
        pytest.skip(f"{request.fixturename}: {missing}")
