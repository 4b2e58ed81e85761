"""NAVER Cloud Platform AiTEMS: schemas, datasets and services (API version 1)."""

from emulator.api import Provider
from emulator.dialects.naver import FORMATS, GatewayJson, Ncp
from emulator.providers.aitems import handlers, schemas, services
from emulator.providers.aitems.resources import Dataset, Schema
from emulator.providers.aitems.services.resources import Service

PROVIDER = Provider(
    name="aitems",
    client="emulator.testing.sessions:aitems",
    protocol=GatewayJson,
    schemes={"ncp": Ncp},
    handlers={**handlers.HANDLERS, **schemas.HANDLERS, **services.HANDLERS},
    formats=FORMATS,
    resources=[Schema, Dataset, Service],
)
