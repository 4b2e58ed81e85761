"""What happens at Coactive AI: one short function per operation."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.core.call import Call
from emulator.core.provider import Handler
from emulator.providers.coactive import wire
from emulator.providers.coactive.resources import Dataset, Encoder


def create_dataset(call: Call, wish: wire.CreateDataset) -> Dataset:
    """Keep a dataset, active at once, under a name that is unique in the organization."""
    members = dict(vars(wish))
    encoder, chosen = members.pop("encoder_name"), members.pop("dataset_id")
    dataset = Dataset(
        id=chosen or str(call.identifiers.uuid(*call.purpose(Dataset.kind, wish.name))),
        created_by=call.scope.caller,
        encoders=[_encoder(call, encoder)],
        **members,
    )
    return call.store.add(dataset, claims=[f"dataset-name/{wish.name}"])


def get_dataset(call: Call, wish: wire.GetDataset) -> Dataset:
    """Show a dataset with its state."""
    return call.store.get(Dataset, wish.dataset_id)


def _encoder(call: Call, name: str) -> Encoder:
    rule = call.contract.rules["encoders"]
    return {
        "id": rule["ids"][name],
        "name": name,
        "modality": rule["modality"],
        "modalities": rule["modalities"],
    }


HANDLERS: Mapping[str, Handler] = {
    "CreateDataset": create_dataset,
    "GetDataset": get_dataset,
}
