"""DICOM objects that systems push (C-STORE, STOW-RS) become recordings of a project, each with its own outcome."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.db.session import write_session
from backend.ecg.errors import UserError
from backend.ecg.readers import ReadOptions, SourceFile
from backend.ecg.readers.dicom.identity import Identity, identity
from backend.services import dicom_sender, imports, ingest, webhooks
from backend.services.dicom_results import Kind
from backend.settings import Settings
from backend.storage import Storage


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one object; `problem` says why it was not kept."""

    identity: Identity | None
    recording_ids: tuple[str, ...] = ()
    problem: str = ""


def store(
    settings: Settings,
    storage: Storage,
    project_id: str,
    objects: Sequence[bytes],
    model_id: str = "",
    answers: Sequence[Kind] = (),
) -> tuple[str, list[Stored]]:
    """Store DICOM files as one import; return its id and what became of each, in their order, when it is committed.

    With a model the results of what is new go to the project's webhook, or as `answers` to the DICOM destination.
    Raises NotFoundError, DiskFullError, and what the database raises: nothing of a batch that raises may be
    acknowledged.
    """
    known: list[Identity | UserError] = []
    for data in objects:
        try:
            known.append(identity(data))
        except UserError as error:
            known.append(error)
    files = [
        SourceFile(f"{number:04d}-{one.sop_instance}.dcm", data)
        for number, (data, one) in enumerate(zip(objects, known, strict=True))
        if isinstance(one, Identity)
    ]
    import_id, outcomes = _import(settings, storage, project_id, files, model_id, answers)
    stored = [
        _stored(one, outcomes.get(f"{number:04d}-{one.sop_instance}.dcm"))
        if isinstance(one, Identity)
        else Stored(None, problem=str(one))
        for number, one in enumerate(known)
    ]
    return import_id, stored


def _import(
    settings: Settings,
    storage: Storage,
    project_id: str,
    files: Sequence[SourceFile],
    model_id: str,
    answers: Sequence[Kind],
) -> tuple[str, dict[str, ingest.Outcome]]:
    url, options = settings.resolved_database_url, ReadOptions()
    batches = ingest.read_in_turn(files, options, ingest.limits_from(settings))
    import_id, outcomes = imports.read_and_store(url, storage, project_id, None, batches, options)
    fresh = [one for outcome in outcomes if outcome.status == "imported" for one in outcome.recording_ids]
    if model_id and fresh:
        with write_session(url) as session:
            if answers:
                dicom_sender.send(session, settings, project_id, fresh, answers, model_id=model_id)
            else:
                webhooks.send(session, project_id, model_id, fresh)
    return import_id or "", {outcome.file_name: outcome for outcome in outcomes}


def _stored(known: Identity, outcome: ingest.Outcome | None) -> Stored:
    if outcome is None or outcome.status == "refused":
        return Stored(known, problem=outcome.detail if outcome else "It was not read.")
    return Stored(known, tuple(outcome.recording_ids))
