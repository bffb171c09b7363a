"""The ECGs of CardX: what it is pre-trained on, and what tests it.

Pre-training takes PTB-XL folds 1 to 8 (in mV where known), CODE-15 and Chapman, and as many synthetic ECGs of the
generator `deepfake-ecg` as are asked for. Fold 9, LUDB, the challenge mix and Brugada-HUCA test it and are never in it.
All are prepared alike: 0.5 to 40 Hz, z-score of each lead, 100 Hz, 10 s (the preset `clinical`).

    python -m bench.cardx_data POOL.npz [--synthetic N]
"""

import argparse
import csv
from collections import Counter
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from backend.ecg.preprocess import preset
from backend.ml.pretraining.synthetic import synthetic

Float: TypeAlias = NDArray[np.float32]
Row: TypeAlias = dict[str, str]

DATA = Path(__file__).parents[2] / "shared" / "data"
RATE = 100.0
SUPERCLASSES = ("NORM", "MI", "STTC", "CD", "HYP")
FEWEST = 5  # records that have a statement, for it to be a task of the supervised mix
OLDEST = 90.0  # what PTB-XL gives as 300


def prepared(signals: Float, rows: list[Row]) -> Float:
    """Return signals (n, 12, 1000) in mV as the network takes them, zero after the valid samples of each."""
    clinical = preset("clinical")
    x = np.zeros(signals.shape, np.float32)
    for i, row in enumerate(rows):
        n = int(float(row.get("valid_samples_100hz") or signals.shape[2]))
        x[i] = clinical(signals[i, :, :n], RATE)
    return x


def ptbxl(*, folds: range) -> tuple[Float, list[Row]]:
    """Return the distinct recordings of PTB-XL in these folds, prepared, with their rows."""
    signals, _, rows = ptbxl_as_stored(folds=folds)
    return prepared(signals, rows), rows


def ptbxl_as_stored(*, folds: range) -> tuple[Float, NDArray[np.bool_], list[Row]]:
    """Return signals (n, 12, 1000), whether each is in mV (n,), else in standard deviations, and their rows.

    A recording that is there more than once is taken in mV.
    """
    found: dict[str, tuple[Float, bool, Row]] = {}
    sources = (("ptbxl", "raw", "raw_row", "unit_mv"), ("ptbxl_more", None, "row", "unit_mv"),
               ("ptbxl", "zscored", "zscored_row", "unit_sd"))  # fmt: skip
    for folder, part, column, unit in sources:
        signals = stored(folder, part, unit)
        for row in rows_of(folder):
            if row[column] and int(row["strat_fold"]) in folds and row["ecg_id"] not in found:
                found[row["ecg_id"]] = signals[int(row[column])], unit == "unit_mv", row
    chosen = [found[ecg_id] for ecg_id in sorted(found, key=int)]
    in_mv = np.array([in_mv for _, in_mv, _ in chosen])
    return np.stack([signal for signal, _, _ in chosen]), in_mv, [row for _, _, row in chosen]


def others(name: str) -> tuple[Float, list[Row]]:
    """Return the recordings of a set in which the rows of `labels.csv` are those of the array."""
    rows = sorted(rows_of(name), key=lambda row: int(row["row"]))
    return prepared(stored(name, None, "unit_mv"), rows), rows


def stored(folder: str, part: str | None, unit: str) -> Float:
    """Return the signals (n, 12, 1000) of an array in `unit`."""
    name = f"{folder}_{part}_100hz.npz" if part else f"{folder}_100hz.npz"
    with np.load(DATA / folder / name) as z:
        return np.asarray(z["x"] * float(z[unit]), np.float32)


def rows_of(folder: str) -> list[Row]:
    """Return the rows of the labels of a set."""
    with (DATA / folder / "labels.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def superclasses(rows: list[Row]) -> Float:
    """Return (n, 5) of 0 and 1."""
    return np.array([[float(row[name]) for name in SUPERCLASSES] for row in rows], np.float32)


def pool(n_synthetic: int) -> dict[str, NDArray[np.generic]]:
    """Return all that is pre-trained on: x, source, and y (n, labels) and values (n, 1), NaN where not known."""
    parts: list[tuple[str, Float, list[Row]]] = [("ptbxl", *ptbxl(folds=range(1, 9)))]
    parts += [(name, *others(name)) for name in ("code15", "code15_more", "chapman_denoised")]
    if n_synthetic:
        parts.append(
            ("synthetic", np.concatenate(list(synthetic(n_synthetic, preset("clinical")))), [{}] * n_synthetic)
        )
    rows = [(name, row) for name, _, part in parts for row in part]
    statements = _frequent(code for name, row in rows if name == "ptbxl" for code in row["scp_codes"].split(";"))
    rhythms = _frequent(row["rhythm"] for name, row in rows if name == "chapman_denoised")
    first = 2 + len(SUPERCLASSES)
    labels = ["male", "chagas", *(f"superclass {name}" for name in SUPERCLASSES)]
    labels += [*(f"scp {code}" for code in statements), *(f"rhythm {code}" for code in rhythms)]
    y = np.full((len(rows), len(labels)), np.nan, np.float32)
    age = np.full((len(rows), 1), np.nan, np.float32)
    for i, (name, row) in enumerate(rows):
        if row.get("sex") in ("M", "F"):
            y[i, 0] = row["sex"] == "M"
        if row.get("age"):
            age[i] = (min(float(row["age"]), OLDEST) - 60) / 20
        if row.get("chagas"):
            y[i, 1] = float(row["chagas"])
        if name == "ptbxl":
            y[i, 2:first] = [float(row[name]) for name in SUPERCLASSES]
            y[i, first : first + len(statements)] = [code in row["scp_codes"].split(";") for code in statements]
        if name == "chapman_denoised":
            y[i, first + len(statements) :] = [code == row["rhythm"] for code in rhythms]
    return {
        "x": np.concatenate([x for _, x, _ in parts]).astype(np.float16),
        "source": np.array([name for name, _ in rows]),
        "y": y, "labels": np.array(labels), "values": age, "value_names": np.array(["age"]),
    }  # fmt: skip


def _frequent(codes: "object") -> list[str]:
    counts = Counter(codes)  # type: ignore[call-overload]
    return sorted(code for code, n in counts.items() if code and n >= FEWEST)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--synthetic", type=int, default=0)
    options = parser.parse_args()
    arrays = pool(options.synthetic)
    np.savez(options.out, **arrays)
    print({name: array.shape for name, array in arrays.items()}, Counter(arrays["source"].tolist()))
    print({str(label): int(np.nansum(column)) for label, column in zip(arrays["labels"], arrays["y"].T, strict=True)})
