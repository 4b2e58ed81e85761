"""The pytest plugin, in runs of pytest of its own."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import emulator.server.in_process  # what is imported here, the runs below need not import again
import emulator.testing.alibaba
import emulator.testing.aws
import emulator.testing.sessions  # noqa: F401 - likewise
from emulator import catalogue
from emulator.testing import Emulators, Running
from tests.contract.catalogue import contracts

PROVIDERS = list(catalogue.ProviderCatalogue.find().load())

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[2]
FIXTURES = {
    "aitems_session",
    "coactive_session",
    "dataset_emulator",
    "dataset_emulator_settings",
    "dataset_world",
    "lookoutvision_client",
    "pai_client",
    "personalize_client",
}
FIXTURES |= {  # of providers that have no client of their own
    f"{name}_session" for name in PROVIDERS if not {f"{name}_session", f"{name}_client"} & FIXTURES
}
SHORT = {"clock", "faults", "settle"}
EVERY_CLIENT = """
    from alibabacloud_aiworkspace20210204 import models

    def test_each_client(
        dataset_world, personalize_client, lookoutvision_client, pai_client,
        aitems_session, coactive_session,
    ):
        personalize_client.create_dataset_group(name="g")
        lookoutvision_client.create_project(ProjectName="p")
        wish = models.CreateDatasetRequest(
            name="d", property="DIRECTORY", data_source_type="NAS", uri="nas://09f1.cn-hangzhou/"
        )
        assert pai_client.create_dataset(wish).status_code == 200
        assert aitems_session.get("/api/v1/datasets?limit=5").json()["datasets"] == []
        wish = {"name": "d", "encoder_name": "multimodal"}
        assert coactive_session.post("/api/v1/datasets", json=wish).status_code == 200
        asked = [(each["provider"], each["operation"]) for each in dataset_world.requests.list()]
        assert asked == [
            ("personalize", "CreateDatasetGroup"),
            ("lookoutvision", "CreateProject"),
            ("pai", "CreateDataset"),
            ("aitems", "GetDatasetList"),
            ("coactive", "CreateDataset"),
        ]
"""
BROKEN = """
    import pytest
    from emulator.providers.coactive import PROVIDER

    @pytest.fixture
    def broken(monkeypatch):
        def handler(call, wish):
            raise ZeroDivisionError
        monkeypatch.setitem(PROVIDER.handlers, "GetDatasets", handler)

    def ask(session):
        assert session.get("/api/v1/datasets").status_code == 500
"""


@pytest.fixture
def lab(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A place for runs of pytest that load this plugin and no other by themselves."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p emulator.pytest_plugin")
    monkeypatch.delenv("DATASET_EMULATOR_URL", raising=False)
    return pytester


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Running]:
    """An emulator that runs already."""
    emulators = Emulators()
    yield emulators.of({"demo": True})
    emulators.stop()


def fixtures_of(lab: pytest.Pytester) -> set[str]:
    found = lab.runpytest("--fixtures", "-q").stdout.str()
    return set(re.findall(r"^(\w+)(?: \[\w+ scope\])? -- .*pytest_plugin.py", found, re.MULTILINE))


def test_importing_the_plugin_imports_nothing_heavy() -> None:
    heavy = "{'flask', 'werkzeug', 'sqlalchemy', 'jsonschema', 'marshmallow', 'click', 'requests', 'boto3'}"
    ours = "[name for name in sys.modules if name.startswith('emulator.')]"
    code = f"import pytest, sys, emulator.pytest_plugin; print({heavy} & set(sys.modules), {ours})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)  # fmt: skip
    assert done.stdout == "set() ['emulator.version', 'emulator.pytest_plugin']\n"


def test_pytest_finds_the_plugin_where_the_emulator_is_installed() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    found = setup["options.entry_points"]["pytest11"].strip()
    assert found == "dataset_emulator = emulator.pytest_plugin"


@pytest.mark.parametrize(("page", "count"), [("docs/pytest.md", 3), ("README.md", 1)])
def test_the_pages_show_tests_that_pass(lab: pytest.Pytester, page: str, count: int) -> None:
    blocks = r"^```python\n(def test_.*?)^```"
    shown = "\n".join(re.findall(blocks, (ROOT / page).read_text(), re.MULTILINE | re.DOTALL))
    lab.makepyfile(
        mine="""
        from unittest import mock

        from botocore.exceptions import ClientError
        from emulator.testing.clients import connect

        def my_code(endpoint):
            client = connect("personalize", endpoint)
            try:  # boto3 tries again by itself, after pauses it does not make here
                with mock.patch("botocore.endpoint.time", mock.Mock()):
                    client.create_dataset(
                        name="clicks", datasetType="Users", schemaArn="arn:s", datasetGroupArn="arn:g"
                    )
            except ClientError as error:
                assert error.response["Error"]["Code"] != "ThrottlingException"
            client.close()
        """,
        test_shown=f"from mine import my_code\n{shown}",
    )
    lab.runpytest("test_shown.py").assert_outcomes(passed=count)


def test_the_tests_of_the_page_on_contracts_pass(lab: pytest.Pytester) -> None:
    page = (ROOT / "docs/contract-testing.md").read_text()
    (shown,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    lab.makepyfile(test_shown=shown)
    lab.runpytest("test_shown.py").assert_outcomes(passed=3)
    mistaken = shown.replace('"description": description', '"discription": description')
    lab.makepyfile(test_shown=mistaken)
    done = lab.runpytest("test_shown.py")
    done.assert_outcomes(passed=2, failed=1, errors=1)
    told = "/discription: unknown-member; nearest is description"
    done.stdout.fnmatch_lines(
        ["*ERROR at teardown of test_the_same_*", f"coactive CreateDataset: {told}"]
    )
    done.stdout.fnmatch_lines(
        [
            "422 coactive CreateDataset *",
            "    /discription: additionalProperties False",
            f"    warning: {told}",
        ]
    )


def test_names_of_fixtures_leave_others_alone(lab: pytest.Pytester) -> None:
    assert fixtures_of(lab) == FIXTURES


def test_short_names_are_there_on_request(lab: pytest.Pytester) -> None:
    lab.makeini("[pytest]\ndataset_emulator_short_names = true")
    assert fixtures_of(lab) == FIXTURES | SHORT
    lab.makepyfile(
        """
        def test_them(dataset_world, clock, faults, settle):
            assert (clock, faults) == (dataset_world.clock, dataset_world.faults)
            assert settle == dataset_world.settle
        """
    )
    lab.runpytest().assert_outcomes(passed=1)


def test_every_test_has_a_clean_world_that_is_dropped_afterwards(lab: pytest.Pytester) -> None:
    lab.makepyfile(
        """
        from urllib.request import urlopen
        import json
        import pytest

        NAMES = []

        @pytest.mark.parametrize("turn", ["one/two", "three"])
        def test_a_world(dataset_world, dataset_emulator, turn):
            assert dataset_world.resources.list() == dataset_world.requests.list() == []
            dataset_world.objects.put("bucket", "key", "text")
            assert len(dataset_world.objects.list()) == 1
            base, name = dataset_emulator.base, dataset_world.name
            assert dataset_world.url("pai") == f"{base}/w/{name}/pai"
            assert dataset_world.environment["DATASET_EMULATOR_URL"] == f"{base}/w/{name}"
            NAMES.append(name)

        def test_the_worlds_before(dataset_emulator):
            with urlopen(f"{dataset_emulator.control}/worlds") as answer:
                left = [world["name"] for world in json.load(answer)["worlds"]]
            assert left == ["default"]
            assert [name.partition("-")[2] for name in NAMES] == ["test-a-world-one-two", "test-a-world-three"]
            assert len(set(NAMES)) == 2
        """
    )
    lab.runpytest().assert_outcomes(passed=3)


def test_clients_reach_the_world_of_the_test(lab: pytest.Pytester) -> None:
    lab.makepyfile(EVERY_CLIENT)
    lab.runpytest().assert_outcomes(passed=1)


def test_clients_prove_who_they_are(lab: pytest.Pytester) -> None:
    lab.makepyfile(
        f"""
    import pytest
    pytestmark = pytest.mark.dataset_emulator(auth="verify")
    {EVERY_CLIENT}
    def test_others_do_not(dataset_world, coactive_session):
        coactive_session.auth = None
        assert coactive_session.get("/api/v1/datasets").status_code in (401, 403)
        """
    )
    lab.runpytest("--strict-markers").assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("fixture", "library"),
    [
        ("personalize_client", "boto3"),
        ("lookoutvision_client", "boto3"),
        ("pai_client", "alibabacloud_aiworkspace20210204"),
        ("aitems_session", "requests"),
        ("coactive_session", "requests"),
    ],
)
def test_a_client_whose_library_is_missing_skips(
    lab: pytest.Pytester, fixture: str, library: str
) -> None:
    lab.makeconftest(
        f"""
        import sys
        for name in [each for each in sys.modules if each.startswith("emulator.testing.")]:
            if name.rpartition(".")[2] in ("aws", "alibaba", "sessions"):
                del sys.modules[name]
        for name in [each for each in sys.modules if each.split(".")[0] == "{library}"]:
            sys.modules[name] = None
        sys.modules["{library}"] = None
        """
    )
    lab.makepyfile(f"def test_it({fixture}): pass")
    done = lab.runpytest("-rs")
    done.assert_outcomes(skipped=1)
    done.stdout.fnmatch_lines(f"*SKIPPED*{fixture}: import of {library}* halted*")


def test_a_boto3_that_forgot_the_service_skips(lab: pytest.Pytester) -> None:
    lab.makepyfile(
        """
        import pytest
        import emulator.testing.aws as aws

        @pytest.fixture(autouse=True)
        def forgotten(monkeypatch):
            def client(service, **_):
                raise aws.UnknownServiceError(service_name=service, known_service_names="")
            monkeypatch.setattr(aws.boto3, "client", client)

        def test_it(lookoutvision_client): pass
        """
    )
    done = lab.runpytest("-rs")
    done.assert_outcomes(skipped=1)
    done.stdout.fnmatch_lines("*lookoutvision any more: pip install 'boto3<1.40.61'*")


def test_the_marker_sets_lifecycles(lab: pytest.Pytester) -> None:
    lab.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.dataset_emulator(lifecycle="immediate")

        def state(world, client):
            client.create_dataset_group(name="g")
            return world.resources.one(kind="dataset-group")["state"]

        def test_of_a_module(dataset_world, personalize_client):
            assert state(dataset_world, personalize_client) == "ACTIVE"
            dataset_world.reset()
            assert state(dataset_world, personalize_client) == "ACTIVE"

        @pytest.mark.dataset_emulator(lifecycle={"personalize": {"dataset-group": "manual"}})
        def test_the_closest_one_counts(dataset_world, personalize_client):
            assert state(dataset_world, personalize_client) == "CREATE PENDING"
            dataset_world.settle()
            group = dataset_world.resources.one(kind="dataset-group")
            assert group["state"] == "CREATE PENDING"
            assert dataset_world.resources.move(group, "ACTIVE")["phase"] == "ready"
        """
    )
    lab.runpytest().assert_outcomes(passed=2)


def test_settings_are_those_of_the_session_and_of_the_marker(lab: pytest.Pytester) -> None:
    lab.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def dataset_emulator_settings():
            return {"demo": True, "clock": "frozen"}
        """
    )
    lab.makepyfile(
        """
        import pytest

        BASES = set()

        def test_of_the_session(dataset_world, dataset_emulator):
            assert dataset_world.resources.one(name="demo-group")["phase"] == "ready"
            assert dataset_world.base.startswith(dataset_emulator.base)

        @pytest.mark.parametrize("turn", [1, 2])
        @pytest.mark.dataset_emulator(coactive_generation="old", speed=2)
        def test_of_the_marker(dataset_world, dataset_emulator, coactive_session, turn):
            assert dataset_world.resources.one(name="demo-group")
            assert dataset_world.clock.now() == dataset_world.clock.now()
            assert not dataset_world.base.startswith(dataset_emulator.base)
            wish = {"name": "d", "encoder": "multimodal-tx-large3"}
            assert "datasetId" in coactive_session.post("/api/v1/datasets", json=wish).json()
            BASES.add(dataset_world.base.rpartition("/w/")[0])
            assert len(BASES) == 1
        """
    )
    lab.runpytest().assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("marker", "complaint"),
    [
        ("allow_eror=True", "invalid emulator settings: unknown setting allow-eror"),
        ("coactive_generatoin='old'", "unknown switch coactive-generatoin"),
        ("speed=0", "speed must be a number above 0, not 0"),
        ("'immediate'", "the marker dataset_emulator takes keywords only"),
    ],
)
def test_a_marker_that_makes_no_sense_says_so(
    lab: pytest.Pytester, marker: str, complaint: str
) -> None:
    lab.makepyfile(
        f"""
        import pytest

        @pytest.mark.dataset_emulator({marker})
        def test_it(dataset_world): pass
        """
    )
    done = lab.runpytest()
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(f"*{complaint}*")


def test_a_failure_of_the_emulator_itself_fails_the_test(lab: pytest.Pytester) -> None:
    lab.makepyfile(
        f"""{BROKEN}
    def test_reported(broken, coactive_session):
        ask(coactive_session)

    def test_reported_although_it_was_cleared(broken, coactive_session, dataset_world):
        ask(coactive_session)
        dataset_world.requests.clear()

    @pytest.mark.dataset_emulator(allow_errors=True)
    def test_allowed(broken, coactive_session):
        ask(coactive_session)

    def test_ordered(coactive_session, dataset_world):
        dataset_world.faults.add("InternalError", provider="coactive")
        ask(coactive_session)
        """
    )
    done = lab.runpytest("--show-capture=no")
    done.assert_outcomes(passed=4, errors=2)
    done.stdout.fnmatch_lines("the emulator failed: coactive GetDatasets was answered 500")
    done.stdout.fnmatch_lines("*ERROR at teardown of test_reported *")
    done.stdout.fnmatch_lines("*ERROR at teardown of test_reported_although_it_was_cleared *")


def test_a_fault_that_never_struck_fails_the_test(lab: pytest.Pytester) -> None:
    lab.makepyfile(
        """
        import pytest

        def order(world):
            world.faults.add("ThrottlingException", provider="personalize", times=2)

        def test_reported(dataset_world):
            order(dataset_world)

        @pytest.mark.dataset_emulator(allow_unused_faults=True)
        def test_allowed(dataset_world):
            order(dataset_world)

        def test_taken_back(dataset_world):
            order(dataset_world)
            dataset_world.faults.remove(dataset_world.faults.list()[0])
            order(dataset_world)
            dataset_world.faults.clear()

        def test_not_to_blame(dataset_world):
            order(dataset_world)
            assert False
        """
    )
    done = lab.runpytest("--show-capture=no")
    done.assert_outcomes(passed=3, failed=1, errors=1)
    done.stdout.fnmatch_lines(
        "fault 1, {'error': 'ThrottlingException'} on {'provider': 'personalize'}"
        " was applied to none of the 0 matching requests"
    )
    done.stdout.fnmatch_lines("*ERROR at teardown of test_reported *")


FAILS = """
    from emulator.testing import request_report

    def test_fails(dataset_world, coactive_session):
        for _ in range(request_report.MOST):
            coactive_session.get("/api/v1/datasets")
        dataset_world.requests.clear()
        coactive_session.post("/api/v1/datasets", json={"name": ""})
        coactive_session.get("/nothing?X-Amz-Signature=hush&a=b")
        coactive_session.get("/api/v1/datasets/00000000-0000-4000-8000-000000000000")
        assert False

    def test_passes(coactive_session):
        coactive_session.get("/api/v1/encoders")

    def test_asks_nothing(dataset_world):
        assert False

    def test_has_no_world():
        assert False
"""
TOLD = [
    "... 3 more before",
    *["200 coactive GetDatasets (GET /api/v1/datasets)"] * 17,
    "422 coactive CreateDataset (POST /api/v1/datasets)",
    "    The document breaks rules (count 3)",
    "    /name: minLength 1",
    "    /name: pattern ^[a-zA-Z0-9_]+$",
    "    /encoder_name: required",
    "404 coactive (GET /nothing?X-Amz-Signature=***&a=b)",
    "    No operation of the vendor has this `path` (path /nothing)",
    "    nearest is GetDatasets: the path is /nothing, not /api/v1/datasets",
    "404 coactive GetDataset (GET /api/v1/datasets/00000000-0000-4000-8000-000000000000)",
    "    No resource of kind `subject` has this `id` (subject dataset, id 00000000-0000-4000-8000-000000000000)",
]


def told(done: pytest.RunResult) -> list[list[str]]:
    """Give what is under each headline that promises requests, up to the next headline."""
    headline = r"^-+ emulator requests -+$"
    _, *sections = re.split(headline, done.stdout.str(), flags=re.MULTILINE)
    return [
        re.split("^[-=_]{3}", each, flags=re.MULTILINE)[0].splitlines()[1:] for each in sections
    ]


def test_a_test_that_fails_tells_what_was_asked_and_why_it_was_refused(
    lab: pytest.Pytester,
) -> None:
    lab.makepyfile(FAILS)
    done = lab.runpytest()
    done.assert_outcomes(passed=1, failed=3)
    assert told(done) == [TOLD, ["none"]]


def test_a_complaint_afterwards_tells_what_was_asked_and_keeps_no_world(
    lab: pytest.Pytester,
) -> None:
    lab.makepyfile(
        """
        def test_reported(dataset_world, coactive_session):
            coactive_session.get("/api/v1/datasets")
            dataset_world.faults.add(provider="pai", delay=1)

        def test_the_worlds(dataset_emulator):
            worlds = dataset_emulator._control.get("worlds")["worlds"]
            assert worlds == [{"name": "default"}]
        """
    )
    done = lab.runpytest()
    done.assert_outcomes(passed=2, errors=1)
    assert told(done) == [["200 coactive GetDatasets (GET /api/v1/datasets)"]]


def test_an_emulator_that_is_gone_is_said_to_be(lab: pytest.Pytester) -> None:
    lab.makepyfile(
        """
        def test_it(dataset_world, _dataset_emulators):
            _dataset_emulators.stop()
            assert False
        """
    )
    done = lab.runpytest()
    done.assert_outcomes(failed=1, errors=1)
    (lines,) = told(done)[-1:]
    assert re.fullmatch(
        r"no response from http://127.0.0.1:\d+/w/\S+: Connection refused", lines[0]
    )


USES = """
    def test_one(coactive_session):
        coactive_session.get("/api/v1/datasets")
        coactive_session.post("/api/v1/datasets", json={"name": "d", "encoder_name": "multimodal"})

    def test_two(coactive_session, dataset_world):
        coactive_session.get("/api/v1/datasets")
        dataset_world.reset()
        coactive_session.post("/api/v1/datasets", json={})
        coactive_session.get("/nowhere")

    def test_three(aitems_session):
        aitems_session.get("/api/v1/datasets?offset=0&limit=5")
"""


def coverage_of(lab: pytest.Pytester, *options: str) -> list[str]:
    done = lab.runpytest("--emulator-coverage", *options)
    done.assert_outcomes(passed=3)
    lines = done.outlines
    start = next(index for index, line in enumerate(lines) if "emulator coverage" in line)
    return [line for line in lines[start + 1 : -1] if line]


def test_coverage_tells_what_was_exercised(lab: pytest.Pytester) -> None:
    lab.makepyfile(USES)
    lines = coverage_of(lab)
    exercised = {"aitems": "1 of n 0 of n 0 of n", "coactive": "2 of n 2 of n 1 of n"}
    nothing = "0 of n 0 of n 0 of n"
    assert [" ".join(re.sub(r" of \d+", " of n", line).split()) for line in lines] == [
        "operations errors states",
        *(f"{name} {exercised.get(name, nothing)}" for name in contracts()),
        "total 3 of n 2 of n 1 of n",
        "aitems, exercised:",
        "GetDatasetList 200 x 1",
        "coactive, exercised:",
        "CreateDataset 200 x 1, 422 x 1",
        "GetDatasets 200 x 2",
    ]
    missing = coverage_of(lab, "-v")
    assert [line for line in missing if line in lines] == lines
    left = next(line for line in missing[missing.index("coactive, not exercised:") :] if "operations:" in line)  # fmt: skip
    assert "DeleteDataset" in left
    assert "CreateDataset" not in left


def test_coverage_is_the_same_under_xdist(
    lab: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("xdist")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    lab.makepyfile(USES)
    alone = coverage_of(lab)
    together = lab.runpytest_subprocess("-p", "xdist", "-n", "2", "--emulator-coverage")
    together.assert_outcomes(passed=3)
    assert [line for line in together.outlines if line in alone] == alone


def test_coverage_of_tests_that_use_nothing(lab: pytest.Pytester) -> None:
    lab.makepyfile("def test_it(): pass")
    lab.runpytest("--emulator-coverage").stdout.fnmatch_lines("no test used dataset_world")
    assert "emulator coverage" not in lab.runpytest().stdout.str()


def test_an_emulator_that_runs_already_is_used_if_it_is_named(
    lab: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, elsewhere: Running
) -> None:
    monkeypatch.setenv("DATASET_EMULATOR_URL", f"{elsewhere.base}/w/mine/")
    lab.makepyfile(
        f"""
        import os
        import pytest

        def test_its_worlds(dataset_emulator, dataset_world):
            assert dataset_emulator.base == "{elsewhere.base}"
            assert dataset_world.name.startswith(f"main-{{os.getpid()}}-")
            assert dataset_world.resources.one(name="demo-group")

        @pytest.mark.dataset_emulator(auth="verify")
        def test_settings_of_its_own(dataset_world):
            assert not dataset_world.base.startswith("{elsewhere.base}")
        """
    )
    lab.runpytest().assert_outcomes(passed=2)
    assert elsewhere.world("any").clock.now() is not None
    worlds = elsewhere._control.get("worlds")["worlds"]
    assert [each["name"] for each in worlds if each["name"] != "any"] == ["default"]


def test_an_emulator_that_does_not_run_is_reported(
    lab: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATASET_EMULATOR_URL", "http://127.0.0.1:9")
    lab.makepyfile("def test_it(dataset_world): pass")
    done = lab.runpytest()
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines("*ConnectionError: no emulator at http://127.0.0.1:9: *")
