"""NAVER Cloud Platform AiTEMS: schemas, datasets and services (API version 1)."""

from emulator.api import Provider
from emulator.dialects.naver import FORMATS, GatewayJson, Ncp
from emulator.providers.aitems import datasets, schemas, services, trainings

PROVIDER = Provider(
    name="aitems",
    client="emulator.testing.sessions:aitems",
    protocol=GatewayJson,
    schemes={"ncp": Ncp},
    formats=FORMATS,
    handlers={
        **schemas.HANDLERS,
        **datasets.HANDLERS,
        **services.HANDLERS,
        **trainings.HANDLERS,
    },
    checks={**schemas.CHECKS, **trainings.CHECKS},
)
