"""Routes of datasets: tables of labels attached to recordings."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Form, UploadFile
from sqlalchemy.orm import Session

from backend.api.deps import ProjectDep, ProjectWriteDep, ReadDep, WriteDep
from backend.api.errors import responses
from backend.api.schemas.datasets import Dataset
from backend.db import tables
from backend.services import datasets

router = APIRouter(prefix="/projects/{project_id}/datasets", tags=["datasets"])


@router.get("", operation_id="list_datasets", responses=responses(404))
def list_datasets(session: ReadDep, project: ProjectDep) -> list[Dataset]:
    """List the datasets of a project, the newest first."""
    return [_shown(session, row) for row in datasets.list_datasets(session, project.id)]


@router.post("", operation_id="create_dataset", status_code=201, responses=responses(404))
def create_dataset(
    session: WriteDep,
    project: ProjectWriteDep,
    file: UploadFile,
    name: Annotated[str, Form(max_length=200)] = "",
    file_names: Annotated[
        list[str] | None, Form(description="Templates such as stack[{row}] that build file names from other columns.")
    ] = None,
) -> Dataset:
    """Attach a table of labels (CSV) and report what it matches."""
    row = datasets.create(session, project.id, file.file.read(), file.filename or "labels.csv", name, file_names or ())
    return _shown(session, row)


@router.get("/{dataset_id}", operation_id="get_dataset", responses=responses(404))
def get_dataset(session: ReadDep, project: ProjectDep, dataset_id: str) -> Dataset:
    """Return one dataset with its report."""
    return _shown(session, datasets.get(session, project.id, dataset_id))


@router.delete("/{dataset_id}", operation_id="delete_dataset", status_code=204, responses=responses(404))
def delete_dataset(session: WriteDep, project: ProjectWriteDep, dataset_id: str) -> None:
    """Detach a table of labels; recordings and models stay."""
    datasets.delete(session, datasets.get(session, project.id, dataset_id))


def _shown(session: Session, row: tables.Dataset) -> Dataset:
    columns = ("id", "name", "file_name", "task", "labels", "split_column", "notes", "created_at")
    facts = {name: getattr(row, name) for name in columns} | asdict(datasets.report(session, row))
    return Dataset.model_validate(facts)
