"""Recordings that belong together: of a patient, of his file, of the same or nearly the same signal, in any chain."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from backend.ecg.fingerprint import ALIKE, BANDS, bands
from backend.ml.data.seen_list import Identity, numbers_of


def groups_of(identities: Sequence[Identity], alike: bool = True) -> list[str]:
    """Return for each recording the name of its group, which does not depend on order, labels or table.

    It is the least pseudonym of its patients, or where none is known the least signal key. Patients whose identifiers
    differ in nothing but how they are written are one where `alike`.
    """
    n = len(identities)
    boss = np.arange(n)
    for rows, numbers in _links(identities, alike):
        _join(boss, rows, numbers)
    boss = _roots(boss)
    names: dict[int, str] = {}
    for one, root in zip(identities, boss.tolist(), strict=True):
        patients = one.alike if alike and one.alike else one.patients
        name = min(patients) if patients else f"signal {one.signal_key}"  # "p-…" is less than any signal
        names[root] = min(name, names.get(root, name))
    return [names[root] for root in boss.tolist()]


def _links(identities: Sequence[Identity], alike: bool) -> list[tuple[NDArray[np.intp], NDArray[np.uint64]]]:
    """Return pairs of rows and numbers; rows with the same number belong together."""
    everyone = np.arange(len(identities))
    named = [
        (row, patient)
        for row, one in enumerate(identities)
        for patient in (*one.patients, *(one.alike if alike else ()))
    ]
    links = [
        (np.array([row for row, _ in named], np.intp), numbers_of([patient for _, patient in named])),
        (everyone, numbers_of([one.signal_key for one in identities])),
    ]
    sourced = [(row, one.source) for row, one in enumerate(identities) if one.source]
    links.append((np.array([row for row, _ in sourced], np.intp), numbers_of([source for _, source in sourced])))
    printed = [(row, one.fingerprint) for row, one in enumerate(identities) if one.fingerprint]
    rows = np.array([row for row, _ in printed], np.intp)
    lower = bands([text for _, text in printed]) & np.uint64(0xFFFFFFFF)
    for first, second in combinations(range(BANDS), ALIKE):
        links.append((rows, lower[:, first] << np.uint64(32) | lower[:, second]))
    return links


def _join(boss: NDArray[np.intp], rows: NDArray[np.intp], numbers: NDArray[np.uint64]) -> None:
    """Join the rows that have the same number."""
    order = np.argsort(numbers, kind="stable")
    same = np.flatnonzero(numbers[order][1:] == numbers[order][:-1])
    for left, right in zip(rows[order[same]].tolist(), rows[order[same + 1]].tolist(), strict=True):
        one, other = _root(boss, left), _root(boss, right)
        boss[max(one, other)] = min(one, other)


def _root(boss: NDArray[np.intp], row: int) -> int:
    while boss[row] != row:
        boss[row] = boss[boss[row]]
        row = int(boss[row])
    return row


def _roots(boss: NDArray[np.intp]) -> NDArray[np.intp]:
    while (boss[boss] != boss).any():
        boss = boss[boss]
    return boss
