"""Other people's readers of the same files: what a real file holds by an independent program, lead by lead in mV."""

import base64
import re
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Leads = dict[str, NDArray[np.floating]]


@dataclass(frozen=True)
class Oracle:
    """A program that reads the file too; `read` returns its leads under their own names, and the rate in Hz."""

    name: str
    read: Callable[[Path], tuple[Leads, float]]


def by_wfdb(path: Path) -> tuple[Leads, float]:
    import wfdb

    record = wfdb.rdrecord(str(path.with_suffix("")))
    scale = {"mV": 1.0, "uV": 1e-3, "V": 1e3}
    factors = [scale.get(unit, 1.0) for unit in record.units]
    return {
        name: column * f for name, column, f in zip(record.sig_name, record.p_signal.T, factors, strict=True)
    }, record.fs  # fmt: skip


def by_pydicom(path: Path) -> tuple[Leads, float]:
    import pydicom

    dataset = pydicom.dcmread(path)
    item = dataset.WaveformSequence[0]
    values = dataset.waveform_array(0).T
    leads = {}
    for row, channel in zip(values, item.ChannelDefinitionSequence, strict=True):
        unit = channel.ChannelSensitivityUnitsSequence[0].CodeValue
        name = re.sub(r"\(.*\)", "", channel.ChannelSourceSequence[0].CodeMeaning)
        leads[name.replace("Lead", "").strip()] = row * {"uV": 1e-3, "mV": 1.0}[unit]
    return leads, float(item.SamplingFrequency)


def by_pyedflib(path: Path) -> tuple[Leads, float]:
    import pyedflib

    with pyedflib.EdfReader(str(path)) as file:
        scale = {"mV": 1.0, "uV": 1e-3, "V": 1e3}
        leads = {
            file.getLabel(i): file.readSignal(i) * scale.get(file.getPhysicalDimension(i).strip(), 1.0)
            for i in range(file.signals_in_file)
        }
        return leads, file.getSampleFrequency(0)


def by_ecgdatakit(path: Path) -> tuple[Leads, float]:
    from ecgdatakit import FileParser

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        record = FileParser().parse(path)
    first = record.leads[0]
    leads = {lead.label: np.asarray(lead.samples) for lead in record.leads if lead.units == "mV"}
    return leads, float(first.sampling_rate)


def by_scipy(path: Path) -> tuple[Leads, float]:
    from scipy.io import loadmat

    struct = loadmat(path)["ECG"][0, 0]
    return _in_order(struct["data"]), 500.0


def by_h5py(path: Path) -> tuple[Leads, float]:
    import h5py

    with h5py.File(path) as file:
        return _in_order(np.asarray(file["ecg"], np.float64)), 500.0


def by_numpy(path: Path) -> tuple[Leads, float]:
    values = np.load(path) if path.suffix == ".npy" else np.loadtxt(path, skiprows=_lines_before_numbers(path))
    return _in_order(values.astype(np.float64)), 500.0


def _lines_before_numbers(path: Path) -> int:
    lines = path.read_text().splitlines()
    return next(i for i, line in enumerate(lines) if re.fullmatch(r"[-\d.\s]*\d[-\d.\s]*", line))


def by_pandas(path: Path) -> tuple[Leads, float]:
    import pandas as pd

    table = pd.read_csv(path)
    return {name: table[name].to_numpy() for name in table.columns}, 500.0


def by_tree_cardiosoft(path: Path) -> tuple[Leads, float]:
    strip = ET.parse(path).getroot().find(".//StripData")
    step = float(strip.find("Resolution").text) / 1000  # µV
    leads = {
        wave.get("lead"): np.array([float(x) for x in wave.text.replace(",", " ").split()]) * step
        for wave in strip.findall("WaveformData")
    }
    return leads, float(strip.find("SampleRate").text)


def by_tree_schiller(path: Path) -> tuple[Leads, float]:
    event = next(w for w in ET.parse(path).getroot().iter("wavedata") if w.findtext("type") == "ECG_RHYTHMS")
    step = float(event.findtext("resolution/yres/unitperbit")) / 1000  # µV
    texts = {channel.findtext("name"): channel.findtext("data") for channel in event.iter("channel")}
    leads = {name: np.array([float(x) for x in text.replace(",", " ").split()]) * step for name, text in texts.items()}
    return leads, float(event.findtext("resolution/samplerate/value"))


def by_base64_muse(path: Path) -> tuple[Leads, float]:
    rhythm = next(w for w in ET.parse(path).getroot().iter("Waveform") if w.findtext("WaveformType") == "Rhythm")
    leads = {
        lead.findtext("LeadID"): np.frombuffer(base64.b64decode(lead.findtext("WaveFormData")), "<i2")
        * float(lead.findtext("LeadAmplitudeUnitsPerBit"))
        / 1000
        for lead in rhythm.iter("LeadData")
    }
    return leads, float(rhythm.findtext("SampleBase"))


def _in_order(values: NDArray[np.floating]) -> Leads:
    from tests.samples import LEADS

    rows = values if values.shape[0] == 12 else values.T
    return dict(zip(LEADS, rows, strict=True))


_BY_FOLDER = {
    "cardiologyxml": Oracle("XML by ElementTree", by_tree_cardiosoft),
    "cpsc_mat": Oracle("scipy.io", by_scipy),
    "dicom": Oracle("pydicom", by_pydicom),
    "edf": Oracle("pyedflib", by_pyedflib),
    "ge_muse_xml": Oracle("ElementTree and base64", by_base64_muse),
    "h5": Oracle("h5py", by_h5py),
    "hl7_aecg": Oracle("ecgdatakit", by_ecgdatakit),
    "ishne": Oracle("ecgdatakit", by_ecgdatakit),
    "mfer": Oracle("ecgdatakit", by_ecgdatakit),
    "npy_csv": Oracle("numpy", by_numpy),
    "philips_sierra_xml": Oracle("ecgdatakit", by_ecgdatakit),
    "schiller_xml": Oracle("XML by ElementTree", by_tree_schiller),
    "scp_ecg": Oracle("ecgdatakit", by_ecgdatakit),
    "text": Oracle("numpy", by_numpy),
    "wfdb": Oracle("wfdb", by_wfdb),
    "wfdb_mat": Oracle("wfdb", by_wfdb),
}
# What the files that name no unit hold, as their README has it, in units a mV; the default of the platform is µV.
_UNITS = {"derived_ptbxl_00001_500hz.csv": 1.0, "derived_ptbxl_00001_500hz.npy": 1.0, "dummy_ecg.npy": 1000.0}
# ecgdatakit refuses this file for counting its leads from sample 0; test_readers_scp compares it with its own bytes.
_WITHOUT = {"scp_ecg/demo.scp": "its own bytes"}


def units_per_mv(name: str) -> float | None:
    """Units a mV that a person declares for a file of `formats`, None where the file says it itself."""
    return _UNITS.get(Path(name).name, 1000.0 if name.startswith("text/") else None)


def oracle_of(name: str) -> Oracle | None:
    """Return the independent reader for a file of `formats`, named as below that folder; None where there is none."""
    if name in _WITHOUT:
        return None
    if name.endswith(".csv"):
        return Oracle("pandas", by_pandas)
    return _BY_FOLDER[Path(name).parent.name]


def largest_difference(ours: NDArray[np.float32], theirs: Leads, units: float) -> tuple[float, int]:
    """Return the largest difference in mV over the leads that both have by name, and how many leads these are."""
    from backend.ecg.leads import LEADS, canonical_lead

    worst, n = 0.0, 0
    for name, row in theirs.items():
        lead = canonical_lead(name)
        if lead is None:
            continue
        mine = ours[LEADS.index(lead)].astype(np.float64)
        assert mine.shape == row.shape, f"{lead} has {mine.size} samples, the oracle {row.size}"
        assert np.array_equal(np.isnan(mine), np.isnan(row)), f"{lead} lacks other samples than the oracle's"
        worst = max(worst, float(np.nanmax(np.abs(mine - row / units))))
        n += 1
    return worst, n
