"""The ECGs of `federated.py`, prepared once: PTB-XL, the challenge mix by country, Chapman and LUDB.

Superclasses NORM, MI, STTC and CD, multi-label, as `labels.csv` has them: for PTB-XL its own (scp_statements.csv), for
the others our mapping of SNOMED CT codes and statements by their meaning (infarction -> MI; ST and T changes, ischaemia
-> STTC; bundle branch, fascicular and AV blocks, WPW, IVCD -> CD; NORM: a sinus rhythm and none of these). Hypertrophy
is recorded otherwise in every set and is left out; so are recordings that have none of the four labels.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bench.cardx_data import Row, others, ptbxl

LABELS = ("NORM", "MI", "STTC", "CD")
COUNTRY = {
    "chapman_ningbo": "China", "cpsc2018": "China", "cpsc2018_extra": "China", "sph": "China",
    "georgia": "USA", "ptbdb": "Germany",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Ecgs:
    """Recordings x (n, 12, 1000), labels y (n, 4) of 0 and 1, and the patient (or recording) of each."""

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    patients: tuple[str, ...]

    def at(self, rows: NDArray[np.intp]) -> "Ecgs":
        return Ecgs(self.x[rows], self.y[rows], tuple(self.patients[int(row)] for row in rows))

    def of(self, labels: tuple[str, ...]) -> "Ecgs":
        """Return the recordings that have one of these labels, with these labels alone."""
        y = self.y[:, [LABELS.index(label) for label in labels]]
        rows = np.flatnonzero(y.any(axis=1))
        return Ecgs(self.x[rows], y[rows], tuple(self.patients[int(row)] for row in rows))

    def __len__(self) -> int:
        return len(self.y)


@lru_cache(maxsize=3)
def ptb(first: int, last: int) -> Ecgs:
    """Return PTB-XL of these folds."""
    x, rows = ptbxl(folds=range(first, last + 1))
    return labelled(x, rows, [f"ptbxl {row.get('patient_id') or 'e' + row['ecg_id']}" for row in rows])


@lru_cache(maxsize=1)
def countries() -> dict[str, Ecgs]:
    """Return the challenge mix by country."""
    x, rows = others("challenge_mix")
    named = [COUNTRY[row["source"]] for row in rows]
    found = {}
    for country in sorted(set(named)):
        chosen = [place for place, name in enumerate(named) if name == country]
        found[country] = labelled(x[chosen], [rows[i] for i in chosen], [rows[i]["record"] for i in chosen])
    return found


@lru_cache(maxsize=2)
def elsewhere(name: str) -> Ecgs:
    """Return "ludb" or "chapman_denoised"."""
    x, rows = others(name)
    return labelled(x, rows, [row["record"] for row in rows])


@dataclass(frozen=True, eq=False)
class Given:
    """Sites with their ECGs, those of the coordinator on which thresholds are chosen, and those of the tests."""

    labels: tuple[str, ...]
    sites: dict[str, Ecgs]
    validation: Ecgs
    tests: dict[str, Ecgs]


def simulated_sites(seed: int) -> Given:
    """Return three sites with other mixes of labels, by patient: mostly normal, mostly ischaemic, mostly blocks."""
    pool = chosen(ptb(1, 7), 1500, seed)
    random = np.random.default_rng([seed, 1])
    odds = {"CD": (0.1, 0.2, 0.7), "MI": (0.1, 0.7, 0.2), "STTC": (0.2, 0.5, 0.3), "NORM": (0.7, 0.15, 0.15)}
    site_of: dict[str, int] = {}
    for patient, y in zip(pool.patients, pool.y, strict=True):
        if patient not in site_of:
            label = next(name for name in odds if y[LABELS.index(name)])
            site_of[patient] = int(random.choice(3, p=odds[label]))
    where = np.array([site_of[patient] for patient in pool.patients])
    sites = {name: pool.at(np.flatnonzero(where == number)) for number, name in enumerate("ABC")}
    return Given(LABELS, sites, chosen(ptb(8, 8), 300, 1), {"fold 9": ptb(9, 9)})


def real_sites(seed: int) -> Given:
    """Return PTB-XL and the challenge mix of China and the USA as sites, for the labels that all of them have."""
    names = ("NORM", "STTC", "CD")  # the American part has no infarction
    sites = {
        "Germany": chosen(ptb(1, 7), 1500, seed), "China": countries()["China"], "USA": countries()["USA"],
    }  # fmt: skip
    tests = {"LUDB": elsewhere("ludb"), "Chapman": elsewhere("chapman_denoised"), "fold 9": ptb(9, 9)}
    return Given(
        names, {site: ecgs.of(names) for site, ecgs in sites.items()}, chosen(ptb(8, 8), 300, 1).of(names),
        {test: ecgs.of(names) for test, ecgs in tests.items()},
    )  # fmt: skip


def chosen(ecgs: Ecgs, n: int, seed: int) -> Ecgs:
    return ecgs.at(np.sort(np.random.default_rng(seed).permutation(len(ecgs))[:n]))


def labelled(x: NDArray[np.float32], rows: list[Row], patients: list[str]) -> Ecgs:
    y = np.array([[float(row[label]) for label in LABELS] for row in rows], np.float32)
    kept = np.flatnonzero(y.any(axis=1) & np.isfinite(x).all(axis=(1, 2)))
    return Ecgs(x[kept], y[kept], tuple(patients[int(row)] for row in kept))
