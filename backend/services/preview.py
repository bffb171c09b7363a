"""A look at files before they are stored: what would be read with what has been declared so far."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from backend.ecg import display, findings
from backend.ecg.errors import EcgError, UndeclaredError, UserError
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, Limits, ReadOptions, Refusal, SourceFile, group, recognise
from backend.ecg.recording import Recording
from backend.isolation import read
from backend.services import file_batches
from backend.services.recording_facts import storable

SHOWN_S = 10.0
_ASKED = {"rate": "rate", "units_per_mv": "unit"}  # what an offer shows to be left open
_NO_SCALE = {"unit": "arbitrary"}
LOOKED_AT = 64  # files; an archive may hold any number
LOOKED_AT_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Preview:
    """The first recording of a set of files; `left_open` is what the files themselves do not say.

    `offers` are declarations with which a file could be read that cannot be read as declared, or that states units
    which are no voltage and would be read as voltage.
    """

    file_name: str
    format: str | None
    error: str | None = None
    left_open: Sequence[str] = ()
    rate: float | None = None
    unit: str | None = None
    n_recordings: int = 0
    duration_s: float | None = None
    leads: Sequence[str] = ()
    missing_leads: Sequence[str] = ()
    notes: Sequence[str] = ()
    findings: Sequence[Any] = ()
    heart_rate: float | None = None
    peak_to_peak_mv: float | None = None
    signal: str | None = None
    offers: Sequence[Mapping[str, float | str | bool]] = ()


def preview(files: Iterable[SourceFile], options: ReadOptions, limits: Limits) -> Preview:
    """Return the first set that leaves something open, else the first that can be read, else why the first cannot.

    Zips are opened; of many files only the first are looked at.
    """
    taken: list[SourceFile] = []
    seen: list[Preview] = []
    size = 0
    for item in file_batches.expand(files, limits):
        if isinstance(item, Refusal):
            seen.append(Preview(storable(item.name), None, storable(str(item.error))))
            continue
        taken.append(item)
        size += len(item.data)
        if len(taken) >= LOOKED_AT or size >= LOOKED_AT_BYTES:
            break
    for files_of_set in group(taken):
        seen.append(_look(files_of_set, options, limits))
        if seen[-1].left_open:
            return seen[-1]
    readable = (one for one in seen if one.error is None)
    return next(readable, None) or next(iter(seen), Preview("", None, "The archive holds no file. Pack it again."))


def _look(files: FileSet, options: ReadOptions, limits: Limits) -> Preview:
    name = None
    try:
        reader = recognise(files, options)
        name = reader.name
        recordings = read(files, options, limits)
    except UserError as error:
        offers = error.offers if isinstance(error, EcgError) else ()
        unsaid = [what for key, what in _ASKED.items() if any(key in offer for offer in offers)]
        left_open = unsaid if isinstance(error, UndeclaredError) else []
        return Preview(files.name, name, storable(str(error)), left_open, offers=[dict(offer) for offer in offers])
    first = recordings[0]
    return Preview(
        file_name=files.name,
        format=name,
        left_open=first.declared,
        rate=first.rate,
        unit=first.unit,
        n_recordings=len(recordings),
        duration_s=first.duration_s,
        leads=options.order if "leads" in first.declared else _found(first),
        missing_leads=first.missing,
        notes=[storable(note) for note in first.notes],
        findings=[asdict(finding) for finding in findings.check(first)],
        heart_rate=findings.estimate_heart_rate(np.nan_to_num(first.signal), first.rate),
        peak_to_peak_mv=_span(first) if first.unit == "mV" else None,
        signal=base64.b64encode(_start(first)).decode(),
        offers=[_NO_SCALE] if reader.declares_units and _has_no_scale(files, first, options, limits) else [],
    )


def _has_no_scale(files: FileSet, first: Recording, options: ReadOptions, limits: Limits) -> bool:
    """Whether a file that states no voltage, but "NU" or "adu", can be read without a scale as well: it is tried."""
    if "unit" not in first.declared or first.unit == "arbitrary":
        return False
    try:
        return read(files, replace(options, unit="arbitrary", units_per_mv=None), limits)[0].unit == "arbitrary"
    except UserError:
        return False


def _found(recording: Recording) -> list[str]:
    return [lead for lead in LEADS if lead not in recording.missing and lead not in recording.derived]


def _span(recording: Recording) -> float | None:
    spans = np.fmax.reduce(recording.signal, axis=1) - np.fmin.reduce(recording.signal, axis=1)
    largest = float(np.fmax.reduce(spans))
    return None if np.isnan(largest) else largest


def _start(recording: Recording) -> bytes:
    n = max(1, round(SHOWN_S * recording.rate))
    return display.to_payload(recording.signal[:, :n], recording.rate, unit=recording.unit, step=recording.step)
