"""An ordered error says what the same refusal says by itself, wherever a case knows a way to it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.cases.runner import Case, Runner, all_cases
from tests.contract.answers import request_ids

FAULTS = "/_emulator/faults"
COMPARED = {
    "NotFound",
    "AlreadyExists",
    "NotReady",
    "InUse",
    "QuotaExceeded",
    "TokenReused",
    "BadToken",
    "Refused",
}
"""Failures after the request was read: an order strikes only then. A broken rule is any rule."""

UNKNOWABLE = {
    "Refused:missing-fields": "which fields a stored schema lacks",
    "Refused:changed-fields": "which fields of a stored schema differ",
    "Refused:new-fields-not-null": "which fields of a stored schema are new",
    "Refused:foreign-arn": "which of several ARNs is another's",
    "Refused:mandatory-field": "which field is missing",
    "Refused:search": "which member would search",
    "Refused:not-updatable": "the type of a stored dataset",
    "Refused:unknown-dataset-type": "that the type is said as it was sent",
    "NotReady": "the state of a stored resource",
    "TrainService NotFound:dataset": "which dataset of a stored service is gone",
    "EditServiceDatasets NotFound:dataset": "which of several datasets is unknown",
}
"""Rows, some of one operation, whose facts are not in the request -> the fact that an order takes from the example."""


def refusals() -> Iterator[Any]:
    """Take the first case for each operation, status and code that is refused somewhere."""
    seen = set()
    for case in all_cases():
        for step in case.document["steps"]:
            answer = step.get("answer", {})
            if answer.get("status", 0) >= 400 and "call" in step["request"]:
                key = (case.provider, step["request"]["call"], json.dumps(_kind(answer)))
                if key not in seen:
                    seen.add(key)
                    yield pytest.param(case, id=case.name)
                    break


def _kind(answer: Mapping[str, Any]) -> object:
    document = answer.get("json") or {}
    document = document if isinstance(document, dict) else {}
    codes = [document.get(name) for name in ("__type", "Code", "error", "ResourceType")]
    return [answer["status"], codes, answer.get("headers", {}).get("x-amzn-ErrorType")]


class Comparing(Runner):
    """Orders each refusal again, and compares what is said."""

    compared = 0

    def send(self, request: Mapping[str, Any]) -> TestResponse:
        self.sent = request
        return super().send(request)

    def compare(self, where: str, wanted: Mapping[str, Any], answer: TestResponse) -> None:
        super().compare(where, wanted, answer)
        if answer.status_code < 400 or "call" not in self.sent:
            return
        explained = self.client.get("/_emulator/requests").get_json()["requests"][-1]["explain"]
        failure, subject = explained["failure"], explained["subject"]
        row = f"{failure}:{subject}" if subject else failure
        is_known = (
            subject is None or subject in self.contract.kinds or row in self.contract.failures
        )
        names = {row, failure, f"{self.sent['call']} {row}"}
        if failure not in COMPARED or not names.isdisjoint(UNKNOWABLE) or not is_known:
            return
        ordered = self._ordered(row)
        assert whole(ordered) == whole(answer), f"{where}: {row}"
        self.compared += 1

    def _ordered(self, row: str) -> TestResponse:
        """Send the request again while a fault has the row for it."""
        match = {"provider": self.case.provider, "operation": self.sent["call"]}
        fault = {"match": match, "effect": {"error": row}, "allow_undeclared": True}
        made = self.client.post(FAULTS, json=fault)
        assert made.status_code == 200, made.get_json()
        answer = super().send(self.sent)
        assert self.client.get(FAULTS).get_json()["faults"][0]["applied"] == 1
        self.client.delete(FAULTS, json={})
        return answer


def whole(answer: TestResponse) -> tuple[int, list[str], str]:
    """Take an answer without the ids that every request has of its own."""
    body = answer.get_data(as_text=True)
    contents = answer.status_code, dict(answer.headers), answer.get_data()
    for each in request_ids(contents) if "json" in answer.content_type else ():
        body = body.replace(each, "ID")
    return answer.status_code, [name for name, _ in answer.headers], body


@pytest.mark.parametrize("case", [*refusals()])
def test_what_is_ordered_is_what_is_said_anyway(case: Case) -> None:
    Comparing(case).run()
