"""Small imitations of published data sets in their own layout, and what each of their recordings shows.

Each function writes a few recordings and the publisher's tables into a folder, and returns file name -> labels.
"""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.label_tables import as_csv, as_parquet, as_workbook
from tests.samples import LEADS, csv_file, microvolts, wfdb_pair

Truth = dict[str, set[str]]
N = 6


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _mat_record(path: Path, seed: int, dx: str) -> None:
    """Write a record of the CinC challenges: a header of WFDB with #Dx, and the samples as a MATLAB 4 matrix."""
    name = path.name
    header, data = wfdb_pair(name, seed, 1000, 100)
    text = header.decode().replace(f"{name}.dat 16 ", f"{name}.mat 16+24 ")
    _write(path.with_suffix(".hea"), f"{text}#Age: 61\n#Sex: Male\n#Dx: {dx}\n#Rx: Unknown\n".encode())
    matrix = struct.pack("<5i", 30, 12, 1000, 0, 4) + b"val\0"
    _write(path.with_suffix(".mat"), matrix + data)


def ptb_xl(folder: Path) -> Truth:
    """https://physionet.org/content/ptb-xl/1.0.3/, Wagner et al. 2020: superclasses of the SCP codes."""
    codes = [
        ("{'NORM': 100.0, 'LVOLT': 0.0, 'SR': 0.0}", {"NORM"}), ("{'IMI': 80.0, 'AFIB': 0.0}", {"MI"}),
        ("{'CLBBB': 100.0, 'LVH': 35.0}", {"CD", "HYP"}), ("{'NDT': 100.0, 'SR': 0.0}", {"STTC"}),
        ("{'NORM': 80.0}", {"NORM"}), ("{'ASMI': 15.0, 'NST_': 100.0}", {"MI", "STTC"}),
    ]  # fmt: skip
    rows: list[list[object]] = [["ecg_id", "patient_id", "age", "sex", "site", "report", "scp_codes",
                                 "validated_by_human", "strat_fold", "filename_lr", "filename_hr"]]  # fmt: skip
    truth: Truth = {}
    for n, (said, labels) in enumerate(codes, start=1):
        name = f"records500/00000/{n:05d}_hr"
        header, data = wfdb_pair(f"{n:05d}_hr", n)
        _write(folder / f"{name}.hea", header)
        _write(folder / f"{name}.dat", data)
        rows.append([n, f"{15000 + n}.0", "56.0", n % 2, f"{n}.0", "sinusrhythmus", said, True, n, "", name])
        truth[f"{name}.hea"] = labels
    _write(folder / "ptbxl_database.csv", as_csv([rows[0], *rows[:0:-1]]))
    return truth


def mimic_iv_ecg(folder: Path) -> Truth:
    """https://physionet.org/content/mimic-iv-ecg/1.0/: the statements of the machine, by study."""
    reports = [("Atrial fibrillation", "Left bundle branch block"), ("Sinus rhythm", "")] * (N // 2)
    listed: list[list[object]] = [["subject_id", "study_id", "file_name", "ecg_time", "path"]]
    measured: list[list[object]] = [["subject_id", "study_id", "cart_id", "ecg_time", "report_0", "report_1",
                                     "report_2", "bandwidth", "rr_interval"]]  # fmt: skip
    truth: Truth = {}
    for n, texts in enumerate(reports):
        study = 40689238 + n
        path = f"files/p1000/p1000003{n % 3}/s{study}/{study}"
        header, data = wfdb_pair(str(study), n)
        _write(folder / f"{path}.hea", header)
        _write(folder / f"{path}.dat", data)
        listed.append([f"1000003{n % 3}", study, study, "2180-07-23 08:44:00", path])
        measured.append([f"1000003{n % 3}", study, n % 2, "2180-07-23 08:44:00", *texts, "", "0.005-150 Hz", 800])
        truth[f"{path}.hea"] = {text for text in texts if text}
    _write(folder / "record_list.csv", as_csv(listed))
    _write(folder / "machine_measurements.csv", as_csv(measured))
    return truth


def cinc_2021(folder: Path) -> Truth:
    """https://physionet.org/content/challenge-2021/1.0.3/: SNOMED CT codes in the headers."""
    codes = [
        ("426783006", {"sinus rhythm"}),
        ("164889003,59118001", {"atrial fibrillation", "right bundle branch block"}),
    ]
    truth: Truth = {}
    for n in range(N):
        dx, labels = codes[n % 2]
        _mat_record(folder / "training" / "georgia" / "g1" / f"E{n + 1:05d}", n, dx)
        truth[f"training/georgia/g1/E{n + 1:05d}.hea"] = labels
    return truth


def chapman(folder: Path) -> Truth:
    """https://doi.org/10.6084/m9.figshare.c.4560497: one CSV a recording and Diagnostics.xlsx."""
    rows: list[list[object]] = [["FileName", "Rhythm", "Beat", "PatientAge", "Gender", "VentricularRate"]]
    truth: Truth = {}
    for n in range(N):
        name, rhythm = f"MUSE_20180113_17142{n}_32000", ("SB", "AFIB", "SR")[n % 3]
        _write(folder / "ECGData" / f"{name}.csv", csv_file(n))
        rows.append([name, rhythm, "RBBB TWC" if n % 2 else "NONE", 60 + n, "MALE", 62])
        truth[f"ECGData/{name}.csv"] = {rhythm}
    _write(folder / "Diagnostics.xlsx", as_workbook(rows))
    return truth


def code_15(folder: Path) -> Truth:
    """https://doi.org/10.5281/zenodo.4916206: a stack of tracings with exam_id, and a table in another order."""
    import h5py

    classes = ["1dAVb", "RBBB", "LBBB", "SB", "ST", "AF"]
    signals = np.stack([microvolts(n, 4096, 400).T / 1000 for n in range(N)]).astype(np.float32)
    ids = [1100 + 7 * n for n in range(N)]
    with h5py.File(folder / "exams_part0.hdf5", "w") as file:
        file["exam_id"] = np.array(ids, np.int32)
        file["tracings"] = signals
    rows: list[list[object]] = [["exam_id", "age", "is_male", "nn_predicted_age", *classes, "patient_id", "death",
                                 "timey", "normal_ecg", "trace_file"]]  # fmt: skip
    truth: Truth = {}
    for n in range(N):
        labels = {classes[n]} | ({"AF"} if n % 2 else set())
        flags = [name in labels for name in classes]
        rows.append([ids[n], 60, n % 2 == 0, 51.2, *flags, 5000 + n, "", "", n % 3 == 0, "exams_part0.hdf5"])
        truth[f"exams_part0.hdf5[{n}]"] = labels
    _write(folder / "exams.csv", as_csv([rows[0], *rows[:0:-1]]))
    return truth


def sami_trop(folder: Path) -> Truth:
    """https://doi.org/10.5281/zenodo.4905618: tracings without identifiers, in the order of the rows of the table."""
    import h5py

    with h5py.File(folder / "exams.hdf5", "w") as file:
        file["tracings"] = np.stack([microvolts(n, 4096, 400).T / 1000 for n in range(N)]).astype(np.float32)
    rows: list[list[object]] = [["exam_id", "age", "is_male", "normal_ecg", "death", "timey", "nn_predicted_age"]]
    truth: Truth = {}
    for n in range(N):
        rows.append([294669 + 31 * (n * 5 % N), 60, n % 2 == 0, n % 3 == 0, False, 2.1, 59.5])
        truth[f"exams.hdf5[{n}]"] = {"normal_ecg"} if n % 3 == 0 else set()
    _write(folder / "exams.csv", as_csv(rows))
    return truth


def sph(folder: Path) -> Truth:
    """https://doi.org/10.6084/m9.figshare.c.5779802: one HDF5 a recording, AHA codes in metadata.csv."""
    import h5py

    rows: list[list[object]] = [["ECG_ID", "AHA_Code", "Patient_ID", "Age", "Sex", "N", "Date"]]
    truth: Truth = {}
    for n in range(N):
        name, codes = f"A{n + 1:05d}", ("22;23", "1", "50")[n % 3]
        (folder / "records").mkdir(exist_ok=True)
        with h5py.File(folder / "records" / f"{name}.h5", "w") as file:
            file["ecg"] = (microvolts(n, 5000, 500) / 1000).astype(np.float16)
        rows.append([name, codes, f"S{n:05d}", 55, "M" if n % 2 else "F", 5000, "2020-03-04"])
        truth[f"records/{name}.h5"] = set(codes.split(";"))
    _write(folder / "metadata.csv", as_csv(rows))
    return truth


def x_and_y(folder: Path) -> Truth:
    """A stack of signals X.npy and one label for each in y.npy, as many notebooks save them."""
    labels = ["AF", "SR", "AF", "MI", "SR", "MI"]
    np.save(folder / "X.npy", np.stack([microvolts(n) / 1000 for n in range(N)]).astype(np.float32))
    np.save(folder / "y.npy", np.array(labels))
    return {f"X.npy[{n}]": {label} for n, label in enumerate(labels)}


def parquet(folder: Path) -> Truth:
    """One row a recording, its leads as lists, its label in a column, with the unit in their names."""
    labels = ["AF", "SR", "SB", "AF", "SR", "SB"]
    leads = {f"{lead} (uV)": [microvolts(n, 500).tolist()[row] for n in range(N)] for row, lead in enumerate(LEADS)}
    columns = {"ecg_id": [f"rec{n}" for n in range(N)], "fs": [100] * N, "label": labels}
    _write(folder / "ecgs.parquet", as_parquet(columns | leads))
    _write(folder / "labels.csv", as_csv([["ecg_id", "label"], *[[f"rec{n}", labels[n]] for n in range(N)][::-1]]))
    return {f"ecgs.parquet[{n}]": {label} for n, label in enumerate(labels)}


PUBLISHED: dict[str, Callable[[Path], Truth]] = {
    "PTB-XL": ptb_xl, "MIMIC-IV-ECG": mimic_iv_ecg, "CinC 2020/2021": cinc_2021, "Chapman-Shaoxing": chapman,
    "CODE-15": code_15, "SaMi-Trop": sami_trop, "SPH": sph, "X.npy and y.npy": x_and_y, "Parquet": parquet,
}  # fmt: skip
