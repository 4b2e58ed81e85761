"""The application, connected to the emulator."""

from types import SimpleNamespace

import pytest

from dataset_app import services
from dataset_app.service import Patience, create_dataset

KEYS = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "any",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "any",
    "NCLOUD_ACCESS_KEY": "any",
    "NCLOUD_SECRET_KEY": "any",
    "COACTIVE_TOKEN": "any",
}


@pytest.fixture
def app(dataset_world, clock, monkeypatch):
    """The application in this test's world; while it waits, a second goes by there."""
    here = {
        f"{name.upper()}_URL": dataset_world.url(name) for name in ("pai", "aitems", "coactive")
    }
    environ = {**dataset_world.environment, **KEYS, **here}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    patience = Patience(seconds=0, looks=100, pause=lambda _: clock.advance(1))
    known = services(environ, patience)
    return lambda provider, name: create_dataset(known[provider], name, patience)


@pytest.fixture
def pauses(monkeypatch):
    """The pauses that boto3 would make between two attempts, which it does not make."""
    made: list[object] = []
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=made.append))
    return made
