"""What the array formats share: an array of signals, with the facts about it, becomes recordings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UndeclaredError, UnreadableFileError
from backend.ecg.leads import check_names, place_leads
from backend.ecg.readers.decimals import decimals
from backend.ecg.readers.marks import missing_marks
from backend.ecg.readers.no_signal import ATTACH, refuse_rising
from backend.ecg.readers.options import ReadOptions, Scale, settle_scale
from backend.ecg.readers.sources import FileSet, Limits, check_size
from backend.ecg.recording import Declaration, Patient, Recording

Values = NDArray[np.generic]
_LOOK, _CLASSES = 65536, 100  # values that are looked at, and how many different ones may be classes
_FEWEST = 20  # samples of a recording in a stack of more


@dataclass(frozen=True, slots=True)
class Layout:
    """The documented layout of a data set whose files state neither: its `name`, rate in Hz and units in one mV."""

    name: str
    rate: float
    units_per_mv: float
    zero_padded: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """An array of signals and what the file says about it: rate in Hz, mV a unit, lead names.

    `array` is (k, n), (n, k) or a stack of these. `record_ids`, `labels` and `patients` have one entry a recording, or
    none.
    """

    array: Values
    rate: float | None = None
    mv: float | None = None
    normalised: bool = False
    leads: tuple[str, ...] | None = None
    patient: Patient = field(default_factory=Patient)
    notes: tuple[str, ...] = ()
    record_ids: tuple[str, ...] = ()
    labels: tuple[Mapping[str, str | float], ...] = ()
    patients: tuple[Patient, ...] = ()


def read_content(
    content: Content,
    files: FileSet,
    options: ReadOptions,
    limits: Limits,
    format: str,  # noqa: A002
    layout: Layout | None = None,
) -> list[Recording]:
    """Return the recordings of an array: one of (k, n) or (n, k), many of a stack, named "stem[0]", "stem[1]", ...

    `layout` completes what neither the file nor the uploader says, for the files of a known data set. Raises
    UnreadableFileError for another shape, LimitError, UndeclaredError and MissingLeadsError.
    """
    if content.array.dtype.kind not in "iuf":
        raise UnreadableFileError(
            f"{files.name} holds '{content.array.dtype}', not numbers. Save the samples as numbers."
        )
    if content.normalised and options.unit != "arbitrary":
        raise UndeclaredError(
            f"{files.name} holds normalised values (unit_sd) without a scale in mV. Declare the unit 'arbitrary'."
        )
    names = content.leads or options.order
    check_names(names, options.partial)
    stack, empty = _without_empty(_as_stack(content.array, len(names), files.name), layout)
    check_size(files.name, stack.shape[0], stack.shape[2], stack.size, limits)
    if content.leads is None and content.array.dtype.kind in "iuf":
        refuse_rising(stack[0], files.name)
    scale = settle_scale(_completed(options, content, layout), content.rate, [content.mv], stack[0])
    declared: tuple[Declaration, ...] = scale.declared if content.leads else (*scale.declared, "leads")
    notes = content.notes + empty + _layout_notes(options, content, layout) + scale.notes
    single = content.array.ndim == 2
    padded = layout is not None and layout.zero_padded
    return [
        read_leads(
            *(without_padding(values) if padded else (values, ())),
            names=names,
            scale=scale,
            declared=declared,
            name=files.name if single else f"{files.stem}[{index}]",
            format=format,
            patient=content.patients[index] if content.patients else content.patient if single else Patient(),
            notes=notes,
            partial=options.partial,
            record_id=content.record_ids[index] if content.record_ids else None,
            labels=content.labels[index] if content.labels else {},
        )
        for index, values in enumerate(stack)
    ]


def read_contents(
    contents: Sequence[Content],
    files: FileSet,
    options: ReadOptions,
    limits: Limits,
    format: str,  # noqa: A002
    layout: Layout | None = None,
) -> list[Recording]:
    """Return the recordings of several contents, as `read_content`; of several, each is named "stem[0]" and so on.

    Raises LimitError for more than the limits allow.
    """
    if len(contents) == 1:
        return read_content(contents[0], files, options, limits, format, layout)
    check_size(files.name, len(contents), 0, sum(one.array.size for one in contents), limits)
    found = [one for content in contents for one in read_content(content, files, options, limits, format, layout)]
    return [replace(one, name=f"{files.stem}[{index}]") for index, one in enumerate(found)]


def read_leads(
    values: Values,
    more_notes: tuple[str, ...],
    *,
    names: Sequence[str],
    scale: Scale,
    declared: tuple[Declaration, ...],
    name: str,
    format: str,  # noqa: A002
    patient: Patient,
    notes: tuple[str, ...],
    partial: bool,
    record_id: str | None = None,
    labels: Mapping[str, str | float] | None = None,
) -> Recording:
    """Scale one (k, n) array to mV; integers and decimals keep their step."""
    factor = scale.factors[0]
    step: float | None = factor
    units = round(1 / factor)
    if values.dtype.kind in "iu" and values.dtype.itemsize <= 2 and abs(units * factor - 1) < 1e-12:
        signal = values.astype(np.float32)
        signal /= units  # exact integers by an exact integer: rounded once
    else:
        wide = values.astype(np.float64)
        if values.dtype.kind == "f":
            places = decimals(wide)
            step = None if places is None else factor / 10.0**places
        signal = (wide * factor).astype(np.float32)
    marked, marks = missing_marks(values)
    if marked is not None:
        signal[marked] = np.nan
    placed = place_leads(np.ascontiguousarray(signal), names, partial)
    return Recording(
        signal=placed.signal,
        rate=scale.rate,
        name=name,
        format=format,
        unit=scale.unit,
        derived=placed.derived,
        missing=placed.missing,
        declared=declared,
        step=None if step is None else placed.steps(np.full(len(names), step)),
        patient=patient,
        record_id=record_id,
        labels=labels or {},
        notes=notes + more_notes + marks + placed.notes,
    )


def _completed(options: ReadOptions, content: Content, layout: Layout | None) -> ReadOptions:
    """Return the options, completed by the layout of a known data set where the uploader declares nothing."""
    if layout is None:
        return options
    return replace(
        options,
        rate=options.rate if options.rate or content.rate else layout.rate,
        units_per_mv=options.units_per_mv if options.units_per_mv or content.mv else layout.units_per_mv,
    )


def _layout_notes(options: ReadOptions, content: Content, layout: Layout | None) -> tuple[str, ...]:
    """Say what was taken from the layout of a known data set."""
    if layout is None:
        return ()
    taken = [f"{layout.rate:g} Hz"] if options.rate is None and content.rate is None else []
    if options.units_per_mv is None and content.mv is None and options.unit == "mV":
        taken.append(f"{layout.units_per_mv:g} units per mV")
    if not taken:
        return ()
    return (f"Laid out as {layout.name}: {' and '.join(taken)} were taken from its description.",)


def without_padding(values: Values) -> tuple[Values, tuple[str, ...]]:
    """Return (k, n) without the samples at both ends in which every lead is zero, and a note where there were any."""
    filled = np.flatnonzero(values.any(axis=0))
    if filled.size == 0 or filled.size == values.shape[1]:
        return values, ()
    start, stop = int(filled[0]), int(filled[-1]) + 1
    if (start, stop) == (0, values.shape[1]):
        return values, ()
    note = f"Left out as padding, zero in all leads: {start} samples at the start, {values.shape[1] - stop} at the end."
    return values[:, start:stop], (note,)


def _without_empty(stack: Values, layout: Layout | None) -> tuple[Values, tuple[str, ...]]:
    """Return a stack without the records of nothing but zeros at its end, with which data sets fill their files."""
    if layout is None or not layout.zero_padded:
        return stack, ()
    n = len(stack)
    while n > 1 and not stack[n - 1].any():
        n -= 1
    return stack[:n], (f"Left out: {len(stack) - n} records of zeros at the end of the file.",) if n < len(
        stack
    ) else ()


def _if_labels(array: Values) -> str:
    """What to do with few values of one row or column for each recording."""
    few = array.ndim < 3 and len(np.unique(array.reshape(-1)[:_LOOK])) <= _CLASSES
    return f" {ATTACH}" if few else ""


def _as_stack(array: Values, k: int, name: str) -> Values:
    """Return a (records, k, n) view of (k, n), (n, k), (records, k, n) or (records, n, k)."""
    shape = array.shape
    if array.ndim not in (2, 3) or array.size == 0:
        raise UnreadableFileError(
            f"{name} holds an array of shape {shape}; expected are ({k}, samples), (samples, {k}) or a stack "
            f"(recordings, {k}, samples). Reshape it and save it again.{_if_labels(array)}"
        )
    leads_first, leads_last = shape[-2] == k, shape[-1] == k
    if leads_first == leads_last:
        raise UnreadableFileError(
            f"{name} holds an array of shape {shape}, in which "
            + (
                f"leads and samples cannot be told apart: both are {k}."
                if leads_first
                else f"no axis has the {k} leads."
            )
            + f" Save it as ({k}, samples), or declare the leads it holds.{_if_labels(array)}"
        )
    stack = array if array.ndim == 3 else array[None]
    n = shape[-1] if leads_first else shape[-2]
    if array.ndim == 3 and n < _FEWEST and shape[0] > n:
        axes = "(samples, leads, recordings)" if leads_first else "(samples, recordings, leads)"
        raise UnreadableFileError(
            f"{name} holds an array of shape {shape}, which would be {shape[0]:,} recordings of {n} samples. "
            f"Its axes are likely {axes}: save it as (recordings, leads, samples)."
        )
    return stack if leads_first else stack.swapaxes(1, 2)
