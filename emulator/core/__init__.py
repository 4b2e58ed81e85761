"""The mechanism for any vendor: HTTP, JSON Schema, time and SQL.

No vendor is named here. A vendor's contract is data under `schemas/`; behaviour beyond that is a
short handler under `emulator.providers`.
"""
