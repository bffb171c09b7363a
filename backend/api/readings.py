"""Routes of readings: what a reader is to read next, what they say, and what others say of the same recording."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from backend.api.access import ADJUDICATE
from backend.api.annotations import LabelSetDep, LabelSetWriteDep
from backend.api.deps import PersonDep, ReadDep, WriteDep
from backend.api.errors import responses
from backend.api.gate import check
from backend.api.paging import PageDep
from backend.api.reader import NamedReaderDep, ReaderDep
from backend.api.schemas.annotations import Disagreement, Reading, ReadingIn, ReadRecording, WaitingRecording
from backend.api.schemas.base import Page
from backend.services import annotation_disagreements, annotation_queue, annotation_readings

router = APIRouter(prefix="/projects/{project_id}/annotations/{label_set_id}", tags=["annotations"])
ReadingId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="Chosen by the sender, once for each reading.")]


@router.get("/queue", operation_id="get_reading_queue", responses=responses(404))
def get_reading_queue(
    session: ReadDep,
    label_set: LabelSetDep,
    reader: NamedReaderDep,
    prediction_id: Annotated[
        str | None, Query(description="Those first of which this prediction is least sure; else by file name.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[WaitingRecording]:
    """Return the recordings that a reader is to read next."""
    waiting = annotation_queue.queue(session, label_set, reader, limit, prediction_id)
    return [WaitingRecording.model_validate(one) for one in waiting]


@router.put("/readings/{reading_id}", operation_id="save_reading", responses=responses(404, 409))
def save_reading(
    session: WriteDep,
    label_set: LabelSetWriteDep,
    reader: NamedReaderDep,
    person: PersonDep,
    reading_id: ReadingId,
    body: ReadingIn,
) -> Reading:
    """Keep what a reader says. Refused with 409 where somebody, or the reader in another window, said more since.

    An adjudication takes the role “trainer”.
    """
    if body.role == "adjudicator":
        check(ADJUDICATE, person, label_set.project_id)
    facts = body.model_dump(exclude={"regions"})
    said = annotation_readings.Said(id=reading_id, regions=[one.model_dump() for one in body.regions], **facts)
    return Reading.model_validate(annotation_readings.save(session, label_set, reader, said))


@router.get("/readings", operation_id="list_readings", responses=responses(404))
def list_readings(session: ReadDep, label_set: LabelSetDep, reader: NamedReaderDep, page: PageDep) -> Page[Reading]:
    """Page what a reader has said, also what they changed since, the newest first."""
    rows, total = annotation_readings.history(session, label_set, reader, page.start, page.size)
    return Page(items=[Reading.model_validate(row) for row in rows], total=page.tell(total))


@router.get("/recordings/{recording_id}", operation_id="get_read_recording", responses=responses(404))
def get_read_recording(session: ReadDep, label_set: LabelSetDep, reader: ReaderDep, recording_id: str) -> ReadRecording:
    """Return what is said of a recording, as far as the reader may see it."""
    return ReadRecording.model_validate(annotation_readings.of_recording(session, label_set, recording_id, reader))


@router.put("/recordings/{recording_id}/revealed", operation_id="reveal_recording", responses=responses(404))
def reveal_recording(
    session: WriteDep, label_set: LabelSetWriteDep, reader: NamedReaderDep, recording_id: str
) -> ReadRecording:
    """Let a reader of a blind set see what others say of a recording; what they say later counts as sighted."""
    annotation_readings.reveal(session, label_set, recording_id, reader)
    return ReadRecording.model_validate(annotation_readings.of_recording(session, label_set, recording_id, reader))


@router.get("/disagreements", operation_id="list_disagreements", responses=responses(404))
def list_disagreements(
    session: ReadDep,
    label_set: LabelSetDep,
    page: PageDep,
    adjudicated: Annotated[
        bool, Query(description="Those that somebody has adjudicated; else those that wait.")
    ] = False,
) -> Page[Disagreement]:
    """Page the recordings on which readers disagree, by file name."""
    rows, total = annotation_disagreements.page(session, label_set, adjudicated, page.start, page.size)
    return Page(items=[Disagreement.model_validate(row) for row in rows], total=page.tell(total))
