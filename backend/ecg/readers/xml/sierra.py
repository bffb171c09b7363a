"""Philips Sierra XML, versions 1.03 to 1.04.02, as PageWriter, HeartStart, TraceMasterVue and IntelliSpace write it.

The rhythm is `parsedwaveforms`: one lead after the other, as Base64 of 16-bit integers or as text; representative beats
(`repbeats`) are left out. In XLI-compressed data, and only there, III, aVR, aVL and aVF hold what is left of them
after Einthoven and Goldberger. Most files end on a calibration pulse that is the same in all leads: it is kept, with
a note.
Source: the schema SierraECG 1.03 and 1.04.01 of Philips; sierra-ecg-tools of C. A. Watford.
"""

import re
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import LimitError, MissingLeadsError, UnreadableFileError, UnsupportedFormatError
from backend.ecg.leads import LEADS, canonical_lead
from backend.ecg.readers.assemble import Facts, assemble
from backend.ecg.readers.number_list import Samples, numbers
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.readers.xml.base64_samples import from_base64, int16_samples
from backend.ecg.readers.xml.sierra_facts import device, patient, start_time, statements
from backend.ecg.readers.xml.sierra_xli import decode_xli
from backend.ecg.readers.xml.tree import number, parse_xml, root_name, text, to_number
from backend.ecg.recording import Recording

_TWELVE = ("STD-12", "10-WIRE")
_MOST_LEADS = 32
_PULSE_S = 0.1, 2.0  # how long the calibration pulse can be with the zeros around it


def _recognises(files: FileSet) -> bool:
    return root_name(files.main.data) == "restingecgdata"


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    root = parse_xml(files.main.data, files.name)
    wave = root.find(".//parsedwaveforms")
    if wave is None or not (wave.text or "").strip():
        raise UnreadableFileError(
            f"{files.name} holds no waveform (parsedwaveforms): only measurements, or a reference to another file. "
            "Export the ECG with its waveform."
        )
    signal = root.find("dataacquisition/signalcharacteristics")
    rate = to_number(wave.get("samplespersecond")) or number(signal, "samplingrate") or 0.0
    microvolts = _microvolts(wave, signal)
    if rate <= 0 or microvolts <= 0:
        missing = "resolution" if rate > 0 else "sampling rate"
        raise UnreadableFileError(f"{files.name} states no {missing}. Export the ECG again.")
    stated = round(min(max(to_number(wave.get("durationperchannel")) or 0.0, 0.0) * rate / 1000, 1e15))
    names = _names(wave, signal, files.name)
    samples = _samples(wave, signal, names, stated, limits)
    samples = samples - _offset(wave, signal)
    end = _end(samples, rate)
    notes: tuple[str, ...] = ()
    if end < samples.shape[1]:
        notes = (f"The last {(samples.shape[1] - end) / rate:.2f} s hold the calibration pulse of the device, no ECG.",)
    notes += statements(root)[1]
    start = start_time(root)
    return [
        assemble(
            files,
            options,
            format="sierra-xml",
            samples=samples,
            names=names,
            rate=rate,
            mv_per_step=microvolts / 1000,
            facts=Facts(start, patient(root, start), device(root, wave, signal), notes, stated if stated > 0 else None),
        )
    ]


def _microvolts(wave: Element, signal: Element | None) -> float:
    """The µV of one step, 0 if unknown. What the waveform says of itself counts: it may have been converted."""
    return (
        to_number(wave.get("resolution")) or number(signal, "resolution") or number(signal, "signalresolution") or 0.0
    )


def _offset(wave: Element, signal: Element | None) -> int:
    """The value of a sample of 0 V."""
    offset = to_number(wave.get("signaloffset")) or number(signal, "signaloffset") or 0.0
    if abs(offset) > 1 << 16:
        raise UnreadableFileError(f"The offset of the samples is stated as {offset:g}. Export the ECG again.")
    return int(offset)


def _names(wave: Element, signal: Element | None, name: str) -> list[str]:
    """The leads in the order of the data. Version 1.03 names only the lead set."""
    labels = re.findall(r"[^\s,;]+", wave.get("leadlabels") or "")
    if len(labels) > _MOST_LEADS:
        raise LimitError(f"{name} names {len(labels):,} leads; an ECG has at most {_MOST_LEADS}. Export it again.")
    if labels:
        count = round(min(max(to_number(wave.get("numberofleads")) or 0.0, 0.0), _MOST_LEADS)) or len(labels)
        if any(canonical_lead(label) for label in labels[count:]):
            return labels  # more leads are named than there should be: the data tell
        return labels[:count] + [f"channel {number}" for number in range(len(labels) + 1, count + 1)]
    if any(text(signal, path) in _TWELVE for path in ("acquisitiontype", "leadset")):
        return list(LEADS)
    raise MissingLeadsError(
        f"{name} names no leads, and its lead set is none of {', '.join(_TWELVE)}. Export it as a standard 12-lead ECG."
    )


def _samples(wave: Element, signal: Element | None, names: list[str], stated: int, limits: Limits) -> Samples:
    """Return the (k, n) samples of the k named leads in steps; `stated` is the length the file claims, 0 if none."""
    encoding = (wave.get("dataencoding") or "Base64").strip().lower()
    method = (wave.get("compression") or wave.get("compressmethod") or "").strip().upper()
    packed = method not in ("", "NONE", "UNCOMPRESSED") and (wave.get("compressflag") or "").strip().lower() != "false"
    bits = to_number(wave.get("bitspersample") or wave.get("nbitspersample")) or 16
    if encoding not in ("base64", "plain") or (packed and (method, encoding) != ("XLI", "base64")) or bits != 16:
        raise UnsupportedFormatError(
            f"The waveform is stored as {encoding[:20]} with {bits:g} bits and compression {method[:20] or 'none'}. "
            "Readable are Base64 of 16 bits with XLI or without compression, and plain numbers."
        )
    content, what = wave.text or "", "The waveform"
    if packed:
        leads = decode_xli(from_base64(content, what), len(names), limits.samples)
        if len(leads) < len(names) or len({len(lead) for lead in leads}) > 1:
            raise UnreadableFileError(
                f"{len(names)} leads of one length are named, but the data holds {len(leads)} of "
                f"{', '.join(sorted({str(len(lead)) for lead in leads})) or 'no'} samples. Export or copy it again."
            )
        return _recombined(np.stack(leads).astype(np.int64), names)
    if encoding == "plain":
        values: Samples = numbers(content, min(limits.values, len(names) * limits.samples))
    else:
        signed = (wave.get("signalsigned") or text(signal, "signalsigned") or "True").lower() != "false"
        values = int16_samples(from_base64(content, what), what, signed)
    length = stated or len(values) // len(names)
    if length > limits.samples:
        raise LimitError(f"A lead should have {length:,} samples; {limits.samples:,} are allowed. Export less.")
    if not 0 < length * len(names) <= len(values):
        raise UnreadableFileError(
            f"{len(names)} leads of {length:,} samples are stated, but {len(values):,} samples are there. "
            "Export or copy it again."
        )
    return values[: length * len(names)].reshape(len(names), length)


def _recombined(samples: NDArray[np.int64], names: list[str]) -> NDArray[np.int64]:
    """Add what the limb leads were predicted to be: III from I and II, the augmented leads from two of them."""
    rows = {lead: row for row, lead in enumerate(map(canonical_lead, names)) if lead}
    if not {"I", "II", "III"} <= rows.keys():
        return samples
    one, two = samples[rows["I"]], samples[rows["II"]]
    three = two - one - samples[rows["III"]]
    predicted = {"III": two - one, "aVR": -((one + two) >> 1), "aVL": (one - three) >> 1, "aVF": (two + three) >> 1}
    for lead, prediction in predicted.items():
        if lead in rows:
            samples[rows[lead]] = (prediction - samples[rows[lead]]).astype(np.int16)
    return samples


def _end(samples: Samples, rate: float) -> int:
    """Return where the ECG ends and the calibration begins, the number of samples if there is none.

    At the end are zeros and a pulse that are the same in every lead. No ECG is: III would be 0 where I equals II.
    """
    differs = np.flatnonzero((samples != samples[0]).any(axis=0))
    end = int(differs[-1]) + 1 if differs.size else samples.shape[1]
    tail = samples[0, end:]
    is_pulse = len(samples) > 2 and tail.any() and _PULSE_S[0] * rate <= len(tail) <= _PULSE_S[1] * rate
    return end if is_pulse else samples.shape[1]


READER = Reader(
    name="sierra-xml",
    title="Philips Sierra XML",
    extensions=(".xml",),
    declares_units=True,
    recognises=_recognises,
    read=_read,
    source="Philips SierraECG schema 1.03 and 1.04.01; C. A. Watford, sierra-ecg-tools",
)
