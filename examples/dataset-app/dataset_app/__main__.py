"""python -m dataset_app NAME"""

from __future__ import annotations

import os
import sys

from dataset_app import services
from dataset_app.service import Patience, create_dataset

patience = Patience(seconds=float(os.environ.get("POLL_SECONDS", "10")))
for provider, service in services(os.environ, patience).items():
    print(f"{provider:<14} {create_dataset(service, sys.argv[1], patience)}", flush=True)
