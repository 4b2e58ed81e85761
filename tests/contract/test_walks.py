"""Random walks through the lives of the AWS pair's resources.

Whatever is created, described, listed, updated, deleted, and however the clock moves: no
state comes out of order, nothing is lost, nothing deleted comes back, and no operation
answers with an error it does not declare.
"""

from __future__ import annotations

import io
import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from emulator.app import Application
from emulator.core.primitives.clock import SECOND
from emulator.core.storage.objects import put_object
from emulator.providers.lookoutvision.manifest import default_manifest
from emulator.settings import Settings
from tests.contract import catalogue

WALKS, STEPS, SHARES = 10_000, 10, 10

ORDER: Mapping[str, tuple[str, ...]] = {
    "CREATE PENDING": ("CREATE IN_PROGRESS", "ACTIVE"),
    "CREATE IN_PROGRESS": ("ACTIVE",),
    "UPDATE PENDING": ("UPDATE IN_PROGRESS", "ACTIVE"),
    "UPDATE IN_PROGRESS": ("ACTIVE",),
    "DELETE PENDING": ("DELETE IN_PROGRESS",),
    "CREATE_IN_PROGRESS": ("CREATE_COMPLETE",),
    "UPDATE_IN_PROGRESS": ("UPDATE_COMPLETE",),
}
"""What a state may be followed by, without any call; the last ones stay."""

AFTER_CALL: Mapping[str, tuple[str, ...]] = {
    "delete": ("DELETE PENDING", "DELETE IN_PROGRESS", "DELETE_IN_PROGRESS"),
    "update": ("UPDATE PENDING", "UPDATE IN_PROGRESS", "ACTIVE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"),
}  # fmt: skip
"""What a state may be after a call that was accepted."""

CALLED = "called"
"""The state of a resource between such a call and the next look."""

FRAMEWORK = {"ValidationException"}
"""Errors of the framework, which no operation of Amazon Personalize declares."""

Request = tuple[str, Any]
"""An operation and its members."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How resources of a kind are made and looked at; a maker gives None if a parent lacks."""

    name: str
    create: Callable[[Walk, str], Request | None]
    id_of: Callable[[Any, Any], str]
    """The id, from the members sent and the answer."""
    describe: str
    list: str
    members: Callable[[str], dict[str, str]]
    """The members that name a resource."""
    delete: str | None = None
    names: str = "ab"
    update: Callable[[Walk, str], Request | None] = lambda walk, key: None


@dataclass
class Known:
    """What a walk knows of a resource."""

    kind: Kind
    state: str | None = None
    called: str | None = None
    """The last accepted call that changes its state."""
    gone: bool = False


class Ways:
    """Sends requests to one application, for one account each."""

    def __init__(self, app: Application, service: str, account: str) -> None:
        self.app, self.service, self.account = app, service, account
        self.contract = catalogue.contracts()[service]
        self.authorization = f"AWS4-HMAC-SHA256 Credential={account}/20260401/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"  # fmt: skip

    def send(self, operation: str, members: Mapping[str, Any]) -> tuple[int, Any, str]:
        """Give status, document and error class of an answer."""
        known = self.contract.operations[operation]
        path, query, body = known.path, [], dict(members)
        for member in known.members:
            value = body.pop(member.name, None) if member.location != "body" else None
            if value is None:
                continue
            if member.location == "path":
                path = path.replace("{" + member.wire_name + "}", str(value))
            else:
                query.append(f"{member.wire_name}={value}")
        text = json.dumps(body).encode() if body or known.method == "POST" else b""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": known.method, "SCRIPT_NAME": "", "PATH_INFO": f"/{self.service}{path}",
            "QUERY_STRING": "&".join(query).replace("+", "%2B"), "SERVER_NAME": "localhost", "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost",
            "HTTP_AUTHORIZATION": self.authorization, "HTTP_X_AMZ_DATE": "20260401T080000Z",
            "CONTENT_LENGTH": str(len(text)),
            "CONTENT_TYPE": self.contract.protocol["contentTypes"][0] if text else "",
            "wsgi.input": io.BytesIO(text), "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr,
        }  # fmt: skip
        if known.target:
            environ["HTTP_X_AMZ_TARGET"] = known.target
        started: list[Any] = []
        answer = b"".join(self.app(environ, lambda status, headers, _=None: started.extend((status, headers))))  # fmt: skip
        document = json.loads(answer) if answer else {}
        headers = {name.lower(): value for name, value in started[1]}
        error = headers.get("x-amzn-errortype") or document.get("__type", "")
        return int(started[0][:3]), document, error


@dataclass
class Walk:
    """One walk: what was done, and what is known of what exists."""

    ways: Ways
    kinds: list[Kind]
    rng: random.Random
    known: dict[str, Known] = field(default_factory=dict)
    path: list[object] = field(default_factory=list)

    def there(self, kind: str) -> list[str]:
        """The ids of a kind that were made and are not known to be gone."""
        return [
            key for key, known in self.known.items() if known.kind.name == kind and not known.gone
        ]

    def ask(self, operation: str, members: Mapping[str, Any]) -> tuple[bool, Any]:
        status, document, error = self.ways.send(operation, members)
        self.path.append((operation, members, status, error))
        declared = self.ways.contract.operations[operation].errors
        assert status < 400 or (status < 500 and error in {*declared, *FRAMEWORK}), self.path
        return status < 400, document

    def begin(self) -> None:
        """Get most walks as far as a dataset."""
        for kind in self.kinds[:2]:
            self.create(kind)
        self.wait(self.kinds[-1])
        self.create(self.kinds[-1])

    def step(self) -> None:
        """Do one thing at random, with the last kind, the datasets, three times as often."""
        verbs = [self.create, self.create, self.look, self.look, self.go_through, self.change, self.remove, self.wait, self.wait]  # fmt: skip
        self.rng.choice(verbs)(self.rng.choice([*self.kinds, *self.kinds[-1:] * 2]))

    def wait(self, _: Kind) -> None:
        seconds = self.rng.choice([0.3, 1, 10, 60])
        self.path.append(seconds)
        self.ways.app.world.clock.advance(int(seconds * SECOND))

    def create(self, kind: Kind) -> None:
        params = kind.create(self, self.rng.choice(kind.names))
        if params is None:
            return
        made, document = self.ask(*params)
        key = kind.id_of(params[1], document) if made else ""
        if made:
            before = self.known.get(key)
            assert before is None or before.gone or before.called == "delete", self.path
            self.known[key] = Known(kind)

    def look(self, kind: Kind) -> None:
        for key in [i for i, known in self.known.items() if known.kind is kind]:
            known = self.known[key]
            found, document = self.ask(kind.describe, kind.members(key))
            if not found:
                assert known.gone or known.called == "delete", ("lost", key, self.path)
                known.gone = True
                continue
            assert not known.gone, ("came back", key, self.path)
            self.check_state(known, next(iter(document.values())))

    def check_state(self, known: Known, shown: Mapping[str, Any]) -> None:
        state = shown.get("status") or shown.get("Status")
        before, known.state = known.state, state
        if state == before or before is None:
            return
        allowed = AFTER_CALL[str(known.called)] if before == CALLED else ORDER.get(before, ())
        assert state in allowed, (before, state, known.called, self.path)

    def go_through(self, kind: Kind) -> None:
        """List everything in small pages; what is certain to exist is there, once."""
        if not kind.list:
            return
        seen: list[str] = []
        token_in, token_out = ("NextToken", "NextToken") if self.ways.service == "lookoutvision" else ("nextToken", "nextToken")  # fmt: skip
        size = "MaxResults" if self.ways.service == "lookoutvision" else "maxResults"
        members: dict[str, Any] = {size: self.rng.choice([1, 2, 100])}
        while True:
            listed, document = self.ask(kind.list, members)
            assert listed, self.path
            items = next(value for value in document.values() if isinstance(value, list))
            seen += [kind.id_of(item, item) for item in items]
            if token_out not in document:
                break
            members[token_in] = document[token_out]
        certain = {i for i, known in self.known.items() if known.kind is kind and not known.gone and known.called != "delete"}  # fmt: skip
        assert len(seen) == len(set(seen)), self.path
        assert certain <= set(seen), self.path
        assert set(seen) <= set(self.there(kind.name)), self.path

    def change(self, kind: Kind) -> None:
        for key in self.there(kind.name)[:1]:
            params = kind.update(self, key)
            if params and self.ask(*params)[0]:
                self.known[key].called, self.known[key].state = "update", CALLED

    def remove(self, kind: Kind) -> None:
        there = self.there(kind.name)
        if kind.delete and there:
            key = self.rng.choice(there)
            if self.ask(kind.delete, kind.members(key))[0]:
                self.known[key].called, self.known[key].state = "delete", CALLED


FIELDS: dict[str, tuple[str, list[tuple[str, Any]]]] = {
    "a": ("Users", [("USER_ID", "string"), ("AGE", "int")]),
    "b": ("Items", [("ITEM_ID", "string"), ("PRICE", "float")]),
    "c": ("Users", [("USER_ID", "string"), ("AGE", "int"), ("TOWN", ["null", "string"])]),
}
"""Schemas by name; `c` is `a` with one field more, as an update allows it."""


def a_schema(walk: Walk, name: str) -> Request:
    record, fields = FIELDS[name]
    schema = {
        "type": "record",
        "name": record,
        "namespace": "com.amazonaws.personalize.schema",
        "fields": [{"name": field, "type": kind} for field, kind in fields],
        "version": "1.0",
    }
    return "CreateSchema", {"name": name, "schema": json.dumps(schema)}


def a_dataset(walk: Walk, name: str) -> Request | None:
    groups, schemas = walk.there("group"), walk.there("schema")
    if not groups or not schemas:
        return None
    schema = walk.rng.choice(schemas)
    kind = FIELDS[schema[-1]][0]
    members = {"name": name, "schemaArn": schema, "datasetGroupArn": walk.rng.choice(groups), "datasetType": kind}  # fmt: skip
    return "CreateDataset", members


def another_schema(walk: Walk, arn: str) -> Request | None:
    schemas = walk.there("schema")
    return (
        ("UpdateDataset", {"datasetArn": arn, "schemaArn": walk.rng.choice(schemas)})
        if schemas
        else None
    )


def an_import(walk: Walk, name: str) -> Request | None:
    datasets = walk.there("dataset")
    if not datasets:
        return None
    source, role = {"dataLocation": "s3://bucket/key"}, f"arn:aws:iam::{walk.ways.account}:role/r"
    members = {"jobName": name, "datasetArn": walk.rng.choice(datasets), "dataSource": source}
    return "CreateDatasetImportJob", {**members, "roleArn": role}


def a_tracker(walk: Walk, name: str) -> Request | None:
    groups = walk.there("group")
    members = {"name": name, "datasetGroupArn": walk.rng.choice(groups)} if groups else {}
    return ("CreateEventTracker", members) if groups else None


def a_project_dataset(walk: Walk, name: str) -> Request | None:
    projects = walk.there("project")
    if not projects:
        return None
    key = "unsupplied" if walk.rng.random() < 0.1 else "supplied"
    source = {"GroundTruthManifest": {"S3Object": {"Bucket": "bucket", "Key": key}}}
    members = {"ProjectName": walk.rng.choice(projects), "DatasetType": {"a": "train", "b": "test"}[name]}  # fmt: skip
    return "CreateDataset", {**members, **({"DatasetSource": source} if walk.rng.random() < 0.5 else {})}  # fmt: skip


PERSONALIZE = [
    Kind(
        name="schema",
        create=a_schema,
        names="abc",
        id_of=lambda sent, answer: answer["schemaArn"],
        describe="DescribeSchema",
        list="ListSchemas",
        delete="DeleteSchema",
        members=lambda arn: {"schemaArn": arn},
    ),
    Kind(
        name="group",
        create=lambda walk, name: ("CreateDatasetGroup", {"name": name}),
        id_of=lambda sent, answer: answer["datasetGroupArn"],
        describe="DescribeDatasetGroup",
        list="ListDatasetGroups",
        delete="DeleteDatasetGroup",
        members=lambda arn: {"datasetGroupArn": arn},
    ),
    Kind(
        name="job",
        create=an_import,
        id_of=lambda sent, answer: answer["datasetImportJobArn"],
        describe="DescribeDatasetImportJob",
        list="ListDatasetImportJobs",
        members=lambda arn: {"datasetImportJobArn": arn},
    ),
    Kind(
        name="tracker",
        create=a_tracker,
        id_of=lambda sent, answer: answer["eventTrackerArn"],
        describe="DescribeEventTracker",
        list="ListEventTrackers",
        delete="DeleteEventTracker",
        members=lambda arn: {"eventTrackerArn": arn},
    ),
    Kind(
        name="dataset",
        create=a_dataset,
        id_of=lambda sent, answer: answer["datasetArn"],
        describe="DescribeDataset",
        list="ListDatasets",
        delete="DeleteDataset",
        update=another_schema,
        members=lambda arn: {"datasetArn": arn},
    ),
]  # fmt: skip

LOOKOUTVISION = [
    Kind(
        name="project",
        create=lambda walk, name: ("CreateProject", {"ProjectName": name}),
        id_of=lambda sent, answer: sent["ProjectName"],
        describe="DescribeProject",
        list="ListProjects",
        delete="DeleteProject",
        members=lambda name: {"ProjectName": name},
    ),
    Kind(
        name="dataset",
        create=a_project_dataset,
        id_of=lambda sent, answer: f"{sent['ProjectName']}/{sent['DatasetType']}",
        describe="DescribeDataset",
        list="",
        delete="DeleteDataset",
        members=lambda key: dict(zip(("ProjectName", "DatasetType"), key.split("/"), strict=True)),
    ),
]


def walks(app: Application, service: str, kinds: list[Kind], share: int) -> Iterator[Walk]:
    for number in range(share, WALKS // 2, SHARES):
        account = f"{number + 1:012}"
        yield Walk(Ways(app, service, account), kinds, random.Random(f"{service} {number}"))


@pytest.fixture(scope="module")
def app() -> Iterator[Application]:
    """An emulator with a manifest of three images; one that is not supplied has 44."""
    application = Application(Settings(clock="frozen", strict=True))
    rules = application.contracts["lookoutvision"].rules
    lines = default_manifest("bucket", rules).splitlines()[:3]
    with application.world.objects() as repository:
        put_object(repository, "bucket", "supplied", "\n".join(lines))
    yield application
    application.close()


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize(
    ("service", "kinds"), [("personalize", PERSONALIZE), ("lookoutvision", LOOKOUTVISION)]
)
def test_walks_keep_to_the_rules(
    app: Application, service: str, kinds: list[Kind], share: int
) -> None:
    for walk in walks(app, service, kinds, share):
        walk.begin()
        for _ in range(STEPS):
            walk.step()
