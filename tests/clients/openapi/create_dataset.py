"""Create a dataset with clients that OpenAPI Generator made; print the responses as JSON.

    python create_dataset.py <base URL> <folder of documents and clients> <provider>...

It runs in an environment of its own, without the emulator. The clients are packages
`<provider>_client`; what they send is the example of the document.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Generated:
    """The client of a provider, with the credentials that its document shows."""

    def __init__(self, base: str, provider: str, document: Mapping[str, Any]) -> None:
        self._package = importlib.import_module(f"{provider}_client")
        settings = self._package.Configuration(host=f"{base}/{provider}")
        for name, scheme in document["components"]["securitySchemes"].items():
            if scheme["type"] == "apiKey":
                settings.api_key[name] = scheme["x-example"]
            elif scheme["scheme"] == "bearer" and name != "personalToken":
                settings.access_token = scheme["x-example"]
        self._client = self._package.ApiClient(settings)

    def api(self, name: str) -> Any:
        return getattr(self._package, name)(self._client)

    def model(self, name: str, document: Mapping[str, Any]) -> Any:
        return getattr(self._package, name).from_dict(document)

    def text(self, name: str, text: str) -> Any:
        return getattr(self._package, name)(text)


def create(provider: str, client: Generated, example: Mapping[str, Any]) -> Any:
    """Create a dataset; return the response as the client read it."""
    if provider == "personalize":
        # the client writes and reads bodies of this media type as text, and its models do the rest
        target = "AmazonPersonalize.CreateDataset"
        body = client.model("CreateDatasetRequest", json.loads(example["value"]))
        call = client.api("PersonalizeApi").call_without_preload_content
        answer = call(target, client.text("CallRequest", body.to_json()))
        return client.model("DatasetArnResponse", json.loads(answer.data)).to_dict()
    body = client.model("CreateDatasetRequest", example["value"])
    if provider == "lookoutvision":
        answer = client.api("ProjectsApi").create_dataset("demo-project", body)
    else:
        answer = client.api("DatasetsApi").create_dataset(body)
    return json.loads(answer.to_json())


def example_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the example of a request that creates a dataset."""
    operations = [each for item in document["paths"].values() for each in item.values()]
    for operation in operations:
        for media in operation.get("requestBody", {}).get("content", {}).values():
            if "CreateDataset" in media.get("examples", ()):
                example: Mapping[str, Any] = media["examples"]["CreateDataset"]
                return example
    raise LookupError("no example creates a dataset")


def main(base: str, folder: str, *providers: str) -> None:
    found = {}
    for provider in providers:
        sys.path.insert(0, str(Path(folder, "clients", provider)))
        document = json.loads(Path(folder, f"{provider}.json").read_text(encoding="utf-8"))
        client = Generated(base, provider, document)
        found[provider] = create(provider, client, example_of(document))
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
