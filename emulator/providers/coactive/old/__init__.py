"""The earlier generation of Coactive AI's datasets: camelCase, `datasetId`, other states.

The vendor's client for Python uses it. Both generations share the same datasets.
"""

from emulator.providers.coactive.old.handlers import HANDLERS

__all__ = ["HANDLERS"]
