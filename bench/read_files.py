"""Milliseconds to read one file with each reader, beside the usual tool for the format, in the same run.

    python bench/read_files.py [--runs 40]

Files of 12 leads x 10 s at 500 Hz, made from the real PTB-XL record in ../shared/data where it is there, else made up.
The DICOM file is pydicom's own (12 x 10 s at 1 kHz). CPU time of one process; the best third of the runs is averaged.
"""

import argparse
import io
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import pydicom
import wfdb
from pydicom.data import get_testdata_file

from backend.ecg.leads import LEADS
from backend.ecg.quality import check
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, read
from backend.ecg.signal_file import decode_signal, encode_signal

MV = ReadOptions(rate=500, units_per_mv=1)
REAL = Path("../shared/data/formats/wfdb/00001_hr.dat")


def cpu_ms(action: Callable[[], object], runs: int) -> float:
    """CPU milliseconds of one call."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return 1000 * float(np.mean(sorted(times)[: max(1, runs // 3)]))


def samples() -> np.ndarray:
    """12 x 5000 µV, int16."""
    if REAL.exists():
        return np.fromfile(REAL, "<i2").reshape(-1, 12).T
    t = np.arange(5000) / 500
    wave = 1000 * np.exp(-((((t % 0.9) - 0.3) / 0.012) ** 2)) + np.random.default_rng(0).normal(0, 10, (12, 5000))
    return wave.astype(np.int16)


def single(name: str, data: bytes) -> FileSet:
    return FileSet((SourceFile(name, data),))


def csv_text(x: np.ndarray, separator: str = ",", decimal: str = ".") -> str:
    rows = [separator.join(f"{v:.3f}" for v in row).replace(".", decimal) for row in x.T / 1000]
    return "\n".join([separator.join(LEADS), *rows]) + "\n"


def cases(folder: Path) -> list[tuple[str, FileSet, ReadOptions, str, Callable[[], object] | None]]:
    """Name, files, options, name of the reference and the reference itself."""
    x = samples()
    text = csv_text(x)
    wfdb.wrsamp(
        "rec", fs=500, units=["mV"] * 12, sig_name=list(LEADS), d_signal=x.T.astype(np.int64), fmt=["16"] * 12,
        adc_gain=[1000] * 12, baseline=[0] * 12, write_dir=str(folder),
    )  # fmt: skip
    record = FileSet(tuple(SourceFile(p, (folder / p).read_bytes()) for p in ("rec.hea", "rec.dat")))
    npy = io.BytesIO()
    np.save(npy, x / 1000)
    dicom = Path(str(get_testdata_file("waveform_ecg.dcm", download=False))).read_bytes()
    gap = text.replace("0.000,", ",", 1) if "0.000," in text else text.replace(text.split("\n")[1].split(",")[0], "", 1)

    def by_numpy() -> object:
        return np.loadtxt(io.StringIO(text), delimiter=",", skiprows=1)

    def by_pydicom() -> object:
        return pydicom.dcmread(io.BytesIO(dicom)).waveform_array(0)

    try:
        import pandas as pd

        def by_pandas() -> object:
            return pd.read_csv(io.StringIO(text))
    except ImportError:
        by_pandas = None
    return [
        ("wfdb", record, MV, "wfdb.rdrecord", lambda: wfdb.rdrecord(str(folder / "rec"))),
        ("csv", single("a.csv", text.encode()), MV, "pandas.read_csv", by_pandas),
        ("csv", single("a.csv", text.encode()), MV, "numpy.loadtxt", by_numpy),
        ("csv ; and decimal comma", single("a.csv", csv_text(x, ";", ",").encode()), MV, "", None),
        ("text in blanks", single("a.txt", csv_text(x, " ").encode()), MV, "", None),
        ("csv with an empty cell", single("a.csv", gap.encode()), MV, "", None),
        ("npy float64", single("a.npy", npy.getvalue()), MV, "numpy.load", lambda: np.load(io.BytesIO(npy.getvalue()))),
        ("dicom 1 kHz", single("a.dcm", dicom), MV, "pydicom", by_pydicom),
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=40)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        for name, files, options, reference, action in cases(Path(folder)):
            ours = cpu_ms(lambda files=files, options=options: read(files, options), runs)
            line = f"{name:26} {ours:7.2f} ms"
            if action is not None:
                theirs = cpu_ms(action, max(5, runs // 4))
                line += f"   {reference:16} {theirs:7.2f} ms   {theirs / ours:6.1f} times as fast"
            print(line)
            recording = read(files, options)[0]
    stored = encode_signal(recording)
    for name, action in (
        ("encode_signal", lambda: encode_signal(recording)),
        ("decode_signal", lambda: decode_signal(stored)),
        ("quality.check", lambda: check(recording, declared=True)),
    ):
        print(f"{name:26} {cpu_ms(action, 5 * runs):7.2f} ms   ({recording.n_samples} samples a lead)")


if __name__ == "__main__":
    main()
