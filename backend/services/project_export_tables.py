"""What an export of a project holds of each table: the one table of it, in which every table has a line."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, LargeBinary, select, tuple_

from backend.db.session import read_session
from backend.db.tables import Evaluation, Table

AT_ONCE: Final = 500

Held: TypeAlias = str | tuple[str, str]
"""The column that names the project, or the column that names a row of a table that is held, and that table."""

_OTHERS = "It is of the installation, not of the project."
_WORK = "It is the work that was done, not what has come of it."
HELD: Final[Mapping[str, Held]] = {
    "projects": "id",
    "recordings": "project_id",
    "originals": ("recording_id", "recordings"),
    "imports": "project_id",
    "import_outcomes": ("import_id", "imports"),
    "datasets": "project_id",
    "dataset_entries": ("dataset_id", "datasets"),
    "label_sets": "project_id",
    "readings": ("label_set_id", "label_sets"),
    "reveals": ("label_set_id", "label_sets"),
    "runs": "project_id",
    "out_of_fold_rows": ("run_id", "runs"),
    "comparisons": "project_id",
    "compared_runs": ("comparison_id", "comparisons"),
    "models": "project_id",
    "predictions": "project_id",
    "prediction_results": ("prediction_id", "predictions"),
    "evaluations": "project_id",
    "evaluation_rows": ("evaluation_id", "evaluations"),
    "stress_tests": ("evaluation_id", "evaluations"),
    "drift_checks": "project_id",
    "drift_check_rows": ("check_id", "drift_checks"),
    "explanations": "project_id",
    "saved_views": "project_id",
    "retention_rules": "project_id",
    "retention_holds": "project_id",
}
"""Table -> by what its rows belong to the project."""

LEFT_OUT: Final[Mapping[str, str]] = {
    "kept_figures": "They are counted again.",
    "recording_names": "It is an index of the names in recordings.",
    "jobs": _WORK,
    "job_events": _WORK,
    "transfers": _WORK,
    "retention_notices": "It says what is going to be erased where it is.",
    "answered_requests": "It repeats answers for a day.",
    "webhooks": "It holds secrets of systems.",
    "members": _OTHERS,
    "users": _OTHERS,
    "identities": _OTHERS,
    "housekeeping": _OTHERS,
    "login_sessions": _OTHERS,
    "api_keys": _OTHERS,
    "one_time_links": _OTHERS,
    "login_failures": _OTHERS,
    "exchanges": _OTHERS,
    "publisher_keys": _OTHERS,
    "workers": _OTHERS,
    "audit_entries": "The audit log is exported by itself (exchangeai audit export).",
    "audit_heads": "The audit log is exported by itself (exchangeai audit export).",
}
"""Table -> why an export does not hold it."""


def of_project(name: str, project_id: str) -> ColumnElement[bool]:
    """Return which rows of a table belong to a project; not evaluations on ECGs of another one, of which they tell."""
    table, held = Table.metadata.tables[name], HELD[name]
    if isinstance(held, str):
        mine = table.c[held] == project_id
        if name == Evaluation.__tablename__:
            return mine & (table.c.dataset_project_id.is_(None) | (table.c.dataset_project_id == project_id))
        return mine
    column, parent = held
    return table.c[column].in_(select(Table.metadata.tables[parent].c.id).where(of_project(parent, project_id)))


def rows(url: str, name: str, project_id: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table as what JSON can hold, some hundred at a time, so that nobody waits meanwhile.

    Columns of bytes are left out: what models have seen is in their packages.
    """
    table = Table.metadata.tables[name]
    order = list(table.primary_key.columns)
    query = select(table).where(of_project(name, project_id)).order_by(*order).limit(AT_ONCE)
    places = [list(table.columns).index(column) for column in order]
    shown = [(place, one.name) for place, one in enumerate(table.columns) if not isinstance(one.type, LargeBinary)]
    last: tuple[Any, ...] | None = None
    while True:
        with read_session(url) as session:
            found = session.execute(query if last is None else query.where(tuple_(*order) > tuple_(*last))).all()
        for row in found:
            yield {column: _plain(row[place]) for place, column in shown}
        if len(found) < AT_ONCE:
            return
        last = tuple(found[-1][place] for place in places)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
