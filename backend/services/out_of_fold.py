"""Out-of-fold outputs of a run: kept fold by fold as they come, read as arrays, exported."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, OutOfFoldRow, Recording, Run
from backend.errors import NotFoundError
from backend.ml.evaluation.out_of_fold import OutOfFold
from backend.services import examples
from backend.services.csv_line import csv_line, exact
from backend.services.known_truth import truth


def add(session: Session, run_id: str, repeat: int, fold: int, ids: Sequence[str], logits: NDArray[np.float32]) -> None:
    """Keep the logits (n, L) of the recordings of one fold; again is the same as once.

    A recording that has been deleted since it was read gets no row.
    """
    wanted = select(Recording.id).where(Recording.id.in_(ids))
    there = set(session.scalars(wanted.with_for_update(read=True, key_share=True)))
    session.execute(
        delete(OutOfFoldRow).where(
            OutOfFoldRow.run_id == run_id, OutOfFoldRow.repeat == repeat, OutOfFoldRow.recording_id.in_(there)
        )
    )
    rows = [
        {"run_id": run_id, "repeat": repeat, "recording_id": one, "fold": fold, "logits": values.tolist()}
        for one, values in zip(ids, logits, strict=True)
        if one in there
    ]
    if rows:
        session.execute(insert(OutOfFoldRow), rows)


def load(session: Session, run_id: str, ids: Sequence[str], repeats: int) -> OutOfFold:
    """Return the outputs of the recordings that every repeat has tested, as rows of `ids`."""
    place = {one: row for row, one in enumerate(ids)}
    found = session.execute(
        select(OutOfFoldRow.repeat, OutOfFoldRow.recording_id, OutOfFoldRow.fold, OutOfFoldRow.logits).where(
            OutOfFoldRow.run_id == run_id
        )
    ).all()
    n_labels = len(found[0].logits) if found else 0
    logits = np.full((repeats, len(ids), n_labels), np.nan, np.float32)
    fold = np.full((repeats, len(ids)), -1, np.intp)
    for repeat, recording_id, number, values in found:
        if recording_id in place and repeat < repeats:
            fold[repeat, place[recording_id]] = number
            logits[repeat, place[recording_id]] = values
    rows = np.flatnonzero((fold >= 0).all(axis=0))
    return OutOfFold(rows, fold[:, rows], logits[:, rows])


def to_csv(session: Session, run: Run) -> Iterator[str]:
    """Yield what each model said of the recordings that it had not seen, one line for each repeat, a header first.

    Raises NotFoundError where the run is no cross-validation, or has no such outputs.
    """
    found = session.execute(
        select(OutOfFoldRow, Recording.file_name)
        .join(Recording, Recording.id == OutOfFoldRow.recording_id)
        .where(OutOfFoldRow.run_id == run.id)
        .order_by(OutOfFoldRow.repeat, OutOfFoldRow.fold, Recording.file_name, Recording.id)
    ).all()
    if not found:
        raise NotFoundError("This training has no out-of-fold outputs: it is not cross-validated, or not yet.")
    labels = run.facts["labels"]
    known = _known(session, run)
    nothing = [""] * len(labels)

    def lines() -> Iterator[str]:
        yield csv_line(
            [
                "repeat", "fold", "file_name", "recording_id", "patient", *[f"truth_{label}" for label in labels],
                *[f"logit_{label}" for label in labels],
            ]
        )  # fmt: skip
        for row, file_name in found:
            patient, values = known.get(row.recording_id, ("", nothing))
            yield csv_line(
                [
                    str(row.repeat + 1), str(row.fold + 1), file_name, row.recording_id, patient, *values,
                    *map(repr, row.logits),
                ]
            )  # fmt: skip

    return lines()


def _known(session: Session, run: Run) -> dict[str, tuple[str, list[str]]]:
    """Return patient and truth of each recording, as the dataset has them now; nothing where it was deleted."""
    dataset = session.get(Dataset, run.dataset_id) if run.dataset_id else None
    if dataset is None:
        return {}
    rows = examples.load(session, dataset)
    values = truth(rows, run.facts["labels"], run.facts["columns"], run.facts["task"])
    return {
        row.recording_id: (row.patient_id or "", ["" if np.isnan(value) else exact(value) for value in line])
        for row, line in zip(rows, values, strict=True)
    }
