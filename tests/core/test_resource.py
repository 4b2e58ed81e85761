"""One resource in the control API: its members, its states with their times, its requests."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from emulator import Settings
from emulator.app import Application
from emulator.core.primitives.clock import SECOND, to_iso
from tests.contract import catalogue
from tests.core.conftest import START, ask

GROUP = "arn:aws:personalize:us-east-1:123456789012:dataset-group/g"
HEADERS = {"Content-Type": "application/x-amz-json-1.1"}


@pytest.fixture(scope="module")
def made() -> Application:
    settings = Settings(demo=True, auth="off", strict=True, clock="frozen", lifecycle="timed")
    return Application(settings, wall=lambda: START * 1000)


def control(client: Client, method: str, path: str, document: object) -> Any:
    answer = client.open(f"/_emulator/{path}", method=method, json=document)
    assert answer.status_code == 200, answer.get_data()
    return answer.get_json()


def personalize(client: Client, operation: str, **members: object) -> None:
    headers = {**HEADERS, "X-Amz-Target": f"AmazonPersonalize.{operation}"}
    answer = client.post("/personalize/", data=json.dumps(members), headers=headers)
    assert answer.status_code == 200, answer.get_data()


def group(client: Client, query: str = "") -> Any:
    return client.get(f"/_emulator/resources/personalize/dataset-group/{GROUP}{query}").get_json()


def requests(client: Client) -> list[str]:
    """The ids of everything in the journal."""
    return [each["id"] for each in client.get("/_emulator/requests").get_json()["requests"]]


def begins(shown: Any) -> list[tuple[str | None, float | None]]:
    """The states with the seconds after the start at which they begin."""
    times = {to_iso(START + tenth * SECOND // 10): tenth / 10 for tenth in range(1000)}
    return [
        (each["state"], each["begins_at"] and times[each["begins_at"]]) for each in shown["states"]
    ]


@pytest.mark.parametrize("provider", catalogue.contracts())
def test_one_resource_is_shown_as_in_a_list_with_what_is_stored_and_who_made_it(
    client: Client, provider: str
) -> None:
    assert ask(client, provider).status_code < 300
    *_, listed = client.get(f"/_emulator/resources?provider={provider}&kind=dataset").get_json()["resources"]  # fmt: skip
    path = f"/_emulator/resources/{provider}/dataset/{quote(listed['id'], safe=':/')}"
    shown = client.get(path).get_json()
    assert {name: shown[name] for name in listed} == listed
    kept = client.get("/_emulator/state").get_json()["providers"][provider]["resources"]
    [body] = [row["body"] for row in kept if (row["kind"], row["id"]) == ("dataset", listed["id"])]
    assert shown["body"] == body
    assert shown["requests"] == requests(client)
    assert listed["state"] in [each["state"] for each in shown["states"]]


def test_states_past_and_to_come_have_the_times_at_which_they_begin(client: Client) -> None:
    personalize(client, "CreateDatasetGroup", name="g")
    states = [("CREATE PENDING", 0), ("CREATE IN_PROGRESS", 0.5), ("ACTIVE", 1.5)]
    assert begins(group(client)) == states
    control(client, "POST", "clock/advance", {"seconds": 9})
    assert begins(group(client)) == states
    assert group(client)["state"] == "ACTIVE"
    personalize(client, "DeleteDatasetGroup", datasetGroupArn=GROUP)
    deleted = group(client)
    assert begins(deleted)[-1][0] is None
    assert deleted["states"][-1]["phase"] == "gone"
    assert begins(deleted)[0] == ("DELETE PENDING", 9)


def test_a_state_that_was_held_began_when_it_did_and_not_when_delays_would_have_it(
    client: Client,
) -> None:
    control(client, "POST", "faults", {"effect": {"hold_seconds": 30}})
    control(client, "POST", "clock/advance", {"seconds": 1})
    personalize(client, "CreateDatasetGroup", name="g")
    states = [("CREATE PENDING", 1), ("CREATE IN_PROGRESS", 31), ("ACTIVE", 32)]
    assert begins(group(client)) == states
    document = control(client, "GET", "state", None)
    control(client, "PUT", "state", document)
    assert begins(group(client)) == states


def test_a_state_that_was_set_began_then_and_those_before_it_did_not(client: Client) -> None:
    personalize(client, "CreateDatasetGroup", name="g")
    control(client, "POST", "clock/advance", {"seconds": 5})
    path = f"resources/personalize/dataset-group/{GROUP}/state"
    control(client, "PUT", path, {"state": "CREATE IN_PROGRESS", "seconds": 20})
    assert begins(group(client)) == [("CREATE IN_PROGRESS", 5), ("ACTIVE", 25)]
    control(client, "PUT", "lifecycles", {"default": "manual"})
    personalize(client, "CreateDatasetGroup", name="h")
    shown = client.get(f"/_emulator/resources/personalize/dataset-group/{GROUP[:-1]}h").get_json()
    assert begins(shown) == [("CREATE PENDING", 5), ("CREATE IN_PROGRESS", None), ("ACTIVE", None)]


def test_a_document_that_does_not_say_when_a_state_began_means_when_its_delays_say(
    client: Client,
) -> None:
    personalize(client, "CreateDatasetGroup", name="g")
    document = control(client, "GET", "state", None)
    [row] = [row for row in document["providers"]["personalize"]["resources"] if row["id"] == GROUP]
    row |= {"min_state": 1, "delay_scale": 2}
    del row["began_at"], row["settles_at"]
    control(client, "PUT", "state", document)
    assert begins(group(client)) == [("CREATE IN_PROGRESS", 1), ("ACTIVE", 3)]


def test_requests_name_it_in_path_query_body_or_response_and_nothing_less(client: Client) -> None:
    projects = "/lookoutvision/2020-11-20/projects"
    for name in ("p", "pp"):
        assert client.post(projects, json={"ProjectName": name}).status_code == 200
    client.get(f"{projects}/p")
    client.get(f"{projects}?nextToken=p")
    client.get(projects)
    client.post(f"{projects}/p/datasets", json={"DatasetType": "train"})
    client.get(f"{projects}/pp/datasets/train")
    client.get("/pai/api/v1/datasets/p")
    named = client.get("/_emulator/resources/lookoutvision/project/p").get_json()["requests"]
    everything = requests(client)
    assert named == [everything[place] for place in (0, 2, 3, 4, 5)]
    datasets = client.get("/_emulator/resources?kind=dataset").get_json()["resources"]
    path = f"/_emulator/resources/lookoutvision/dataset/{datasets[0]['id']}"
    assert client.get(path).get_json()["requests"] == [everything[5]]
    control(client, "DELETE", "requests", {})
    assert client.get(path).get_json()["requests"] == []


def test_of_several_with_one_id_account_and_region_choose(client: Client) -> None:
    for region in ("us-east-1", "eu-west-1"):
        host = {"Host": f"lookoutvision.{region}.amazonaws.com"}
        assert client.post("/2020-11-20/projects", headers=host, json={"ProjectName": "p"}).status_code == 200  # fmt: skip
    path = "/_emulator/resources/lookoutvision/project/p"
    answer = client.get(path)
    assert (answer.status_code, answer.get_json()["error"]) == (409, "Ambiguous")
    assert "123456789012/eu-west-1, 123456789012/us-east-1" in answer.get_json()["message"]
    assert client.get(f"{path}?account=123456789012").status_code == 409
    chosen = client.get(f"{path}?region=eu-west-1").get_json()
    assert chosen["scope"] == {"account": "123456789012", "region": "eu-west-1"}
    assert client.get(f"{path}?account=1&region=eu-west-1").status_code == 404


@pytest.mark.parametrize(
    "path", ["x/dataset/y", "pai/dataset/y", "pai/idempotency-token/y", "s3/object/b/k"]
)
def test_what_is_not_there_is_not_found(client: Client, path: str) -> None:
    control(client, "PUT", "objects", {"bucket": "b", "key": "k", "text": "t"})
    answer = client.get(f"/_emulator/resources/{path}")
    assert (answer.status_code, answer.get_json()["error"]) == (404, "NotFound")


def test_any_id_is_found_whatever_is_in_it(client: Client) -> None:
    name = 'a/b\\c\u00e9"d'
    kept = {"kind": "project", "id": name, "body": {"project_arn": "a"}}
    document = {"version": 1, "providers": {"lookoutvision": {"resources": [kept]}}}
    control(client, "PUT", "state", document)
    shown = client.get(f"/_emulator/resources/lookoutvision/project/{quote(name, safe='/')}")
    assert shown.get_json()["id"] == name
