"""Groups of recordings that may fare differently: sex, age, device, source, quality of the signal."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import DatasetEntry, Recording

NOT_STATED = "not stated"
AGES = ((18, "under 18"), (40, "18 to 39"), (60, "40 to 59"), (80, "60 to 79"))
OLDEST = "80 and over"
MOST_GROUPS = 12  # of one kind; the rarest beyond are one group
AT_ONCE = 500
Person = tuple[str | None, float | None]
_NOBODY: Person = (None, None)

GROUPINGS = {
    "sex": "Sex",
    "age": "Age in years",
    "device": "Device",
    "source": "Folder or format of the file",
    "quality": "Findings about the signal at import",
}


def groups(session: Session, recording_ids: Sequence[str], dataset_id: str | None = None) -> dict[str, list[str]]:
    """Return by the names of GROUPINGS the group of each recording; a kind with a single group is left out.

    Sex and age are those of the recording, or else of its row in the table.
    """
    persons = persons_in_table(session, dataset_id)
    facts: dict[str, dict[str, str]] = {}
    for start in range(0, len(recording_ids), AT_ONCE):
        rows = session.execute(
            select(
                Recording.id, Recording.sex, Recording.age, Recording.device, Recording.file_name, Recording.format,
                Recording.findings,
            ).where(Recording.id.in_(recording_ids[start : start + AT_ONCE]))
        )  # fmt: skip
        for row in rows:
            facts[row.id] = {
                "sex": {"F": "female", "M": "male"}.get(row.sex or persons.get(row.id, _NOBODY)[0] or "", NOT_STATED),
                "age": age_group(persons.get(row.id, _NOBODY)[1] if row.age is None else row.age),
                "device": (row.device or "").strip() or NOT_STATED,
                "source": row.file_name.split("/")[0] if "/" in row.file_name else row.format,
                "quality": "with findings" if row.findings else "without findings",
            }
    found = {kind: _few([facts[one][kind] for one in recording_ids]) for kind in GROUPINGS}
    return {kind: names for kind, names in found.items() if len(set(names)) > 1}


def persons_in_table(session: Session, dataset_id: str | None) -> dict[str, Person]:
    """Return sex (F or M) and age in years by recording, of those of whom the table says either."""
    rows = session.execute(
        select(DatasetEntry.recording_id, DatasetEntry.sex, DatasetEntry.age).where(
            DatasetEntry.dataset_id == dataset_id,
            DatasetEntry.recording_id.is_not(None),
            DatasetEntry.sex.is_not(None) | DatasetEntry.age.is_not(None),
        )
    )
    return {recording: (sex, age) for recording, sex, age in rows if recording is not None}


def contradictions(
    session: Session, recording_ids: Sequence[str], patients: Sequence[str | None], dataset_id: str | None
) -> dict[str, int]:
    """Count what cannot be so: recordings of which the table says another "sex" or "age" (by more than a year), and
    "patients" whose recordings are of both sexes."""
    persons, found = persons_in_table(session, dataset_id), Counter[str]()
    patient_of, sexes = dict(zip(recording_ids, patients, strict=True)), dict[str, set[str]]()
    for start in range(0, len(recording_ids), AT_ONCE):
        rows = session.execute(
            select(Recording.id, Recording.sex, Recording.age).where(
                Recording.id.in_(recording_ids[start : start + AT_ONCE])
            )
        )
        for recording, sex, age in rows:
            said, years = persons.get(recording, _NOBODY)
            found["sex"] += bool(sex and said and sex != said)
            found["age"] += age is not None and years is not None and abs(age - years) > 1
            if (patient := patient_of[recording]) and (one := sex or said):
                sexes.setdefault(patient, set()).add(one)
    found["patients"] = sum(len(both) > 1 for both in sexes.values())
    return {kind: n for kind, n in found.items() if n}


def age_group(age: float | None) -> str:
    """Return the group of an age in years."""
    if age is None:
        return NOT_STATED
    return next((name for below, name in AGES if age < below), OLDEST)


def in_order(kind: str, names: Sequence[str]) -> list[str]:
    """Return the groups of a kind in the order in which they are read: ages by age, others by size."""
    counts = Counter(names)
    ages = [name for _, name in AGES] + [OLDEST]
    rank = ages.index if kind == "age" else lambda name: -counts[name]
    last = (NOT_STATED, _OTHERS)
    return sorted(counts, key=lambda name: (name in last, 0 if name in last else rank(name), name))


_OTHERS = "all others"


def _few(names: list[str]) -> list[str]:
    common = [name for name, _ in Counter(names).most_common()]
    if len(common) <= MOST_GROUPS:
        return names
    kept = set(common[: MOST_GROUPS - 1])
    return [name if name in kept else _OTHERS for name in names]
