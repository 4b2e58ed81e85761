"""PAI: who may do what, against the vendor's table of roles.

The page (source `roles`) has a row per action and a column per role, whose dataset it is and
whether it is public. The copies of it that are text have kept the number of marks of each row, but
not their columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from werkzeug.test import Client

from emulator.app import Application
from emulator.settings import Settings
from tests.contract import catalogue

PERMISSIONS = catalogue.contracts()["pai"].rules["permissions"]

DEVELOPER, OPERATOR, LABELLING, VISITOR = (
    "PAI.AlgoDeveloper",
    "PAI.AlgoOperator",
    "PAI.LabelManager",
    "PAI.WorkspaceGuest",
)
COLUMNS: Sequence[tuple[str, frozenset[str]]] = [
    *((DEVELOPER, frozenset([cell])) for cell in ("own private", "others private", "own public", "others public")),
    *(
        (role, frozenset(cells))
        for role in (OPERATOR, LABELLING, VISITOR)
        for cells in (["own private"], ["others private"], ["own public", "others public"])
    ),
]  # fmt: skip
"""The columns of the page besides that of owners and administrators, who have every mark."""

MARKS: Mapping[int, str] = {
    4: "UpdateDataset DeleteDataset PublishDataset CreateDatasetLabels DeleteDatasetLabels"
    " DeleteDatasetVersion UpdateDatasetVersion CreateDatasetVersionLabels"
    " DeleteDatasetVersionLabels UpdateDatasetFileMetas DeleteDatasetFileMetas"
    " UpdateDatasetJobConfig DeleteDatasetJobConfig UpdateDatasetJob DeleteDatasetJob"
    " StopDatasetJob",
    7: "CreateDataset CreateDatasetVersion CreateDatasetFileMetas CreateDatasetJobConfig"
    " CreateDatasetJob",
    8: "GetDataset GetDatasetVersion GetDatasetFileMeta GetDatasetJobConfig GetDatasetJob",
    9: "ListDatasets ListDatasetVersions ListDatasetFileMetas GetDatasetFileMetasStatistics"
    " ListDatasetJobConfigs ListDatasetJobs",
}
"""Marks of a row -> the actions of such rows."""

MORE: Mapping[int, tuple[int, str]] = {
    4: (0, ""),
    7: (1, "which of the eight columns has no mark is not known, so all have one"),
    8: (2, "PRIVATE is visible to the owner, PUBLIC to all in the workspace (reference): visitors, too"),
    9: (1, "PRIVATE is visible to the owner (reference): a visitor who owns one, too"),
}  # fmt: skip
"""Marks of a row -> how many more the emulator has, and why."""

MEMBERS_ONLY = "GetWorkspace GetMember ListMembers"
ADMINISTRATORS_ONLY = (
    "UpdateWorkspace DeleteWorkspace UpdateDefaultWorkspace CreateMember DeleteMembers"
    " AddMemberRole RemoveMemberRole"
)

USER = "208310175366414861"
WORKSPACE = {"WorkspaceId": "478123"}
ROLES = [DEVELOPER, OPERATOR, LABELLING, VISITOR]
CELLS = ["own private", "own public", "others private", "others public"]
OF_DATASETS = sorted(" ".join(MARKS.values()).split())
PARTS = {
    "VersionName": "v1",
    "DatasetJobId": "dsjob-1",
    "DatasetJobConfigId": "dscfg-1",
    "DatasetFileMetaId": "0" * 64,
}
VERSION = {
    "Property": "DIRECTORY",
    "DataSourceType": "OSS",
    "Uri": "oss://bkt.oss-cn-hangzhou.aliyuncs.com/2/",
}
NEW_FILE = {
    "Uri": "oss://bkt.oss-cn-hangzhou.aliyuncs.com/2/a.csv",
    "FileType": "csv",
    "ContentType": "text/csv",
    "FileFingerPrint": "1",
    "FileUpdateTime": "2026-04-01T08:00:00Z",
}
BODIES: Mapping[str, Mapping[str, Any]] = {
    "CreateDatasetVersion": VERSION,
    "CreateDatasetLabels": {"Labels": []},
    "CreateDatasetVersionLabels": {"Labels": []},
    "CreateDatasetFileMetas": {**WORKSPACE, "DatasetVersion": "v1", "DatasetFileMetas": [NEW_FILE]},
    "UpdateDatasetFileMetas": {
        **WORKSPACE,
        "DatasetVersion": "v1",
        "DatasetFileMetas": [{"DatasetFileMetaId": "0" * 64}],
    },
    "CreateDatasetJob": {**WORKSPACE, "JobAction": "FileMetaBuild", "JobSpec": "{}"},
    "CreateDatasetJobConfig": {**WORKSPACE, "ConfigType": "MultimodalSemanticIndex", "Config": "{}"},
}  # fmt: skip
QUERY = {
    **WORKSPACE,
    "DatasetVersion": "v1",
    "PageNumber": "1",
    "PageSize": "10",
    "Keys": "a",
    "LabelKeys": "a",
    "DatasetFileMetaIds": "0" * 64,
}


def granted(operation: str) -> int:
    """Count the marks that the emulator has in the columns of the page, administrators included."""
    grant = PERMISSIONS["grants"][PERMISSIONS["operations"][operation]]
    return 1 + sum(cells <= {*grant.get(role, ())} for role, cells in COLUMNS)


@pytest.mark.parametrize("marks", MARKS)
def test_each_action_has_the_marks_of_the_page(marks: int) -> None:
    more, _ = MORE[marks]
    for operation in MARKS[marks].split():
        assert granted(operation) == marks + more, operation


def test_the_table_has_every_operation_on_datasets_and_in_workspaces() -> None:
    ours = PERMISSIONS["operations"]
    assert all(ours[name] == "belong" for name in MEMBERS_ONLY.split())
    assert all(ours[name] == "administer" for name in ADMINISTRATORS_ONLY.split())
    known = {*OF_DATASETS, *MEMBERS_ONLY.split(), *ADMINISTRATORS_ONLY.split()}
    assert ours.keys() - known == {"ChangeResourceGroup"}  # the page does not have it
    assert known <= catalogue.contracts()["pai"].operations.keys()
    assert {*ours.values()} == PERMISSIONS["grants"].keys()


class Service:
    """PAI in one process, called as the owner of its workspaces or as another user."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._client = Client(application)
        self._operations = catalogue.contracts()["pai"].operations

    def begin(self, role: str) -> Mapping[str, str]:
        """Start over with a member of a role, and return the ids of four datasets, by cell."""
        self._application.world.reset()
        members = {"Members": [{"UserId": USER, "Roles": [role]}]}
        self.call("CreateMember", WORKSPACE, members)
        return {cell: self._dataset(cell) for cell in CELLS}

    def _dataset(self, cell: str) -> str:
        whose, accessibility = cell.split()
        body = {
            **VERSION,
            "Name": cell.replace(" ", "-"),
            "Edition": "ADVANCED",
            "Accessibility": accessibility.upper(),
            **({"UserId": USER} if whose == "own" else {}),
        }
        return str(self.call("CreateDataset", {}, body)["DatasetId"])

    def call(
        self, name: str, path: Mapping[str, str], body: object = None, user: str = "emulator"
    ) -> Any:
        operation = self._operations[name]
        query = "&".join(f"{key}={value}" for key, value in QUERY.items())
        return self._client.open(
            f"/pai{operation.path.format(**{**PARTS, **path})}",
            method=operation.method,
            query_string=query if operation.method in ("GET", "DELETE") else "",
            json=body,
            headers={
                "x-acs-version": "2021-02-04",
                "x-acs-date": "2026-04-01T08:00:00Z",
                "Authorization": f"ACS3-HMAC-SHA256 Credential={user},SignedHeaders=host,Signature=0",
            },
        ).get_json()  # fmt: skip

    def permits(self, name: str, path: Mapping[str, str], body: object = None) -> bool:
        """Return whether the user gets any other answer than that of a missing permission."""
        answer = self.call(name, path, body, user=USER)
        assert answer.get("Code") not in ("MissingParameter", "InvalidAction.NotFound"), answer
        return bool(answer.get("Code") != "100700008")


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    application = Application(Settings(clock="frozen", strict=True))
    yield Service(application)
    application.close()


@pytest.mark.parametrize("role", ROLES)
def test_what_is_called_is_permitted_as_the_table_says(service: Service, role: str) -> None:
    on_datasets = [name for name in OF_DATASETS if name not in ("CreateDataset", "ListDatasets")]
    for name in on_datasets:
        grant = PERMISSIONS["grants"][PERMISSIONS["operations"][name]]
        ids = service.begin(role)
        body = BODIES.get(name, {})
        permitted = {
            cell for cell, id_ in ids.items() if service.permits(name, {"DatasetId": id_}, body)
        }
        assert permitted == {*grant.get(role, ())}, f"{name} by {role}"


@pytest.mark.parametrize("role", ROLES)
def test_a_list_has_what_may_be_read(service: Service, role: str) -> None:
    ids = service.begin(role)
    listed = service.call("ListDatasets", {}, user=USER)["Datasets"]
    readable = {*PERMISSIONS["grants"]["read"].get(role, ())}
    assert {each["DatasetId"] for each in listed} == {ids[cell] for cell in readable}


@pytest.mark.parametrize("role", [*ROLES, "PAI.MaxComputeDeveloper", "role-hiuwpd01ncrokkgp21"])
@pytest.mark.parametrize("accessibility", ["PRIVATE", "PUBLIC"])
def test_what_is_created_is_permitted_as_the_table_says(
    service: Service, role: str, accessibility: str
) -> None:
    service.begin(role)
    grant = PERMISSIONS["grants"]["use"]
    expected = grant.get(role, grant[DEVELOPER] if role.startswith("role-") else ())
    body = {**VERSION, "Name": "new", "Accessibility": accessibility}
    permitted = service.permits("CreateDataset", {}, body)
    assert permitted == (f"own {accessibility.lower()}" in expected)


@pytest.mark.parametrize("role", [*ROLES, "PAI.MaxComputeDeveloper", "PAI.WorkspaceAdmin"])
def test_workspaces_are_changed_by_administrators_and_seen_by_members(
    service: Service, role: str
) -> None:
    service.begin(role)
    member = {**WORKSPACE, "MemberId": f"478123-{USER}"}
    is_admin = role == "PAI.WorkspaceAdmin"
    assert service.permits("GetWorkspace", WORKSPACE)
    assert service.permits("ListMembers", WORKSPACE)
    changes: Sequence[tuple[str, Mapping[str, str], object]] = [
        ("UpdateWorkspace", WORKSPACE, {"Description": "x"}),
        ("UpdateDefaultWorkspace", {}, WORKSPACE),
        ("AddMemberRole", {**member, "RoleName": VISITOR}, None),
        ("RemoveMemberRole", {**member, "RoleName": VISITOR}, None),
        ("CreateMember", WORKSPACE, {"Members": [{"UserId": "1", "Roles": [VISITOR]}]}),
        ("DeleteWorkspace", WORKSPACE, None),
    ]
    for name, path, body in changes:
        assert service.permits(name, path, body) == is_admin, name
    assert not service.permits("GetWorkspace", {"WorkspaceId": "478124"})
