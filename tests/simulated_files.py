"""Simulated ECGs as files, for tests that need signals which look like ECGs."""

import io

import numpy as np

from backend.ecg.synthesize import simulate

LABELS = ("NORM", "AFIB", "IMI")
RATE = 500


def simulated_npy(seed: int) -> bytes:
    """Return a NumPy file (12, 5000) in µV, sampled at RATE Hz."""
    file = io.BytesIO()
    np.save(file, np.rint(1000 * simulate(LABELS[seed % len(LABELS)], seed).recording.signal).astype(np.int16))
    return file.getvalue()


def files_and_table(n: int, folder: str = "new") -> tuple[dict[str, bytes], str]:
    """Return n such files, and a table in which every second one has the label NORM."""
    names = [f"{folder}/{seed}.npy" for seed in range(n)]
    table = "file_name,NORM\n" + "".join(f"{name},{place % 2}\n" for place, name in enumerate(names))
    return {name: simulated_npy(1000 + place) for place, name in enumerate(names)}, table
