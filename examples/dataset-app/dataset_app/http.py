"""Sessions for services without a client of their own."""

from __future__ import annotations

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from dataset_app.service import Patience


def session(patience: Patience) -> requests.Session:
    """Make a session that tries again what was too much for the service."""
    again = Retry(
        total=4,
        status_forcelist=[429],
        allowed_methods=None,  # a POST that was throttled did nothing
        backoff_factor=patience.seconds,
        raise_on_status=False,
    )
    made = requests.Session()
    for scheme in ("http://", "https://"):
        made.mount(scheme, HTTPAdapter(max_retries=again))
    return made
