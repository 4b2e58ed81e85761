"""The earlier generation of Coactive AI's datasets: camelCase, `datasetId`, other states.

It is what the vendor's client for Python speaks. Both generations see the same datasets.
"""

from emulator.providers.coactive.old.handlers import HANDLERS
from emulator.providers.coactive.old.wire import REQUESTS, RESPONSES

__all__ = ["HANDLERS", "REQUESTS", "RESPONSES"]
