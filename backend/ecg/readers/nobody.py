"""Identifiers of patients that may stand for nobody: numbers that programs write where there is none, and the like."""

import re
from collections import Counter
from dataclasses import replace

from backend.ecg.recording import Recording

# Numbers that programs write where there is none; each may be a real identifier too.
_FILLER = re.compile(r"-\d+|0+|9{2,}|(\d)\1{3,}|12345\d*")
_LEAST_FILLED, _TIMES_FILLED = 3, 3  # recordings of such a number, and how many times those of any patient
_LEAST, _TIMES = 20, 5  # the same for any other identifier


def filler(counts: Counter[str]) -> tuple[str, int, int] | None:
    """Return the number that may stand for nobody, of identifiers and how often each is; None where there is none.

    With it come how often it is, and how often the commonest other patient is.
    """
    usual = max((n for one, n in counts.items() if not _FILLER.fullmatch(one)), default=0)
    odd = [(n, one) for one, n in counts.items() if _FILLER.fullmatch(one)]
    n, one = max(odd, default=(0, ""))
    return (one, n, usual) if n >= max(_LEAST_FILLED, _TIMES_FILLED * usual) else None


def outstanding(counts: Counter[str]) -> tuple[int, int] | None:
    """Return how often the commonest identifier is and the next, where it is far more often; else None."""
    (_, most), (_, other) = [*counts.most_common(2), ("", 0), ("", 0)][:2]
    return (most, other) if most >= max(_LEAST, _TIMES * other) else None


def told(recordings: list[Recording]) -> list[Recording]:
    """Return the recordings of a file, with a note where one identifier may stand for several patients in them."""
    counts = Counter(one.patient.id for one in recordings if one.patient.id)
    note = of_counts(counts) if len(recordings) > 1 else ()
    return [replace(one, notes=one.notes + note) for one in recordings] if note else recordings


def of_counts(counts: Counter[str]) -> tuple[str, ...]:
    """Say which identifier may stand for several patients; one that may be a person's is not shown."""
    odd, many = filler(counts), outstanding(counts)
    if odd is not None:
        number, n, other = odd
        return (
            f"The identifier {number} of a patient stands for {n} recordings of the file, any other for at most "
            f"{other}. If it says that the patient is not known, leave it out there: now they count as one patient.",
        )
    if many is not None:
        n, other = many
        return (
            f"One identifier of a patient stands for {n} recordings of the file, any other for at most {other}. If it "
            "says that the patient is not known, leave it out there: now they count as one patient.",
        )
    return ()
