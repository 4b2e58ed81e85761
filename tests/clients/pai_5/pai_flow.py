"""Take a dataset through its life with the SDK of this interpreter; print the answers as JSON.

    python pai_flow.py <host and port of the service> sync|async

It runs in an environment of its own, without the emulator, and knows it by its address only.
This generation of the SDK has no file metas and no jobs.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from alibabacloud_aiworkspace20210204 import models
from alibabacloud_aiworkspace20210204.client import Client
from alibabacloud_tea_openapi.models import Config
from Tea.exceptions import TeaException

ANOTHER = "208310175366414861"
LABEL = models.Label(key="env", value="test")
URI = "nas://09f1abcdef.cn-hangzhou/"


class QueryOptions:
    """Calls operations, and writes down what the SDK made of each answer."""

    def __init__(self, host: str, way: str) -> None:
        config = Config(
            access_key_id="testKey",
            access_key_secret="testSecret",
            region_id="cn-hangzhou",
            endpoint=host,
            protocol="http",
        )
        self._client, self._way = Client(config), way
        self.heard: list[list[Any]] = []

    def __call__(self, name: str, *arguments: Any) -> Any:
        try:
            if self._way == "sync":
                answer = getattr(self._client, name)(*arguments)
            else:
                answer = asyncio.run(getattr(self._client, f"{name}_async")(*arguments))
        except TeaException as error:
            self.heard.append([name, error.data["statusCode"], error.code])
            return None
        body = answer.body.to_map()
        assert body.pop("RequestId") == answer.headers["x-acs-request-id"]
        self.heard.append([name, answer.status_code, body])
        return answer.body


def dataset(ask: QueryOptions) -> None:
    params = models.CreateDatasetRequest(
        name="myName",
        property="DIRECTORY",
        data_source_type="NAS",
        uri=URI,
        options='{"mountPath":"/mnt/data/"}',
        labels=[LABEL],
        version_description="first",
        version_labels=[LABEL],
        data_size=10000,
        data_count=500,
    )
    made = ask("create_dataset", params).dataset_id
    ask("create_dataset", params)
    ask("list_datasets", models.ListDatasetsRequest(name="yNa", page_number=1, page_size=10))
    ask("update_dataset", made, models.UpdateDatasetRequest(description="new"))
    ask("publish_dataset", made)
    another = models.Label(key="a", value="b")
    ask("create_dataset_labels", made, models.CreateDatasetLabelsRequest(labels=[another]))
    ask("delete_dataset_labels", made, models.DeleteDatasetLabelsRequest(label_keys="env"))
    ask("get_dataset", made)
    versions(ask, made)
    ask("delete_dataset", made)
    ask("get_dataset", made)


def versions(ask: QueryOptions, made: str) -> None:
    params = models.CreateDatasetVersionRequest(
        property="FILE", data_source_type="NAS", uri=f"{URI}2"
    )
    ask("create_dataset_version", made, params)
    change = models.UpdateDatasetVersionRequest(description="second", data_size=1)
    ask("update_dataset_version", made, "v2", change)
    labels = models.CreateDatasetVersionLabelsRequest(labels=[LABEL])
    ask("create_dataset_version_labels", made, "v2", labels)
    ask("get_dataset_version", made, "v2")
    keys = models.DeleteDatasetVersionLabelsRequest(keys="env")
    ask("delete_dataset_version_labels", made, "v2", keys)
    ask(
        "list_dataset_versions", made, models.ListDatasetVersionsRequest(page_number=1, page_size=1)
    )
    ask("delete_dataset_version", made, "v1")
    ask("delete_dataset_version", made, "v2")


def workspace(ask: QueryOptions) -> None:
    params = models.CreateWorkspaceRequest(
        workspace_name="older", description="d", env_types=["prod"]
    )
    made = ask("create_workspace", params).workspace_id
    ask("update_workspace", made, models.UpdateWorkspaceRequest(display_name="Older"))
    ask("get_workspace", made, models.GetWorkspaceRequest(verbose=True))
    ask("list_workspaces", models.ListWorkspacesRequest(workspace_ids=made))
    member = models.CreateMemberRequestMembers(user_id=ANOTHER, roles=["PAI.AlgoDeveloper"])
    ask("create_member", made, models.CreateMemberRequest(members=[member]))
    ask("list_members", made, models.ListMembersRequest(roles="PAI.AlgoDeveloper"))
    ask("get_member", made, models.GetMemberRequest(user_id=ANOTHER))
    ask("delete_members", made, models.DeleteMembersRequest(member_ids=f"{made}-{ANOTHER}"))
    ask("update_default_workspace", models.UpdateDefaultWorkspaceRequest(workspace_id=made))
    ask("get_default_workspace", models.GetDefaultWorkspaceRequest(verbose=False))
    ask("delete_workspace", made)
    ask("get_default_workspace", models.GetDefaultWorkspaceRequest())


if __name__ == "__main__":
    asked = QueryOptions(*sys.argv[1:])
    dataset(asked)
    workspace(asked)
    print(json.dumps(asked.heard))
