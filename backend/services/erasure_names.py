"""By what an erased recording could be found again, and which of it is a name of this patient alone.

What the platform has made (ids, keys, hashes, pseudonyms) means nothing else anywhere. What people and devices have
made may: a file has groups called "AFIB", "test" or "1200", and "exams.hdf5" is of many patients. So names that others
share, labels, words that the platform uses itself, and short numbers are nobody's name.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, DatasetEntry, Evaluation, LabelSet, Model, Original, Recording, Run
from backend.language.spoken import own_words

SHORTEST: Final = 3
"""A name of fewer characters is no name of anybody, and is found in every text."""
FEWEST_DIGITS: Final = 6
"""A number of fewer digits is a count, a year or milliseconds in most texts; one of more is that of a patient."""
_NUMBER: Final = re.compile(r"[\W\d_]*")


@dataclass(frozen=True, slots=True)
class Names:
    """Of what is to be erased: `marks` and `files` mean nothing else, `words` may, so they count in texts only."""

    marks: frozenset[str]
    """Ids, keys, hashes and pseudonyms."""
    files: frozenset[str]
    """Names of files, with and without folders; those without a dot are words."""
    words: frozenset[str]
    """Names and numbers of recordings, stems of files, the identifier of the patient as it was written."""


def names_of(
    session: Session, project_id: str, rows: Sequence[Recording], patient: str, pseudonyms: Collection[str]
) -> tuple[Names, frozenset[str]]:
    """Return the names of recordings and of a patient, and all that others of the project have too.

    `pseudonyms` are those of which everything is erased, labels without a recording too.
    """
    marks, files, words = {*pseudonyms}, set[str](), {patient.strip()}
    for row in rows:
        own = (row.id, row.patient_id, row.patient_alike, row.signal_key, row.source_sha256, row.fingerprint)
        marks |= {one for one in own if one} | {item.key for item in row.originals}
        for name in (row.file_name, *(item.name for item in row.originals)):
            for one in (name, PurePosixPath(name).name):
                (files if "." in one or "/" in one else words).add(one)  # a file may be called as a key of JSON is
            words.add(PurePosixPath(name).stem)
        words |= {name for name in (row.name, row.record_id) if name}
    shared = _of_others(session, project_id, {row.id for row in rows}, pseudonyms)
    known = _labels(session, project_id)

    def telling(found: Iterable[str]) -> frozenset[str]:
        return frozenset(one for one in found if one not in shared and _tells(one, known))

    return Names(frozenset(marks - shared), telling(files), telling(words - files)), shared


def _tells(name: str, labels: frozenset[str]) -> bool:
    """Say whether a name tells of somebody: it is no label, no phrase of the platform's words, and no short number."""
    if len(name) < SHORTEST or (_NUMBER.fullmatch(name) and sum(map(str.isdigit, name)) < FEWEST_DIGITS):
        return False
    words = name.casefold().split()
    return name.casefold() not in labels and not all(word in labels or word in own_words() for word in words)


def _of_others(session: Session, project_id: str, gone: Collection[str], pseudonyms: Collection[str]) -> frozenset[str]:
    """Return names, keys and pseudonyms of the recordings and labels that stay, and parts of the names of files."""
    files, found = set[str](), set[str | None]()
    columns = (Recording.file_name, Recording.id, Recording.name, Recording.record_id, Recording.patient_id)
    more = (Recording.patient_alike, Recording.signal_key, Recording.source_sha256, Recording.fingerprint)
    for row in session.execute(select(*columns, *more).where(Recording.project_id == project_id)):
        if row.id not in gone:
            files.add(row.file_name)
            found.update(row[1:])
            found.add(row.name.partition("[")[0])  # "exams[3]" is a record of exams
    of_others = select(Original.name, Original.key, Recording.id).join(Recording)
    for name, key, recording_id in session.execute(of_others.where(Recording.project_id == project_id)):
        if recording_id not in gone:
            files.add(name)
            found.add(key)
    of_tables = select(
        DatasetEntry.recording_id, DatasetEntry.patient_id, DatasetEntry.patient_alike, DatasetEntry.file_name,
        Dataset.file_name.label("of"),
    ).join(Dataset)  # fmt: skip
    for entry in session.execute(of_tables.where(Dataset.project_id == project_id)):
        whose = {entry.patient_id, entry.patient_alike}
        if entry.recording_id in gone or whose & set(pseudonyms):
            continue
        found |= {*whose, entry.of}
        if entry.recording_id is not None or entry.patient_id is not None:  # else it is of whom the file is of
            files.add(entry.file_name)
    for name in files:
        path = PurePosixPath(name)
        found |= {name, *path.parts, path.stem}
    return frozenset(one for one in found if one)


def _labels(session: Session, project_id: str) -> frozenset[str]:
    """Return labels, their codes and their words, as tables, label sets, trainings and models have them."""
    found = list[Any]()
    for labels, codes in session.execute(select(Dataset.labels, Dataset.codes).where(Dataset.project_id == project_id)):
        found += [*labels, *codes, *codes.values()]
    of_sets = select(LabelSet.labels, LabelSet.region_classes).where(LabelSet.project_id == project_id)
    for given, classes in session.execute(of_sets):
        found += [*(text for one in given for text in one.values()), *classes]
    for facts in session.scalars(select(Run.facts).where(Run.project_id == project_id)):
        found += [*facts.get("labels", []), *facts.get("columns", [])]
    judged = select(Evaluation.model_id).where(Evaluation.dataset_project_id == project_id)
    here = or_(Model.project_id == project_id, Model.id.in_(judged))
    for spec in session.scalars(select(Model.spec).where(here)):
        found += [*spec.get("labels", []), *(spec.get("codes") or {}).values()]
    texts = {text.casefold() for text in found if isinstance(text, str)}
    return frozenset(texts | {word for text in texts for word in re.findall(r"\w+", text)})
