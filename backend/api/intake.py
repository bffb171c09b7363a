"""One call for hospital systems: an ECG goes in, a result comes out, in the answer or at the project's webhook."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Header, Query, Request, Response

from backend.api.bodies import RAW_OR_FORM, files_of
from backend.api.deps import ProjectId, SettingsDep, StorageDep
from backend.api.errors import responses
from backend.api.schemas.intake import IntakeReport
from backend.api.schemas.jobs import Job
from backend.api.schemas.recordings import Outcome
from backend.api.turns import in_turn
from backend.db.session import read_session, write_session
from backend.ecg.readers import ReadOptions, SourceFile
from backend.services import (
    answered_requests,
    ecg_results,
    fhir_report,
    imports,
    ingest,
    model_library,
    projects,
    webhooks,
)
from backend.services.answered_requests import Answered
from backend.settings import Settings
from backend.storage import Storage

log = logging.getLogger(__name__)

router = APIRouter(prefix="/projects/{project_id}/intake", tags=["hospital systems"])
JSON = "application/json"
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {fhir_report.MEDIA_TYPE: {"schema": {"type": "object"}}}},
    202: {"model": IntakeReport},
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """All that a request asks for, besides its files."""

    model_id: str
    reference: str
    deliver: str
    as_fhir: bool
    options: ReadOptions

    def digest(self, files: Sequence[SourceFile]) -> str:
        """Return what two requests that are the same have in common."""
        return sha256(repr((self, [(one.name, one.sha256) for one in files])).encode()).hexdigest()


@router.post(
    "", operation_id="take_in_ecg", response_model=IntakeReport, openapi_extra=RAW_OR_FORM,
    responses=responses(404, 409, 413, 507) | _ANSWERS,
)  # fmt: skip
async def take_in_ecg(
    request: Request,
    settings: SettingsDep,
    storage: StorageDep,
    project_id: ProjectId,
    model_id: Annotated[str, Query(max_length=64, description="Model that is asked; one of any project.")],
    deliver: Annotated[
        Literal["answer", "webhook"], Query(description="webhook: answer 202 at once, and send results there.")
    ] = "answer",
    reference: Annotated[
        str, Query(max_length=200, description="Your own number, such as an order's, which comes back. No names.")
    ] = "",
    file_name: Annotated[str, Query(max_length=400, description="Of a body that is the file itself.")] = "",
    rate: Annotated[float | None, Query(description="Hz, for files that do not state it.")] = None,
    units_per_mv: Annotated[float | None, Query(description="Units in a mV, for files that do not state them.")] = None,
    leads: Annotated[str | None, Query(description="Order of unnamed leads, separated by commas.")] = None,
    idempotency_key: Annotated[
        str | None, Header(min_length=1, max_length=255, description="Sent twice within a day: done once.")
    ] = None,
) -> Response:
    """Store an ECG, have a model look at it, measure it, and answer what is found.

    The body is the file itself (application/dicom, application/octet-stream) or a form with `files`, in any supported
    format. With `Accept: application/fhir+json` the answer is a Bundle of FHIR R4 DiagnosticReports. A file that cannot
    be used is an outcome with the reason, not an error. What was sent before is not stored twice and is answered anew.
    """
    order = tuple(lead.strip() for lead in leads.split(",")) if leads else None
    as_fhir = fhir_report.MEDIA_TYPE in request.headers.get("accept", "")
    asked = _Asked(
        model_id, reference, deliver, as_fhir, ReadOptions(rate=rate, units_per_mv=units_per_mv, leads=order)
    )
    files = await files_of(request, file_name)
    given = await in_turn("upload", _once, settings, storage, project_id, asked, files, idempotency_key)
    made = {"Location": given.location} if given.location else {}
    return Response(given.body, given.status, made, given.media_type)


def _once(
    settings: Settings, storage: Storage, project_id: str, asked: _Asked, files: Sequence[SourceFile], key: str | None
) -> Answered:
    url = settings.resolved_database_url
    with read_session(url) as session:
        projects.get(session, project_id)
        model_library.usable(session, project_id, asked.model_id)
        if asked.deliver == "webhook":
            webhooks.get(session, project_id)
    if key is None:
        return _answer(settings, storage, project_id, asked, files)
    earlier = answered_requests.begin(url, project_id, key, asked.digest(files))
    if earlier is not None:
        return earlier
    try:
        given = _answer(settings, storage, project_id, asked, files)
    except BaseException:
        try:
            answered_requests.forget(url, project_id, key)
        except Exception:  # why it failed is what counts; the key is given up by itself after a while
            log.exception("An idempotency key could not be forgotten")
        raise
    answered_requests.finish(url, project_id, key, given)
    return given


def _answer(
    settings: Settings, storage: Storage, project_id: str, asked: _Asked, files: Sequence[SourceFile]
) -> Answered:
    url = settings.resolved_database_url
    batches = ingest.read_in_turn(files, asked.options, ingest.limits_from(settings))
    import_id, outcomes = imports.read_and_store(url, storage, project_id, None, batches, asked.options)
    ids = list(dict.fromkeys(one for outcome in outcomes for one in outcome.recording_ids))
    report = IntakeReport(
        reference=asked.reference, import_id=import_id or "", results=[],
        outcomes=[Outcome.model_validate(outcome.as_row() | {"offers": outcome.offers}) for outcome in outcomes],
    )  # fmt: skip
    if asked.deliver == "webhook":
        if not ids:
            return Answered(200, JSON, report.model_dump_json().encode())
        with write_session(url) as session:
            job = webhooks.send(session, project_id, asked.model_id, ids, asked.reference)
            session.refresh(job)
            report.job = Job.model_validate(job)
        where = f"/api/v1/projects/{project_id}/jobs/{report.job.id}"
        return Answered(202, JSON, report.model_dump_json().encode(), where)
    report.results = ecg_results.results_of(url, storage, project_id, asked.model_id, ids)
    if asked.as_fhir:
        refused = [one.detail for one in outcomes if one.status == "refused"]
        found = fhir_report.bundle(report.results, datetime.now(UTC), asked.reference, refused)
        return Answered(200, fhir_report.MEDIA_TYPE, orjson.dumps(found))
    return Answered(200, JSON, report.model_dump_json().encode())
