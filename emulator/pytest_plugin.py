"""Fixtures for tests of code that talks to the emulated services.

Every run of pytest in an environment with the emulator imports this module, so it imports
nothing but pytest; the rest is imported by the first test that uses a fixture.
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
    "dataset_emulator(lifecycle=None, allow_errors=False, allow_unused_faults=False,"
    " allow_warnings=True, **settings): options for this test; settings start another emulator"
)
_CHECKS: Mapping[str, object] = {
    "lifecycle": None,
    "allow_errors": False,
    "allow_unused_faults": False,
    "allow_warnings": True,
}
"""Options of the marker about the world; any others are settings."""

_test_failed = pytest.StashKey[bool]()
_request_report = pytest.StashKey[Callable[[], str]]()
_coverage: pytest.StashKey[Coverage] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the command line option and the ini option."""
    parser.getgroup("dataset-emulator").addoption(
        "--emulator-coverage",
        action="store_true",
        help="show which operations, errors and states of the emulated services were exercised",
    )
    parser.addini(_SHORT_NAMES, "also define the fixtures clock, faults and settle", type="bool")


def pytest_configure(config: pytest.Config) -> None:
    """Add the marker, sessions for more providers, and short names if they are enabled."""
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
    item.stash[_request_report] = lambda: _requests_of(world)
    if options["lifecycle"] is not None:
        world.lifecycle(options["lifecycle"])
    yield world
    try:
        test_failed = item.stash.get(_test_failed, False)
        problems = list(_problems(world, options, test_failed=test_failed))
        _count(item.config, world)
        report = _requests_of(world) if problems else ""
    finally:
        del item.stash[_request_report]
        world.drop()
    if problems:
        item.stash[_request_report] = lambda: report
        pytest.fail("\n".join(problems), pytrace=False)


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
    """Fixtures with short names, which may clash with others; enabled by an ini option."""

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
        """Advance the clock of the world of this test until no state would change."""
        return dataset_world.settle


@pytest.hookimpl(hookwrapper=True, tryfirst=True)  # in the form that older pytests know, too
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, None]:
    """Note a failed test, for unused faults, and report the requests the emulator got."""
    report: pytest.TestReport = (yield).get_result()
    if call.excinfo is not None and call.when != "teardown":
        item.stash[_test_failed] = True
    if report.failed and _request_report in item.stash:
        report.sections.append(("emulator requests", item.stash[_request_report]()))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In an xdist worker, send the coverage to the process that reports it."""
    coverage = session.config.stash.get(_coverage, None)
    output = getattr(session.config, "workeroutput", None)
    if coverage is not None and output is not None:
        output[_OUTPUT] = coverage.document


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add the coverage of an xdist worker that has ended; a crashed one sent none."""
    document = getattr(node, "workeroutput", {}).get(_OUTPUT)
    if document is not None:
        node.config.stash[_coverage].add(document)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the coverage if enabled; with -v also what was not exercised."""
    coverage = config.stash.get(_coverage, None)
    if coverage is None:
        return
    terminalreporter.section("emulator coverage")
    lines = list(coverage.lines(missing=config.get_verbosity() > 0))
    for line in lines or ["no test used dataset_world"]:
        terminalreporter.line(line)


def _started(emulators: Emulators, settings: Mapping[str, Any]) -> Running:
    """Return an emulator in this process; fail the test for invalid settings."""
    from emulator.settings import SettingError  # noqa: PLC0415 - only if an emulator is used

    try:
        return emulators.of(settings)
    except SettingError as error:
        pytest.fail(f"invalid emulator settings: {error}", pytrace=False)


def _options(item: pytest.Item) -> dict[str, Any]:
    """Merge the options of all markers; the closest marker wins."""
    options = dict(_CHECKS)
    for marker in reversed(list(item.iter_markers("dataset_emulator"))):
        if marker.args:
            raise pytest.UsageError("the marker dataset_emulator takes keywords only")
        options |= marker.kwargs
    return options


def _world_name(item: pytest.Item, *, shared: bool) -> str:
    """Name a world after its test, so that seeded ids repeat; add the process if shared."""
    worker = getattr(item.config, "workerinput", {}).get("workerid", "main")
    whose = f"{worker}-{os.getpid()}-" if shared else ""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", item.name).strip("-")
    return f"{whose}{crc32(item.nodeid.encode()):08x}-{readable}"[:64]


def _problems(world: World, options: Mapping[str, Any], *, test_failed: bool) -> Iterator[str]:
    if not options["allow_errors"]:
        yield from (f"the emulator failed: {failure}" for failure in world.failures())
    yield from () if options["allow_warnings"] else world.warnings()
    if not (options["allow_unused_faults"] or test_failed):
        yield from world.unused_faults()


def _count(config: pytest.Config, world: World) -> None:
    """Add the coverage of a world, if enabled."""
    coverage = config.stash.get(_coverage, None)
    if coverage is not None:
        for document in world.coverage():
            coverage.add(document)


def _requests_of(world: World) -> str:
    """List the requests of a world, or why the emulator does not respond."""
    from emulator.client import RemoteError  # noqa: PLC0415 - only where a test failed
    from emulator.testing.request_report import lines  # noqa: PLC0415 - likewise

    try:
        return "\n".join(lines(world.requests.ever()))
    except RemoteError as error:
        return error.text


def _client(request: pytest.FixtureRequest, world: World) -> Any:
    """Return the client the fixture is named after; skip the test if its library is missing."""
    provider = str(request.fixturename).rpartition("_")[0]
    try:
        return world.client(provider)
    except ImportError as missing:
        pytest.skip(f"{request.fixturename}: {missing}")
