"""NAVER Cloud AiTEMS: a dataset needs a schema; requests are signed by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from dataset_app.http import session
from dataset_app.service import AlreadyExists, Patience, State


class Signed(AuthBase):
    """Signature version 2 of the gateway."""

    def __init__(self, key: str, secret: str) -> None:
        self._key, self._secret = key, secret

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        timestamp = str(time.time_ns() // 1_000_000)
        text = f"{request.method} {urlsplit(str(request.url)).path}\n{timestamp}\n{self._key}"
        mac = hmac.new(self._secret.encode(), text.encode(), hashlib.sha256).digest()
        request.headers["x-ncp-apigw-timestamp"] = timestamp
        request.headers["x-ncp-iam-access-key"] = self._key
        request.headers["x-ncp-apigw-signature-v2"] = base64.b64encode(mac).decode()
        return request


class AiTems:
    """Datasets of items, each with a schema of its own."""

    def __init__(self, environ: Mapping[str, str], patience: Patience) -> None:
        self._api = environ.get("AITEMS_URL", "https://aitems.apigw.ntruss.com") + "/api/v1"
        self._session = session(patience)
        self._session.auth = Signed(environ["NCLOUD_ACCESS_KEY"], environ["NCLOUD_SECRET_KEY"])

    def create(self, name: str) -> str:
        fields = [{"name": "ITEM_ID", "type": ["string"]}]
        schema = {"name": name, "datasetType": "item", "fields": fields, "description": ""}
        self._post("schemas", schema)
        place = {"region": "KR", "bucket": "items", "key": f"{name}.csv"}
        dataset = {"name": name, "type": "item", "schemaName": name, "description": ""}
        return str(self._post("datasets", {**dataset, "osInfo": place})["datasetId"])

    def state(self, dataset: str) -> State:
        answer = self._session.get(f"{self._api}/datasets/{dataset}")
        answer.raise_for_status()
        status = answer.json()["status"]
        return State(ready=status == "enable", failure=status if "failed" in status else None)

    def _post(self, kind: str, params: dict[str, Any]) -> dict[str, Any]:
        answer = self._session.post(f"{self._api}/{kind}", json=params)
        if "DUPLICATE_NAME" in answer.text:
            raise AlreadyExists(params["name"])
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document
