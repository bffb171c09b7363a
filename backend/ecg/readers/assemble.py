"""The last step of most readers: channels with names, scales and facts become a recording."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import LimitError
from backend.ecg.leads import LEADS, check_names, leads_among, place_leads
from backend.ecg.readers.columns import Layout
from backend.ecg.readers.decimals import decimals
from backend.ecg.readers.marks import missing_marks
from backend.ecg.readers.options import ReadOptions, settle_rate, settle_scale
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.recording import DeviceFacts, Patient, Recording


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says apart from its samples."""

    start: datetime | None = None
    patient: Patient = field(default_factory=Patient)
    device: DeviceFacts = field(default_factory=DeviceFacts)
    notes: tuple[str, ...] = ()
    stated_samples: int | None = None


def assemble(
    files: FileSet,
    options: ReadOptions,
    *,
    format: str,  # noqa: A002
    samples: NDArray[np.integer] | NDArray[np.floating],
    names: Sequence[str],
    rate: float,
    mv_per_step: Sequence[float] | float,
    missing_value: int | None = None,
    facts: Facts | None = None,
) -> Recording:
    """Return the recording of a file that states its own rate in Hz and scale.

    `samples` is (k, n) as stored, in the order of the k `names` (any spelling); sample · `mv_per_step` is mV. Integers
    equal to `missing_value`, and NaN, are missing samples. Integers keep their step, so that they are stored exactly.
    Raises MissingLeadsError, and UnreadableFileError as `Recording` does.
    """
    facts = facts or Facts()
    steps = np.broadcast_to(np.asarray(mv_per_step, np.float64), (len(names),))
    # Rounded once: to float32 at the end where leads are yet to be derived from these, else at once, which is quicker.
    signal: NDArray[np.floating] = np.empty(samples.shape, np.float64 if len(names) < len(LEADS) else np.float32)
    np.multiply(samples, steps[:, None], out=signal, casting="same_kind")
    if missing_value is not None:
        signal[samples == missing_value] = np.nan
    placed = place_leads(signal, names, options.partial)
    rate, notes = settle_rate(options, rate)
    return Recording(
        signal=placed.signal,
        rate=rate,
        name=files.name,
        format=format,
        derived=placed.derived,
        missing=placed.missing,
        step=placed.steps(np.abs(steps)) if samples.dtype.kind in "iu" else None,
        start=facts.start,
        patient=facts.patient,
        device=facts.device,
        notes=facts.notes + notes + placed.notes,
        stated_samples=facts.stated_samples,
    )


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
    check_names(layout.names, options.partial)
    leads = [i for i, lead in enumerate(leads_among(layout.names)) if lead]
    held = layout.channels if len(leads) == len(layout.names) else layout.channels[leads]
    scale = settle_scale(options, layout.rate, [layout.mv[i] for i in leads], held)
    factors = np.ones(len(layout.names))
    factors[leads] = scale.factors
    signal = np.empty(layout.channels.shape, np.float32)
    np.multiply(layout.channels, factors[:, None], out=signal, casting="same_kind")
    marked, marks = missing_marks(held)
    if marked is not None:
        signal[leads] = np.where(marked, np.nan, signal[leads])
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
        start=layout.start,
        patient=patient or Patient(),
        notes=layout.notes + scale.notes + marks + placed.notes,
    )
