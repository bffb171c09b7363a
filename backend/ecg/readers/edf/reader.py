"""EDF, EDF+, BDF and BDF+: the ECG leads among the signals of a polygraphic recording.

Source: Kemp et al. 1992, doi:10.1016/0013-4694(92)90009-7; EDF+: Kemp and Olivan 2003,
doi:10.1016/S1388-2457(03)00123-8; BDF: https://www.biosemi.com/faq/file_format.htm
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import LimitError, UnreadableFileError
from backend.ecg.leads import has_all, shown
from backend.ecg.readers.assemble import Facts
from backend.ecg.readers.channels import Channel, from_channels
from backend.ecg.readers.edf.header import Header, Signal, looks_like_edf, parse_header
from backend.ecg.readers.edf.samples import calibrated, record_starts, samples_of
from backend.ecg.readers.lead_numbers import lead_rows
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.recording import DeviceFacts, Recording


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    name, data = files.name, files.main.data
    header, declared, notes = _named(parse_header(data, name), options)
    signals = [signal for signal in header.signals if not signal.is_annotation]
    if not signals:
        raise UnreadableFileError(f"{name} holds annotations only, no ECG signal. Upload the file with the signals.")
    leads, other_notes = _leads(signals, name, header.record_s, options.partial)
    notes += other_notes
    n_records, length_notes = _records(header, len(data), name)
    per_record = leads[0].per_record
    if n_records * per_record > limits.samples:
        raise LimitError(
            f"{name} holds {n_records * per_record:,} samples a lead; at most {limits.samples:,} are read. Split it."
        )
    if header.record_s <= 0:
        raise UnreadableFileError(
            f"{name} states a duration of {header.record_s:g} s for its data records, so that its sampling rate is "
            "unknown. Export it again with a duration."
        )
    rate = round(per_record / header.record_s, 6)
    channels = [calibrated(lead, samples_of(data, header, lead, n_records), options) for lead in leads]
    if header.discontinuous:
        channels, gap_notes = _with_gaps(channels, data, header, n_records, rate, name, limits)
        length_notes += gap_notes
    facts = Facts(
        start=header.start,
        patient=header.patient,
        device=_filters(leads),
        notes=notes + length_notes,
        stated_samples=header.records * per_record if header.records else None,
    )
    recording = from_channels(files, options, limits, format="edf", channels=channels, rate=rate, facts=facts)
    return [replace(recording, declared=(*recording.declared, "leads")) if declared else recording]


def _named(header: Header, options: ReadOptions) -> tuple[Header, bool, tuple[str, ...]]:
    """Return the header with the declared leads for numbered channels, whether there were any, and a note."""
    wanted = [signal for signal in header.signals if not signal.is_annotation]
    names, notes = options.named([signal.label for signal in wanted])
    if not notes:
        return header, False, ()
    labels = iter(names)
    signals = (one if one.is_annotation else replace(one, label=next(labels)) for one in header.signals)
    return replace(header, signals=tuple(signals)), True, notes


def _leads(
    signals: Sequence[Signal], name: str, record_s: float, partial: bool
) -> tuple[list[Signal], tuple[str, ...]]:
    """Return the ECG leads of one sampling rate, that of a full ECG or else that most of them have, and what is left.

    Raises UnreadableFileError where it takes the leads of several rates to make twelve.
    """
    rows, notes = lead_rows([signal.label for signal in signals])
    leads = [signals[row] for row in rows if signals[row].per_record]
    if not leads:
        raise UnreadableFileError(f"{name} holds no samples of an ECG lead. Export it again.")
    by_rate = Counter(lead.per_record for lead in leads).most_common()
    full = [rate for rate, _ in by_rate if has_all(lead.label for lead in leads if lead.per_record == rate)]
    if len(by_rate) > 1 and not full and not partial and has_all(lead.label for lead in leads):
        rates = "; ".join(
            f"{shown([lead.label for lead in leads if lead.per_record == count])} at {count / record_s:g} Hz"
            for count, _ in by_rate if record_s > 0
        )  # fmt: skip
        raise UnreadableFileError(
            f"{name} holds its leads at {len(by_rate)} sampling rates ({rates}), and no rate has all of them. Export "
            "it with one rate for all leads; nothing is resampled here, so that no lead differs from the others."
        )
    most = (full or [rate for rate, _ in by_rate])[0]
    others = [lead.label for lead in leads if lead.per_record != most]
    if others:
        notes += (f"Left out, having another sampling rate than the other leads: {shown(others)}.",)
    return [lead for lead in leads if lead.per_record == most], notes


def _records(header: Header, n_bytes: int, name: str) -> tuple[int, tuple[str, ...]]:
    """Return how many whole data records are there to be read, and a note where the header says otherwise."""
    there, rest = divmod(n_bytes - header.length, header.record_bytes)
    if there == 0:
        raise UnreadableFileError(
            f"{name} is cut off: a data record has {header.record_bytes:,} bytes, {rest:,} are there. "
            "Copy it again from its source."
        )
    if header.records is None:
        return there, (f"The header leaves the number of data records open; {there:,} are there.",)
    if header.records == 0:
        raise UnreadableFileError(f"{name} states that it holds no data records. Export it again.")
    if header.records > there:
        note = f"The file is cut off: the header promises {header.records:,} data records, {there:,} are there."
        return there, (note,)
    if header.records < there:
        return header.records, (f"The file goes on after the {header.records:,} data records its header promises.",)
    return there, ()


def _with_gaps(
    channels: list[Channel], data: bytes, header: Header, n_records: int, rate: float, name: str, limits: Limits
) -> tuple[list[Channel], tuple[str, ...]]:
    """Move the data records of a discontinuous file to their times; in the breaks between them samples are missing."""
    per_record = channels[0].samples.size // n_records
    starts = _sample_numbers(record_starts(data, header, n_records), rate, name)
    lengths = np.diff(starts)
    if (lengths < per_record).any():
        raise UnreadableFileError(f"{name} has data records that overlap in time. Export it as a continuous file.")
    held, total = n_records * per_record, int(starts[-1]) + per_record
    if total == held:
        return channels, ()
    # The samples that are there bound the length, not the times that a file claims.
    if total > min(limits.samples, 4 * held):
        raise LimitError(f"{name} has breaks far longer than what was recorded. Upload each part as a file of its own.")
    places = (starts[:, None] + np.arange(per_record)).reshape(-1)
    spread = []
    for channel in channels:
        samples: NDArray[np.float64] = np.full(total, np.nan)
        samples[places] = channel.samples
        spread.append(replace(channel, samples=samples))
    breaks = int((lengths > per_record).sum())
    return spread, (f"Breaks in the recording: {breaks}; the samples in them are missing.",)


def _sample_numbers(onsets: list[float | None], rate: float, name: str) -> NDArray[np.int64]:
    known = [onset for onset in onsets if onset is not None]
    if len(known) < len(onsets):
        raise UnreadableFileError(
            f"{name} is recorded with breaks and does not say when each part begins. Export it as a continuous file."
        )
    return np.rint((np.array(known) - known[0]) * rate).astype(np.int64)


def _filters(leads: Sequence[Signal]) -> DeviceFacts:
    """Read the filters, as in "HP:0.05Hz LP:150Hz N:50Hz", where all leads have the same."""
    texts = {lead.filters for lead in leads}
    text = texts.pop() if len(texts) == 1 else ""
    found: dict[str, float] = {}
    for kind, value, unit in re.findall(r"\b(HP|LP|N):\s*(\d{1,6}(?:\.\d{1,6})?)\s*(k?Hz)?", text):
        found.setdefault(kind, float(value) * (1000 if unit == "kHz" else 1))
    return DeviceFacts(high_pass=found.get("HP"), low_pass=found.get("LP"), notch=found.get("N"))


READER = Reader(
    name="edf",
    title="EDF, EDF+ and BDF (.edf, .bdf)",
    extensions=(".edf", ".bdf"),
    declares_units=True,
    recognises=lambda files: looks_like_edf(files.main.data),
    read=_read,
    source="Kemp et al. 1992, doi:10.1016/0013-4694(92)90009-7; EDF+ 2003, doi:10.1016/S1388-2457(03)00123-8",
)
