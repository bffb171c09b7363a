"""Labels that the files of the recordings hold: statements of devices, codes of headers, columns of labels.

They become a dataset where somebody asks for it, never by themselves.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, Json, Recording
from backend.errors import InvalidInputError
from backend.ml.data.label_tables.cells import made
from backend.ml.data.label_tables.choice import Choice
from backend.ml.data.label_tables.columns import look
from backend.ml.data.label_tables.finder import Finder, Named
from backend.ml.data.label_tables.rows import labelled
from backend.services import datasets

BY_CODE = "SCP-ECG"  # whose codes are what people call the labels by
LISTED = 20
_ID = "recording"


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of labels that files hold: the statements of a vocabulary, or a column declared to hold labels."""

    name: str  # of the vocabulary or column
    is_statements: bool
    n_recordings: int
    n_labels: int
    labels: list[Json]  # [{label, n_recordings}], the most frequent


def sources(session: Session, project_id: str) -> list[Source]:
    """Return what labels the files of a project hold, those of most recordings first."""
    said = Recording.device_facts["statements"].as_string()
    own = cast(Recording.file_labels, String)
    # Files that say the same are counted by the database: there are few different ones.
    alike = select(said, own, func.count()).where(Recording.project_id == project_id).group_by(said, own)
    counts: dict[str, Counter[str]] = {}
    recordings: Counter[str] = Counter()
    statements: set[str] = set()
    for stated, labelled_as, n in session.execute(alike):
        of_device = _statements({"statements": json.loads(stated or "[]") or []})
        statements.update(of_device)
        in_columns = {name: [_text(value)] for name, value in json.loads(labelled_as).items()}
        for name, labels in [*of_device.items(), *in_columns.items()]:
            counts.setdefault(name, Counter()).update(dict.fromkeys(labels, n))
            recordings[name] += n
    return [
        Source(
            name, name in statements, n, len(counts[name]),
            [{"label": label, "n_recordings": found} for label, found in _most_frequent(counts[name])[:LISTED]],
        )
        for name, n in _most_frequent(recordings)
    ]  # fmt: skip


def create(
    session: Session, project_id: str, names: Sequence[str], name: str = "", superclasses: bool = False
) -> Dataset:
    """Make a dataset of labels that the files hold; a file without any of them is left out, and counted.

    Raises InvalidInputError for a source that no file has, LabelTableError where it holds no labels.
    """
    known = {source.name: source for source in sources(session, project_id)}
    unknown = [one for one in names if one not in known]
    if unknown or not names:
        there = ", ".join(known) or "none"
        raise InvalidInputError(
            f"The files of the project hold no labels {', '.join(map(repr, unknown))}. What they hold: {there}."
        )
    rows = _rows(session, project_id)
    codes: dict[str, str] = {}
    lines = []
    for row in rows:
        said = _statements(row.device_facts, codes)
        own = row.file_labels
        told = [json.dumps(said[one], ensure_ascii=False) if one in said else _text(own.get(one, "")) for one in names]
        lines.append([row.id, *told])
    cells = made([_ID, *names], lines, "files")
    columns = look(cells)
    decimals = [
        column.name for column in columns[1:]
        if column.kind == "number" and any("." in cell for cell in cells.column(column.name))
    ]  # fmt: skip
    choice = Choice(recording=("{" + _ID + "}",), patient="", split="", fold="", code="", superclasses=superclasses)
    table = labelled(
        cells, columns,
        replace(choice, values=tuple(names)) if len(decimals) == len(names) else replace(choice, labels=tuple(names)),
    )  # fmt: skip
    finds = Finder(Named(row.id, row.id, row.id) for row in rows)
    matched = datasets.matched(project_id, replace(table, codes={}), finds, table.notes)
    file_names = {row.id: row.file_name for row in rows}
    for entry in matched.entries:
        entry["file_name"] = file_names[entry["recording_id"]]
    title = name.strip() or f"{', '.join(names)} in the files"[:200]
    dataset = datasets.attach(session, project_id, matched, "", title)
    dataset.codes = {label: code for label, code in codes.items() if label in table.labels}
    dataset.choice = {"in_files": list(names), "superclasses": superclasses}
    return dataset


def _most_frequent(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def _rows(session: Session, project_id: str) -> Sequence[Any]:
    return session.execute(
        select(Recording.id, Recording.file_name, Recording.device_facts, Recording.file_labels)
        .where(Recording.project_id == project_id)
        .order_by(Recording.file_name, Recording.index)
    ).all()


def _statements(device_facts: Mapping[str, Any], codes: dict[str, str] | None = None) -> dict[str, list[str]]:
    """Return vocabulary -> labels of what the device, or the header, states; `codes` gets label -> code."""
    said: dict[str, list[str]] = {}
    for one in device_facts.get("statements", ()):
        label = one["code"] if one["system"] == BY_CODE else one["text"] or one["code"]
        said.setdefault(one["system"], []).append(label)
        if codes is not None and label != one["code"]:
            codes[label] = one["code"]
    return {system: list(dict.fromkeys(labels)) for system, labels in said.items()}


def _text(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return str(int(value)) if float(value).is_integer() else str(value)
