"""The commands beside `serve`, as a shell and a script use them."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click
import pytest
import requests

from emulator.cli import cli, main
from emulator.commands.execute import Relay
from emulator.commands.options import DEFAULT_URL
from emulator.core.worlds.registry import WorldError, Worlds
from emulator.settings import Settings
from tests.contract import catalogue
from tests.project.served import PATIENCE, Served, free_ports, run, served

PROVIDERS = list(catalogue.contracts())
NOWHERE = "http://127.0.0.1:1"
ROOT = Path(__file__).parents[2]
SETTINGS = {each.name for each in fields(Settings)}
ASKING = [["wait", "--timeout", "0.1"], ["status"], ["reset"], ["snapshot", "save", "-"]]


@dataclass
class Said:
    code: object
    out: str
    err: str


Tell = Callable[..., Said]


@pytest.fixture
def tell(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Tell:
    """Run a command in this process, as the console script does."""
    for name in ("URL", "WORLD", "CONTROL_TOKEN", "TIMEOUT", "CREDENTIALS"):
        monkeypatch.delenv(f"DATASET_EMULATOR_{name}", raising=False)

    def say(*arguments: str) -> Said:
        monkeypatch.setattr("sys.argv", ["dataset-emulator", *arguments])
        capfdbinary.readouterr()
        code: object = 0
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        out, err = capfdbinary.readouterr()
        return Said(code, out.decode(), err.decode())

    return say


def variables(base: str) -> dict[str, str]:
    """What is exported for the emulator at a URL."""
    return {
        "AWS_ENDPOINT_URL_PERSONALIZE": f"{base}/personalize",
        "AWS_ENDPOINT_URL_LOOKOUTVISION": f"{base}/lookoutvision",
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "DATASET_EMULATOR_URL": base,
        "DATASET_EMULATOR_CONTROL_URL": f"{base}/_emulator",
        **{f"DATASET_EMULATOR_{name.upper()}_URL": f"{base}/{name}" for name in PROVIDERS},
    }


# --- help ---------------------------------------------------------------------------------------


def commands(group: click.Group) -> Iterator[click.Command]:
    for command in group.commands.values():
        yield command
        if isinstance(command, click.Group):
            yield from commands(command)


@pytest.mark.parametrize("command", list(commands(cli)), ids=lambda command: str(command.name))
def test_a_help_text_is_one_sentence(command: click.Command) -> None:
    params = command.get_params(click.Context(command))
    options = [each for each in params if isinstance(each, click.Option)]
    texts = [command.help, *(each.help for each in options if each.name not in SETTINGS)]
    for text in texts:
        assert text
        assert text.endswith(".")
        assert "\n" not in text
        assert ". " not in text


@pytest.mark.parametrize("arguments", [["exec", "--help"], ["snapshot", "--help"], ["env"]])
def test_what_only_prints_imports_nothing_heavy(arguments: list[str]) -> None:
    code = f"""
import sys
sys.argv = ["dataset-emulator", *{arguments!r}]
from emulator.cli import main
main()
heavy = {{"flask", "werkzeug", "sqlalchemy", "jsonschema", "marshmallow", "httptools", "http.client"}}
assert not heavy & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=30, check=True)


# --- env ----------------------------------------------------------------------------------------


def test_env_prints_what_leads_clients_to_the_default_port(tell: Tell) -> None:
    assert json.loads(tell("env", "--format", "json").out) == variables(DEFAULT_URL)
    assert DEFAULT_URL == "http://127.0.0.1:4680"


def test_env_takes_the_url_from_a_flag_or_a_variable(
    tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATASET_EMULATOR_URL", "http://[::1]:99/")
    assert json.loads(tell("env", "--format", "json").out) == variables("http://[::1]:99")
    said = tell("env", "--format", "json", "--url", "https://emulator.test")
    assert json.loads(said.out) == variables("https://emulator.test")


def test_env_leads_into_a_world(tell: Tell) -> None:
    said = tell("env", "--format", "json", "--world", "one")
    assert json.loads(said.out) == variables(f"{DEFAULT_URL}/w/one")
    said = tell("env", "--format", "json", "--world", "one", "--url", f"{NOWHERE}/w/two/")
    assert json.loads(said.out) == variables(f"{NOWHERE}/w/one")


def test_env_is_read_by_a_shell_whatever_the_url_holds(tell: Tell) -> None:
    url = "http://127.0.0.1:1/it's-$HOME;`id`"
    script = tell("env", "--url", url).out + 'printf %s "$DATASET_EMULATOR_PAI_URL"'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=30, check=True)  # fmt: skip
    assert done.stdout == f"{url}/pai"


def test_env_as_dotenv_is_a_line_per_variable(tell: Tell) -> None:
    said = tell("env", "--format", "dotenv")
    assert said.out.splitlines() == [f"{n}={v}" for n, v in variables(DEFAULT_URL).items()]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--url", "127.0.0.1:4680"),
        ("--url", "ftp://127.0.0.1"),
        ("--url", "http://"),
        ("--url", "http://127.0.0.1:port"),
        ("--url", "http://127.0.0.1/?a"),
        ("--url", "http://127.0.0.1/\u00e9"),
        ("--url", "http://127.0.0.1/\r\nX: y"),
        ("--world", "a/b"),
        ("--format", "xml"),
    ],
    ids=repr,
)
def test_a_bad_value_is_exit_code_2_and_one_line(tell: Tell, arguments: tuple[str, str]) -> None:
    said = tell("env", *arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("dataset-emulator: ")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("name", ["a", "A-1._z", "a" * 64, "", "a" * 65, ".a", "a/b", "\u00e9", "a\n"])  # fmt: skip
def test_a_world_has_a_name_that_the_emulator_takes(tell: Tell, name: str) -> None:
    try:
        Worlds(lambda name: name).named(name)  # type: ignore[arg-type,return-value]
        takes = True
    except WorldError:
        takes = False
    assert tell("env", "--world", name).code == (0 if takes else 2)


# --- credentials --------------------------------------------------------------------------------

HUSH = "hush-hush"


def pair(name: str, *providers: str, **more: str) -> dict[str, object]:
    """An entry of a credentials file."""
    return {"provider": list(providers) or "*", "id": name, "secret": f"{HUSH}-{name}", **more}


def kept(folder: Path, *entries: object) -> str:
    file = folder / "credentials.json"
    file.write_text(json.dumps({"credentials": entries}))
    return str(file)


def exported(found: Mapping[str, str], prefix: str) -> dict[str, str]:
    """The names of the pairs of those variables that begin so, by the rest of their names."""
    return {
        name.removeprefix(prefix): value.removeprefix(f"{HUSH}-")
        for name, value in found.items()
        if name.startswith(prefix) and re.search("_(ID|SECRET|TOKEN|KEY)$", name)
    }


@pytest.mark.parametrize(
    ("entries", "chosen"),
    [
        ([pair("all")], "all"),
        ([pair("p", "personalize"), pair("l", "lookoutvision"), pair("both", "lookoutvision", "personalize")], "both"),
        ([pair("l", "lookoutvision"), pair("p", "pai", "personalize"), pair("q", "personalize")], "p"),
        ([pair("x", "pai"), pair("l", "lookoutvision")], "l"),
        ([pair("x", "pai")], "emulator"),
        ([], "emulator"),
    ],
)  # fmt: skip
def test_the_sdks_get_the_first_pair_that_fits_most_of_what_they_sign(
    tell: Tell, tmp_path: Path, entries: list[object], chosen: str
) -> None:
    file = kept(tmp_path, *entries)
    found = json.loads(tell("env", "--format", "json", "--credentials", file).out)
    assert exported(found, "AWS_") == {"ACCESS_KEY_ID": chosen, "SECRET_ACCESS_KEY": chosen}
    usual = {name: value for name, value in found.items() if not re.search("_(ID|SECRET|KEY)$", name)}  # fmt: skip
    assert usual.items() <= variables(DEFAULT_URL).items()


def test_each_provider_gets_its_first_pair(
    tell: Tell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [
        pair("ASIA1", "personalize", token="session"),
        pair("p", "pai"),
        pair("rest", "lookoutvision", "pai", "aitems"),
    ]
    monkeypatch.setenv("DATASET_EMULATOR_CREDENTIALS", kept(tmp_path, *entries))
    found = json.loads(tell("env", "--format", "json").out)
    assert exported(found, "DATASET_EMULATOR_") == {
        "PERSONALIZE_ID": "ASIA1",
        "PERSONALIZE_SECRET": "ASIA1",
        "PERSONALIZE_TOKEN": "session",
        "LOOKOUTVISION_ID": "rest",
        "LOOKOUTVISION_SECRET": "rest",
        "PAI_ID": "p",
        "PAI_SECRET": "p",
        "AITEMS_ID": "rest",
        "AITEMS_SECRET": "rest",
    }
    assert exported(found, "AWS_") == {
        "ACCESS_KEY_ID": "ASIA1",
        "SECRET_ACCESS_KEY": "ASIA1",
        "SESSION_TOKEN": "session",
    }


@pytest.mark.parametrize("entries", [[{**pair("x"), HUSH: 1}], [pair(HUSH), pair(HUSH)]])
def test_a_file_that_is_none_is_exit_code_2_and_one_line_that_repeats_nothing(
    tell: Tell, tmp_path: Path, entries: list[object]
) -> None:
    said = tell("env", "--credentials", kept(tmp_path, *entries))
    assert (said.code, said.out, said.err.count("\n"), HUSH in said.err) == (2, "", 1, False)


def test_exec_lets_an_unmodified_client_in_with_the_pair_of_the_file(tmp_path: Path) -> None:
    code = """
import boto3, os, requests
print(boto3.client("personalize").list_schemas()["schemas"])
print(boto3.client("lookoutvision").list_projects()["Projects"])
pair = tuple(os.environ[f"DATASET_EMULATOR_COACTIVE_{it}"] for it in ("ID", "SECRET"))
headers = {"Authorization": "Bearer " + ":".join(pair)}
url = os.environ["DATASET_EMULATOR_COACTIVE_URL"] + "/api/v1/datasets"
print(requests.get(url, headers=headers).status_code)
"""
    own = pair("ASIATEMPORARY", "personalize", "lookoutvision", token="session")
    file = kept(tmp_path, own, pair("c7", "coactive"))
    options = ["--auth", "verify", "--credentials", file, "--log-level", "debug"]
    done = execute(*options, *python(code), AWS_SESSION_TOKEN="real")
    assert (done.returncode, done.stdout.splitlines()) == (0, ["[]", "[]", "200"])
    assert HUSH not in done.stderr
    assert "session" not in done.stderr


# --- exec ---------------------------------------------------------------------------------------


def execute(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run("exec", *arguments, **environment)


def python(code: str) -> list[str]:
    return ["--", sys.executable, "-c", code]


def test_exec_exports_every_variable_and_prints_nothing_of_its_own() -> None:
    done = execute(
        *python("import json, os; print(json.dumps(dict(os.environ)))"),
        AWS_PROFILE="real",
        AWS_SESSION_TOKEN="real",
        AWS_ACCESS_KEY_ID="real",
        no_proxy="internal",
    )
    found = json.loads(done.stdout)
    base = found["DATASET_EMULATOR_URL"]
    assert (done.returncode, done.stderr) == (0, "")
    assert {name: found.get(name) for name in variables(base)} == variables(base)
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & found.keys()
    assert (found["no_proxy"], found["NO_PROXY"]) == ("internal,127.0.0.1",) * 2
    assert base != DEFAULT_URL
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{base}/health", timeout=10)


def test_exec_leads_an_unmodified_client_to_the_emulator_and_gives_its_exit_code() -> None:
    code = """
import boto3, sys
boto3.client("personalize").create_dataset_group(name="made")
print([g["name"] for g in boto3.client("personalize").list_dataset_groups()["datasetGroups"]])
print([p["ProjectName"] for p in boto3.client("lookoutvision").list_projects()["Projects"]])
sys.exit(7)
"""
    proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY", "all_proxy"), NOWHERE)
    done = execute("--demo", "--auth", "verify", *python(code), **proxies)
    assert done.stdout.splitlines() == ["['demo-group', 'made']", "['demo-project']"]
    assert done.returncode == 7


def test_exec_takes_the_options_of_serve_and_leaves_the_rest_to_the_command(
    tmp_path: Path,
) -> None:
    file = tmp_path / "endpoints.json"
    port = str(free_ports(1 + len(PROVIDERS)))
    options = ["--port", port, "--port-per-provider", "--endpoints-file", str(file)]
    options += ["--control-token", "t0"]
    script = 'cat "$0"; echo "$@"; printenv DATASET_EMULATOR_PAI_URL DATASET_EMULATOR_CONTROL_TOKEN; cat -'
    command = ["sh", "-c", script, str(file), "--", "-x", "--port", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "emulator", "exec", *options, *command],
        input="from standard input",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    endpoints, _, rest = done.stdout.partition("}\n}\n")
    urls = json.loads(f"{endpoints}}}}}")["providers"]
    assert rest == f"-- -x --port 1\n{urls['pai']}\nt0\nfrom standard input"
    assert len({url.rpartition(":")[2] for url in urls.values()}) == len(PROVIDERS)


def test_exec_says_as_a_shell_does_that_there_is_no_such_command() -> None:
    done = execute("does-not-exist")
    assert (done.returncode, done.stdout) == (127, "")
    assert done.stderr == "dataset-emulator: does-not-exist: No such file or directory\n"


@pytest.mark.parametrize(
    ("command", "code", "complaint"),
    [
        (
            ["/does/not/exist"],
            127,
            "dataset-emulator: /does/not/exist: No such file or directory\n",
        ),
        (["/etc/passwd"], 126, "dataset-emulator: /etc/passwd: Permission denied\n"),
        (["/"], 126, "dataset-emulator: /: Permission denied\n"),
        (["sh", "-c", "exit 3"], 3, ""),
        (["sh", "-c", "kill -9 $$"], 128 + 9, ""),
    ],
)
def test_the_end_of_a_command_is_told_as_a_shell_tells_it(
    command: list[str], code: int, complaint: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert Relay().run(command, os.environ) == code
    assert capfd.readouterr() == ("", complaint)


def test_exec_fails_as_serve_does() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = execute("--port", str(port), "echo", "never")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"dataset-emulator: cannot listen on 127.0.0.1:{port}: Address already in use\n"  # fmt: skip
    for arguments in (["--speed", "0", "true"], ["--port", "x", "true"], ["--demo"]):
        done = execute(*arguments)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_before_there_is_a_command_ends_exec(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(SystemExit) as end, Relay().listening():
        os.kill(os.getpid(), number)
    assert end.value.code == 128 + number
    assert signal.getsignal(number) is before


STUBBORN = """
import os, signal, sys, urllib.request
seen = []
def note(number, frame):
    seen.append(number)
    print("noted", number, flush=True)
    if number == signal.SIGTERM:
        urllib.request.urlopen(os.environ["DATASET_EMULATOR_CONTROL_URL"] + "/health").close()
        print("seen", seen, flush=True)
        sys.exit(5)
signal.signal(signal.SIGINT, note)
signal.signal(signal.SIGTERM, note)
print("parent", os.getppid(), flush=True)
while True:
    signal.pause()
"""


def test_exec_passes_signals_on_and_ends_when_the_command_does() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "emulator", "exec", *python(STUBBORN)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # without a terminal, from which an interrupt could have come
    )
    assert process.stdout is not None
    assert process.stdout.readline() == f"parent {process.pid}\n"
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "noted 2\n"
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=PATIENCE)[0] == "noted 15\nseen [2, 15]\n"
    assert process.returncode == 5


def test_an_interrupt_typed_at_a_terminal_reaches_the_command_once() -> None:
    spawn = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    terminal = subprocess.Popen(
        [sys.executable, "-c", spawn, sys.executable, "-m", "emulator", "exec", *python(STUBBORN)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert terminal.stdin is not None
    assert terminal.stdout is not None
    parent = int(terminal.stdout.readline().split()[1])
    terminal.stdin.write("\x03")
    terminal.stdin.flush()
    assert terminal.stdout.readline().strip().endswith("noted 2")
    os.kill(parent, signal.SIGTERM)
    lines = terminal.communicate(timeout=PATIENCE)[0].split("\n")
    assert [line.strip() for line in lines if "seen" in line] == ["seen [2, 15]"]
    assert terminal.returncode == 5


def test_the_emulator_ends_with_exec_however_that_ends() -> None:
    script = (
        "import os, sys; print(os.environ['DATASET_EMULATOR_URL'], flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "emulator", "exec", *python(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    base = process.stdout.readline().strip()
    process.kill()
    # ends when the last process that inherited it has closed standard error: the emulator
    assert process.communicate(timeout=PATIENCE) == ("", "")
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{base}/health", timeout=10)


# --- a running emulator -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def emulator() -> Iterator[Served]:
    with served("--port", "0", "--clock", "frozen", "--auth", "off") as running:
        yield running


def create(base: str, name: str) -> None:
    body = {"name": name, "encoder_name": "multimodal"}
    requests.post(f"{base}/coactive/api/v1/datasets", json=body, timeout=10).raise_for_status()


@pytest.mark.parametrize("command", [("status",), ("coverage",), ("snapshot", "save", "-")])
def test_looking_at_a_world_makes_none(
    emulator: Served, tell: Tell, command: tuple[str, ...]
) -> None:
    url = f"{emulator.base}/w/there/_emulator/reset"
    requests.post(url, json={}, timeout=10).raise_for_status()
    said = tell(*command, "--url", emulator.base, "--world", "their")
    complaint = "dataset-emulator: there is no world their. Did you mean there?\n"
    assert said == Said(1, "", complaint)
    worlds = requests.get(f"{emulator.base}/_emulator/worlds", timeout=10).json()["worlds"]
    assert "their" not in [world["name"] for world in worlds]


def test_status_tells_what_a_world_has(emulator: Served, tell: Tell) -> None:
    base = f"{emulator.base}/w/told"
    create(base, "one")
    clock = {"mode": "frozen", "now": "2030-01-01T00:00:00Z", "speed": 2}
    requests.put(f"{base}/_emulator/clock", json=clock, timeout=10).raise_for_status()
    found = json.loads(tell("status", "--json", "--url", emulator.base, "--world", "told").out)
    health = requests.get(f"{base}/_emulator/health", timeout=10).json()
    assert "told" in found["worlds"]
    assert found == {
        "url": base,
        **health,
        "clock": requests.get(f"{base}/_emulator/clock", timeout=10).json(),
        "worlds": found["worlds"],
        "resources": 1,
        "requests": 1,
    }
    assert tell("status", "--url", base).out.splitlines() == [
        f"url        {base}",
        "status     ok",
        f"version    {health['version']}",
        f"providers  {', '.join(PROVIDERS)}",
        f"clock      {found['clock']['now']}, frozen, speed 2",
        f"worlds     {', '.join(found['worlds'])}",
        "resources  1",
        "requests   1",
    ]


def test_reset_empties_one_world_or_one_provider_of_it(emulator: Served, tell: Tell) -> None:
    url, left = f"{emulator.base}/w/emptied", f"{emulator.base}/w/left"
    for base in (url, left):
        create(base, "one")

    def names(base: str) -> list[str]:
        found = requests.get(f"{base}/_emulator/resources", timeout=10).json()["resources"]
        return [each["name"] for each in found]

    assert tell("reset", "--url", url, "--provider", "pai") == Said(0, "reset: pai\n", "")
    assert names(url) == ["one"]
    said = tell("reset", "--url", emulator.base, "--world", "emptied")
    assert said == Said(0, f"reset: {', '.join(PROVIDERS)}\n", "")
    assert (names(url), names(left)) == ([], ["one"])


def test_a_snapshot_takes_a_world_into_another(
    emulator: Served, tell: Tell, tmp_path: Path
) -> None:
    create(f"{emulator.base}/w/original", "kept")
    file = str(tmp_path / "state.json")
    assert tell("snapshot", "save", file, "--url", f"{emulator.base}/w/original").code == 0
    for command in (["snapshot", "load"], ["seed"]):
        world = f"{emulator.base}/w/{command[0]}"
        assert tell(*command, file, "--url", world) == Said(0, "", "")
        assert tell("snapshot", "save", "-", "--url", world).out == Path(file).read_text()


def test_the_refusal_of_the_emulator_is_exit_code_1_and_its_message(
    emulator: Served, tell: Tell
) -> None:
    said = tell("reset", "--url", emulator.base, "--provider", "nope")
    assert said == Said(1, "", "dataset-emulator: There is no provider nope.\n")


def test_wait_ends_at_once_where_an_emulator_is_ready(emulator: Served, tell: Tell) -> None:
    assert tell("wait", "--url", emulator.base) == Said(0, "", "")


@pytest.mark.parametrize("command", ASKING, ids=" ".join)
def test_no_emulator_is_exit_code_1_and_one_line(tell: Tell, command: list[str]) -> None:
    said = tell(*command, "--url", NOWHERE)
    reason = f"no response from {NOWHERE}: Connection refused\n"
    late = "not ready after 0.1 seconds: " if "wait" in command else ""
    assert said == Said(1, "", f"dataset-emulator: {late}{reason}")


# --- what is sent -------------------------------------------------------------------------------


@dataclass
class Stub:
    """A server that answers what it is told to, and notes what it is asked."""

    url: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    asked: list[tuple[str, str, str | None, bytes]] = field(default_factory=list)


@pytest.fixture
def stub() -> Iterator[Stub]:
    noted = Stub()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            token = self.headers.get("Authorization")
            noted.asked.append((self.command, self.path, token, body))
            status, answer = noted.answers.pop(0)
            self.send_response(status)
            self.send_header("Location", NOWHERE)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_PUT = do_POST = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    noted.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield noted
    server.shutdown()
    thread.join()
    server.server_close()


STATE = '{"version": 1, "é": [ ]}'.encode()


def test_a_snapshot_is_saved_byte_by_byte_and_loaded_as_it_is(
    stub: Stub, tell: Tell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATASET_EMULATOR_URL", stub.url)
    monkeypatch.setenv("DATASET_EMULATOR_CONTROL_TOKEN", "secret")
    file = tmp_path / "state.json"
    stub.answers = [(200, STATE), (200, STATE), (200, b"{}"), (204, b"")]
    assert tell("snapshot", "save", str(file)) == Said(0, "", "")
    assert [each.name for each in tmp_path.iterdir()] == ["state.json"]
    assert file.read_bytes() == STATE
    assert tell("snapshot", "save", "-").out == STATE.decode()
    assert tell("snapshot", "load", str(file), "--world", "w") == Said(0, "", "")
    assert tell("seed", str(file), "--control-token", "other") == Said(0, "", "")
    assert stub.asked == [
        ("GET", "/_emulator/state", "Bearer secret", b""),
        ("GET", "/_emulator/state", "Bearer secret", b""),
        ("PUT", "/w/w/_emulator/state", "Bearer secret", STATE),
        ("PUT", "/_emulator/state", "Bearer other", STATE),
    ]


def test_no_proxy_is_asked_and_no_token_sent_that_was_not_given(
    stub: Stub, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, NOWHERE)
    stub.answers = [(200, b"{}")]
    assert tell("wait", "--url", stub.url).code == 0
    assert stub.asked == [("GET", "/_emulator/ready", None, b"")]


def test_wait_asks_until_the_emulator_is_ready(stub: Stub, tell: Tell) -> None:
    stub.answers = [(503, b"{}"), (404, b"no emulator yet"), (200, b"yes"), (200, b"{}")]
    assert tell("wait", "--url", stub.url) == Said(0, "", "")
    assert len(stub.asked) == 4


def test_coverage_is_a_table_and_names_what_is_missing(stub: Stub, tell: Tell) -> None:
    one, none, all_of_two = ({"exercised": n, "total": of} for n, of in ((1, 12), (0, 0), (2, 2)))
    document = {
        "providers": {
            "pai": {
                "operations": {"A": {"calls": 3, "statuses": {"200": 3}}, "B": {"calls": 0}},
                "errors": {"exercised": ["Malformed"], "missing": ["InternalError", "NotFound"]},
                "states": {
                    "job": {"exercised": [], "missing": ["Running"]},
                    "dataset": {"missing": []},
                },
                "totals": {"operations": one, "errors": all_of_two, "states": none},
            }
        },
        "totals": {"operations": one, "errors": all_of_two, "states": none},
    }
    stub.answers = [(200, json.dumps(document).encode())] * 3
    lines = [
        "       operations  errors  states",
        "pai    1 of 12     2 of 2  0 of 0",
        "total  1 of 12     2 of 2  0 of 0",
    ]
    assert tell("coverage", "--url", stub.url).out.splitlines() == lines
    assert tell("coverage", "--url", stub.url, "--missing").out.splitlines() == [
        *lines,
        "",
        "pai, not exercised:",
        "  operations: B",
        "  errors: InternalError, NotFound",
        "  states of job: Running",
    ]
    assert json.loads(tell("coverage", "--url", stub.url, "--json").out) == document


@pytest.mark.parametrize(
    ("status", "body", "complaint"),
    [
        (400, b'{"error": "Invalid", "message": "It is of\\n a newer version."}', "It is of a newer version."),
        (403, b"nothing we know", "GET /_emulator/health: 403"),
        (302, b"{}", "GET /_emulator/health: 302"),
        (200, b"<html>", "{url} is not a dataset emulator"),
        (200, b"[]", "{url} is not a dataset emulator"),
        (200, b"{}", "{url} is not a dataset emulator"),
    ],
)  # fmt: skip
def test_an_odd_answer_is_exit_code_1_and_one_line(
    stub: Stub, tell: Tell, status: int, body: bytes, complaint: str
) -> None:
    stub.answers = [(status, body)]
    said = tell("status", "--url", stub.url)
    assert said == Said(1, "", f"dataset-emulator: {complaint.format(url=stub.url)}\n")


def test_a_snapshot_that_fails_leaves_the_file_as_it_was(
    stub: Stub, tell: Tell, tmp_path: Path
) -> None:
    file = tmp_path / "state.json"
    file.write_text("before")
    stub.answers = [(500, b"")]
    said = tell("snapshot", "save", str(file), "--url", stub.url)
    assert said == Said(1, "", "dataset-emulator: GET /_emulator/state: 500\n")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("state.json", "before")]  # fmt: skip
    stub.answers = [(200, STATE)]
    nowhere = tmp_path / "no" / "folder"
    said = tell("snapshot", "save", str(nowhere), "--url", stub.url)
    assert said == Said(4, "", f"dataset-emulator: cannot write {nowhere}: No such file or directory\n")  # fmt: skip


@pytest.mark.parametrize("command", [["seed"], ["snapshot", "load"]], ids=" ".join)
def test_a_file_that_is_no_json_is_exit_code_4_and_not_sent(
    tell: Tell, tmp_path: Path, command: list[str]
) -> None:
    file = tmp_path / "state.json"
    said = tell(*command, str(file), "--url", NOWHERE)
    assert said == Said(4, "", f"dataset-emulator: cannot read {file}: No such file or directory\n")
    for text in (b"{", b"\xff", b"[" * 100_000):
        file.write_bytes(text)
        said = tell(*command, str(file), "--url", NOWHERE)
        assert (said.code, said.out, said.err.count("\n")) == (4, "", 1)
        assert said.err.startswith(f"dataset-emulator: {file} is not JSON: ")


@pytest.mark.parametrize("command", [["seed"], ["snapshot", "load"]], ids=" ".join)
@pytest.mark.parametrize(
    "broken",
    [
        ({"version": 2}, "Unsupported state document: version 2; this emulator reads version 1."),
        ({"version": 1, "providers": {"x": {}}}, "Invalid state document at /providers/x: there is no provider x."),
    ],
    ids=repr,
)  # fmt: skip
def test_a_state_that_cannot_be_is_exit_code_4(
    emulator: Served, tell: Tell, tmp_path: Path, command: list[str], broken: tuple[object, str]
) -> None:
    document, fault = broken
    file = tmp_path / "state.json"
    file.write_text(json.dumps(document))
    said = tell(*command, str(file), "--url", emulator.base)
    assert said == Said(4, "", f"dataset-emulator: {file}: {fault}\n")


@pytest.mark.parametrize("arguments", [("--timeout", "0"), ("--timeout", "nan"), ("--timeout", "inf"), ("--control-token", "se\ncret")], ids=repr)  # fmt: skip
def test_what_cannot_be_sent_is_refused_and_no_token_is_shown(
    tell: Tell, arguments: tuple[str, str]
) -> None:
    said = tell("status", "--url", NOWHERE, *arguments)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert "cret" not in said.err


# --- validate -----------------------------------------------------------------------------------


def lay(folder: Path, files: Mapping[str, object]) -> Path:
    for name, document in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(document if isinstance(document, str) else json.dumps(document))
    return folder


def test_sound_schemas_are_ok(tell: Tell) -> None:
    assert tell("validate") == Said(0, "ok\n", "")
    for overlay in (ROOT / "tests" / "overlays").iterdir():
        assert tell("validate", str(overlay)) == Said(0, "ok\n", "")


@pytest.mark.parametrize(
    ("name", "document", "fault"),
    [
        ("pai/errors.json", "{", "/: Expecting property name"),
        ("pai/CreateDataset.request.json", {"type": "object"}, "/x-evidence: the member is missing"),
        ("pai/lax-names/_shared.patch.json", {"$defs": {"x": {"minLength": "a"}}}, "/$defs/x/minLength: breaks "),
        ("coactive/old/errors.patch.json", {"failures": {"NotFound": {"status": "a"}}}, "/failures/NotFound/status: breaks "),
        ("pai/service.patch.json", {"operations": {"Nope": {"method": "GET", "path": "/nope", "status": 200, "errors": [], "evidence": "inferred: a test"}}}, None),
        ("pai/CreateDatset.request.json", {}, "/: no contract reads this file. Did you mean CreateDataset.request.json?"),
        ("pie/errors.json", {}, "/: no contract reads this file"),
        ("pai/lax/errors.patch.json", {}, "/: no contract reads this file"),
    ],
    ids=lambda value: value if isinstance(value, str) and ".json" in value else "",
)  # fmt: skip
def test_each_fault_of_an_overlay_is_told_on_one_line(
    tell: Tell, tmp_path: Path, name: str, document: object, fault: str | None
) -> None:
    said = tell("validate", str(lay(tmp_path, {name: document})))
    expected = [f"{tmp_path / name}: {fault}"] if fault else [f"pai/Nope.{side}.json: /: the file is missing" for side in ("request", "response")]  # fmt: skip
    assert (said.code, said.out) == (2, "")
    lines = said.err.splitlines()
    assert len(lines) == len(expected)
    for line, start in zip(lines, expected, strict=True):
        assert line.startswith(f"dataset-emulator: {start}")


def test_a_row_of_a_seed_that_does_not_fit_its_kind_is_a_fault(tell: Tell, tmp_path: Path) -> None:
    rows = [{"kind": "dataset", "id": "d-x", "body": {"name": 5}}]
    said = tell("validate", str(lay(tmp_path, {"pai/seed.patch.json": {"demo": rows}})))
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("dataset-emulator: pai/seed.json: /demo/0/body/name: breaks type")


@pytest.mark.parametrize(
    ("name", "patch", "fault"),
    [
        ("DescribeSchema.request", {"properties": {"schemaArn": {"x-format": "roman"}}}, "there is no format roman"),
        ("ListSchemas.response", {"properties": {"nextToken": {"x-format": "roman"}}}, "there is no format roman"),
        ("DescribeSchema.request", {"properties": {"schemaArn": {"x-attribute": "arn"}}}, "its verb needs a member for schema_arn"),
        ("ListSchemas.request", {"properties": {"maxResults": None}}, "its verb needs a member for most"),
        ("CreateFilter.request", {"properties": {"datasetGroupArn": {"x-attribute": "group"}}}, "its verb needs a member for dataset_group_arn"),
    ],
)  # fmt: skip
def test_a_message_that_its_operation_cannot_use_is_a_fault(
    tell: Tell, tmp_path: Path, name: str, patch: object, fault: str
) -> None:
    said = tell("validate", str(lay(tmp_path, {f"personalize/{name}.patch.json": patch})))
    assert (said.code, said.out) == (2, "")
    operation = name.partition(".")[0]
    assert said.err == f"dataset-emulator: personalize/{operation}.request.json: /: {fault}\n"


def test_every_fault_is_told_at_once(tell: Tell, tmp_path: Path) -> None:
    files = {
        "pai/errors.patch.json": {"failures": {"NotFound": {"status": 1, "texts": "x"}}},
        "pai/quotas.json": "[",
        "coactive/CreateDataset.request.patch.json": {"properties": {"name": {"minLength": -1}}},
        "control/seed.json": {"examples": {}},
        "nobody/service.json": {},
    }
    said = tell("validate", str(lay(tmp_path, files)))
    assert (said.code, said.out) == (2, "")
    starts = [line.removeprefix(f"dataset-emulator: {tmp_path}/") for line in said.err.splitlines()]
    assert sorted(start.rpartition(": ")[0] for start in starts) == [
        "coactive/CreateDataset.request.patch.json: /properties/name/minLength",
        "control/seed.json: /examples",
        "nobody/service.json: /",
        "pai/errors.patch.json: /failures/NotFound/status",
        "pai/errors.patch.json: /failures/NotFound/texts",
        "pai/quotas.json: /: Expecting value",
    ]


def test_a_folder_that_is_not_there_is_exit_code_2(tell: Tell) -> None:
    said = tell("validate", "/does/not/exist")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)


def test_without_a_command_the_help_is_shown_as_it_is(tell: Tell) -> None:
    said = tell()
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Usage: ")
