"""Milliseconds to read each real file, beside an independent program on the same file; and the largest difference.

    python bench/readers.py [--runs 15] [--markdown]

The files are those of ../shared/data/formats, and a CSV, a MATLAB and a WFDB file of 12 x 5000 samples made here. Both
programs start from the file: ours reads its bytes from disk, recognises the format and returns a recording; the oracle
opens the path. Medians of the time one process takes, called in turn. --markdown prints the table of docs/formats.md.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import wfdb
from scipy.io import loadmat, savemat

from backend.ecg.errors import EcgError
from backend.ecg.findings import check
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, group, read
from backend.ecg.recording import Recording
from backend.ecg.signal_file import decode_signal, encode_signal
from tests.oracles import Oracle, largest_difference, oracle_of, units_per_mv
from tests.samples import FORMATS, LEADS, csv_file, microvolts

PARTIAL = ("nihon_kohden_test-file.mwf", "100.hea")


def in_turn(actions: list[Callable[[], object]], runs: int) -> list[float]:
    """Median milliseconds of each action, called one after the other."""
    times = np.empty((runs, len(actions)))
    for run in range(runs):
        for index, action in enumerate(actions):
            start = time.perf_counter()
            action()
            times[run, index] = time.perf_counter() - start
    return [1000 * float(value) for value in np.median(times, axis=0)]


def reading(folder: Path, files: FileSet, options: ReadOptions) -> list[Recording]:
    """Read a set from disk, as the shell does."""
    return read(FileSet(tuple(SourceFile(f.name, (folder / f.name).read_bytes()) for f in files.files)), options)


def made(folder: Path) -> dict[str, tuple[ReadOptions, Oracle]]:
    """Write files of 12 x 5000 samples in µV; return how to read each, and who else does."""
    x = microvolts(0, 5000, 500)
    (folder / "made.csv").write_bytes(csv_file(0, 5000))
    savemat(folder / "made.mat", {"val": x}, do_compression=True)
    wfdb.wrsamp(
        "rec", fs=500, units=["mV"] * 12, sig_name=list(LEADS), d_signal=x.T.astype(np.int64), fmt=["16"] * 12,
        adc_gain=[1000] * 12, baseline=[0] * 12, write_dir=str(folder),
    )  # fmt: skip

    def rows(values: np.ndarray) -> tuple[dict[str, np.ndarray], float]:
        return dict(zip(LEADS, values, strict=True)), 500.0

    def by_wfdb(path: Path) -> tuple[dict[str, np.ndarray], float]:
        return rows(1000 * wfdb.rdrecord(str(path.with_suffix(""))).p_signal.T)

    micro = ReadOptions(rate=500, units_per_mv=1000)
    return {
        "made.csv": (micro, Oracle("pandas", lambda path: rows(pd.read_csv(path).to_numpy().T))),
        "made.mat": (micro, Oracle("scipy.io", lambda path: rows(loadmat(path)["val"]))),
        "rec.hea": (micro, Oracle("wfdb", by_wfdb)),
    }


def sets_in(folder: Path) -> list[FileSet]:
    """The sets of files below a folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return group(SourceFile(path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths)


def line(folder: Path, files: FileSet, options: ReadOptions, oracle: Oracle | None, runs: int) -> list[str]:
    """One row: file, format, what it holds, oracle, largest difference in µV, milliseconds of both, ratio."""
    name = files.name
    try:
        recording = reading(folder, files, options)[0]
    except EcgError as error:
        return [
            name,
            "–",
            f"refused: {str(error).removeprefix(name).lstrip(': ').split('. ')[0]}",
            "–",
            "–",
            "",
            "",
            "",
        ]
    leads = f"{12 - len(recording.missing)} leads" if recording.missing else "12 leads"
    holds = f"{leads}, {recording.rate:g} Hz, {recording.duration_s:.4g} s"
    ours = lambda: reading(folder, files, options)  # noqa: E731
    if oracle is None:
        return [name, recording.format, holds, "its own bytes", "0", f"{in_turn([ours], runs)[0]:.1f}", "", ""]
    theirs, _ = oracle.read(folder / name)
    worst, _ = largest_difference(recording.signal, theirs, options.units_per_mv or 1.0)
    mine, other = in_turn([ours, lambda: oracle.read(folder / name)], runs)
    return [
        name, recording.format, holds, oracle.name, f"{1000 * worst:.1g}", f"{mine:.1f}", f"{other:.1f}",
        f"{other / mine:.1f}",
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--markdown", action="store_true")
    a = parser.parse_args()
    heads = ["file", "reader", "holds", "compared with", "largest difference (µV)", "ms", "oracle ms", "times as fast"]
    rows: list[list[str]] = []
    if FORMATS.exists():
        for files in sets_in(FORMATS):
            silent = Path(files.name).parts[0] in ("npy_csv", "text")
            options = ReadOptions(
                rate=500 if silent else None,
                units_per_mv=units_per_mv(files.name),
                partial=Path(files.name).name in PARTIAL,
            )
            rows.append(line(FORMATS, files, options, oracle_of(files.name), a.runs))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        cases = made(folder)
        for files in sets_in(folder):
            options, oracle = cases[files.name]
            rows.append([*line(folder, files, options, oracle, a.runs)])
            rows[-1][0] += " (12 x 5000)"
            recording = reading(folder, files, options)[0]
    if a.markdown:
        for row in ([*heads[:5]], ["---"] * 5, *(row[:5] for row in rows if "12 x 5000" not in row[0])):
            print(f"| {' | '.join(row)} |")
        return
    for row in (heads, *rows):
        print(f"{row[0]:46} {row[1]:14} {row[3]:24} {row[4]:>9} {row[5]:>7} {row[6]:>9} {row[7]:>6}   {row[2]}")
    stored = encode_signal(recording)
    actions = {"encode_signal": lambda: encode_signal(recording), "decode_signal": lambda: decode_signal(stored)}
    actions["quality.check"] = lambda: check(recording)
    for name, milliseconds in zip(actions, in_turn(list(actions.values()), 20 * a.runs), strict=True):
        print(f"{name:46} {milliseconds:.2f} ms for 12 x 5000 samples")


if __name__ == "__main__":
    main()
