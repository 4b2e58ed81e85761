"""The vendors' own clients in worlds, on the real server and in process, with and without proof."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, nullcontext
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import requests
from alibabacloud_aiworkspace20210204 import models
from alibabacloud_aiworkspace20210204.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.utils_models import Config
from botocore.exceptions import ClientError

from emulator import Emulator, Settings
from tests.project.served import served

KEY, SECRET = "free", "free-secret"
BOUND = ("bound", "bound-secret")
PAIRS = [
    {"provider": "*", "id": KEY, "secret": SECRET},
    {"provider": "*", "id": BOUND[0], "secret": BOUND[1], "world": "theirs"},
]
AVRO = {"type": "record", "name": "Users", "namespace": "com.amazonaws.personalize.schema", "fields": [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": "int"}], "version": "1.0"}  # fmt: skip
FIELDS = {"datasetType": "item", "name": "movies", "fields": [{"name": "ITEM_ID", "type": ["string"]}, {"name": "GENRE", "type": ["string", "null"], "categorical": True}], "description": ""}  # fmt: skip
CLIP = {"name": "clips", "encoder_name": "multimodal", "description": "d"}


@pytest.fixture(scope="module", params=["served parse", "served verify", "in process parse", "in process verify"])  # fmt: skip
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The URL of an emulator, and how it checks credentials."""
    file = tmp_path_factory.mktemp("worlds") / "credentials.json"
    file.write_text(json.dumps({"credentials": PAIRS}))
    where, _, auth = request.param.rpartition(" ")
    with ExitStack() as stack:
        if where == "served":
            asked = ("--auth", auth, "--credentials", str(file), "--port", "0", "--strict")
            yield stack.enter_context(served(*asked)).base, auth
        else:
            settings = Settings(port=0, auth=auth, credentials=str(file), strict=True)
            yield stack.enter_context(Emulator(settings)).endpoints.base, auth


@pytest.fixture
def base(running: tuple[str, str]) -> str:
    """The URL of an emulator where nothing happened yet."""
    url, _ = running
    for world in requests.get(f"{url}/_emulator/worlds", timeout=10).json()["worlds"]:
        gone = requests.delete(f"{url}/_emulator/worlds/{world['name']}", json={}, timeout=10)
        gone.raise_for_status()
    return url


def amazon(service: str, url: str, key: str, secret: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
    )


def create_schema(url: str, key: str = KEY, secret: str = SECRET) -> None:
    amazon("personalize", url, key, secret).create_schema(name="n", schema=json.dumps(AVRO))


def create_project(url: str, key: str = KEY, secret: str = SECRET) -> None:
    amazon("lookoutvision", url, key, secret).create_project(ProjectName="n")


def create_pai_dataset(url: str, key: str = KEY, secret: str = SECRET) -> None:
    place = urlsplit(url)
    config = Config(
        access_key_id=key,
        access_key_secret=secret,
        region_id="cn-hangzhou",
        endpoint=f"{place.netloc}{place.path}",
        protocol="http",
    )
    params = models.CreateDatasetRequest(name="n", property="DIRECTORY", data_source_type="NAS", uri="nas://09f1.cn-hangzhou/")  # fmt: skip
    Client(config).create_dataset(params)


def create_item_schema(url: str, key: str = KEY, secret: str = SECRET, **headers: str) -> None:
    target, now = f"{urlsplit(url).path}/api/v1/schemas", str(time.time_ns() // 10**6)
    mac = hmac.new(secret.encode(), f"POST {target}\n{now}\n{key}".encode(), hashlib.sha256)
    signed = {
        "x-ncp-apigw-timestamp": now,
        "x-ncp-iam-access-key": key,
        "x-ncp-apigw-signature-v2": base64.b64encode(mac.digest()).decode(),
    }
    answer = requests.post(f"{url}/api/v1/schemas", json=FIELDS, headers={**signed, **headers}, timeout=10)  # fmt: skip
    answer.raise_for_status()


def create_clips(url: str, key: str = KEY, secret: str = SECRET, **headers: str) -> None:
    bearing = {"Authorization": f"Bearer {key}:{secret}", **headers}
    answer = requests.post(f"{url}/api/v1/datasets", json=CLIP, headers=bearing, timeout=10)
    answer.raise_for_status()


CREATIONS: Mapping[str, Callable[..., None]] = {
    "personalize": create_schema,
    "lookoutvision": create_project,
    "pai": create_pai_dataset,
    "aitems": create_item_schema,
    "coactive": create_clips,
}
REFUSALS = (ClientError, ClientException, requests.HTTPError)
EVERYWHERE = pytest.mark.parametrize("provider", CREATIONS)


def found(base: str, world: str, provider: str) -> int:
    """Count what there is in a world that nobody but a client here has made."""
    kinds = {"personalize": "schema", "lookoutvision": "project", "aitems": "schema"}
    asked = f"provider={provider}&kind={kinds.get(provider, 'dataset')}"
    answer = requests.get(f"{base}/w/{world}/_emulator/resources?{asked}", timeout=10)
    return len(answer.json()["resources"])


@EVERYWHERE
@pytest.mark.parametrize("prefix", ["", "/{}"], ids=["by its marks", "by a prefix"])
def test_a_client_lives_in_the_world_of_its_endpoint(base: str, provider: str, prefix: str) -> None:
    for world in ("a", "b"):
        CREATIONS[provider](f"{base}/w/{world}{prefix.format(provider)}")
    CREATIONS[provider](f"{base}{prefix.format(provider)}")
    assert [found(base, world, provider) for world in ("a", "b", "default", "c")] == [1, 1, 1, 0]


@EVERYWHERE
def test_the_world_is_part_of_what_is_signed(
    running: tuple[str, str], base: str, provider: str
) -> None:
    """Where signatures are looked at, a wrong one is refused, and nothing else is."""
    proved = pytest.raises(REFUSALS) if running[1] == "verify" else nullcontext()
    with proved:
        CREATIONS[provider](f"{base}/w/a/{provider}", KEY, "wrong")
    assert found(base, "a", provider) == (0 if running[1] == "verify" else 1)


@EVERYWHERE
def test_a_client_lives_in_the_world_of_its_credentials(base: str, provider: str) -> None:
    CREATIONS[provider](f"{base}/{provider}", *BOUND)
    CREATIONS[provider](f"{base}/{provider}")
    CREATIONS[provider](f"{base}/w/a/{provider}", *BOUND)
    assert [found(base, world, provider) for world in ("theirs", "default", "a")] == [1, 1, 1]


@pytest.mark.parametrize("provider", ["aitems", "coactive"])
def test_a_client_lives_in_the_world_of_its_header(base: str, provider: str) -> None:
    CREATIONS[provider](f"{base}/{provider}", **{"X-Emulator-World": "a"})
    CREATIONS[provider](f"{base}/w/b/{provider}", **{"X-Emulator-World": "a"})
    assert [found(base, world, provider) for world in ("a", "b", "default")] == [1, 1, 0]


def test_boto3_lives_in_the_world_of_a_header_that_an_event_adds(base: str) -> None:
    client = amazon("personalize", f"{base}/personalize", KEY, SECRET)

    def name(request: Any, **_: object) -> None:
        request.headers["X-Emulator-World"] = "a"

    client.meta.events.register("before-send.personalize", name)
    client.create_schema(name="n", schema=json.dumps(AVRO))
    assert [found(base, world, "personalize") for world in ("a", "default")] == [1, 0]


def test_a_bad_name_is_an_error_of_the_client(base: str) -> None:
    with pytest.raises(ClientError) as caught:
        create_schema(f"{base}/w/-a/personalize")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    answer = requests.get(f"{base}/w/-a/health", timeout=10)
    assert answer.json() == {"error": "WorldRefused", "message": "the name of a world has up to 64 letters, digits, dots, dashes and underscores, and begins with a letter or digit"}  # fmt: skip
    listed = requests.get(f"{base}/_emulator/worlds", timeout=10).json()["worlds"]
    assert listed == [{"name": "default"}]
