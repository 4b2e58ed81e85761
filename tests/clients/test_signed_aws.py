"""Clients of AWS where their signatures are verified: by the server, and by an emulator in process."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from emulator import Emulator, Settings
from tests.programs import missing
from tests.project.served import served

LATEST = Path(__file__).parents[2] / ".venv-boto3-latest" / "bin" / "python"
SECONDS = 60
KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SESSION, TOKEN = "ASIAEXAMPLE", "IQoJ/session+token=="
PAIRS = [{"id": KEY, "secret": SECRET}, {"id": SESSION, "secret": SECRET, "token": TOKEN}]
ARN = "arn:aws:lookoutvision:us-east-1:123456789012:project/parts"
STATUS = {"personalize": 400, "lookoutvision": 403}
WRONG, UNKNOWN = "InvalidSignatureException", "UnrecognizedClientException"
MISMATCH = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."  # fmt: skip
NO_SUCH_KEY = "The security token included in the request is invalid."
NO_SUCH_TOKEN = "The security token included in the request is invalid"

Connect = Callable[..., Any]
BOTH = pytest.mark.parametrize("service", ["personalize", "lookoutvision"])


@pytest.fixture(scope="module")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("aws") / "credentials.json"
    owners = ["personalize", "lookoutvision"]
    file.write_text(json.dumps({"credentials": [{"provider": owners, **pair} for pair in PAIRS]}))
    return str(file)


@pytest.fixture(scope="module", params=["served", "in process"])
def running(request: pytest.FixtureRequest, credentials: str) -> Iterator[str]:
    """The URL of an emulator that verifies."""
    if request.param == "served":
        asked = ("--auth", "verify", "--credentials", credentials, "--port", "0", "--strict")
        with served(*asked) as server:
            yield server.base
    else:
        settings = Settings(port=0, auth="verify", credentials=credentials, strict=True)
        with Emulator(settings) as emulator:
            yield emulator.endpoints.base


@pytest.fixture
def base(running: str) -> str:
    """The URL of an emulator that verifies, where nothing happened yet."""
    command(running, "reset", {})
    return running


def command(base: str, path: str, document: object) -> None:
    requests.post(f"{base}/_emulator/{path}", json=document, timeout=10).raise_for_status()


@pytest.fixture
def connect(base: str) -> Iterator[Connect]:
    """Make clients of boto3, which are closed after the test."""
    with ExitStack() as made:
        yield lambda service, **who: made.enter_context(closing(client_of(base, service, **who)))


def client_of(
    base: str,
    service: str,
    *,
    key: str = KEY,
    secret: str = SECRET,
    token: str | None = None,
    prefix: bool = True,
) -> Any:
    return boto3.client(
        service,
        endpoint_url=f"{base}/{service}" if prefix else base,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(proxies={}),
    )


def refused(call: Callable[[], object]) -> tuple[type, dict[str, str], int, int]:
    """Give class, code and message, status, and attempts of what a call of boto3 raises."""
    with pytest.raises(ClientError) as caught:
        call()
    metadata = caught.value.response["ResponseMetadata"]
    attempts = metadata["RetryAttempts"] + 1
    return type(caught.value), caught.value.response["Error"], metadata["HTTPStatusCode"], attempts


def refusal(service: str, code: str, message: str) -> tuple[type, dict[str, str], int, int]:
    """What boto3 makes of a refusal: no class of its own, for the model has none, and no retry."""
    return ClientError, {"Code": code, "Message": message}, STATUS[service], 1


def lists(client: Any) -> Callable[[], Any]:
    """The operation of a client that lists what there is."""
    listing: Callable[[], Any] = getattr(
        client, "list_projects" if hasattr(client, "list_projects") else "list_schemas"
    )
    return listing


@pytest.mark.parametrize("prefix", [True, False], ids=["prefixed", "bare"])
def test_boto3_is_let_in_with_an_arn_in_the_path(connect: Connect, prefix: bool) -> None:
    vision = connect("lookoutvision", prefix=prefix)
    vision.create_project(ProjectName="parts")
    tags = [{"Key": "a b/c=+", "Value": "Größe: 1"}, {"Key": "x", "Value": ""}]
    vision.tag_resource(ResourceArn=ARN, Tags=tags)
    assert vision.list_tags_for_resource(ResourceArn=ARN)["Tags"] == tags
    vision.untag_resource(ResourceArn=ARN, TagKeys=["x", "a b/c=+"])
    assert vision.list_tags_for_resource(ResourceArn=ARN)["Tags"] == []
    assert [one["ProjectArn"] for one in vision.list_projects(MaxResults=5)["Projects"]] == [ARN]
    vision.delete_project(ProjectName="parts")


@pytest.mark.parametrize("prefix", [True, False], ids=["prefixed", "bare"])
def test_boto3_is_let_in_with_an_arn_in_the_body(connect: Connect, prefix: bool) -> None:
    personalize = connect("personalize", prefix=prefix)
    group = personalize.create_dataset_group(name="g", tags=[{"tagKey": "Größe", "tagValue": "1"}])[
        "datasetGroupArn"
    ]
    assert group == "arn:aws:personalize:us-east-1:123456789012:dataset-group/g"
    described = personalize.describe_dataset_group(datasetGroupArn=group)["datasetGroup"]
    assert described["name"] == "g"
    tags = personalize.list_tags_for_resource(resourceArn=group)["tags"]
    assert tags == [{"tagKey": "Größe", "tagValue": "1"}]


@BOTH
def test_boto3_is_let_in_with_session_credentials(connect: Connect, service: str) -> None:
    answer = lists(connect(service, key=SESSION, token=TOKEN))()
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


@BOTH
@pytest.mark.parametrize(
    ("who", "code", "message"),
    [
        ({"secret": "another"}, WRONG, MISMATCH),
        ({"key": "emulator", "secret": "emulator"}, UNKNOWN, NO_SUCH_KEY),
        ({"key": SESSION}, UNKNOWN, NO_SUCH_KEY),
        ({"key": SESSION, "token": "another"}, UNKNOWN, NO_SUCH_TOKEN),
        ({"token": TOKEN}, UNKNOWN, NO_SUCH_TOKEN),
    ],
    ids=["secret", "key", "no token", "token", "a token too many"],
)
def test_boto3_is_told_what_is_wrong(
    connect: Connect, service: str, who: dict[str, str], code: str, message: str
) -> None:
    assert refused(lists(connect(service, **who))) == refusal(service, code, message)


@BOTH
def test_boto3_is_told_that_its_clock_is_wrong(base: str, connect: Connect, service: str) -> None:
    command(base, "clock/advance", {"seconds": 3600})
    kind, error, status, attempts = refused(lists(connect(service)))
    assert (kind, error["Code"], status, attempts) == (ClientError, WRONG, STATUS[service], 1)
    assert error["Message"].startswith("Signature expired: ")
    assert error["Message"].endswith("Z - 15 min.)")


def test_the_log_of_the_server_says_why_somebody_was_refused() -> None:
    pairs = [("emulator", "emulator"), ("AKIAIOSFODNN7EXAMPLE", SECRET)]
    with served("--auth", "verify", "--port", "0", "--quiet") as server:
        known, real = (client_of(server.base, "lookoutvision", key=k, secret=s) for k, s in pairs)
        with closing(known), closing(real):
            assert known.list_projects()["Projects"] == []
            assert refused(real.list_projects) == refusal("lookoutvision", UNKNOWN, NO_SUCH_KEY)
        assert server.stop() == 0
        assert server.process.stderr is not None
        lines = server.process.stderr.read().splitlines()
        assert [line.partition(" ")[2] for line in lines] == [
            (
                "WARNING: lookoutvision: received credentials that look real; made-up ones are"
                " enough here, and these are not stored"
            ),
            (
                "WARNING: lookoutvision ListProjects rejected: the access key is unknown"
                " (--auth verify requires credentials, --auth off does not)"
            ),
        ]


@pytest.mark.parametrize("prefix", [True, False], ids=["prefixed", "bare"])
@pytest.mark.parametrize("who", [{}, {"key": SESSION, "token": TOKEN}], ids=["key", "session"])
def test_a_presigned_url_is_fetched_until_it_expires(
    base: str, connect: Connect, prefix: bool, who: dict[str, str]
) -> None:
    vision = connect("lookoutvision", prefix=prefix, **who)
    vision.create_project(ProjectName="parts")
    url = vision.generate_presigned_url(
        "list_tags_for_resource", Params={"ResourceArn": ARN}, ExpiresIn=1800
    )
    found = requests.get(url, timeout=10)
    assert (found.status_code, found.json()) == (200, {"Tags": []})
    meddled = requests.get(url.replace("parts", "party"), timeout=10)
    assert (meddled.status_code, meddled.json()) == (403, {"message": MISMATCH})
    command(base, "clock/advance", {"seconds": 1802})
    expired = requests.get(url, timeout=10)
    assert expired.status_code == 403
    assert expired.headers["x-amzn-ErrorType"] == WRONG
    assert expired.json()["message"].startswith("Signature expired: ")


def test_a_header_that_is_sent_twice_is_signed_with_both_values(base: str) -> None:
    place = urlsplit(base)
    request = AWSRequest(method="GET", url=f"{base}/2020-11-20/projects")
    for value in ("a   b", "c"):
        request.headers.add_header("X-Amz-Meta", value)
    SigV4Auth(Credentials(KEY, SECRET), "lookoutvision", "us-east-1").add_auth(request)
    with closing(http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)) as sent:
        sent.putrequest("GET", place.path + "/2020-11-20/projects")
        for name, value in request.headers.items():
            sent.putheader(name, value)
        sent.endheaders()
        answer = sent.getresponse()
        assert (answer.status, answer.read()) == (200, b'{"Projects":[]}')


def run(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return subprocess.run(
        words,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env={**os.environ, **nowhere, **environment},
    )


@pytest.mark.parametrize(
    ("service", "words", "operation"),
    [
        ("personalize", ("list-schemas",), "ListSchemas"),
        ("lookoutvision", ("list-tags-for-resource", "--resource-arn", ARN), "ListTagsForResource"),
    ],
)
def test_the_aws_command_line_is_let_in_with_its_secret_only(
    base: str, connect: Connect, service: str, words: tuple[str, ...], operation: str
) -> None:
    connect("lookoutvision").create_project(ProjectName="parts")
    said: dict[str, Any] = {"personalize": {"schemas": []}, "lookoutvision": {"Tags": []}}

    def aws(secret: str) -> subprocess.CompletedProcess[str]:
        return run(
            sys.executable,
            *("-m", "awscli", service, *words, "--output", "json"),
            AWS_ACCESS_KEY_ID=KEY,
            AWS_SECRET_ACCESS_KEY=secret,
            AWS_DEFAULT_REGION="us-east-1",
            AWS_ENDPOINT_URL=f"{base}/{service}",
        )

    with ThreadPoolExecutor() as pool:
        right, wrong = pool.map(aws, [SECRET, "another"])
    assert right.returncode == 0, right.stderr
    assert json.loads(right.stdout) == said[service]
    assert (wrong.returncode, wrong.stdout) == (255, "")
    assert wrong.stderr.strip() == (
        f"An error occurred ({WRONG}) when calling the {operation} operation: {MISMATCH}"
    )


FLOW = """
import json, sys
import boto3
from botocore.exceptions import ClientError

url, key, *secrets = sys.argv[1:]
for secret in secrets:
    client = boto3.client(
        "personalize", endpoint_url=url, region_name="us-east-1",
        aws_access_key_id=key, aws_secret_access_key=secret,
    )
    try:
        print(json.dumps(client.create_dataset_group(name="latest")["datasetGroupArn"]))
    except ClientError as error:
        metadata = error.response["ResponseMetadata"]
        print(json.dumps([error.response["Error"], metadata["HTTPStatusCode"]]))
"""


def test_the_newest_boto3_is_let_in_with_its_secret_only(base: str) -> None:
    if not LATEST.exists():
        missing(f"{LATEST} (make clients)")
    done = run(LATEST, "-c", FLOW, f"{base}/personalize", KEY, "another", SECRET)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        [{"Code": WRONG, "Message": MISMATCH}, 400],
        "arn:aws:personalize:us-east-1:123456789012:dataset-group/latest",
    ]


@pytest.fixture(scope="session")
def curl() -> str:
    """The path of a curl that signs as AWS does."""
    found = shutil.which("curl")
    if found is None or "--aws-sigv4" not in run(found, "--help", "all").stdout:
        missing("curl with --aws-sigv4")
    return found


@pytest.mark.parametrize("place", ["/lookoutvision", ""], ids=["prefixed", "bare"])
def test_curl_is_let_in_with_its_secret_only(base: str, curl: str, place: str) -> None:
    def get(secret: str) -> tuple[str, str]:
        url = f"{base}{place}/2020-11-20/projects?maxResults=5"
        signed = ("--aws-sigv4", "aws:amz:us-east-1:lookoutvision", "--user", f"{KEY}:{secret}")
        done = run(curl, "-sS", "-w", "\\n%{http_code}", *signed, url, NO_PROXY="*")
        assert done.returncode == 0, done.stderr
        body, _, status = done.stdout.rpartition("\n")
        return body, status

    assert get(SECRET) == ('{"Projects":[]}', "200")
    assert get("another") == (f'{{"message":"{MISMATCH}"}}', "403")


def test_curl_signs_a_body(base: str, curl: str) -> None:
    headers = ("Content-Type: application/x-amz-json-1.1", "X-Amz-Target: AmazonPersonalize.ListSchemas")  # fmt: skip

    def post(secret: str) -> str:
        signed = ("--aws-sigv4", "aws:amz:us-east-1:personalize", "--user", f"{KEY}:{secret}")
        more = [word for header in headers for word in ("-H", header)]
        done = run(curl, "-sS", *signed, *more, "-d", "{}", f"{base}/personalize", NO_PROXY="*")
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert post(SECRET) == '{"schemas":[]}'
    assert post("another") == f'{{"__type":"{WRONG}","message":"{MISMATCH}"}}'
