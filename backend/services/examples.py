"""Labelled recordings: those of a dataset that a network can learn from, and their labels as numbers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.counted import counted
from backend.db.tables import Dataset, DatasetEntry, Recording
from backend.ecg.preprocess import Preprocessing
from backend.errors import InvalidInputError
from backend.services.seen import OF_ONE_PATIENT


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled recording."""

    recording_id: str
    file_name: str
    signal_key: str
    rate: float
    unit: str
    missing_leads: tuple[str, ...]
    labels: tuple[str, ...]
    values: tuple[float | None, ...]  # of a regression, one for each label of the dataset
    patient_id: str | None  # of the table or the file; else of the file that several rows come from, if of one patient
    age: float | None
    sex: str | None
    part: str | None


def load(session: Session, dataset: Dataset) -> list[Example]:
    """Return the rows of a dataset that have a recording, in the order of its table.

    Windows of one file are of one patient, also where nobody is named, and count as one wherever patients do.
    """
    rows = session.execute(
        select(
            Recording.id, Recording.file_name, Recording.signal_key, Recording.rate, Recording.unit,
            Recording.missing_leads, DatasetEntry.labels, DatasetEntry.values, DatasetEntry.patient_id,
            Recording.patient_id, Recording.age, Recording.sex, DatasetEntry.part, Recording.source_sha256,
            Recording.format,
        )
        .join(DatasetEntry, DatasetEntry.recording_id == Recording.id)
        .where(DatasetEntry.dataset_id == dataset.id)
        .order_by(DatasetEntry.row)
    ).all()  # fmt: skip
    times = Counter(source for *_, source, kind in rows if kind in OF_ONE_PATIENT)
    return [
        Example(
            recording_id, name, key, rate, unit, tuple(missing), tuple(labels), tuple(values),
            patient or own_patient or (f"file-{source[:16]}" if times[source] > 1 else None), age, sex, part,
        )
        for recording_id, name, key, rate, unit, missing, labels, values, patient, own_patient, age, sex, part, source,
        _ in rows
    ]  # fmt: skip


def chosen_labels(dataset: Dataset, wanted: Sequence[str] | None) -> list[str]:
    """Return the labels to learn, in the order of the dataset, all for None. Raises InvalidInputError."""
    if wanted is None:
        return list(dataset.labels)
    if not wanted:
        raise InvalidInputError(f"No label is chosen. Choose some of {', '.join(dataset.labels)}.")
    unknown = [label for label in wanted if label not in dataset.labels]
    if unknown:
        raise InvalidInputError(f"The dataset has no label {', '.join(unknown)}; it has {', '.join(dataset.labels)}.")
    return [label for label in dataset.labels if label in wanted]


def choose(
    examples: Sequence[Example], labels: Sequence[str], columns: Sequence[str], task: str
) -> tuple[list[Example], list[str]]:
    """Return the examples one can learn `labels` from, and notes on those left out.

    `columns` are those of `known_truth.truth`. Raises InvalidInputError where none is left.
    """
    if not examples:
        raise InvalidInputError(
            "No row of the dataset has a recording here. Upload the recordings, or check the file names in the table."
        )
    complete = [example for example in examples if not example.missing_leads]
    if not complete:
        raise InvalidInputError(
            f"All {len(examples)} recordings of the dataset lack leads; networks need all twelve. Upload complete ones."
        )
    notes = []
    if partial := len(examples) - len(complete):
        notes.append(
            f"{counted(partial, 'recording that lacks leads was', 'recordings that lack leads were')} left out."
        )
    if task == "multi_label":
        return complete, notes
    if task == "regression":
        places = [columns.index(label) for label in labels]
        chosen = [example for example in complete if any(example.values[place] is not None for place in places)]
        if others := len(complete) - len(chosen):
            notes.append(
                f"{counted(others, 'recording without a value was', 'recordings without a value were')} left out."
            )
        return chosen, notes
    chosen = [example for example in complete if set(example.labels) & set(labels)]
    if others := len(complete) - len(chosen):
        notes.append(
            f"{counted(others, 'recording with other labels was', 'recordings with other labels were')} left out."
        )
    return chosen, notes


def check_units(examples: Sequence[Example], preprocessing: Preprocessing) -> None:
    """Raise InvalidInputError where recordings with and without a mV scale would meet a network unscaled."""
    unscaled = [example for example in examples if example.unit != "mV"]
    if unscaled and len(unscaled) < len(examples) and preprocessing.standardise == "none":
        raise InvalidInputError(
            f"{len(unscaled)} of {len(examples)} recordings (such as {unscaled[0].file_name}) have no mV scale, the "
            "others have. Choose a preprocessing that standardises each lead, such as 'clinical'."
        )
