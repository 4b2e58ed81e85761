"""The vendor-blind mechanism: HTTP, JSON Schema, time and SQL.

Nothing in here names a vendor. What a vendor says is data under `schemas/`;
what a vendor does beyond that is a short handler under `emulator.providers`.
"""
