"""What a DICOM waveform says of the heart: the device's measurements and its coded statements, never free text.

Source: DICOM PS3.3 C.10.10; PS3.16 CID 3227 to 3229, 3689 (MDC codes) and their forms before 2008 (SCP-ECG); LOINC.
"""

import re
from typing import TYPE_CHECKING

from backend.ecg.readers.facts import measurements
from backend.ecg.recording import MEASUREMENTS, Statement

if TYPE_CHECKING:
    from pydicom import Dataset

_CODES = {
    "2:16770": "heart_rate", "5.10.2.5-1": "heart_rate", "8867-4": "heart_rate",
    "2:16168": "rr", "2:16000": "rr", "5.10.2.1-3": "rr", "8637-1": "rr",
    "2:16184": "p",
    "2:15872": "pr", "5.13.5-7": "pr", "8625-6": "pr",
    "2:16156": "qrs", "5.13.5-9": "qrs", "8633-0": "qrs",
    "2:16160": "qt", "5.13.5-11": "qt", "8634-8": "qt",
    "2:15876": "qtc", "2:15880": "qtc", "2:15892": "qtc", "5.10.2.5-5": "qtc", "8636-3": "qtc",
    "2:16128": "p_axis", "5.10.3-11": "p_axis", "8626-4": "p_axis",
    "2:16132": "qrs_axis", "5.10.3-13": "qrs_axis", "8632-2": "qrs_axis",
    "2:16136": "t_axis", "5.10.3-15": "t_axis", "8638-9": "t_axis",
}  # fmt: skip
_UNITS = {
    "1/min": {"/min": 1.0, "1/min": 1.0, "{H.B.}/min": 1.0, "{beats}/min": 1.0, "bpm": 1.0, "{beat}/min": 1.0},
    "ms": {"ms": 1.0, "msec": 1.0, "s": 1000.0, "us": 1e-3},
    "°": {"deg": 1.0, "degrees": 1.0, "°": 1.0},
}
_SYSTEMS = {"SCPECG": "SCP-ECG", "SCT": "SNOMED-CT", "LN": "LOINC"}
_PLACES = ("TemporalRangeType", "ReferencedSamplePositions", "ReferencedTimeOffsets", "ReferencedDateTime")
_ALWAYS_GLOBAL = frozenset(("heart_rate", "rr", "p_axis", "qrs_axis", "t_axis"))  # whatever channel is named
_MOST = 100_000


def read_annotations(dataset: "Dataset") -> tuple[dict[str, float], tuple[Statement, ...], tuple[str, ...]]:
    """Return measurements of the whole recording (keys and units of MEASUREMENTS), statements, and notes."""
    found: dict[str, float | None] = {}
    statements: dict[Statement, None] = {}
    texts = 0
    for item in list(dataset.get("WaveformAnnotationSequence") or ())[:_MOST]:
        if "NumericValue" in item:
            name = _code(item, "ConceptNameCodeSequence")
            key = None if name is None else _CODES.get(name.code)
            if key is not None and key not in found and (key in _ALWAYS_GLOBAL or _is_global(item)):
                found[key] = _number(item, key)
            continue
        stated = None
        if "ConceptCodeSequence" in item:
            stated = _code(item, "ConceptCodeSequence")
        elif not any(place in item for place in _PLACES):  # else it names a point, such as the onset of a wave
            stated = _code(item, "ConceptNameCodeSequence")
        if stated is not None:
            statements[stated] = None
        texts += bool(str(item.get("UnformattedTextValue") or "").strip())
    notes = (f"Left out: statements in free text ({texts}).",) if texts else ()
    return measurements(found), tuple(statements), notes


def _code(item: "Dataset", keyword: str) -> Statement | None:
    """Return a coded entry without its wording, which may be anything; None for what is no code."""
    for entry in item.get(keyword) or ():
        code, system = (str(entry.get(part) or "").strip() for part in ("CodeValue", "CodingSchemeDesignator"))
        if re.fullmatch(r"[\w.:+-]{1,64}", code) and re.fullmatch(r"[\w.-]{1,16}", system):
            return Statement(code, _SYSTEMS.get(system, system))
    return None


def _is_global(item: "Dataset") -> bool:
    """Whether a measurement is that of whole groups (channel 0 of each), or names no channels."""
    channels = item.get("ReferencedWaveformChannels")
    return not any(list(channels)[1::2]) if hasattr(channels, "__iter__") else True


def _number(item: "Dataset", key: str) -> float | None:
    """Return the value in the unit of MEASUREMENTS, None for another unit or several values."""
    units = item.get("MeasurementUnitsCodeSequence") or ()
    unit = str(units[0].get("CodeValue") or "").strip() if units else ""
    factor = _UNITS[MEASUREMENTS[key]].get(unit)
    try:
        return None if factor is None else float(str(item.get("NumericValue"))) * factor
    except ValueError:
        return None
