"""Emulators that verify: one for a file of tests, as it was at the start for each of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator.app import Application
from tests.core.auth import acs_requests, aws_requests


@pytest.fixture(scope="module")
def verifying_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    application = aws_requests.emulator(tmp_path_factory.mktemp("sigv4"))
    yield application
    application.close()


@pytest.fixture
def application(verifying_aws: Application) -> Application:
    """An emulator that knows the keys of `aws_desk`."""
    verifying_aws.world.reset()
    return verifying_aws


@pytest.fixture(params=aws_requests.DIALECTS, ids=lambda dialect: dialect.service)
def desk(request: pytest.FixtureRequest, application: Application) -> aws_requests.Desk:
    """Who asks that emulator, in each dialect of AWS."""
    return aws_requests.Desk(application=application, dialect=request.param)


@pytest.fixture(scope="module")
def verifying_acs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    with acs_requests.verifying(tmp_path_factory.mktemp("acs")) as application:
        yield application


@pytest.fixture
def emulator(verifying_acs: Application) -> Application:
    """An emulator that knows the keys of `acs_estate`."""
    verifying_acs.world.reset()
    return verifying_acs
