"""Routes of datasets: tables of labels attached to recordings."""

import json
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Form, UploadFile
from sqlalchemy.orm import Session

from backend.api.deps import ProjectDep, ProjectId, ProjectWriteDep, ReadDep, SettingsDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.paging import ArrayPageDep
from backend.api.schemas.datasets import Dataset, FromFiles, LabelPreview, LabelSource
from backend.api.turns import in_turn
from backend.db import tables
from backend.db.session import read_session
from backend.isolation.table import read_table
from backend.ml.data.label_tables.choice import Choice, choice_from
from backend.ml.errors import LabelTableError
from backend.services import dataset_report, datasets, label_preview, labels_in_files, projects

router = APIRouter(prefix="/projects/{project_id}/datasets", tags=["datasets"])

ChoiceForm = Annotated[
    str,
    Form(
        description="JSON: which column means what (LabelChoice); what is left out is taken where it is beyond doubt."
    ),
]


@router.get("", operation_id="list_datasets", responses=responses(404))
def list_datasets(session: ReadDep, project: ProjectDep, page: ArrayPageDep) -> list[Dataset]:
    """List the datasets of a project, the newest first."""
    return [shown_dataset(session, row) for row in page.of(datasets.list_datasets(session, project.id))]


@router.post("", operation_id="create_dataset", status_code=201, responses=responses(404))
async def create_dataset(
    settings: SettingsDep,
    location: LocationDep,
    project_id: ProjectId,
    file: UploadFile,
    name: Annotated[str, Form(max_length=200)] = "",
    file_names: Annotated[
        list[str] | None, Form(description="Templates such as stack[{row}] that build file names from other columns.")
    ] = None,
    choice: ChoiceForm = "",
) -> Dataset:
    """Attach a table of labels (CSV, Excel, Parquet, NumPy) and report what it matches.

    Where it is not beyond doubt which columns are the labels, LabelChoiceError asks for a choice and names likely ones.
    """
    asked = _choice(choice, file_names or [])
    made = await in_turn("table", _create, settings.resolved_database_url, project_id, file, name, asked)
    location.says("get_dataset", dataset_id=made.id)
    return made


def _create(url: str, project_id: str, file: UploadFile, name: str, asked: Choice) -> Dataset:
    with read_session(url) as session:
        projects.get(session, project_id)
    cells = read_table(file.file.read())  # outside of the transaction: it may take seconds
    with read_session(url) as session:
        matched = datasets.match(session, project_id, cells, asked)
    dataset_id = datasets.attach_in_parts(url, project_id, matched, file.filename or "labels.csv", name)
    with read_session(url) as session:
        return shown_dataset(session, datasets.get(session, project_id, dataset_id))


@router.post("/preview", operation_id="preview_dataset", responses=responses(404))
async def preview_dataset(
    settings: SettingsDep, project_id: ProjectId, file: UploadFile, choice: ChoiceForm = ""
) -> LabelPreview:
    """Say how a table would be understood, as chosen or as is likeliest; nothing is stored."""
    return await in_turn("table", _preview, settings.resolved_database_url, project_id, file, _choice(choice, []))


def _preview(url: str, project_id: str, file: UploadFile, asked: Choice) -> LabelPreview:
    with read_session(url) as session:
        projects.get(session, project_id)
    cells = read_table(file.file.read())
    with read_session(url) as session:
        return LabelPreview.model_validate(label_preview.preview(session, project_id, cells, asked))


@router.get("/in-files", operation_id="list_labels_in_files", responses=responses(404))
def list_labels_in_files(session: ReadDep, project: ProjectDep) -> list[LabelSource]:
    """List the labels that the files of the recordings hold themselves."""
    return [LabelSource.model_validate(one) for one in labels_in_files.sources(session, project.id)]


@router.post("/in-files", operation_id="create_dataset_of_files", status_code=201, responses=responses(404))
def create_dataset_of_files(
    session: WriteDep, project: ProjectWriteDep, body: FromFiles, location: LocationDep
) -> Dataset:
    """Make a dataset of labels that the files of the recordings hold."""
    row = labels_in_files.create(session, project.id, body.sources, body.name, body.superclasses)
    location.says("get_dataset", dataset_id=row.id)
    return shown_dataset(session, row)


@router.get("/{dataset_id}", operation_id="get_dataset", responses=responses(404))
def get_dataset(session: ReadDep, project: ProjectDep, dataset_id: str) -> Dataset:
    """Return one dataset with its report."""
    return shown_dataset(session, datasets.get(session, project.id, dataset_id))


@router.delete("/{dataset_id}", operation_id="delete_dataset", status_code=204, responses=responses(404))
def delete_dataset(session: WriteDep, project: ProjectWriteDep, dataset_id: str) -> None:
    """Detach a table of labels; recordings and models stay."""
    datasets.delete(session, datasets.get(session, project.id, dataset_id))


def _choice(text: str, file_names: list[str]) -> Choice:
    try:
        given = json.loads(text) if text.strip() else {}
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise LabelTableError('The choice of columns is no JSON object such as {"labels": ["scp_codes"]}. Correct it.')
    return choice_from(({"recording": file_names} if file_names else {}) | given)


def shown_dataset(session: Session, row: tables.Dataset) -> Dataset:
    """Return a dataset with its report."""
    columns = ("id", "name", "file_name", "task", "labels", "split_column", "notes", "created_at")
    in_files = row.choice.get("in_files", [])
    report, counted_at = dataset_report.kept(session, row)
    facts = {name: getattr(row, name) for name in columns} | asdict(report) | {"counted_at": counted_at}
    label_set = row.choice.get("label_set")
    choice = None if in_files or label_set or not row.choice else row.choice
    return Dataset.model_validate(facts | {"choice": choice, "in_files": in_files, "label_set": label_set})
