"""The dialect of services built with FastAPI: Pydantic's errors (2 and 1), bearer tokens."""

from emulator.dialects.fastapi.bearer import Bearer, Login
from emulator.dialects.fastapi.formats import FORMATS
from emulator.dialects.fastapi.protocol import FastApi
from emulator.dialects.fastapi.pydantic1 import FastApiPydantic1
from emulator.dialects.fastapi.tokens import issue

__all__ = ["FORMATS", "Bearer", "FastApi", "FastApiPydantic1", "Login", "issue"]
