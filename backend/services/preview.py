"""A look at files before they are stored: what would be read with what has been declared so far."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from backend.ecg import display, quality
from backend.ecg.errors import UserError
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, Limits, ReadOptions, Refusal, SourceFile, group, recognise
from backend.ecg.recording import Recording
from backend.isolation import read
from backend.services import ingest
from backend.services.recording_facts import storable

SHOWN_S = 10.0
LOOKED_AT = 64  # files; an archive may hold any number
LOOKED_AT_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Preview:
    """The first recording of a set of files; `left_open` is what the files themselves do not say."""

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


def preview(files: Iterable[SourceFile], options: ReadOptions, limits: Limits) -> Preview:
    """Return the first set that leaves something open, else the first that can be read, else why the first cannot.

    Zips are opened; of many files only the first are looked at.
    """
    taken: list[SourceFile] = []
    seen: list[Preview] = []
    size = 0
    for item in ingest.expand(files, limits):
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
        name = recognise(files, options).name
        recordings = read(files, options, limits)
    except UserError as error:
        return Preview(files.name, name, storable(str(error)))
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
        findings=[asdict(finding) for finding in quality.check(first)],
        heart_rate=quality.estimate_heart_rate(np.nan_to_num(first.signal), first.rate),
        peak_to_peak_mv=_span(first) if first.unit == "mV" else None,
        signal=base64.b64encode(_start(first)).decode(),
    )


def _found(recording: Recording) -> list[str]:
    return [lead for lead in LEADS if lead not in recording.missing and lead not in recording.derived]


def _span(recording: Recording) -> float | None:
    spans = np.fmax.reduce(recording.signal, axis=1) - np.fmin.reduce(recording.signal, axis=1)
    largest = float(np.fmax.reduce(spans))
    return None if np.isnan(largest) else largest


def _start(recording: Recording) -> bytes:
    n = max(1, round(SHOWN_S * recording.rate))
    return display.to_payload(recording.signal[:, :n], recording.rate, unit=recording.unit, step=recording.step)
