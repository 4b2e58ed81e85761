"""Which tests coverage of the core is measured with: they take half as long again for it."""

from __future__ import annotations

from pathlib import Path

import pytest

MEASURED = Path(__file__).parent / "core"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of the core, but not those that run, say, what others do on PostgreSQL."""
    for item in items:
        if MEASURED in item.path.parents and not item.get_closest_marker("unmeasured"):
            item.add_marker("measured")
