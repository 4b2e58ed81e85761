"""Faults on order: which requests they strike, what is said, until when, and what cannot be ordered."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from emulator.app import Application
from emulator.core.contract.policy import Outcome
from emulator.core.primitives.clock import to_iso
from emulator.core.worlds.faults import Effect, Faults, Rule
from emulator.core.worlds.match import Incoming, Match
from tests.contract import catalogue
from tests.contract.answers import OF_EVERY_AMAZON_ANSWER
from tests.core.conftest import START, ask

FAULTS = "/_emulator/faults"
PROVIDERS = list(catalogue.contracts())
BROKEN = {"error": "InternalError"}
EVERYWHERE = pytest.mark.parametrize("provider", PROVIDERS)


def order(client: Client, effect: Mapping[str, object], **members: object) -> Any:
    answer = client.post(FAULTS, json={"effect": effect, **members})
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def refused(client: Client, **members: object) -> tuple[int, str, str]:
    """Order what is refused, and see that nothing was stored; give status, code and text."""
    before = client.get(FAULTS).get_json()
    answer = client.post(FAULTS, json=members)
    assert client.get(FAULTS).get_json() == before
    return answer.status_code, answer.get_json()["error"], answer.get_json()["message"]


def strokes(client: Client, provider: str, count: int) -> str:
    """Ask again and again; an x for each request that was struck."""
    broken = (catalogue.contracts()[provider].row("InternalError") or {})["status"]
    asked = [ask(client, provider).status_code for _ in range(count)]
    return "".join("x" if status == broken else "." for status in asked)


# ---- which requests


@EVERYWHERE
def test_a_fault_strikes_the_provider_it_is_for_and_no_other(client: Client, provider: str) -> None:
    order(client, BROKEN, match={"provider": provider})
    struck = [name for name in PROVIDERS if ask(client, name).status_code == 500]
    assert struck == [provider]


@EVERYWHERE
def test_a_fault_strikes_the_operation_it_is_for_and_no_other(
    client: Client, provider: str
) -> None:
    other = next(name for name in catalogue.contracts()[provider].operations if name != "CreateDataset")  # fmt: skip
    order(client, BROKEN, match={"provider": provider, "operation": other})
    assert strokes(client, provider, 1) == "."
    order(client, BROKEN, match={"provider": provider, "operation": "CreateDataset"})
    assert strokes(client, provider, 1) == "x"


@pytest.mark.parametrize(
    ("provider", "fields", "fits"),
    [
        ("lookoutvision", {"DatasetType": "train"}, True),
        ("lookoutvision", {"/DatasetType": "train", "ProjectName": "demo-project"}, True),
        ("lookoutvision", {"DatasetType": "train", "ProjectName": "other"}, False),
        ("lookoutvision", {"DatasetType": None}, False),
        ("lookoutvision", {"/DatasetSource/GroundTruthManifest": None}, True),
        ("aitems", {"/osInfo/bucket": "aitems-820431800"}, True),
        ("aitems", {"/osInfo/bucket": "other"}, False),
        ("aitems", {"/osInfo": {"region": "KR", "bucket": "aitems-820431800", "key": "bookmarks-items.csv"}}, True),
        ("aitems", {"osInfo": {"region": "KR"}}, False),
        ("coactive", {"/metadata~1x": None, "name": "march_2025_sports_clips"}, True),
        ("pai", {"/Labels/0/Key": "env"}, True),
        ("pai", {"/Labels/1/Key": "env"}, False),
        ("pai", {"/Labels/-1/Key": "env"}, False),
        ("pai", {f"/Labels/{'9' * 5000}/Key": "env"}, False),
        ("pai", {"/Labels/\u0660/Key": "env"}, False),
        ("pai", {"/Name/0": "d"}, False),
    ],
    ids=repr,
)  # fmt: skip
def test_a_fault_strikes_requests_with_the_fields_it_is_for(
    client: Client, provider: str, fields: Mapping[str, object], fits: bool
) -> None:
    order(client, BROKEN, match={"provider": provider, "fields": fields})
    more = {"Labels": [{"Key": "env", "Value": "v"}]} if provider == "pai" else {}
    assert (ask(client, provider, **more).status_code == 500) is fits


def test_a_fault_strikes_the_world_it_is_for_and_no_other(client: Client) -> None:
    order(client, BROKEN, match={"provider": "pai", "world": "there"})
    assert strokes(client, "pai", 1) == "."
    assert client.get(FAULTS).get_json() == {"faults": []}
    seen = client.get(FAULTS, headers={"X-Emulator-World": "there"}).get_json()["faults"]
    assert [rule["match"] for rule in seen] == [{"provider": "pai", "world": "there"}]
    example = catalogue.contracts()["pai"].seed["example"]
    answer = client.post(f"/w/there/pai{example['path']}", headers=example["headers"], json=example["body"])  # fmt: skip
    assert answer.status_code == 500
    client.delete("/_emulator/worlds/there", headers={"X-Emulator-Control": "1"})


def test_a_fault_that_names_no_provider_strikes_all_but_never_the_control_api(
    client: Client,
) -> None:
    order(client, {"delay": 1, "truncate_bytes": 0, "close_connection": True})
    for provider in PROVIDERS:
        ask(client, provider)
    told = client.get(FAULTS).get_json()["faults"][0]
    assert (told["matched"], told["applied"]) == (len(PROVIDERS), len(PROVIDERS))
    assert client.delete(FAULTS, json={}).get_json() == {"status": "ok"}


def test_who_is_not_let_in_is_not_counted(client: Client) -> None:
    order(client, BROKEN, match={"provider": "coactive"})
    assert client.get("/coactive/api/v1/datasets").status_code in (401, 403)
    told = client.get(FAULTS).get_json()["faults"][0]
    assert (told["matched"], told["applied"]) == (0, 0)


# ---- how often, until when


@EVERYWHERE
def test_the_nth_request_is_struck_and_no_other(client: Client, provider: str) -> None:
    order(client, BROKEN, match={"provider": provider, "nth": 3})
    assert strokes(client, provider, 5) == "..x.."


@EVERYWHERE
def test_a_fault_is_spent_after_so_many_times(client: Client, provider: str) -> None:
    made = order(client, BROKEN, match={"provider": provider}, times=2)
    assert strokes(client, provider, 4) == "xx.."
    [told] = client.get(FAULTS).get_json()["faults"]
    assert told == {**made, "matched": 2, "applied": 2}


def test_the_nth_request_is_the_nth_that_came_whatever_struck_it(client: Client) -> None:
    throttled = {"error": "ThrottlingException"}
    order(client, throttled, match={"provider": "lookoutvision"}, times=1)
    order(client, BROKEN, match={"provider": "lookoutvision", "nth": 2})
    asked = [ask(client, "lookoutvision").status_code for _ in range(4)]
    assert asked == [429, 500, 202, 409]


def test_of_two_faults_the_older_one_strikes_and_the_other_is_not_spent(client: Client) -> None:
    order(client, {"error": "ThrottlingException"}, match={"provider": "lookoutvision"}, times=1)
    order(client, BROKEN, match={"provider": "lookoutvision"}, times=1)
    asked = [ask(client, "lookoutvision").status_code for _ in range(3)]
    assert asked == [429, 500, 202]
    told = client.get(FAULTS).get_json()["faults"]
    assert [(rule["matched"], rule["applied"]) for rule in told] == [(1, 1), (2, 1)]


def test_the_same_seed_strikes_in_the_same_pattern(client: Client) -> None:
    patterns = []
    for seed in (7, 7, 8):
        client.delete(FAULTS, json={})
        order(client, BROKEN, match={"provider": "pai"}, probability=0.5, random_seed=seed)
        patterns.append(strokes(client, "pai", 40))
    assert patterns[0] == patterns[1]
    assert patterns[0] != patterns[2]
    assert 8 < patterns[0].count("x") < 32


@pytest.mark.parametrize(("probability", "pattern"), [(0, "....."), (1, "xxxxx")])
def test_nothing_or_everything_is_struck(client: Client, probability: float, pattern: str) -> None:
    order(client, BROKEN, match={"provider": "pai"}, probability=probability)
    assert strokes(client, "pai", 5) == pattern


def test_what_another_fault_struck_does_not_change_the_pattern(client: Client) -> None:
    order(client, BROKEN, match={"provider": "pai"}, probability=0.5, random_seed=7)
    alone = strokes(client, "pai", 12)
    client.delete(FAULTS, json={})
    order(client, BROKEN, match={"provider": "pai", "nth": 1})
    order(client, BROKEN, match={"provider": "pai"}, probability=0.5, random_seed=7)
    assert strokes(client, "pai", 12) == "x" + alone[1:]


def test_a_fault_expires_on_the_clock_of_its_world(
    application: Application, client: Client
) -> None:
    made = order(client, BROKEN, match={"provider": "pai"}, expires_in=60)
    assert made["expires_at"] == to_iso(START + 60_000_000)
    assert strokes(client, "pai", 2) == "xx"
    client.post("/_emulator/clock/advance", json={"seconds": 59.999999})
    assert strokes(client, "pai", 1) == "x"
    client.post("/_emulator/clock/advance", json={"seconds": 0.000001})
    assert strokes(client, "pai", 1) == "."
    client.put("/_emulator/clock", json={"now": to_iso(START)})
    assert strokes(client, "pai", 1) == "x"


@pytest.mark.parametrize("seconds", [1e13, 1e300, 10**400])
def test_a_fault_may_last_for_ever(client: Client, seconds: float) -> None:
    text = json.dumps({"match": {"provider": "pai"}, "effect": BROKEN, "expires_in": seconds})
    answer = client.post(FAULTS, data=text, content_type="application/json")
    assert (answer.status_code, answer.get_json()["expires_at"]) == (200, None)
    assert client.get(FAULTS).get_json()["faults"] == [answer.get_json()]
    assert strokes(client, "pai", 1) == "x"


def test_a_client_may_be_asked_to_wait_for_ever(client: Client) -> None:
    text = '{"match":{"provider":"pai"},"effect":{"error":"Throttling.User","retry_after":1e400}}'
    assert client.post(FAULTS, data=text, content_type="application/json").status_code == 200
    assert ask(client, "pai").headers["x-acs-retry-after"] == str(10**15)


def test_faults_are_listed_removed_and_cleared(client: Client) -> None:
    first = order(client, {"delay": 2}, match={"provider": "pai", "fields": {"Name": "x"}})
    assert first == {
        "id": first["id"],
        "world": "default",
        "match": {"provider": "pai", "fields": {"Name": "x"}},
        "effect": {"delay": 2},
        "times": None,
        "probability": 1,
        "expires_at": None,
        "matched": 0,
        "applied": 0,
    }
    second = order(client, {"truncate_bytes": 3})
    assert client.get(FAULTS).get_json() == {"faults": [first, second]}
    gone = client.delete(f"{FAULTS}/{first['id']}", json={})
    assert (gone.status_code, gone.get_json()) == (200, {"status": "ok"})
    assert client.delete(f"{FAULTS}/{first['id']}", json={}).status_code == 404
    assert client.get(FAULTS).get_json() == {"faults": [second]}
    client.delete(FAULTS, json={})
    assert client.get(FAULTS).get_json() == {"faults": []}


def test_a_reset_of_one_provider_forgets_what_is_for_it_alone(client: Client) -> None:
    order(client, BROKEN, match={"provider": "pai"})
    kept = [order(client, BROKEN, match={"provider": "aitems"}), order(client, {"delay": 0})]
    client.post("/_emulator/reset", json={"provider": "pai"})
    assert client.get(FAULTS).get_json() == {"faults": kept}
    client.post("/_emulator/reset", json={})
    assert client.get(FAULTS).get_json() == {"faults": []}


# ---- many at once


def rule_of(faults: Faults, times: int) -> Rule:
    effect = Effect(outcome=Outcome(fails=True))
    return faults.add(
        lambda name: Rule(id=name, match=Match(), effect=effect, order={}, times=times)
    )


CALL = Incoming(provider="pai", operation="CreateDataset", document={})


def test_a_matched_fault_holds_its_turn_until_it_is_applied_or_given_back() -> None:
    faults = Faults(["pai"])
    rule = rule_of(faults, times=2)
    assert [faults.match(CALL, 0) for _ in range(3)] == [rule, rule, None]
    assert (rule.matched, rule.applied) == (2, 0)
    faults.release(rule)
    assert [faults.match(CALL, 0) for _ in range(2)] == [rule, None]
    faults.apply(rule)
    faults.apply(rule)
    assert faults.match(CALL, 0) is None
    assert (rule.matched, rule.applied, rule.reserved) == (3, 2, 0)


def test_of_two_equal_faults_under_way_only_the_one_that_changed_something_is_spent() -> None:
    faults = Faults(["pai"])
    first, second = rule_of(faults, times=1), rule_of(faults, times=1)
    assert first.effect == second.effect
    assert [faults.match(CALL, 0) for _ in range(3)] == [first, second, None]
    faults.release(first)
    faults.apply(second)
    assert [each.applied for each in (first, second)] == [0, 1]
    assert faults.match(CALL, 0) is first


def test_a_fault_that_was_removed_meanwhile_stays_removed() -> None:
    faults = Faults(["pai"])
    rule = rule_of(faults, times=1)
    assert faults.match(CALL, 0) is rule
    faults.clear()
    faults.release(rule)
    assert faults.match(CALL, 0) is None
    assert list(faults.rules) == []


def test_an_outcome_strikes_as_often_as_it_may_however_many_threads_ask(
    application: Application, client: Client
) -> None:
    """Half of the requests are refused and give back what they matched."""
    threads, times = 16, 3
    order(client, {"lifecycle": "failed"}, match={"provider": "aitems"}, times=times)
    start = Barrier(threads)

    def create(number: int) -> int:
        start.wait()
        name = f"items_{number}" if number % 2 else "-"
        return ask(Client(application), "aitems", name=name).status_code

    with ThreadPoolExecutor(threads) as pool:
        answers = list(pool.map(create, range(threads)))
    assert [status == 201 for status in answers] == [number % 2 == 1 for number in range(threads)]
    while applied(client) < times:  # those who came while every turn was held went as usual
        assert ask(client, "aitems", name=f"more_{applied(client)}").status_code == 201
    assert ask(client, "aitems", name="the_last").status_code == 201
    client.post("/_emulator/clock/advance", json={"until": "settled"})
    found = client.get("/_emulator/resources?provider=aitems&kind=dataset").get_json()["resources"]
    assert Counter(each["phase"] for each in found)["failed"] == times == applied(client)


def applied(client: Client) -> int:
    [told] = client.get(FAULTS).get_json()["faults"]
    return int(told["applied"])


# ---- what is said


JSON = {"Content-Type": "application/json"}
AMAZON = {"Content-Type": "application/x-amz-json-1.1"}
ALIBABA = {"Content-Type": "application/json;charset=utf-8"}


def alibaba(code: str, text: str) -> Mapping[str, object]:
    return {
        "RequestId": "ID",
        "HostId": "aiworkspace.cn-hangzhou.aliyuncs.com",
        "Code": code,
        "Message": text,
        "Recommend": f"https://api.aliyun.com/troubleshoot?q={code}&product=AIWorkSpace&requestId=ID",
    }


def gateway(code: str, text: str, **more: str) -> Mapping[str, object]:
    return {"error": {"errorCode": code, "message": text, **more}}


def vision(code: str, **more: str) -> Mapping[str, str]:
    return {**JSON, "x-amzn-ErrorType": code, **more}


GROUP = "arn:aws:personalize:us-east-1:123456789012:dataset-group/demo-group"
FLOW = "Request was denied due to user flow control."
VISION_QUOTA = {"QuotaCode": "L-00000004", "ServiceCode": "lookoutvision"}
DATASETS_QUOTA = {"ResourceType": "DATASET", "QuotaCode": "L-00000002", "ServiceCode": "lookoutvision"}  # fmt: skip
ISSUE = "Amazon Lookout for Vision experienced a service issue. Try your call again."
SPRING = {
    "timestamp": "2026-03-28T09:00:00.000",
    "path": "/api/datasets",
    "status": 500,
    "error": "INTERNAL_SERVER_ERROR",
    "requestId": "ID",
    "errorCode": "INTERNAL_SERVER_ERROR",
    "message": "Internal Server Error",
}

SAID: list[tuple[str, dict[str, Any], int, Mapping[str, str], object]] = [
    ("personalize", {"error": "ThrottlingException"}, 400, AMAZON, {"__type": "ThrottlingException", "message": "Rate exceeded"}),
    ("personalize", {"error": "InternalFailure"}, 500, AMAZON, {"__type": "InternalFailure"}),
    ("personalize", {"error": "ServiceUnavailable"}, 503, AMAZON, {"__type": "ServiceUnavailable"}),
    ("personalize", {"error": "ServiceUnavailable", "message": "Later.", "status": 503}, 503, AMAZON, {"__type": "ServiceUnavailable", "message": "Later."}),
    ("personalize", {"error": "LimitExceededException", "message": "No more."}, 400, AMAZON, {"__type": "LimitExceededException", "message": "No more."}),
    ("personalize", {"error": "ThrottlingException", "retry_after": 2.5}, 400, {**AMAZON, "Retry-After": "3"}, {"__type": "ThrottlingException", "message": "Rate exceeded"}),
    ("personalize", {"error": "AccessDeniedException"}, 400, AMAZON, {"__type": "AccessDeniedException", "message": "User: arn:aws:iam::123456789012:user/emulator is not authorized to perform: personalize:CreateDataset on resource: arn:aws:personalize:us-east-1:123456789012:dataset/demo-group/INTERACTIONS because no identity-based policy allows the personalize:CreateDataset action"}),
    ("personalize", {"error": "NotFound:dataset-group"}, 400, AMAZON, {"__type": "ResourceNotFoundException", "message": f"The given dataset group does not exist: {GROUP}"}),
    ("lookoutvision", {"error": "ThrottlingException"}, 429, vision("ThrottlingException", **{"Retry-After": "1"}), {"Message": "Rate exceeded", **VISION_QUOTA}),
    ("lookoutvision", {"error": "ThrottlingException", "retry_after": 3}, 429, vision("ThrottlingException", **{"Retry-After": "3"}), {"Message": "Rate exceeded", **VISION_QUOTA}),
    ("lookoutvision", {"error": "InternalServerException", "retry_after": 30}, 500, vision("InternalServerException", **{"Retry-After": "30"}), {"Message": ISSUE}),
    ("lookoutvision", {"error": "Unavailable"}, 503, vision("ServiceUnavailableException"), {"Message": None}),
    ("lookoutvision", {"error": "QuotaExceeded:datasets"}, 402, vision("ServiceQuotaExceededException"), {"Message": "Service quota exceeded.", **DATASETS_QUOTA}),
    ("pai", {"error": "Throttling.User", "retry_after": 1}, 400, {**ALIBABA, "x-acs-retry-after": "1000"}, alibaba("Throttling.User", FLOW)),
    ("pai", {"error": "Throttling.Api", "retry_after": 0.25}, 400, {**ALIBABA, "x-acs-retry-after": "250"}, alibaba("Throttling.Api", FLOW)),
    ("pai", {"error": "Throttling.User"}, 400, ALIBABA, alibaba("Throttling.User", FLOW)),
    ("pai", {"error": "ServiceUnavailable"}, 503, ALIBABA, alibaba("ServiceUnavailable", "The request has failed due to a temporary failure of the server.")),
    ("pai", {"error": "InternalError"}, 500, ALIBABA, alibaba("InternalError", "The request processing has failed due to some unknown error, exception or failure.")),
    ("aitems", {"error": "400"}, 429, JSON, gateway("400", "Quota Exceeded", details="D")),
    ("aitems", {"error": "Throttled:quota"}, 429, JSON, gateway("400", "Quota Exceeded")),
    ("aitems", {"error": "410"}, 429, JSON, gateway("410", "Throttle Limited")),
    ("aitems", {"error": "420", "retry_after": 2}, 429, {**JSON, "Retry-After": "2"}, gateway("420", "Rate Limited")),
    ("aitems", {"error": "500"}, 503, JSON, gateway("500", "Endpoint Error")),
    ("aitems", {"error": "510"}, 504, JSON, gateway("510", "Endpoint Timeout")),
    ("aitems", {"error": "INTERNAL_SERVER_ERROR"}, 500, JSON, SPRING),
    ("coactive", {"error": "Throttled", "retry_after": 5}, 429, {**JSON, "Retry-After": "5"}, {"detail": "Too Many Requests"}),
    ("coactive", {"error": "Throttled", "retry_after": 1e6}, 429, {**JSON, "Retry-After": "1000000"}, {"detail": "Too Many Requests"}),
    ("coactive", {"error": "ErrorResponse", "status": 503}, 503, JSON, {"detail": "Service Unavailable"}),
    ("coactive", {"error": "InternalError", "retry_after": 7}, 500, {"Content-Type": "text/plain; charset=utf-8", "Retry-After": "7"}, "Internal Server Error"),
    ("coactive", {"error": "InternalError"}, 500, {"Content-Type": "text/plain; charset=utf-8"}, "Internal Server Error"),
]  # fmt: skip

UNSAID = {
    "Content-Length",
    "x-amzn-RequestId",
    "x-acs-request-id",
    "x-acs-trace-id",
    *OF_EVERY_AMAZON_ANSWER,
}


def with_ids_named(text: str, answer: TestResponse) -> object:
    """Read a body, the id of the request and what is left open in it by their names."""
    if answer.content_type.startswith("text"):
        return text
    document: Any = json.loads(text)
    for name in ("RequestId", "requestId"):
        if name in document:
            document = json.loads(text.replace(document[name], "ID"))
    if document.get("error") and "details" in document["error"]:
        document["error"]["details"] = "D"
    return document


@pytest.mark.parametrize(
    ("provider", "effect", "status", "headers", "body"),
    SAID,
    ids=lambda value: repr(value) if isinstance(value, str | dict) else "",
)
def test_what_is_ordered_is_said_in_the_dialect_of_the_provider(
    client: Client,
    *,
    provider: str,
    effect: dict[str, Any],
    status: int,
    headers: Mapping[str, str],
    body: object,
) -> None:
    order(client, effect, match={"provider": provider, "operation": "CreateDataset"}, times=1)
    answer = ask(client, provider)
    given = {name: value for name, value in answer.headers.items() if name not in UNSAID}
    told = with_ids_named(answer.get_data(as_text=True), answer)
    assert (answer.status_code, given, told) == (status, headers, body)
    assert ask(client, provider).status_code == catalogue.contracts()[provider].operations["CreateDataset"].status  # fmt: skip


@pytest.mark.parametrize("error", ["Throttled", "Forbidden", "Unavailable", "InternalError"])
def test_one_order_strikes_every_provider_in_its_own_words(client: Client, error: str) -> None:
    order(client, {"error": error}, match={"operation": "CreateDataset"})
    said = {name: ask(client, name) for name in PROVIDERS}
    rows = {name: contract.row(error) or {} for name, contract in catalogue.contracts().items()}
    assert {name: each.status_code for name, each in said.items()} == {
        name: row["status"] for name, row in rows.items()
    }
    assert all(
        part in said[name].get_data(as_text=True)
        for name, row in rows.items()
        for part in re.split(r"\{\w+\}", row["text"] or "")
    )


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ("LimitExceededException", "More than 5 resources in ACTIVE state. Please delete some and try again."),
        ("QuotaExceeded:dataset_import_jobs", "More than 5 resources with PENDING or IN_PROGRESS status."),
    ],
)  # fmt: skip
def test_a_spent_quota_is_said_with_its_limit(client: Client, error: str, text: str) -> None:
    order(client, {"error": error}, match={"provider": "personalize"}, allow_undeclared=True)
    example = catalogue.contracts()["personalize"].seed["example"]
    headers = {**example["headers"], "X-Amz-Target": "AmazonPersonalize.CreateDatasetGroup"}
    answer = client.post("/personalize/", headers=headers, json={"name": "another"})
    said = {"__type": "LimitExceededException", "message": text}
    assert (answer.status_code, answer.get_json(force=True)) == (400, said)


@EVERYWHERE
def test_an_order_has_the_same_shape_as_what_the_emulator_says_by_itself(
    client: Client, provider: str
) -> None:
    """A second creation is refused by the emulator; the same refusal, ordered, looks the same."""
    ask(client, provider)
    by_itself = ask(client, provider)
    if by_itself.status_code < 400:
        pytest.skip("names need not be unique there")
    client.post("/_emulator/reset", json={})
    order(client, {"error": row_said(provider, by_itself)}, match={"provider": provider})
    ordered = ask(client, provider)
    assert ordered.status_code == by_itself.status_code
    assert [n for n, _ in ordered.headers] == [n for n, _ in by_itself.headers]
    assert list(ordered.get_json(force=True)) == list(by_itself.get_json(force=True))


def row_said(provider: str, answer: TestResponse) -> str:
    """Find the row of errors.json that a refusal of a duplicate speaks by."""
    rows = catalogue.contracts()[provider].failures
    named = [name for name in rows if name.partition(":")[0] == "AlreadyExists"]
    return next(
        (name for name in named if rows[name]["status"] == answer.status_code and ":" in name),
        named[0],
    )


# ---- before or after


@EVERYWHERE
def test_an_error_is_sent_in_the_place_of_the_call(client: Client, provider: str) -> None:
    order(client, BROKEN, match={"provider": provider}, times=1)
    before = client.get("/_emulator/resources").get_json()
    ask(client, provider)
    assert client.get("/_emulator/resources").get_json() == before


@EVERYWHERE
@pytest.mark.parametrize("inside", [True, False], ids=["in the effect", "beside it"])
def test_an_error_may_be_sent_although_the_call_took_effect(
    client: Client, provider: str, inside: bool
) -> None:
    within, beside = ({"apply_first": True}, {}) if inside else ({}, {"apply_first": True})
    order(client, {**BROKEN, **within}, match={"provider": provider}, times=1, **beside)
    before = client.get("/_emulator/resources").get_json()["resources"]
    assert ask(client, provider).status_code == 500
    after = client.get("/_emulator/resources").get_json()["resources"]
    found = [each for each in after if each not in before]
    assert "dataset" in {each["kind"] for each in found}
    assert {each["provider"] for each in found} == {provider}


def test_the_same_token_gets_the_answer_that_was_lost(client: Client) -> None:
    order(client, {"error": "InternalServerException", "apply_first": True}, match={"provider": "lookoutvision"}, times=1)  # fmt: skip
    example = catalogue.contracts()["lookoutvision"].seed["example"]
    headers = {**example["headers"], "X-Amzn-Client-Token": "t1"}
    asked = [
        client.post(f"/lookoutvision{example['path']}", headers=headers, json=example["body"])
        for _ in range(3)
    ]
    assert [answer.status_code for answer in asked] == [500, 202, 202]
    assert asked[1].get_data() == asked[2].get_data()
    assert ask(client, "lookoutvision").status_code == 409


# ---- what cannot be ordered


@pytest.mark.parametrize(
    ("provider", "operation", "error"),
    [
        ("personalize", "ListSchemas", "LimitExceededException"),
        ("personalize", None, "ConflictException"),
        ("lookoutvision", "DescribeDataset", "ServiceQuotaExceededException"),
        ("pai", "GetDataset", "100400009"),
        ("aitems", "GetDataset", "DUPLICATE_NAME"),
        ("coactive", "ListAvailableEncoders", "HTTPValidationError"),
    ],
)
def test_an_error_the_operation_does_not_declare_is_refused_unless_forced(
    client: Client, provider: str, operation: str | None, error: str
) -> None:
    match = {"provider": provider} | ({} if operation is None else {"operation": operation})
    status, code, text = refused(client, match=match, effect={"error": error})
    assert (status, code) == (400, "NotDeclared")
    assert text.startswith(
        f"{error} is not an error of the matched operations of {provider}. Valid: "
    )
    order(client, {"error": error}, match=match, allow_undeclared=True)


def test_an_error_with_a_status_it_never_has_is_refused(client: Client) -> None:
    effect = {"error": "ThrottlingException", "status": 429, "message": "Rate exceeded"}
    assert refused(client, match={"provider": "personalize"}, effect=effect)[:2] == (400, "NotDeclared")  # fmt: skip
    order(client, effect, match={"provider": "personalize"}, allow_undeclared=True)
    answer = ask(client, "personalize")
    assert (answer.status_code, answer.get_json(force=True)) == (429, {"__type": "ThrottlingException", "message": "Rate exceeded"})  # fmt: skip


def test_what_is_forced_with_another_status_keeps_its_words(client: Client) -> None:
    match, effect = {"provider": "personalize"}, {"error": "ThrottlingException", "status": 503}
    order(client, effect, match=match, allow_undeclared=True)
    answer = ask(client, "personalize")
    said = {"__type": "ThrottlingException", "message": "Rate exceeded"}
    assert (answer.status_code, answer.get_json(force=True)) == (503, said)


@pytest.mark.parametrize("status", [400, 418, 503, 599])
def test_what_is_forced_may_be_of_no_vendor(client: Client, status: int) -> None:
    order(client, {"error": "Odd", "status": status, "message": "m"}, match={"provider": "coactive"}, allow_undeclared=True)  # fmt: skip
    answer = ask(client, "coactive")
    assert (answer.status_code, answer.get_json()) == (status, {"detail": "m"})


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({"effect": {"error": "ThrottlingException"}}, 400, "NotDeclared"),
        ({"effect": {"lifecycle": "failed"}, "match": {"provider": "coactive"}}, 400, "NotDeclared"),
        ({"effect": {"error": "Throttled", "lifecycle": "failed"}}, 400, "Invalid"),
        ({"effect": {"error": "Throttled", "hold_seconds": 1}}, 400, "Invalid"),
        ({"effect": {"status": 503}}, 400, "Invalid"),
        ({"effect": {"retry_after": 3, "delay": 1}}, 400, "Invalid"),
        ({"effect": {"apply_first": True, "close_connection": True}}, 400, "Invalid"),
        ({"effect": {"message": "m"}}, 400, "Invalid"),
        ({"effect": {"delay": 1}, "match": {"provider": "nobody"}}, 404, "NotFound"),
        ({"effect": {"delay": 1}, "match": {"operation": "Nothing"}}, 404, "NotFound"),
        ({"effect": {"delay": 1}, "match": {"provider": "pai", "operation": "CreateSchema"}}, 404, "NotFound"),
        ({"effect": {"delay": 1}, "match": {"world": "a b"}}, 400, "WorldRefused"),
        ({"effect": {"delay": 1}, "match": {"world": "../x"}}, 400, "WorldRefused"),
        ({"effect": {"delay": 1}, "match": {"world": ""}}, 400, "Invalid"),
        ({}, 400, "Invalid"),
        ({"effect": {}}, 400, "Invalid"),
        ({"effect": {"delay": -1}}, 400, "Invalid"),
        ({"effect": {"delay": 601}}, 400, "Invalid"),
        ({"effect": {"truncate_bytes": -1}}, 400, "Invalid"),
        ({"effect": {"explode": True}}, 400, "Invalid"),
        ({"effect": {"error": "InternalError", "status": 200}, "match": {"provider": "pai"}}, 400, "Invalid"),
        ({"effect": {"lifecycle": "sideways"}}, 400, "Invalid"),
        ({"effect": {"delay": 1}, "times": 0}, 400, "Invalid"),
        ({"effect": {"delay": 1}, "probability": 1.1}, 400, "Invalid"),
        ({"effect": {"delay": 1}, "expires_in": -1}, 400, "Invalid"),
        ({"effect": {"delay": 1}, "match": {"nth": 0}}, 400, "Invalid"),
        ({"effect": {"delay": 1}, "match": {"path": "/"}}, 400, "Invalid"),
    ],
    ids=repr,
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_not_stored(
    application: Application, client: Client, members: dict[str, Any], status: int, code: str
) -> None:
    assert refused(client, **members)[:2] == (status, code)
    assert [world.name for world in application.worlds.all()] == ["default"]


@pytest.mark.parametrize(
    ("members", "unknown"),
    [
        ({"effect": {"stays": 1}}, "/effect/stays"),
        ({"effect": {"cut": True}}, "/effect/cut"),
        ({"effect": {"truncate": 1}}, "/effect/truncate"),
        ({"effect": {**BROKEN, "after": True}}, "/effect/after"),
        ({"effect": BROKEN, "after": True}, "/after"),
        ({"effect": BROKEN, "seconds": 1}, "/seconds"),
        ({"effect": BROKEN, "seed": 1}, "/seed"),
        ({"effect": BROKEN, "force": True}, "/force"),
    ],
    ids=repr,
)
def test_a_former_word_is_refused_by_its_name(
    client: Client, members: dict[str, Any], unknown: str
) -> None:
    text = f"The request breaks 1 rule: {unknown} is not a known member"
    assert refused(client, **members) == (400, "Invalid", text)


def test_a_former_name_of_an_error_is_refused(client: Client) -> None:
    assert refused(client, effect={"error": "Broken"})[:2] == (400, "NotDeclared")


def test_an_ordered_message_stands_in_an_item_where_the_vendor_has_items(client: Client) -> None:
    effect = {"error": "HTTPValidationError", "message": "Not today"}
    match = {"provider": "coactive", "operation": "CreateDataset"}
    order(client, effect, match=match)
    answer = ask(client, "coactive")
    sent = catalogue.contracts()["coactive"].seed["example"]["body"]["name"]
    item = {"type": "value_error", "loc": ["body", "name"], "msg": "Not today", "input": sent}
    assert (answer.status_code, answer.get_json()) == (422, {"detail": [item]})
