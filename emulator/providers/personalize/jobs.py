"""What Amazon Personalize does with jobs beyond the plain verbs.

Nothing is fetched from S3. An uploaded file decides whether an import is accepted and whether it
succeeds; without one it is, and does.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.api import Call, Check, Handler, Params, Refused, Resource, create, references
from emulator.providers.personalize.avro import Record
from emulator.providers.personalize.csv_data import has_only_rows_of, missing_columns

IMPORT = "dataset-import-job"


def create_dataset_import_job(call: Call, params: Params) -> Resource:
    """Start an import; it fails at the end if an uploaded file lacks columns of the schema.

    A file with a row that breaks the schema is rejected.
    """
    found = references(call, params)
    bucket, key = _location(params)
    text = call.object(bucket, key)
    if text is None:
        return create(call, params, found, bucket=bucket)
    schema = call.get("schema", found["dataset_arn"].schema_in_force)
    record = Record(schema.schema)
    missing = missing_columns(text, record)
    if missing:
        columns = ", ".join(missing)
        members = {"bucket": bucket, "missing_columns": columns}
        return create(call, params, found, lifecycle="create_without_columns", **members)
    job = create(call, params, found, bucket=bucket)
    # Last, because it reads the whole file: whatever else is wrong is found before.
    if not has_only_rows_of(text, record):
        raise Refused("other-rows")
    return job


def check_location(_: Call, params: Params) -> None:
    """Reject a location of data that is not in S3."""
    _location(params)


def check_first_import(call: Call, params: Params) -> None:
    """Reject an incremental import unless another one has succeeded since the dataset was made."""
    if params.import_mode != "INCREMENTAL":
        return
    dataset = call.get("dataset", params.dataset_arn)
    imports = call.list(
        IMPORT,
        parent=_jobs_of(dataset),
        most=1,
        newest_first=True,
        keep=lambda job: (
            job.ready and job.job_name != params.job_name and job.incarnation == dataset.incarnation
        ),
    )
    if not imports.items:
        raise Refused("nothing-imported", arn=dataset.id)


def is_importing(call: Call, dataset: Resource) -> bool:
    """Return whether an import into a dataset is in progress."""
    return call.has(IMPORT, _jobs_of(dataset), unsettled=True)


def _jobs_of(dataset: Resource) -> str:
    """Return the parent of the jobs of a dataset, which is never deleted."""
    return f"jobs of {dataset.id}"


def _location(params: Params) -> tuple[str, str]:
    """Read `s3://<bucket>/<key>` of a request; the key may be a folder's, or none."""
    sent = vars(params)
    source = sent.get("data_source") or {}
    output = (sent.get("job_output") or {}).get("s3_data_destination", {})
    path = source.get("data_location") or output.get("path") or ""
    scheme, _, rest = path.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise Refused("not-a-location")
    return bucket, key


CHECKS: Mapping[str, Check] = {"location": check_location, "first-import": check_first_import}

HANDLERS: Mapping[str, Handler] = {"CreateDatasetImportJob": create_dataset_import_job}
