"""Small ECGs and files for the tests, made here so that what is expected is known."""

import io
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
FORMATS = SHARED / "formats"
LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
NO_SHARED = "the shared real ECG files are not here"


def microvolts(seed: int = 0, n: int = 1000, rate: int = 100) -> NDArray[np.int16]:
    """Return (12, n) whole µV that look like an ECG: a beat every second, limb leads by Einthoven and Goldberger."""
    random = np.random.default_rng(seed)
    time = np.arange(n) / rate
    phase = (time + random.uniform(0, 1)) % 1.0
    beat = 1000 * np.exp(-(((phase - 0.5) / 0.02) ** 2)) + 200 * np.exp(-(((phase - 0.75) / 0.05) ** 2))
    one, two, *chest = (beat * gain + random.normal(0, 5, n) for gain in (0.5, 1, -0.4, 0.2, 0.6, 1.1, 1.0, 0.7))
    one, two = np.rint(one / 2) * 2, np.rint(two / 2) * 2  # even, so that the augmented leads are whole
    limbs = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2]
    return np.rint([*limbs, *chest]).astype(np.int16)


def csv_file(seed: int = 0, n: int = 1000) -> bytes:
    """Return a CSV with a header of lead names and one row a sample, in µV."""
    rows = (",".join(map(str, row)) for row in microvolts(seed, n).T)
    return "\n".join([",".join(LEADS), *rows]).encode() + b"\n"


def wfdb_pair(name: str, seed: int = 0, n: int = 1000, rate: int = 100) -> tuple[bytes, bytes]:
    """Return header and data of a WFDB record of format 16 in µV (gain 1000/mV)."""
    signal = microvolts(seed, n, rate)
    sums = signal.astype(np.int64).sum(axis=1)
    lines = [f"{name} 12 {rate} {n}"]
    for lead, row, total in zip(LEADS, signal, sums, strict=True):
        checksum = (int(total) + 32768) % 65536 - 32768
        lines.append(f"{name}.dat 16 1000.0(0)/mV 16 0 {row[0]} {checksum} 0 {lead}")
    return "\n".join(lines).encode() + b"\n", signal.T.astype("<i2").tobytes()


def npy_file(seed: int = 0, n: int = 1000) -> bytes:
    """Return a NumPy file (12, n) in µV."""
    buffer = io.BytesIO()
    np.save(buffer, microvolts(seed, n))
    return buffer.getvalue()


def zip_file(files: dict[str, bytes]) -> bytes:
    """Return a zip of files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()
