"""Find a dataset by its name or make it, with the vendor's client, and print what came of it.

    python second_run.py <URL of the service> <name>

It runs in an environment of its own, without the emulator, and knows it by its URL only.
"""

from __future__ import annotations

import json
import sys

from coactive.client import Coactive


def found_or_made(url: str, name: str) -> dict[str, object]:
    """Return whether the dataset was there, its id, and what it is."""
    client = Coactive(client_id="client-7", client_secret="secret", base_url=url)
    listed = {dataset.name: dataset.dataset_id for dataset in client.dataset.list(limit=100).data}
    there = name in listed
    dataset_id = listed[name] if there else client.dataset.create(name=name).dataset_id
    dataset = client.dataset.get(dataset_id)
    return {
        "there": there,
        "id": dataset.dataset_id,
        "name": dataset.name,
        "status": dataset.status,
    }


if __name__ == "__main__":
    print(json.dumps(found_or_made(*sys.argv[1:])))
