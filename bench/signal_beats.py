"""R peaks, wave delineation and measurements: speed and agreement beside NeuroKit2, on real and simulated ECGs.

    OMP_NUM_THREADS=1 python bench/signal_beats.py [--seconds 3] [--only speed|r-peaks|waves|p-waves|devices]

Needs neurokit2 and wfdb (development dependencies) and the shared real ECG files. NeuroKit2 looks at lead II alone,
ours at all twelve; both run in turn in one process and the medians over the ECGs are given. The tables are Markdown,
as they stand in docs/signal.md.
"""

import argparse
import csv
import time
import warnings
from collections.abc import Callable, Iterator

import neurokit2 as nk
import numpy as np
import wfdb
from numpy.typing import NDArray
from wfdb.processing import xqrs_detect

from backend.ecg.beats import Beats, r_peaks, r_peaks_batch
from backend.ecg.delineate import delineate, delineate_batch, delineate_lead
from backend.ecg.leads import LEADS
from backend.ecg.measure import measure
from backend.ecg.readers import read
from backend.ecg.readers.sources import FileSet, SourceFile
from backend.ecg.synthesize import CLASSES, simulate
from tests.ecg_truth import errors, matched, true_waves
from tests.samples import FORMATS, SHARED

Times = dict[str, NDArray[np.float64]]
NK_NAMES = {
    "p_onset": "ECG_P_Onsets", "p_peak": "ECG_P_Peaks", "p_offset": "ECG_P_Offsets",
    "qrs_onset": "ECG_R_Onsets", "qrs_offset": "ECG_R_Offsets",
    "t_onset": "ECG_T_Onsets", "t_peak": "ECG_T_Peaks", "t_offset": "ECG_T_Offsets",
}  # fmt: skip
DEVICES = (
    ("GE CardioSoft", "cardiologyxml/dummy_ecg.xml"), ("GE MUSE", "ge_muse_xml/muse_500hz_mac55_testone.xml"),
    ("Mortara", "hl7_aecg/mortara_Example.xml"), ("Philips 1.03", "philips_sierra_xml/v1_03_129DYPRG.xml"),
    ("Philips 1.03", "philips_sierra_xml/v1_03_cvrg_Example01.xml"),
    ("Philips 1.04.01", "philips_sierra_xml/v1_04_01_2020-5-18.xml"),
    ("Philips 1.04", "philips_sierra_xml/v1_04_ad4d3d80.xml"), ("Schiller", "schiller_xml/schiller.xml"),
)  # fmt: skip


def real(name: str) -> tuple[NDArray[np.float32], float]:
    """A shared set: (records, 12, n) in mV and its rate."""
    stored = np.load(next((SHARED / name).glob("*raw_500hz.npz"), SHARED / name / f"{name}_500hz.npz"))
    return (stored["x"] * np.float32(stored["unit_mv"])).astype(np.float32), float(stored["fs"])


def nk_peaks(lead: NDArray, rate: float) -> NDArray[np.intp]:
    try:
        cleaned = nk.ecg_clean(lead.astype(np.float64), sampling_rate=int(rate))
        return np.asarray(nk.ecg_peaks(cleaned, sampling_rate=int(rate))[1]["ECG_R_Peaks"], np.intp)
    except (ValueError, IndexError, ZeroDivisionError):
        return np.empty(0, np.intp)  # it raises where it finds too little


def nk_waves(lead: NDArray, peaks: NDArray[np.intp], rate: float) -> Times:
    """Its waves in s by the discrete wavelet transform; empty where it raises."""
    try:
        cleaned = nk.ecg_clean(lead.astype(np.float64), sampling_rate=int(rate))
        found = nk.ecg_delineate(cleaned, peaks, sampling_rate=int(rate), method="dwt")[1]
    except (ValueError, IndexError, ZeroDivisionError, KeyError, TypeError):
        return {name: np.empty(0) for name in NK_NAMES}
    return {ours: np.asarray(found[theirs], np.float64) / rate for ours, theirs in NK_NAMES.items()}


def medians(seconds: float, calls: list[Callable[[int], object]]) -> list[float]:
    """Median ms of each call, all in turn on one ECG after the other."""
    times: list[list[float]] = [[] for _ in calls]
    for call in calls:
        call(0)
    end, i = time.perf_counter() + seconds, 0
    while time.perf_counter() < end or i < 10:
        for call, its in zip(calls, times, strict=True):
            start = time.perf_counter()
            call(i)
            its.append(time.perf_counter() - start)
        i += 1
    return [1000 * float(np.median(its)) for its in times]


def speed(seconds: float) -> None:
    x, rate = real("ptbxl")
    x = x[::9]
    beats = [r_peaks(one, rate) for one in x]
    cleaned = [nk.ecg_clean(one[1].astype(np.float64), sampling_rate=500) for one in x]
    n = len(x)

    def nk_delineates(i: int) -> object:
        return nk.ecg_delineate(cleaned[i % n], beats[i % n].samples, sampling_rate=500, method="dwt")

    def nk_finds_in_all(i: int) -> object:
        return [nk_peaks(lead, rate) for lead in x[i % n]]

    rows = {
        "R peaks": (lambda i: r_peaks(x[i % n], rate), lambda i: nk_peaks(x[i % n, 1], rate), nk_finds_in_all),
        "waves, R peaks known": (lambda i: delineate(x[i % n], rate, beats[i % n]), nk_delineates),
        "all measurements": (lambda i: measure(x[i % n], rate),),
        "R peaks, nothing else in between": (lambda i: r_peaks(x[i % n], rate),),
        "R peaks, each in a batch of 32": (lambda _: r_peaks_batch(x[:32], rate),),
        "waves, each in a batch of 32": (lambda _: delineate_batch(x[:32], rate, beats[:32]),),
    }
    print(
        "| 12 × 5000 at 500 Hz, ms an ECG | ours, 12 leads | NeuroKit2, lead II | ratio | NeuroKit2, 12 leads | ratio |"
    )
    print("|---|---|---|---|---|---|")
    for title, calls in rows.items():
        ours, *theirs = medians(seconds, list(calls))
        ours /= 32 if "batch" in title else 1
        cells = [f"{other:.1f} | {other / ours:.1f}" for other in theirs] + ["– | –"] * (2 - len(theirs))
        print(f"| {title} | {ours:.2f} | {' | '.join(cells)} |")
    print()


def paced(name: str) -> set[int]:
    """Rows of a shared set whose labels say that a pacemaker was at work."""
    with (SHARED / name / "labels.csv").open() as file:
        rows = list(csv.DictReader(file))
    if name == "ludb":
        return {int(row["row"]) for row in rows if row["pacing"]}
    if name == "ptbxl":
        return {int(row["raw_row"]) for row in rows if row["raw_row"] and "PACE" in row["scp_codes"].split(";")}
    return {int(row["row"]) for row in rows if "PR" in row["dx"].split(";")}  # pacing rhythm


def compared_peaks(name: str) -> dict[str, list[int]]:
    """Clean, other and paced records: number, beats, missed and extra at 50 ms, missed and extra at 150 ms."""
    x, rate = real(name)
    n = x.shape[2]
    counts = {"clean": [0] * 6, "other": [0] * 6, "paced": [0] * 6}
    pacemakers = paced(name)
    for i, one in enumerate(x):
        detections = [nk_peaks(one[lead], rate) for lead in (1, 7, 10)]
        detections += [np.asarray(xqrs_detect(one[lead].astype(np.float64), rate, verbose=False)) for lead in (1, 10)]
        inner = [d[(d > 0.25 * rate) & (d < n - 0.25 * rate)] for d in detections]
        pool = np.sort(np.concatenate(inner))
        groups = np.split(pool, np.flatnonzero(np.diff(pool) > 0.09 * rate) + 1) if pool.size else []
        truth = np.array([np.median(group) for group in groups if len(group) >= 3])
        # Clean: both detectors, on lead II, count the same beats as the majority.
        clean = truth.size and all(
            len(d) == len(truth) == matched(d, truth, 0.075 * rate) for d in (inner[0], inner[3])
        )
        found = r_peaks(one, rate).samples
        far = found[(found > 0.3 * rate) & (found < n - 0.3 * rate)]
        row = counts["paced" if i in pacemakers else "clean" if clean else "other"]
        row[0], row[1] = row[0] + 1, row[1] + len(truth)
        for at, tolerance in ((2, 0.05 * rate), (4, 0.15 * rate)):
            row[at] += len(truth) - matched(truth, found, tolerance)
            row[at + 1] += len(far) - matched(far, truth, tolerance)
    return counts


def peaks() -> None:
    print("| set | records | beats | missed / extra within 50 ms | sensitivity | PPV | missed / extra within 150 ms |")
    print("|---|---|---|---|---|---|---|")
    for name in ("ptbxl", "ludb", "challenge_mix"):
        for kind, (records, beats, missed, extra, missed_150, extra_150) in compared_peaks(name).items():
            hits = beats - missed
            print(
                f"| {name}, {kind} | {records} | {beats} | {missed} / {extra} | {hits / beats:.4f} | "
                f"{hits / (hits + extra):.4f} | {missed_150} / {extra_150} |"
            )
    record = wfdb.rdrecord(str(FORMATS / "wfdb" / "100"))
    annotation = wfdb.rdann(str(FORMATS / "wfdb" / "100"), "atr")
    signal = np.full((12, record.sig_len), np.nan, np.float32)
    signal[LEADS.index("II")], signal[LEADS.index("V5")] = record.p_signal.T
    truth = annotation.sample[np.isin(annotation.symbol, list("NAV"))]
    found = r_peaks(signal, 360).samples
    hits = matched(truth, found, 18)
    print(
        f"| MIT-BIH 100, annotated | 1 | {len(truth)} | {len(truth) - hits} / {len(found) - hits} | "
        f"{hits / len(truth):.4f} | {hits / len(found):.4f} | – |\n"
    )


def pairs_ludb() -> Iterator[tuple[Times, Times, Times]]:
    """Truth, ours (one lead) and theirs, in s, for the three annotated leads of LUDB 1."""
    record = str(FORMATS / "wfdb" / "ludb_1")
    signal = wfdb.rdrecord(record).p_signal.T
    beats = r_peaks(signal, 500)
    for extension, lead in (("i", "I"), ("ii", "II"), ("v5", "V5")):
        annotation = wfdb.rdann(record, extension)
        symbols = np.array(annotation.symbol)
        truth: Times = {}
        for wave, symbol in (("p", "p"), ("qrs", "N"), ("t", "t")):
            at = np.flatnonzero(symbols == symbol)
            truth[f"{wave}_onset"], truth[f"{wave}_offset"] = (annotation.sample[at + i] / 500 for i in (-1, 1))
            if wave != "qrs":
                truth[f"{wave}_peak"] = annotation.sample[at] / 500
        row = signal[LEADS.index(lead)]
        ours = delineate_lead(row, 500, beats).points
        yield truth, {name: at / 500 for name, at in ours.items()}, nk_waves(row, beats.samples, 500)


def pairs_simulated() -> Iterator[tuple[Times, Times, Times]]:
    """Truth, ours (all leads) and theirs (lead II), in s, for simulated ECGs."""
    for label in CLASSES:
        for seed in range(12):
            signal = simulate(label, seed).recording.signal
            beats: Beats = r_peaks(signal, 500)
            truth = {name: at for name, at in true_waves(label, seed).items() if np.isfinite(at).all()}
            ours = delineate(signal, 500, beats).points
            yield truth, {name: at / 500 for name, at in ours.items()}, nk_waves(signal[1], beats.samples, 500)


def waves() -> None:
    for title, pairs in (("LUDB 1, leads I, II, V5", pairs_ludb), ("simulated", pairs_simulated)):
        collected: dict[str, tuple[list[float], list[float], list[int]]] = {}
        for truth, ours, theirs in pairs():
            for name, at in truth.items():
                row = collected.setdefault(name, ([], [], [0]))
                for values, found in zip(row[:2], (ours, theirs), strict=True):
                    values.extend(1000 * errors(found[name], at[(at > 0.6) & (at < 9.2)]))
                row[2][0] += int(((at > 0.6) & (at < 9.2)).sum())
        print(f"| {title}: error in ms | waves | ours: found | mean ± SD | NeuroKit2 (dwt): found | mean ± SD |")
        print("|---|---|---|---|---|---|")
        for name in (name for name in NK_NAMES if name in collected):
            ours_ms, theirs_ms, (n,) = collected[name]
            cells = (f"{len(v) / n:.3f} | {np.mean(v):+.0f} ± {np.std(v):.0f}" for v in (ours_ms, theirs_ms))
            print(f"| {name.replace('_', ' ')} | {n} | {' | '.join(cells)} |")
        print()


def rhythms() -> None:
    """In how many records P waves are found before at least half of the beats, by the rhythm in the labels."""
    print("| P before at least half of the beats | sinus rhythm | atrial fibrillation | flutter |")
    print("|---|---|---|---|")
    words = (("SR", "Sinus rhythm", "Sinus bradycardia", "Sinus tachycardia"), ("AFIB", "Atrial fibrillation"))
    words += (("AFLT", "Atrial flutter, typical"),)
    for name, row_key, label_key in (("ptbxl", "raw_row", "scp_codes"), ("ludb", "row", "rhythm")):
        x, rate = real(name)
        counts = [[0, 0] for _ in words]
        with (SHARED / name / "labels.csv").open() as file:
            rows = [row for row in csv.DictReader(file) if row[row_key]]
        for row in rows:
            said = row[label_key].split(";")
            kind = next((i for i in (2, 1, 0) if set(words[i]) & set(said)), None)
            if kind is not None:
                found = np.isfinite(delineate(x[int(row[row_key])], rate).points["p_peak"])
                counts[kind][0] += bool(found.size) and found.mean() >= 0.5
                counts[kind][1] += 1
        print(f"| {name} | {' | '.join(f'{found} of {n}' for found, n in counts)} |")
    print()


def devices() -> None:
    names = ("heart_rate", "p", "pr", "qrs", "qt", "p_axis", "qrs_axis", "t_axis")
    print(f"| ours / the device's own | {' | '.join(names)} |")
    print("|---" * (len(names) + 1) + "|")
    for title, name in DEVICES:
        path = FORMATS / name
        [recording] = read(FileSet((SourceFile(path.name, path.read_bytes()),)))
        found, theirs = measure(recording.signal, recording.rate), recording.device.measurements
        cells = []
        for key in names:
            value = getattr(found, key if key == "heart_rate" or key.endswith("axis") else f"{key}_ms")
            cells.append(" / ".join("–" if v is None else f"{v:.0f}" for v in (value, theirs.get(key))))
        print(f"| {title} | {' | '.join(cells)} |")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="time a row of the table of speed")
    parser.add_argument("--only", choices=("speed", "r-peaks", "waves", "p-waves", "devices"))
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")  # NeuroKit2 warns at nearly every noisy record
    tables = {"speed": lambda: speed(chosen.seconds), "r-peaks": peaks, "waves": waves, "p-waves": rhythms}
    tables["devices"] = devices
    for name, table in tables.items():
        if chosen.only in (None, name):
            table()


if __name__ == "__main__":
    main()
