"""Which recordings of a dataset a model is evaluated on, what the dataset knows of them, and who is left out and why.

A label that the table lacks is not known of any recording, which is something else than absent.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, DatasetEntry, Model
from backend.errors import InvalidInputError
from backend.language.sentence import Sentence
from backend.ml.spec import ModelSpec
from backend.services import examples, seen
from backend.services.examples import Example
from backend.services.known_truth import comparable


@dataclass(frozen=True, slots=True)
class NotEvaluated:
    """Rows of the dataset that are not evaluated, for one reason: a word for programs, and the reason for people."""

    reason: str  # no_recording | missing_leads | no_known_label | seen | not_predicted
    why: Sentence
    n: int


@dataclass(frozen=True, slots=True)
class Member:
    """A recording to be evaluated; `truth` is 0, 1 or a value for each label of the model, None: not known."""

    example: Example
    truth: tuple[float | None, ...]
    seen: bool


@dataclass(frozen=True, slots=True)
class Cohort:
    """Whom a model is evaluated on, in the order of the table, and who is left out."""

    members: list[Member]
    left_out: list[NotEvaluated]
    n_seen: int  # recordings of the dataset from which the model or an ancestor has learned, left out or not
    n_not_known: int  # members of whom nobody has told whether the model, or one it was made from, has seen them
    not_known_told: str  # what the cards of such models say in words; empty where all is known


def mapped_labels(spec: ModelSpec, dataset: Dataset, wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the label of the table for each label of the model that the table knows.

    `wanted` says so for labels that are written differently ("" for none); the others are found by their own text or
    name, whatever their case. Raises InvalidInputError for labels that are not there, and where no label is shared.
    """
    if (spec.task == "regression") != (dataset.task == "regression"):
        told, holds = ("values", "labels") if spec.task == "regression" else ("labels", "values")
        raise InvalidInputError(
            f"The model tells {told}, but the table “{dataset.name}” holds {holds}. Choose another."
        )
    if strangers := [label for label in wanted if label not in spec.labels]:
        raise InvalidInputError(f"The model has no label {strangers[0]!r}; it has {', '.join(spec.labels)}.")
    if strangers := [label for label in wanted.values() if label and label not in dataset.labels]:
        raise InvalidInputError(f"The table has no label {strangers[0]!r}; it has {', '.join(dataset.labels)}.")
    by_text = {label.casefold(): label for label in reversed(dataset.labels)}
    found = {}
    for label, name in zip(spec.labels, spec.label_names, strict=True):
        same = label if label in dataset.labels else by_text.get(label.casefold()) or by_text.get(name.casefold())
        if chosen := wanted.get(label, same):
            found[label] = chosen
    if not found:
        raise InvalidInputError(
            f"The model tells {', '.join(spec.labels)}; the table “{dataset.name}” knows none of them, but "
            f"{', '.join(dataset.labels[:20])}. Say which label of the table each label of the model is, or choose "
            "another table."
        )
    if len(set(found.values())) < len(found):
        raise InvalidInputError("Two labels of the model are mapped to the same label of the table. Map one of them.")
    return found


def cohort(
    session: Session, model: Model, dataset: Dataset, label_map: Mapping[str, str], *, include_seen: bool = False
) -> Cohort:
    """Return whom the model is evaluated on. `label_map` is that of `mapped_labels`."""
    spec = ModelSpec.from_json(model.spec)
    rows = examples.load(session, dataset)
    in_table = session.scalar(select(func.count()).where(DatasetEntry.dataset_id == dataset.id)) or 0
    complete = [row for row in rows if not row.missing_leads]
    known = [row for row in complete if comparable(row, list(label_map.values()), spec.task)]
    truths = {row.recording_id: _truth(row, spec, label_map, dataset.labels) for row in known}
    known = [row for row in known if any(value is not None for value in truths[row.recording_id])]
    chain = seen.list_of(session, model)
    looked_up = seen.in_groups(session, chain, dataset.project_id, [row.recording_id for row in known])
    learnt_from = {one: found.text for one, found in looked_up.items() if found.status in seen.LEARNT_FROM}
    taken = [row for row in known if include_seen or row.recording_id not in learnt_from]
    left_out = [
        NotEvaluated(
            "no_recording", "The table names them, but their ECG is not in the project.", in_table - len(rows)
        ),
        NotEvaluated(
            "missing_leads", "Some of their leads are missing; a model needs all twelve.", len(rows) - len(complete)
        ),
        NotEvaluated("no_known_label", _no_known_label(spec), len(complete) - len(known)),
        *([] if include_seen else _seen_left_out(learnt_from.values())),
    ]
    members = [Member(row, truths[row.recording_id], row.recording_id in learnt_from) for row in taken]
    not_known = sum(looked_up[row.recording_id].status == "not known" for row in taken)
    return Cohort(members, [one for one in left_out if one.n], len(learnt_from), not_known, seen.as_told(chain))


def _truth(
    row: Example, spec: ModelSpec, label_map: Mapping[str, str], columns: Sequence[str]
) -> tuple[float | None, ...]:
    if spec.task == "regression":
        return tuple(
            row.values[columns.index(label_map[label])] if label in label_map else None for label in spec.labels
        )
    return tuple(float(label_map[label] in row.labels) if label in label_map else None for label in spec.labels)


def _no_known_label(spec: ModelSpec) -> str:
    if spec.task == "regression":
        return "The table gives no value that the model estimates."
    if spec.task == "multi_label":
        return "The table gives no label of the model."
    return "The table gives none of the labels of the model, or several; the model chooses exactly one."


def _seen_left_out(reasons: Iterable[str]) -> list[NotEvaluated]:
    """Say how many recordings were left out for each way in which the model, or an ancestor, has seen them."""
    return [NotEvaluated("seen", f"{why[0].upper()}{why[1:]}.", n) for why, n in sorted(Counter(reasons).items())]
