"""On which side of a split a group of records lies: decided by its name and a seed, by nothing else.

A group is what must stay together: the records of a patient, and those whose signals are the same. Its lot is a hash,
so that it does not move when records, labels or tables come and go (docs/decisions/0030).
"""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Parts = NDArray[np.intp]
ROUNDS = 3


def lots(names: Sequence[str], seed: int) -> NDArray[np.float64]:
    """Return the lot of each group, 0 to 1: the first 53 bits of the SHA-256 of seed and name."""
    begin = f"{seed} ".encode()
    digests = [hashlib.sha256(begin + name.encode("utf-8", "surrogatepass")).digest() for name in names]
    return np.array([int.from_bytes(digest[:8], "big") >> 11 for digest in digests], np.float64) / 2**53


def drawn(lot: NDArray[np.float64], fractions: tuple[float, float, float]) -> Parts:
    """Return the part of each lot: the lowest test, those above validate, the others train."""
    _, validation, test = fractions
    return np.where(lot < test, 2, np.where(lot < test + validation, 1, 0)).astype(np.intp)


def filled(part: Parts, lot: NDArray[np.float64], counts: NDArray[np.floating], free: NDArray[np.bool_]) -> Parts:
    """Return the parts of G groups, changed so that no part lacks a label that at least three groups have.

    `counts` (G, L) are the records of each label in each group. Only `free` groups are moved, as few as it takes,
    from where the label is left behind, those first whose lot is nearest to the test part.
    """
    part, has = part.copy(), np.column_stack([np.ones(len(part), bool), counts > 0])
    labels = [label for label in np.argsort(has.sum(axis=0), kind="stable") if has[:, label].sum() >= 3]
    order = np.argsort(lot, kind="stable")
    for _ in range(ROUNDS):
        moved = False
        for label in labels:
            for wanted in (2, 0, 1):
                if (has[:, label] & (part == wanted)).any():
                    continue
                one = _to_move(part, has, label, order[free[order]])
                if one is not None:
                    part[one], moved = wanted, True
        if not moved:
            break
    return part


def _to_move(part: Parts, has: NDArray[np.bool_], label: int, order: Parts) -> int | None:
    """Return the group that can best be spared: its part keeps the label, and if possible all others of the group."""
    in_part = np.stack([has[part == number].sum(axis=0) for number in range(3)])  # (part, label)
    sparing = [int(one) for one in order if has[one, label] and in_part[part[one], label] > 1]
    kind = [one for one in sparing if (in_part[part[one]][has[one]] > 1).all()]
    return next(iter(kind or sparing), None)
