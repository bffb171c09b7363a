"""Routes of label sets: labels by which the recordings of a project are read on the page, and what comes of it."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from backend.api.datasets import shown_dataset
from backend.api.deps import ProjectDep, ProjectWriteDep, ReadDep, WriteDep
from backend.api.errors import responses
from backend.api.location import LocationDep
from backend.api.paging import ArrayPageDep
from backend.api.reader import ReaderDep
from backend.api.recordings import attachment
from backend.api.schemas.annotations import Agreement, FreezeIn, LabelSet, LabelSetIn
from backend.api.schemas.datasets import Dataset
from backend.db import tables
from backend.services import annotation_agreement, annotation_queue, annotation_results, annotations

router = APIRouter(prefix="/projects/{project_id}/annotations", tags=["annotations"])


def _to_read(session: ReadDep, project: ProjectDep, label_set_id: str) -> tables.LabelSet:
    return annotations.get(session, project.id, label_set_id)


def _to_write(session: WriteDep, project: ProjectWriteDep, label_set_id: str) -> tables.LabelSet:
    return annotations.get(session, project.id, label_set_id)


LabelSetDep = Annotated[tables.LabelSet, Depends(_to_read, scope="function")]
LabelSetWriteDep = Annotated[tables.LabelSet, Depends(_to_write, scope="function")]


@router.get("", operation_id="list_label_sets", responses=responses(404))
def list_label_sets(session: ReadDep, project: ProjectDep, reader: ReaderDep, page: ArrayPageDep) -> list[LabelSet]:
    """List the label sets of a project, the newest first."""
    return [_shown(session, row, reader) for row in page.of(annotations.list_label_sets(session, project.id))]


@router.post("", operation_id="create_label_set", status_code=201, responses=responses(404))
def create_label_set(
    session: WriteDep, project: ProjectWriteDep, reader: ReaderDep, body: LabelSetIn, location: LocationDep
) -> LabelSet:
    """Make a label set."""
    row = annotations.create(session, project.id, _definition(body), reader)
    location.says("get_label_set", label_set_id=row.id)
    return _shown(session, row, reader)


@router.get("/{label_set_id}", operation_id="get_label_set", responses=responses(404))
def get_label_set(session: ReadDep, label_set: LabelSetDep, reader: ReaderDep) -> LabelSet:
    """Return one label set, and how far the reader who asks, and all, are with it."""
    return _shown(session, label_set, reader)


@router.put("/{label_set_id}", operation_id="change_label_set", responses=responses(404, 409))
def change_label_set(session: WriteDep, label_set: LabelSetWriteDep, reader: ReaderDep, body: LabelSetIn) -> LabelSet:
    """Change a label set. Labels that stand in readings can be neither removed nor renamed."""
    return _shown(session, annotations.change(session, label_set, _definition(body)), reader)


@router.delete("/{label_set_id}", operation_id="delete_label_set", status_code=204, responses=responses(404))
def delete_label_set(session: WriteDep, label_set: LabelSetWriteDep) -> None:
    """Delete a label set with all of its readings. Datasets made of it stay."""
    annotations.delete(session, label_set)


@router.get("/{label_set_id}/agreement", operation_id="get_agreement", responses=responses(404))
def get_agreement(session: ReadDep, label_set: LabelSetDep) -> Agreement:
    """Compare each pair of readers: Cohen's kappa with its 95 % interval, over all labels and for each."""
    return Agreement.model_validate(annotation_agreement.agreement(session, label_set))


@router.get(
    "/{label_set_id}/csv",
    operation_id="get_annotations_csv",
    response_class=Response,
    responses=responses(404) | {200: {"content": {"text/csv": {}}}},
)
def get_annotations_csv(
    session: ReadDep,
    label_set: LabelSetDep,
    each: Annotated[bool, Query(description="Each reader's reading with notes and regions; else what stands.")] = False,
) -> Response:
    """Return the labels that stand, a row a recording (a table of labels that can be attached), or each reading."""
    text = "".join(annotation_results.to_csv(session, label_set, each))
    name = f"{label_set.name}{' readings' if each else ''}.csv"
    return Response(text.encode(), media_type="text/csv", headers=attachment(name))


@router.post(
    "/{label_set_id}/datasets", operation_id="freeze_label_set", status_code=201, responses=responses(404, 409)
)
def freeze_label_set(session: WriteDep, label_set: LabelSetWriteDep, body: FreezeIn, location: LocationDep) -> Dataset:
    """Make a dataset, the next version of the label set, of all recordings whose labels stand."""
    row = annotation_results.freeze(session, label_set, body.name, body.fewest_readers)
    location.says("get_dataset", keep=("project_id",), dataset_id=row.id)
    return shown_dataset(session, row)


def _definition(body: LabelSetIn) -> annotations.Definition:
    labels = [annotations.Label(**label.model_dump()) for label in body.labels]
    return annotations.Definition(**body.model_dump(exclude={"labels"}), labels=labels)


def _shown(session: Session, row: tables.LabelSet, reader: str) -> LabelSet:
    names = [name for name in LabelSet.model_fields if name != "progress"]
    progress = asdict(annotation_queue.progress(session, row, reader))
    return LabelSet.model_validate({name: getattr(row, name) for name in names} | {"progress": progress})
