"""The operations on configurations of jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.api import Call, Handler, NotFound, Params
from emulator.providers.pai.jobs.resources import DatasetJobConfig, new_id
from emulator.providers.pai.lookup import resolve_dataset, resolve_version


def create_dataset_job_config(call: Call, params: Params) -> DatasetJobConfig:
    """Store the configuration for jobs of a type; it is returned as sent."""
    dataset = resolve_dataset(call, params, "CreateDatasetJobConfig")
    version = resolve_version(call, dataset, params.dataset_version)
    config = DatasetJobConfig(
        id=new_id(call, "dscfg", DatasetJobConfig, dataset.id),
        dataset_id=dataset.id,
        workspace_id=dataset.workspace_id,
        dataset_version=version.version_name,
        config_type=params.config_type,
        config=params.config,
    )
    return call.resources.add(config, parent=dataset.id)


def list_dataset_job_configs(call: Call, params: Params) -> Mapping[str, Any]:
    """List the configurations of a dataset, oldest first."""
    dataset = resolve_dataset(call, params, "ListDatasetJobConfigs")
    found = [
        config
        for config in call.resources.children(DatasetJobConfig, dataset.id)
        if params.dataset_version in (None, "", config.dataset_version)
        and params.config_type in (None, config.config_type)
    ]
    first = (params.page - 1) * params.most
    page = found[first : first + params.most]
    return {"dataset_job_configs": page, "total": len(found)}


def get_dataset_job_config(call: Call, params: Params) -> DatasetJobConfig:
    """Return a configuration."""
    return _config(call, params, "GetDatasetJobConfig")


def update_dataset_job_config(call: Call, params: Params) -> None:
    """Change a configuration; absent members stay."""
    config = _config(call, params, "UpdateDatasetJobConfig")
    config.config_type = params.config_type or config.config_type
    config.config = params.config or config.config
    config.updated_at = call.now
    call.resources.change(config)


def delete_dataset_job_config(call: Call, params: Params) -> None:
    """Delete a configuration at once."""
    call.resources.remove(_config(call, params, "DeleteDatasetJobConfig"))


def _config(call: Call, params: Params, action: str) -> DatasetJobConfig:
    """Return a configuration of this dataset; raises `NotFound`."""
    dataset = resolve_dataset(call, params, action)
    config = call.resources.get(DatasetJobConfig, params.dataset_job_config_id)
    if config.dataset_id != dataset.id:
        raise NotFound(DatasetJobConfig.kind, id=config.id)
    return config


HANDLERS: Mapping[str, Handler] = {
    "CreateDatasetJobConfig": create_dataset_job_config,
    "ListDatasetJobConfigs": list_dataset_job_configs,
    "GetDatasetJobConfig": get_dataset_job_config,
    "UpdateDatasetJobConfig": update_dataset_job_config,
    "DeleteDatasetJobConfig": delete_dataset_job_config,
}
