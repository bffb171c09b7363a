"""Imports: batches of files sent together, the outcome of each kept so that it can be looked up later."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from backend.db.session import insert_rows, write_session
from backend.db.tables import Import, ImportOutcome, Project, new_id
from backend.ecg.readers import ReadOptions, Refusal
from backend.errors import NotFoundError
from backend.services import ingest, projects
from backend.services.csv_line import csv_line
from backend.storage import Storage

STATUSES = ("imported", "duplicate", "updated", "refused")
REPORT = ("file_name", "status", "detail", "findings", "recording_ids")


@dataclass(frozen=True, slots=True)
class Query:
    """Which outcomes of an import."""

    status: str = ""
    findings_only: bool = False
    search: str = ""


def get(session: Session, project_id: str, import_id: str) -> Import:
    """Return an import of a project. Raises NotFoundError."""
    row = session.get(Import, import_id)
    if row is None or row.project_id != project_id:
        raise NotFoundError(f"There is no import {import_id} in this project.")
    return row


def list_imports(session: Session, project_id: str, page: int, size: int) -> tuple[Sequence[Import], int]:
    """Return one page of imports, the newest first, and how many there are in all."""
    statement = select(Import).where(Import.project_id == project_id)
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    newest_first = statement.order_by(Import.created_at.desc(), Import.id)
    return session.scalars(newest_first.limit(size).offset((page - 1) * size)).all(), total


def store(
    session: Session,
    storage: Storage,
    project: Project,
    import_id: str | None,
    results: Sequence[ingest.ReadSet | Refusal],
    options: ReadOptions,
) -> tuple[str, list[ingest.Outcome]]:
    """Store what was read as part of an import, a new one without an id; return its id and the outcomes.

    Raises NotFoundError for an import of another project.
    """
    outcomes = ingest.store(session, storage, project, results, options)  # holds the project: numbers follow each other
    if import_id is None:
        import_id = new_id()
        new = {"id": import_id, "project_id": project.id, "declared": ingest.declared_by(options)}
        insert_rows(session, Import, [new])
        last = 0
    else:
        get(session, project.id, import_id)
        last = session.scalar(select(func.max(ImportOutcome.number)).where(ImportOutcome.import_id == import_id)) or 0
    rows = [
        {"import_id": import_id, "number": number, "n_findings": len(outcome.findings)} | outcome.as_row()
        for number, outcome in enumerate(outcomes, start=last + 1)
    ]
    insert_rows(session, ImportOutcome, rows)
    return import_id, outcomes


def read_and_store(
    url: str,
    storage: Storage,
    project_id: str,
    import_id: str | None,
    batches: Iterable[Sequence[ingest.ReadSet | Refusal]],
    options: ReadOptions,
) -> tuple[str | None, list[ingest.Outcome]]:
    """Store batches as they are read, as part of an import; return its id, None where no batch came, and the outcomes.

    Reading takes its time and is done outside of any transaction; each batch is stored in a short one of its own.
    Raises NotFoundError where project or import are not there, or no longer.
    """
    outcomes: list[ingest.Outcome] = []
    for batch in batches:
        with write_session(url) as session:
            project = projects.get(session, project_id)
            import_id, stored = store(session, storage, project, import_id, batch, options)
        outcomes += stored
    return import_id, outcomes


def counts(session: Session, import_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return for each import how many files it had, with each status and with findings."""
    result = {import_id: dict.fromkeys(("n_files", *STATUSES, "with_findings"), 0) for import_id in import_ids}
    found = func.count().filter(ImportOutcome.n_findings > 0)
    rows = session.execute(
        select(ImportOutcome.import_id, ImportOutcome.status, func.count(), found)
        .where(ImportOutcome.import_id.in_(import_ids))
        .group_by(ImportOutcome.import_id, ImportOutcome.status)
    )
    for import_id, status, number, with_findings in rows:
        result[import_id][status] = number
        result[import_id]["n_files"] += number
        result[import_id]["with_findings"] += with_findings
    return result


def outcomes(
    session: Session, import_id: str, query: Query, page: int, size: int
) -> tuple[Sequence[ImportOutcome], int]:
    """Return one page of the outcomes of an import in the order of the files, and how many fit the query."""
    statement = _filtered(import_id, query)
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    in_order = statement.order_by(ImportOutcome.number)
    return session.scalars(in_order.limit(size).offset((page - 1) * size)).all(), total


def report(session: Session, import_id: str, query: Query) -> Iterator[str]:
    """Yield the outcomes as lines of CSV, a header first."""
    in_order = _filtered(import_id, query).order_by(ImportOutcome.number)
    yield from as_csv(session.scalars(in_order.execution_options(yield_per=1000)))


def as_csv(outcomes: Iterable[ImportOutcome | ingest.Outcome]) -> Iterator[str]:
    """Yield outcomes as lines of CSV, a header first, with the mark by which spreadsheets know UTF-8."""
    yield "\ufeff" + csv_line(REPORT)
    for outcome in outcomes:
        findings = " ".join(finding["message"] for finding in outcome.findings)
        ids = " ".join(outcome.recording_ids)
        yield csv_line([outcome.file_name, outcome.status, outcome.detail, findings, ids])


def _filtered(import_id: str, query: Query) -> Select[Any]:
    statement = select(ImportOutcome).where(ImportOutcome.import_id == import_id)
    if query.status:
        statement = statement.where(ImportOutcome.status == query.status)
    if query.findings_only:
        statement = statement.where(ImportOutcome.n_findings > 0)
    if query.search:
        columns = (ImportOutcome.file_name, ImportOutcome.detail)
        statement = statement.where(or_(*(column.icontains(query.search, autoescape=True) for column in columns)))
    return statement
