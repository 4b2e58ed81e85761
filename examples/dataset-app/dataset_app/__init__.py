"""An application that creates a dataset at five services and waits until it can be used."""

from __future__ import annotations

from collections.abc import Mapping

from dataset_app.aitems import AiTems
from dataset_app.coactive import Coactive
from dataset_app.lookoutvision import LookoutVision
from dataset_app.pai import Pai
from dataset_app.personalize import Personalize
from dataset_app.service import Patience, Service


def services(environ: Mapping[str, str], patience: Patience) -> Mapping[str, Service]:
    """Connect to every service, where the environment says that it is."""
    return {
        "personalize": Personalize(patience),
        "lookoutvision": LookoutVision(environ.get("MANIFESTS", "manifests")),
        "pai": Pai(environ),
        "aitems": AiTems(environ, patience),
        "coactive": Coactive(environ, patience),
    }
