"""All goes well, or is there already."""

import pytest

from dataset_app.service import AlreadyExists

PROVIDERS = ["personalize", "lookoutvision", "pai", "aitems", "coactive"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_dataset_is_ready_when_the_application_says_so(app, dataset_world, provider):
    app(provider, "clips")
    assert dataset_world.resources.one(provider=provider, kind="dataset")["phase"] == "ready"


@pytest.mark.dataset_emulator(lifecycle="timed")
@pytest.mark.parametrize("provider", ["personalize", "lookoutvision", "aitems"])
def test_the_application_looks_again_until_it_is_ready(app, dataset_world, provider):
    app(provider, "clips")
    looks = {"aitems": "GetDataset"}.get(provider, "DescribeDataset")
    assert dataset_world.requests.count(operation=looks, status=200) > 1


@pytest.mark.dataset_emulator(lifecycle="manual")
def test_the_application_gives_up_at_last(app):
    with pytest.raises(TimeoutError, match="not ready after 100 looks"):
        app("lookoutvision", "clips")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_name_that_is_taken_is_reported(app, provider):
    app(provider, "clips")
    with pytest.raises(AlreadyExists, match="clips"):
        app(provider, "clips")
