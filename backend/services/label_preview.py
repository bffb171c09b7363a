"""How a table of labels would be understood, before it is attached: nothing is stored."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from backend.db.tables import Json
from backend.ml.data.label_tables.cells import Cells
from backend.ml.data.label_tables.choice import Choice, check
from backend.ml.data.label_tables.columns import Column, look
from backend.ml.data.label_tables.matching import Match
from backend.ml.data.label_tables.propose import propose
from backend.ml.data.label_tables.rows import LabelTable, labelled
from backend.ml.data.label_tables.suggest import Suggestion
from backend.ml.errors import LabelTableError
from backend.services import datasets

SHOWN = 10
LABELS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Understood:
    """What the labelled rows of a table would be."""

    task: str
    n_rows: int
    n_matched: int
    counts: list[Json]  # [{label, n_rows}], the most frequent of a classification
    labels: list[str]
    rows: list[Json]  # the first rows: [{row, name, recording, labels, values, patient_id, part, sex, age}]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Preview:
    """A table, what its columns hold, what of them finds recordings, likely choices, and one of them carried out.

    `choice` is the one asked for, completed, or else the likeliest; `question` says what is still to be chosen, and
    `problem` why rows cannot be made of it.
    """

    kind: str
    n_rows: int
    n_recordings: int
    columns: Sequence[Column]
    first_rows: list[list[str]]
    matches: Sequence[Match]
    suggestions: Sequence[Suggestion]
    question: str
    choice: Choice | None
    problem: str
    understood: Understood | None
    notes: list[str] = field(default_factory=list)


def preview(session: Session, project_id: str, cells: Cells, asked: Choice | None = None) -> Preview:
    """Return how a table would be understood, as asked or as is likeliest."""
    finds, columns = datasets.finder(session, project_id), look(cells)
    problem, understood = "", None
    try:
        proposal = propose(cells, columns, finds, asked)
    except LabelTableError as error:  # the choice does not fit the table
        proposal, problem = propose(cells, columns, finds), str(error)
    choice: Choice | None = proposal.completed
    if not (proposal.completed.labels or proposal.completed.values):
        choice = next((one.choice for one in proposal.suggestions), None)
    if choice and choice.recording and not problem:
        try:
            choice = check(choice, cells)
            table = labelled(cells, columns, choice)
            matched = datasets.matched(project_id, table, finds, table.notes)
            understood = _understood(table, matched, {one.id: one.file_name for one in finds.recordings})
        except LabelTableError as error:
            problem = str(error)
    return Preview(
        kind=cells.kind, n_rows=len(cells.rows), n_recordings=len(finds.recordings), columns=columns,
        first_rows=cells.rows[:SHOWN], matches=proposal.matches, suggestions=proposal.suggestions,
        question=proposal.question, choice=choice, problem=problem, understood=understood, notes=list(cells.notes),
    )  # fmt: skip


def _understood(table: LabelTable, matched: datasets.Matched, file_names: dict[str, str]) -> Understood:
    patients = {row.row: row.patient_id for row in table.rows}
    counts = Counter(label for entry in matched.entries for label in entry["labels"])
    first = sorted(matched.entries[: 10 * SHOWN], key=lambda entry: entry["recording_id"] is None)[:SHOWN]
    rows = [
        {
            "row": entry["row"], "name": entry["file_name"], "recording": file_names.get(entry["recording_id"] or ""),
            "labels": entry["labels"], "values": entry["values"], "patient_id": patients[entry["row"]],
            "part": entry["part"], "sex": entry["sex"], "age": entry["age"],
        }
        for entry in sorted(first, key=lambda entry: entry["row"])
    ]  # fmt: skip
    return Understood(
        task=table.task, n_rows=len(matched.entries),
        n_matched=sum(entry["recording_id"] is not None for entry in matched.entries),
        counts=[{"label": label, "n_rows": n} for label, n in counts.most_common(LABELS_SHOWN)],
        labels=list(table.labels), rows=rows, notes=matched.notes[:SHOWN],
    )  # fmt: skip
