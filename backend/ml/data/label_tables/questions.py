"""What a table leaves open beside its labels: identifiers that may stand for nobody, and several columns of parts.

Columns that a person has chosen are never asked about.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from backend.ecg.readers.facts import identifier
from backend.ecg.readers.nobody import filler, outstanding
from backend.ml.data.label_tables.cells import Cells, whole
from backend.ml.data.label_tables.choice import Choice


@dataclass(frozen=True, slots=True)
class Question:
    """What is open, and the answers to it: each in words, and which parts of a choice it sets."""

    text: str
    answers: tuple[tuple[str, dict[str, Any]], ...]


def open_questions(asked: Choice, settled: Choice, cells: Cells, parts: Mapping[str, str]) -> list[Question]:
    """Return what was `settled` by the name of a column though it may mean something else.

    `asked` is what a person chose, `parts` the columns that hold parts or folds, and which of both (split, fold).
    """
    found = []
    if asked.patient is None and settled.patient and (text := _nobody(cells, settled.patient)):
        answers = (
            (f"patients by {settled.patient} as it is", {"patient": settled.patient}),
            ("no column of patients", {"patient": ""}),
        )
        found.append(Question(f"{text} If they are one patient, choose the column (patient).", answers))
    if asked.split is None and asked.fold is None and len(_ways(cells, parts)) > 1:
        said = [(f"parts by {name}", {"split": "", "fold": ""} | {role: name}) for name, role in parts.items()]
        text = (
            f"The table has several columns of parts that differ: {', '.join(parts)}. Choose one of them (split or "
            "fold), or none for a random split."
        )
        found.append(Question(text, (*said, ("a random split", {"split": "", "fold": ""}))))
    return found


def answered(choice: Choice, questions: Sequence[Question]) -> list[tuple[str, Choice]]:
    """Return a choice with each answer to open questions, of which there are at most two, in words."""
    made = []
    for answers in product(*(question.answers for question in questions)):
        (one, sets), *more = answers
        for other, also in more:
            one, sets = f"{one}; with {other}", sets | also
        made.append((one, replace(choice, **sets)))
    return made


def of_patients(cells: Cells, patient: str | None) -> list[str]:
    """Say of a chosen column of patients what may stand for several persons. Identifiers of persons are not shown."""
    if not patient:
        return []
    if text := _nobody(cells, patient):
        return [f"{text} Now they are one patient."]
    many = outstanding(_counts(cells, patient))
    if many is None:
        return []
    return [
        f"One identifier of the column {patient!r} stands in {many[0]} rows, any other in at most {many[1]}. If it "
        "stands for patients who are not known, leave these cells empty: now they are one patient."
    ]


def _nobody(cells: Cells, name: str) -> str:
    odd = filler(_counts(cells, name))
    if odd is None:
        return ""
    number, n, usual = odd
    return (
        f"The column {name!r} of patients says {number} in {n} rows, and any other in at most {usual}. If "
        "it stands for patients who are not known, leave these cells empty."
    )


def _counts(cells: Cells, name: str) -> Counter[str]:
    return Counter(filter(None, (identifier(whole(cell), may_be_zero=True) for cell in cells.column(name))))


def _ways(cells: Cells, names: Iterable[str]) -> set[tuple[int, ...]]:
    """Return in how many ways columns part the rows: alike are those that only name the parts differently."""
    ways = set()
    for name in names:
        places: dict[str, int] = {}
        ways.add(tuple(places.setdefault(cell, len(places)) for cell in map(whole, cells.column(name))))
    return ways
