"""Real ECGs as a person has them in a folder: device files as they are, and CSVs written from a public data set."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file

SHARED = Path(__file__).parents[3] / "shared" / "data"
LEADS = "I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6"

needs_shared_data = pytest.mark.skipif(not SHARED.is_dir(), reason="the folder ../shared/data is not here")


def device_files(folder: Path) -> list[Path]:
    """Copy a DICOM file, two WFDB records and a CSV into a folder, and add two files nobody can read."""
    folder.mkdir()
    formats = SHARED / "formats"
    sources = [
        Path(str(get_testdata_file("waveform_ecg.dcm"))),
        *(formats / "wfdb" / name for name in ("00001_hr.hea", "00001_hr.dat")),
        *(formats / "wfdb_mat" / name for name in ("A0001.hea", "A0001.mat")),
        formats / "npy_csv" / "derived_ptbxl_00001_500hz.csv",
    ]
    for source in sources:
        shutil.copy(source, folder / source.name)
    (folder / "Müller #1? leer.csv").write_bytes(b"")
    (folder / "orphan.dat").write_bytes(bytes(240))
    return sorted(folder.iterdir())


def ludb_csvs(folder: Path, n: int = 60) -> Path:
    """Write records of LUDB as CSV in mV at 100 Hz, and a table that calls them HYP or OTHER; return the table."""
    folder.mkdir()
    with np.load(SHARED / "ludb" / "ludb_100hz.npz") as arrays:
        signals = arrays["x"][:n] * float(arrays["unit_mv"])
    with (SHARED / "ludb" / "labels.csv").open() as table:
        truth = {int(row["row"]): row["HYP"] == "1" for row in csv.DictReader(table)}
    lines = ["file_name,label,patient_id"]
    for number, signal in enumerate(signals):
        rows = "\n".join(",".join(f"{value:.3f}" for value in sample) for sample in signal.T)
        (folder / f"ludb_{number:03d}.csv").write_text(f"{LEADS}\n{rows}\n")
        lines.append(f"ludb_{number:03d}.csv,{'HYP' if truth[number] else 'OTHER'},p{number}")
    lines.append("not_here.csv,HYP,p999")
    path = folder.parent / "labels.csv"
    path.write_text("\n".join(lines) + "\n")
    return path
