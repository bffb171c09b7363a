"""Where recordings come from: by which device, folder, file format or import they can be told apart.

A source is what a cross-validation may leave out, to find out how good a model is where it has learned from nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, Import, ImportOutcome, Recording
from backend.errors import InvalidInputError
from backend.ml.data.source_folds import FEWEST_PATIENTS, FEWEST_SOURCES
from backend.services import examples

FoldsBy = Literal["patient", "device", "folder", "format", "import"]
FOLDS_BY: Final[tuple[FoldsBy, ...]] = get_args(FoldsBy)
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Source:
    """A source of recordings of a dataset."""

    name: str
    n: int
    n_patients: int


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of a kind, the largest first; those of too few patients to be tested alone are counted only."""

    by: str
    sources: list[Source]
    n_small: int
    n_recordings_of_small: int
    n_unknown: int  # recordings


def check(by: str) -> None:
    """Raise InvalidInputError for folds by something that is not known."""
    if by not in FOLDS_BY:
        raise InvalidInputError(f"Folds are made by {', '.join(FOLDS_BY)}, not by {by!r}.")


def names(session: Session, project_id: str, recording_ids: Sequence[str], by: str) -> list[str | None]:
    """Return the source of each recording of a project, None where it is not known: never a guess.

    A device is maker and model as the file states them, a folder the first of the path under which the file was sent,
    an import the first that brought the recording.
    """
    if by == "import":
        of = _imports(session, project_id)
        return [of.get(one) for one in recording_ids]
    found: dict[str, str | None] = {}
    for start in range(0, len(recording_ids), _AT_ONCE):
        asked = select(Recording.id, Recording.device, Recording.file_name, Recording.format)
        some = Recording.id.in_(recording_ids[start : start + _AT_ONCE])
        for row in session.execute(asked.where(some, Recording.project_id == project_id)):
            folder = row.file_name.split("/")[0] if "/" in row.file_name else ""
            stated = {"device": row.device, "folder": folder, "format": row.format}[by]
            found[row.id] = " ".join((stated or "").split()) or None
    return [found.get(one) for one in recording_ids]


def offered(session: Session, dataset: Dataset) -> list[Sources]:
    """Return by what folds of a dataset can be made: the kinds of which two sources have enough patients."""
    rows = [one for one in examples.load(session, dataset) if not one.missing_leads]
    ids = [one.recording_id for one in rows]
    whose = [one.patient_id or one.recording_id for one in rows]
    kinds = [_counted(by, names(session, dataset.project_id, ids, by), whose) for by in FOLDS_BY[1:]]
    return [kind for kind in kinds if len(kind.sources) >= FEWEST_SOURCES]


def _counted(by: str, of: Sequence[str | None], whose: Sequence[str]) -> Sources:
    n = Counter(name for name in of if name is not None)
    patients = Counter(name for name, _ in set(zip(of, whose, strict=True)) if name is not None)
    large = sorted((name for name in n if patients[name] >= FEWEST_PATIENTS), key=lambda name: (-n[name], name))
    return Sources(
        by=by,
        sources=[Source(name, n[name], patients[name]) for name in large],
        n_small=len(n) - len(large),
        n_recordings_of_small=n.total() - sum(n[name] for name in large),
        n_unknown=len(of) - n.total(),
    )


def _imports(session: Session, project_id: str) -> dict[str, str]:
    """Return the first import of each recording, called by its time (UTC), numbered where some share a second."""
    rows = session.execute(
        select(ImportOutcome.recording_ids, Import.id, Import.created_at)
        .join(Import, Import.id == ImportOutcome.import_id)
        .where(Import.project_id == project_id)
        .order_by(Import.created_at, Import.id)
    )
    found: dict[str, str] = {}
    called: dict[str, str] = {}  # import -> name
    same = Counter[str]()
    for ids, import_id, at in rows:
        if import_id not in called:
            time = f"{at:%Y-%m-%d %H:%M:%S} UTC"
            same[time] += 1
            called[import_id] = time if same[time] == 1 else f"{time} ({same[time]})"
        for one in ids:
            found.setdefault(one, called[import_id])
    return found
