"""A client's own mistakes: told in the journal, and refused in the vendor's dialect on request."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ConfigDict, ValidationError, create_model
from pydantic.v1 import Extra
from pydantic.v1 import ValidationError as ValidationError1
from werkzeug.test import Client

from emulator.app import Application
from emulator.core.contract.model import Contract, Operation
from emulator.core.contract.validation import Rules
from emulator.core.errors.failures import Failure
from emulator.core.http.exchange import Request
from emulator.core.http.protocol import Unknown
from emulator.core.pipeline.review import MOST, Reread, Review
from emulator.settings import Settings
from tests.cases.runner import all_cases
from tests.contract import catalogue, pydantic_oracle, test_pydantic1_oracle
from tests.contract.test_acceptance import agrees, examples

TOLD = ("unknown-member", "unknown-parameter", "misplaced-member")
CONTRACTS = [*catalogue.contracts().values(), *catalogue.variants().values()]
REQUESTS = {
    f"{contract.provider}{'/'.join(('', *contract.layers))} {operation.name}": operation.request
    for contract in CONTRACTS
    for operation in contract.operations.values()
    if operation.emulated
}
T = {"Content-Type": "application/x-amz-json-1.1"}
GROUP = {**T, "X-Amz-Target": "AmazonPersonalize.CreateDatasetGroup"}
OLD = {"X-Fern-SDK-Name": "coactive"}


@pytest.fixture(scope="module")
def strict() -> Iterator[Client]:
    application = Application(
        Settings(auth="off", demo=True, strict=True, strict_requests=True, clock="frozen")
    )
    yield Client(application)
    application.close()


@pytest.fixture
def lenient() -> Iterator[Client]:
    application = Application(Settings(auth="off", demo=True, strict=True, clock="frozen"))
    yield Client(application)
    application.close()


def warnings(client: Client) -> Any:
    """The warnings about the last request."""
    return client.get("/_emulator/requests").get_json()["requests"][-1]["warnings"]


def created(client: Client, contract: Contract) -> Any:
    """Send the creation that the provider shows as its example."""
    example = contract.seed["example"]
    return client.open(
        f"/{contract.provider}{example['path']}",
        method=example["method"],
        headers=example["headers"],
        json=example["body"],
    )


def warning(pointer: str, kind: str, nearest: str | None = None) -> dict[str, str | None]:
    return {"pointer": pointer, "kind": kind, "nearest": nearest}


@pytest.mark.parametrize("message", REQUESTS)
def test_a_strict_request_is_accepted_exactly_if_nothing_is_wrong_with_it(message: str) -> None:
    rules = REQUESTS[message].strict
    for document in examples(rules.schema):
        agrees(rules, document)
        if isinstance(document, dict):
            for name in (Unknown("x", "query"), *(Unknown(each, "body") for each in document)):
                wrong = {**document, name: 1}
                agrees(rules, wrong)
                assert not rules.accepts(wrong)


@pytest.mark.parametrize("message", REQUESTS)
def test_strict_rules_refuse_unknown_members_and_nothing_else(message: str) -> None:
    rules = REQUESTS[message]
    for document in examples(rules.schema):
        found = rules.strict.violations(document)
        told = [violation.keyword for violation in rules.violations(document)]
        assert sorted(told) == sorted(
            violation.keyword
            for violation in found
            if not (violation.keyword == "additionalProperties" and violation.limit is False)
            or violation.keyword in told
        )


CASES = [
    (catalogue.contracts()[case.provider], step["request"])
    for case in all_cases()
    for step in case.document["steps"]
    if "call" in step.get("request", {})
]


def changed(document: Any, chance: random.Random) -> Any:
    """Misspell, move or add a member anywhere in a document."""
    document = copy.deepcopy(document)
    place = document
    while isinstance(place, dict | list) and place:
        key = chance.choice(list(place) if isinstance(place, dict) else range(len(place)))
        if isinstance(place, dict) and (not place[key] or chance.random() < 0.6):
            place[chance.choice([f"{key}s", key[1:], key.upper(), "Foo"])] = place[key]
            break
        place = place[key]
    return document


def test_what_strict_rules_refuse_is_what_the_journal_tells() -> None:
    chance, seen = random.Random(0), 0
    for contract, sent in CASES:
        operation = contract.operations[sent["call"]]
        if not operation.emulated:
            continue
        query = [*sent.get("query", {}), *chance.choice([[], [], ["Foo"]])]
        for document in (sent.get("json", {}), changed(sent.get("json", {}), chance)):
            seen += agree(contract, operation, query, document)
    assert seen > 100


def agree(contract: Contract, operation: Operation, query: list[str], document: Any) -> bool:
    """Check that strict rules and review agree; tell whether they found anything."""
    protocol, headers = catalogue.protocol_of(contract), {"Content-Type": "application/json"}
    if contract.protocol.get("contentTypes"):
        headers["Content-Type"] = contract.protocol["contentTypes"][0]
    body = json.dumps(document)
    review = Review(operation=operation, protocol=protocol)
    told = [each["kind"] for each in review.warnings(query, headers, body)]
    request = Request(
        method="", target="", prefix="", path="", query=[(name, "") for name in query],
        headers=headers, parameters={each.wire_name: "" for each in operation.members},
        peer="", body=body.encode(),
    )  # fmt: skip
    rules = operation.request.strict
    received = Reread(operation=operation, request=request, rules=rules)
    try:
        found = rules.violations(protocol.read(received))
    except Failure:
        assert told == []
        return False
    unknown = [each for each in found if each.keyword == "additionalProperties"]
    assert bool(unknown) == any(kind in TOLD for kind in told), (operation.name, document, told)
    return bool(unknown)


PAI = {"Name": "a1", "Property": "DIRECTORY", "DataSourceType": "NAS", "Uri": "nas://09f1.cn-hangzhou/"}  # fmt: skip
MISTAKES: list[tuple[str, str, dict[str, Any], list[dict[str, Any]]]] = [
    (
        "POST", "/personalize/?foo=1&X-Amz-Date=1",
        {"headers": GROUP, "json": {"name": "a", "Domian": "x", "tags": [{"tagKey": "a", "tagValue": "b", "tag_valu": "c"}]}},
        [warning("/tags/0/tag_valu", "unknown-member", "tagValue"), warning("/foo", "unknown-parameter"),
         warning("/Domian", "unknown-member", "domain")],
    ),
    (
        "POST", "/lookoutvision/2020-11-20/projects",
        {"json": {"ProjectName": "p1", "Descripton": "x"}},
        [warning("/Descripton", "unknown-member")],
    ),
    (
        "GET", "/lookoutvision/2020-11-20/projects?maxResult=3", {},
        [warning("/maxResult", "unknown-parameter", "maxResults")],
    ),
    (
        "POST", "/pai/api/v1/datasets?Name=3",
        {"json": {**PAI, "Descripton": "x", "Labels": [{"Key": "a", "Value": "b", "Val": "c"}]}},
        [warning("/Labels/0/Val", "unknown-member", "Value"), warning("/Name", "misplaced-member", "Name"),
         warning("/Descripton", "unknown-member", "Description")],
    ),
    ("GET", "/pai/api/v1/datasets?PageSiz=3", {}, [warning("/PageSiz", "unknown-parameter", "PageSize")]),
    (
        "POST", "/aitems/api/v1/datasets",
        {"json": {"name": "abc", "description": "d", "schemaName": "s", "type": "user",
                  "osInfo": {"bucket": "b", "key": "k", "region": "KR", "Buket": 1}, "schema": 1}},
        [warning("/osInfo/Buket", "unknown-member", "bucket"), warning("/schema", "unknown-member", "schemaName")],
    ),
    ("GET", "/aitems/api/v1/datasets?ofset=1", {}, [warning("/ofset", "unknown-parameter", "offset")]),
    (
        "POST", "/coactive/api/v1/datasets?name=x",
        {"json": {"name": "n1", "encoder_name": "multimodal", "discription": "x", "store_original": "yes",
                  "keyframe_uniform_fps_sampling_rate": 2}},
        [warning("/name", "misplaced-member", "name"), warning("/discription", "unknown-member", "description"),
         warning("/keyframe_uniform_fps_sampling_rate", "deprecated-member"), warning("/store_original", "coerced")],
    ),
    (
        "POST", "/coactive/api/v1/datasets",
        {"headers": OLD, "json": {"name": 5, "encoder": "multimodal", "setting": {}}},
        [warning("/setting", "unknown-member", "settings"), warning("/name", "coerced")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "sent", "told"), MISTAKES)
def test_mistakes_are_told_with_the_nearest_known_name(
    lenient: Client, method: str, path: str, sent: dict[str, Any], told: list[dict[str, Any]]
) -> None:
    lenient.open(path, method=method, **sent)
    assert warnings(lenient) == told


def test_a_request_without_mistakes_has_no_warnings_and_every_request_a_duration(
    lenient: Client,
) -> None:
    for contract in catalogue.contracts().values():
        created(lenient, contract)
    entries = lenient.get("/_emulator/requests").get_json()["requests"]
    assert [(each["status"], each["warnings"]) for each in entries] == [
        (status, []) for status in (200, 202, 200, 201, 200)
    ]
    assert all(0 < each["duration_ms"] < 60_000 for each in entries)
    one = lenient.get(f"/_emulator/requests/{entries[0]['id']}").get_json()
    assert (one["warnings"], one["duration_ms"]) == ([], entries[0]["duration_ms"])


def test_warnings_are_bounded_and_have_no_secrets(lenient: Client) -> None:
    key = "AKIA" + "B" * 16
    lenient.post("/personalize/", headers=GROUP, json={"name": "a", key: key})
    assert warnings(lenient) == [warning("/***", "unknown-member")]
    lenient.post("/personalize/", headers=GROUP, json={f"name{n}": 1 for n in range(500)})
    assert len(warnings(lenient)) == MOST
    lenient.post("/personalize/", headers=GROUP, json={"nam": "x" * 20_000})
    assert warnings(lenient) == []  # the journal has not all of it


REFUSALS: list[tuple[str, str, dict[str, Any], Any]] = [
    (
        "POST", "/personalize/?foo=1",
        {"headers": GROUP, "json": {"name": "a", "Domian": "x"}},
        {"__type": "ValidationException", "message": "2 validation errors detected: "
         "Value '1' at 'foo' failed to satisfy constraint: Member must be a known member; "
         "Value 'x' at 'domian' failed to satisfy constraint: Member must be a known member"},
    ),
    (
        "POST", "/lookoutvision/2020-11-20/projects/p/datasets",
        {"json": {"DatasetType": "train", "DatasetSource": {"GroundTruthManifest": {"S3Object": {"Bucket": "aaa", "Key": "k", "Version": "1"}}}}},
        {"Message": "1 validation error detected: Value '1' at 'datasetSource.groundTruthManifest.s3Object.version' "
         "failed to satisfy constraint: Member must be a known member"},
    ),
    (
        "POST", "/pai/api/v1/datasets", {"json": {**PAI, "Labels": [{"Key": "a", "Value": "b", "Val": "c"}]}},
        {"Code": "InvalidParameter", "Message": 'The specified parameter "Labels.1.Val" is not valid.'},
    ),
    ("GET", "/pai/api/v1/datasets?PageSiz=3", {}, {"Code": "InvalidParameter", "Message": 'The specified parameter "PageSiz" is not valid.'}),
    ("GET", "/aitems/api/v1/datasets?ofset=1", {}, {"status": 400, "error": "INVALID_PARAMETER", "message": "[ofset] is not a known member."}),
    (
        "POST", "/coactive/api/v1/datasets?x=3",
        {"json": {"name": "n1", "encoder_name": "multimodal", "discription": {"a": 1}}},
        {"detail": [
            {"type": "extra_forbidden", "loc": ["query", "x"], "msg": "Extra inputs are not permitted", "input": "3"},
            {"type": "extra_forbidden", "loc": ["body", "discription"], "msg": "Extra inputs are not permitted", "input": {"a": 1}},
        ]},
    ),
    (
        "POST", "/coactive/api/v1/datasets", {"headers": OLD, "json": {"name": "n", "encoder": "multimodal", "setting": {}}},
        {"detail": [{"loc": ["body", "setting"], "msg": "extra fields not permitted", "type": "value_error.extra"}]},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "sent", "refusal"), REFUSALS)
def test_strict_requests_are_refused_in_the_dialect_of_the_vendor(
    strict: Client, method: str, path: str, sent: dict[str, Any], refusal: Any
) -> None:
    answer = strict.open(path, method=method, **sent)
    assert answer.status_code == (422 if "coactive" in path else 400)
    document = json.loads(answer.text)
    assert document == {**document, **refusal}
    explained = strict.get("/_emulator/requests").get_json()["requests"][-1]["explain"]
    assert {rule["rule"] for rule in explained["rules"]} == {"additionalProperties"}


@pytest.mark.parametrize("contract", catalogue.contracts().values(), ids=lambda each: each.provider)
def test_the_example_of_each_provider_is_a_strict_request(
    strict: Client, contract: Contract
) -> None:
    assert created(strict, contract).status_code in (200, 201, 202)


def test_a_model_of_pydantic_that_forbids_extras_says_the_same(strict: Client) -> None:
    model = create_model(
        "Strict",
        __base__=pydantic_oracle.DatasetCreateRequest,
        __cls_kwargs__={"extra": "forbid"},
    )
    assert model.model_config == ConfigDict(extra="forbid")
    body = {"b": 1, "name": "", "a": None, "encoder_name": "multimodal"}
    with pytest.raises(ValidationError) as error:
        model.model_validate(body)
    wanted = [
        {"type": each["type"], "loc": ["body", *each["loc"]], "msg": each["msg"], "input": each["input"]}
        for each in error.value.errors()
    ]  # fmt: skip
    told = strict.post("/coactive/api/v1/datasets", json=body).get_json()["detail"]
    assert [{name: each[name] for name in wanted[0]} for each in told] == wanted


def test_a_model_of_pydantic_1_that_forbids_extras_says_the_same(strict: Client) -> None:
    class Forbidding(test_pydantic1_oracle.CreateDataset):
        class Config:
            extra = Extra.forbid

    body = {"b": 1, "name": "n", "description": [], "a": None}
    with pytest.raises(ValidationError1) as error:
        Forbidding.parse_obj(body)
    wanted = [{**each, "loc": ["body", *each["loc"]]} for each in error.value.errors()]
    answer = strict.post("/coactive/api/v1/datasets", json=body, headers=OLD)
    assert sorted(answer.get_json()["detail"], key=str) == sorted(wanted, key=str)


def overlaid(folder: Path, provider: str, operation: str, patch: Mapping[str, Any]) -> Client:
    file = folder / provider / f"{operation}.request.patch.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(patch))
    return Client(Application(Settings(auth="off", strict=True, schemas=str(folder))))


@pytest.mark.parametrize(
    ("provider", "operation", "path", "sent"),
    [
        ("personalize", "CreateDatasetGroup", "/", {"headers": GROUP, "json": {"name": "a", "b": 1}}),
        ("pai", "CreateDataset", "/api/v1/datasets", {"json": {**PAI, "b": 1}}),
        ("coactive", "CreateDataset", "/api/v1/datasets", {"json": {"name": "a", "encoder_name": "multimodal", "b": 1}}),
    ],
)  # fmt: skip
def test_an_overlay_closes_the_request_of_one_operation(
    tmp_path: Path, provider: str, operation: str, path: str, sent: dict[str, Any]
) -> None:
    client = overlaid(tmp_path, provider, operation, {"additionalProperties": False})
    answer = client.post(f"/{provider}{path}", **sent)
    assert answer.status_code in (400, 422), answer.text
    rules = client.get("/_emulator/requests").get_json()["requests"][-1]["explain"]["rules"]
    assert [(rule["rule"], rule["pointer"]) for rule in rules] == [("additionalProperties", "/b")]
    del sent["json"]["b"]
    assert client.post(f"/{provider}{path}", **sent).status_code == 200


def test_an_overlay_closes_an_object_inside_a_request(tmp_path: Path) -> None:
    patch = {"properties": {"tags": {"$ref": None, "type": "array", "items": {
        "type": "object", "properties": {"tagKey": {}, "tagValue": {}}, "additionalProperties": False,
    }}}}  # fmt: skip
    client = overlaid(tmp_path, "personalize", "CreateDatasetGroup", patch)
    tag = {"tagKey": "a", "tagValue": "b"}
    sent = {"name": "a", "more": 1, "tags": [{**tag, "c": "d"}]}
    assert client.post("/personalize/", headers=GROUP, json=sent).status_code == 400
    sent["tags"] = [tag]
    assert client.post("/personalize/", headers=GROUP, json=sent).status_code == 200


@pytest.mark.parametrize(
    ("schema", "document", "fits"),
    [
        ({"type": "object"}, {}, True),
        ({"type": "object"}, {"a": 1}, False),
        ({"additionalProperties": True}, {"a": 1}, True),
        ({"properties": {"a": {"type": "object"}}}, {"a": {"free": 1}}, True),
        ({"properties": {"a": {"additionalProperties": {"properties": {"b": {}}}}}}, {"a": {"x": {"c": 1}}}, False),
        ({"properties": {"a": {}}, "allOf": [{"properties": {"b": {}}}]}, {"a": 1, "b": 1}, True),
        ({"properties": {"a": {}}, "if": {"properties": {"b": {}}}, "then": {"properties": {"c": {}}}}, {"b": 1, "c": 1}, True),
        ({"properties": {"a": {"type": "array"}}, "allOf": [{"properties": {"a": {"items": {"properties": {"b": {}}}}}}]}, {"a": [{"c": 1}]}, False),
        ({"properties": {"a": {"anyOf": [{"properties": {"b": {}}}, {"type": "null"}]}}}, {"a": {"c": 1}}, False),
        ({"properties": {"a": {"anyOf": [{"properties": {"b": {}}}, {"type": "null"}]}}}, {"a": None}, True),
        ({"properties": {"a": False}}, {"a": 1}, False),
    ],
)  # fmt: skip
def test_a_schema_is_closed_where_it_knows_the_members(
    schema: Any, document: Any, fits: bool
) -> None:
    strict = Rules(schema).strict
    assert strict.accepts(document) is fits
    agrees(strict, document)
