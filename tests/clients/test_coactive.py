"""Coactive's later generation through plain `requests`: the vendor's client speaks the earlier one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import requests

from emulator.core.worlds.redaction import REDACTED
from emulator.testing import World

TOKEN = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"
NOW = "2026-05-29T19:00:16.311121Z"
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
PARAMS = {
    "name": "march_2025_sports_clips",
    "encoder_name": "multimodal",
    "description": "Clips from March Madness",
    "metadata_fields_to_index": ["title", "description"],
    "keyframe_sampling_method": "uniform",
    "keyframe_uniform_fps_sampling_rate": 1,
}
UNREAD = {"Server", "Date", "Content-Length", "Connection"}
"""Headers that belong to the server and the connection."""


class Client:
    """A client as people write it: the vendor's host is replaced by the emulator's."""

    def __init__(self, url: str, session: requests.Session) -> None:
        self.encoders = f"{url}/api/v1/encoders"
        self.datasets = f"{url}/api/v1/datasets"
        self.session = session

    def create(self, members: Mapping[str, Any]) -> requests.Response:
        return self.session.post(self.datasets, json=members)

    def get(self, dataset_id: str, **query: Any) -> requests.Response:
        return self.session.get(f"{self.datasets}/{dataset_id}", params=query)

    def list(self, **query: Any) -> requests.Response:
        return self.session.get(self.datasets, params=query)

    def update(self, dataset_id: str, **members: Any) -> requests.Response:
        return self.session.patch(f"{self.datasets}/{dataset_id}", json=members)

    def delete(self, dataset_id: str) -> requests.Response:
        return self.session.delete(f"{self.datasets}/{dataset_id}")

    def config(self, dataset_id: str) -> requests.Response:
        return self.session.get(f"{self.datasets}/{dataset_id}/config")


def the_prefix(world: World) -> str:
    return world.url("coactive")


def the_bare_port(world: World) -> str:
    return world.base


@pytest.fixture(params=[the_prefix, the_bare_port])
def client(request: pytest.FixtureRequest, dataset_world: World) -> Iterator[Client]:
    """A client on each way in, with the clock of its world standing still."""
    dataset_world.clock.freeze(NOW)
    reach: Callable[[World], str] = request.param
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {TOKEN}"
        yield Client(reach(dataset_world), session)


def shown(dataset_id: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The whole dataset made of `WISH` or of its two required members, in the documented order."""
    encoder = {
        "id": "6b187760-4a2a-4033-86dd-e4c4cee876ce",
        "name": params["encoder_name"],
        "modality": "image",
        "modalities": ["image", "video"],
    }
    rate = params.get("keyframe_uniform_fps_sampling_rate")
    return {
        "created_dt": NOW,
        "created_by": "user123",
        "id": dataset_id,
        "name": params["name"],
        "embeddings": [encoder],
        "encoders": [encoder],
        "description": params.get("description"),
        "allowed_asset_types": ["image", "video"],
        "status": "active",
        "keyframe_sampling_method": params.get("keyframe_sampling_method", "intelligent"),
        "store_original": True,
        "store_preview": True,
        "updated_dt": None,
        "updated_by": None,
        "deleted_dt": None,
        "deleted_by": None,
        "keyframe_uniform_fps_sampling_rate": None if rate is None else float(rate),
        "metadata_fields_to_index": params.get("metadata_fields_to_index"),
        "metadata_fields_to_embed": None,
        "dataset_config": None,
    }


def page(*datasets: Mapping[str, Any], total: int | None = None, **meta: int) -> dict[str, Any]:
    """The whole list of these datasets, by default on one page."""
    total = len(datasets) if total is None else total
    usual = {"current_page": 1, "last_page": -(-total // 100), "limit": 100, "offset": 0}
    return {"meta": {"page": {**usual, **meta, "total": total}}, "data": list(datasets)}


def assert_answers(answer: requests.Response, status: int, wanted: object) -> None:
    """Compare status, headers, and the body as it was written, in the order of its members."""
    assert answer.status_code == status, answer.text
    headers = {name: value for name, value in answer.headers.items() if name not in UNREAD}
    assert headers == {"Content-Type": "application/json"}
    assert answer.text == json.dumps(wanted, separators=(",", ":"))


def test_a_dataset_is_created_and_shown(client: Client) -> None:
    created = client.create(PARAMS)
    dataset_id = created.json()["id"]
    assert re.fullmatch(UUID, dataset_id)
    assert_answers(created, 200, shown(dataset_id, PARAMS))
    assert_answers(client.get(dataset_id), 200, shown(dataset_id, PARAMS))


def test_a_name_is_taken_once(client: Client) -> None:
    params = {"name": "clips_1", "encoder_name": "multimodal"}
    dataset_id = client.create(params).json()["id"]
    conflict = {"detail": "A dataset with this name or id already exists"}
    assert_answers(client.create({**params, "description": "another"}), 409, conflict)
    assert_answers(client.get(dataset_id), 200, shown(dataset_id, params))


def test_a_client_id_is_the_creator(client: Client) -> None:
    client.session.headers["Authorization"] = "Bearer client-7:secret"
    params = {"name": "clips_1", "encoder_name": "multimodal"}
    created = client.create(params)
    wanted = {**shown(created.json()["id"], params), "created_by": "client-7"}
    assert_answers(created, 200, wanted)


def test_every_breach_has_an_item(client: Client) -> None:
    params = {"name": "a-b", "keyframe_uniform_fps_sampling_rate": 9, "store_original": "x"}
    pattern = "^[a-zA-Z0-9_]+$"
    items = [
        {
            "type": "string_pattern_mismatch",
            "loc": ["body", "name"],
            "msg": f"String should match pattern '{pattern}'",
            "input": "a-b",
            "ctx": {"pattern": pattern},
        },
        {
            "type": "missing",
            "loc": ["body", "encoder_name"],
            "msg": "Field required",
            "input": params,
        },
        {
            "type": "less_than_equal",
            "loc": ["body", "keyframe_uniform_fps_sampling_rate"],
            "msg": "Input should be less than or equal to 5",
            "input": 9,
            "ctx": {"le": 5.0},
        },
        {
            "type": "bool_parsing",
            "loc": ["body", "store_original"],
            "msg": "Input should be a valid boolean, unable to interpret input",
            "input": "x",
        },
    ]
    assert_answers(client.create(params), 422, {"detail": items})


def test_malformed_json_is_named_with_its_offset(client: Client) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.session.post(client.datasets, data=b'{"name": ', headers=headers)
    item = {
        "type": "json_invalid",
        "loc": ["body", 9],
        "msg": "JSON decode error",
        "input": {},
        "ctx": {"error": "Expecting value"},
    }
    assert_answers(answer, 422, {"detail": [item]})


def test_an_unknown_dataset_is_not_found(client: Client) -> None:
    answer = client.get("f47ac10b-58cc-4372-a567-0e02b2c3d479")
    assert_answers(answer, 404, {"detail": "Dataset not found"})


def test_an_id_that_is_no_uuid_is_refused(client: Client) -> None:
    reason = "invalid length: expected length 32 for simple format, found 3"
    item = {
        "type": "uuid_parsing",
        "loc": ["path", "dataset_id"],
        "msg": f"Input should be a valid UUID, {reason}",
        "input": "abc",
        "ctx": {"error": reason},
    }
    assert_answers(client.get("abc"), 422, {"detail": [item]})


def test_a_dataset_changes_and_is_deleted(client: Client, dataset_world: World) -> None:
    dataset_id = client.create(PARAMS).json()["id"]
    dataset = shown(dataset_id, PARAMS)
    assert_answers(client.update(dataset_id), 200, dataset)
    dataset |= {"name": "clips_2", "status": "inactive", "store_preview": False}
    dataset |= {"updated_dt": NOW, "updated_by": "user123"}
    change = {"name": "clips_2", "status": "inactive", "store_preview": False}
    assert_answers(client.update(dataset_id, **change), 200, dataset)
    assert_answers(client.get(dataset_id), 200, dataset)
    dataset |= {"status": "deleting", "deleted_dt": NOW, "deleted_by": "user123"}
    assert_answers(client.delete(dataset_id), 200, dataset)
    gone = {"detail": "Dataset not found"}
    for answer in (client.get(dataset_id), client.delete(dataset_id), client.config(dataset_id)):
        assert_answers(answer, 404, gone)
    assert_answers(client.update(dataset_id, name="clips_3"), 404, gone)
    assert_answers(client.get(dataset_id, include_deleted=True), 200, dataset)
    dataset_world.clock.advance(2)
    dataset["status"] = "deleted"
    assert_answers(client.get(dataset_id, include_deleted=True), 200, dataset)
    assert client.create({"name": "clips_2", "encoder_name": "multimodal"}).status_code == 200


def test_lists_have_pages_and_filters(client: Client) -> None:
    requests_ = [{"name": f"clips_{number}", "encoder_name": "multimodal"} for number in range(3)]
    ids = [client.create(params).json()["id"] for params in requests_]
    names = {each["id"]: each for each in client.list().json()["data"]}
    every = [names[each] for each in ids]
    assert_answers(client.list(), 200, page(*every))
    second = page(every[2], total=3, current_page=2, last_page=2, limit=2, offset=2)
    assert_answers(client.list(skip=2, limit=2), 200, second)
    assert_answers(client.list(dataset_ids=ids[1:], name_pattern="CLIPS"), 200, page(*every[1:]))
    changed = client.update(ids[0], status="inactive", store_original=False).json()
    client.delete(ids[1])
    assert_answers(client.list(status=["inactive", "deleting"]), 200, page(changed))
    assert_answers(
        client.list(store_original="no", created_before="9999-01-01"), 200, page(changed)
    )
    assert_answers(client.list(last_updated_after=0), 200, page(changed))
    assert_answers(client.list(created_after=NOW), 200, page())
    dying = client.get(ids[1], include_deleted=True).json()
    wanted = page(dying)
    assert_answers(client.list(include_deleted=1, status="deleting"), 200, wanted)


def test_a_query_is_refused_parameter_by_parameter(client: Client) -> None:
    reason, states = "input is too short", "'active', 'inactive', 'deleting' or 'deleted'"
    items = [
        {
            "type": "int_parsing",
            "loc": ["query", "skip"],
            "msg": "Input should be a valid integer, unable to parse string as an integer",
            "input": "x",
        },
        {
            "type": "enum",
            "loc": ["query", "status", 1],
            "msg": f"Input should be {states}",
            "input": "bad",
            "ctx": {"expected": states},
        },
        {
            "type": "datetime_from_date_parsing",
            "loc": ["query", "created_before"],
            "msg": f"Input should be a valid datetime or date, {reason}",
            "input": "yesterday",
            "ctx": {"error": reason},
        },
    ]
    query = {"created_before": "yesterday", "status": ["active", "bad"], "skip": "x"}
    assert_answers(client.list(**query), 422, {"detail": items})


def test_a_configuration_is_shown(client: Client) -> None:
    config = {"embedding_id": {}, "encoder_name": {"a": "b"}, "context_studio_enabled": True}
    params = {"name": "clips_1", "encoder_name": "multimodal", "dataset_config": config}
    dataset_id = client.create(params).json()["id"]
    wanted = {
        "dataset_id": dataset_id,
        "embedding_id": {},
        "encoder_name": {"a": "b"},
        "hybrid_search": None,
        "metadata_fields_to_embed": None,
        "metadata_fields_to_index": None,
        "new_video_data_model": None,
        "celebrity_detection_enabled": False,
        "context_studio_enabled": True,
        "agentic_search_metadata_description": None,
        "asset_identifier_key": None,
    }
    assert_answers(client.config(dataset_id), 200, wanted)


def test_encoders_are_a_bare_list(client: Client) -> None:
    answer = client.session.get(client.encoders)
    listed = {encoder["name"]: encoder["modality"] for encoder in answer.json()}
    assert listed["nova2-multimodal"] == "image"
    assert listed["audio"] == "audio_speech_to_text"
    wanted = [{"name": n, "description": None, "modality": m} for n, m in listed.items()]
    assert_answers(answer, 200, wanted)


def test_what_is_not_emulated_says_so(client: Client) -> None:
    answer = client.session.get(f"{client.datasets}/unknown/tables", params={"limit": 100})
    text = "ListTables is not emulated; /_emulator/operations lists what is."
    assert_answers(answer, 400, {"detail": text})


def test_the_header_of_the_vendors_client_is_a_mark(dataset_world: World) -> None:
    with requests.Session() as session:
        session.trust_env = False
        session.headers.update({"X-Fern-SDK-Name": "coactive", "Authorization": f"Bearer {TOKEN}"})
        answer = session.get(f"{dataset_world.base}/api/v1/datasets/unknown")
    assert_answers(answer, 404, {"detail": "Dataset not found"})


def test_a_token_is_not_written_down(client: Client, dataset_world: World) -> None:
    client.get("f47ac10b-58cc-4372-a567-0e02b2c3d479")
    (listed,) = dataset_world.requests.list()
    entry = dataset_world.requests.get(listed["id"])
    headers = {name.lower(): value for name, value in entry["request"]["headers"].items()}
    assert headers["authorization"] == REDACTED
    assert TOKEN not in repr(entry)
