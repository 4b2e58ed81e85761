"""Coactive AI: a dataset is there at once."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from dataset_app.http import session
from dataset_app.service import AlreadyExists, Patience, State


class Coactive:
    """Datasets of pictures and films."""

    def __init__(self, environ: Mapping[str, str], patience: Patience) -> None:
        url = environ.get("COACTIVE_URL", "https://api.coactive.ai")
        self._datasets = f"{url}/api/v1/datasets"
        self._session = session(patience)
        self._session.headers["Authorization"] = f"Bearer {environ['COACTIVE_TOKEN']}"

    def create(self, name: str) -> str:
        params = {"name": name, "encoder_name": "multimodal"}
        answer = self._session.post(self._datasets, json=params)
        if answer.status_code == HTTPStatus.CONFLICT:
            raise AlreadyExists(name)
        answer.raise_for_status()
        return str(answer.json()["id"])

    def state(self, dataset: str) -> State:
        answer = self._session.get(f"{self._datasets}/{dataset}")
        answer.raise_for_status()
        return State(ready=answer.json()["status"] == "active")
