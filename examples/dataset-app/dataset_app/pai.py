"""Alibaba Cloud PAI AIWorkSpace: a dataset is there at once."""

from __future__ import annotations

from collections.abc import Mapping

from alibabacloud_aiworkspace20210204 import models
from alibabacloud_aiworkspace20210204.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.utils_models import Config

from dataset_app.service import AlreadyExists, State

NAME_TAKEN = "201300003"


class Pai:
    """Directories of a file system."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        url = environ.get("PAI_URL", "https://aiworkspace.cn-hangzhou.aliyuncs.com")
        protocol, _, endpoint = url.partition("://")
        self._client = Client(
            Config(
                access_key_id=environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
                access_key_secret=environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
                region_id="cn-hangzhou",
                protocol=protocol,
                endpoint=endpoint,
            )
        )

    def create(self, name: str) -> str:
        params = models.CreateDatasetRequest(
            name=name,
            property="DIRECTORY",
            data_source_type="NAS",
            uri="nas://09f1abcdef.cn-hangzhou/",
        )
        try:
            return str(self._client.create_dataset(params).body.dataset_id)
        except ClientException as error:
            if error.code == NAME_TAKEN:
                raise AlreadyExists(name) from error
            raise

    def state(self, dataset: str) -> State:
        self._client.get_dataset(dataset, models.GetDatasetRequest())
        return State(ready=True)
