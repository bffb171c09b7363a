"""Text tables: CSV, TSV and the like, leads in columns or rows, with or without names, times and units."""

import numpy as np

from backend.ecg.errors import LimitError, UnreadableFileError
from backend.ecg.leads import canonical_lead, place_leads
from backend.ecg.readers.options import Reader, ReadOptions, settle_scale
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.readers.text.layout import Layout, lay_out
from backend.ecg.readers.text.numbers import decimals
from backend.ecg.readers.text.table import find_numbers, read_table, to_utf8
from backend.ecg.recording import Patient, Recording

_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f")) + b"\x7f"
_LOOK = 65536


def _recognises(files: FileSet) -> bool:
    """Text without control characters, no markup, with a line of at least two numbers near its start."""
    try:
        head = to_utf8(files.main.data[:_LOOK])
    except UnreadableFileError:
        return False
    if not head or head.lstrip()[:1] in (b"<", b"{", b"[") or head.translate(None, _CONTROL) != head:
        return False
    return find_numbers(head) is not None


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    layout = lay_out(read_table(files.main.data, min(limits.values, 64 * limits.samples)), options)
    return [read_layout(layout, options, limits, files.name, "csv")]


def read_layout(
    layout: Layout,
    options: ReadOptions,
    limits: Limits,
    name: str,
    format: str,  # noqa: A002
    patient: Patient | None = None,
) -> Recording:
    """Return the recording of a table whose columns are known. Raises MissingLeadsError, LimitError."""
    if layout.channels.shape[1] > limits.samples:
        raise LimitError(f"more than {limits.samples:,} samples a lead. Split the recording.")
    leads = [i for i, channel in enumerate(layout.names) if canonical_lead(channel)]
    scale = settle_scale(options, layout.rate, [layout.mv[i] for i in leads])
    factors = np.ones(len(layout.names))
    factors[leads] = scale.factors
    signal = np.empty(layout.channels.shape, np.float32)
    np.multiply(layout.channels, factors[:, None], out=signal, casting="same_kind")
    placed = place_leads(signal, layout.names, options.partial)
    places = decimals(layout.channels)
    return Recording(
        signal=placed.signal,
        rate=scale.rate,
        name=name,
        format=format,
        unit=scale.unit,
        derived=placed.derived,
        missing=placed.missing,
        declared=scale.declared if layout.named else (*scale.declared, "leads"),
        step=None if places is None else placed.steps(factors / 10.0**places),
        patient=patient or Patient(),
        notes=layout.notes + scale.notes + placed.notes,
    )


READER = Reader(
    name="csv",
    title="Text table (CSV, TSV, blanks)",
    extensions=(".csv", ".tsv", ".txt"),
    declares_units=False,
    recognises=_recognises,
    read=_read,
    source="RFC 4180 and what spreadsheets, R, MATLAB and pandas write",
)
