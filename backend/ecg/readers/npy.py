"""NumPy arrays: `.npy`, and `.npz` with the array, its rate, unit and lead names; one recording or a stack of them."""

import io
import zipfile
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import LimitError, UndeclaredError, UnreadableFileError
from backend.ecg.leads import place_leads
from backend.ecg.readers.archive import Budget, is_npz, read_entry
from backend.ecg.readers.npy_array import MAGIC, load_array
from backend.ecg.readers.options import Reader, ReadOptions, Scale, settle_scale
from backend.ecg.readers.sources import FileSet, Limits, SourceFile
from backend.ecg.readers.text_numbers import decimals
from backend.ecg.recording import Recording

_SIGNAL_NAMES = ("x", "signal", "signals", "ecg", "data", "val", "p_signal", "arr_0")
_RATE_NAMES = ("fs", "rate", "sampling_rate", "sampling_frequency", "sample_rate", "freq", "hz")
_LEAD_NAMES = ("leads", "lead_names", "sig_name", "channels")


@dataclass(frozen=True, slots=True)
class _Content:
    """An array of signals and what the file says about it: rate in Hz, mV a unit, lead names."""

    array: NDArray[np.generic]
    rate: float | None = None
    mv: float | None = None
    normalised: bool = False
    leads: tuple[str, ...] | None = None
    notes: tuple[str, ...] = field(default=())


def _recognises(files: FileSet) -> bool:
    data = files.main.data
    return data.startswith(MAGIC) or is_npz(data)


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    file = files.main
    content = _Content(load_array(file.data, file.name)) if file.data.startswith(MAGIC) else _load_npz(file, limits)
    if content.array.dtype.kind not in "iuf":
        raise UnreadableFileError(
            f"{file.name} holds '{content.array.dtype}', not numbers. Save the samples as numbers."
        )
    if content.normalised and options.unit != "arbitrary":
        raise UndeclaredError(
            f"{file.name} holds normalised values (unit_sd) without a scale in mV. Declare the unit 'arbitrary'."
        )
    names = content.leads or options.order
    stack = _as_stack(content.array, len(names), file.name)
    if stack.shape[0] > limits.records or stack.shape[2] > limits.samples or stack.size > limits.values:
        raise LimitError(
            f"{file.name} holds {stack.shape[0]:,} recordings of {stack.shape[2]:,} samples; at most "
            f"{limits.records:,} recordings, {limits.samples:,} samples a lead and {limits.values:,} values are read. "
            "Split the file."
        )
    scale = settle_scale(options, content.rate, [content.mv])
    notes = content.notes + scale.notes
    single = content.array.ndim == 2
    return [
        _recording(values, names, scale, file.name if single else f"{files.stem}[{index}]", notes, options.partial)
        for index, values in enumerate(stack)
    ]


def _recording(
    values: NDArray[np.generic],
    names: tuple[str, ...],
    scale: Scale,
    name: str,
    notes: tuple[str, ...],
    partial: bool,
) -> Recording:
    """Scale one (k, n) array to mV; integers keep their step."""
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
    placed = place_leads(np.ascontiguousarray(signal), names, partial)
    return Recording(
        signal=placed.signal,
        rate=scale.rate,
        name=name,
        format="npy",
        unit=scale.unit,
        derived=placed.derived,
        missing=placed.missing,
        declared=scale.declared,
        step=None if step is None else placed.steps(np.full(len(names), step)),
        notes=notes + placed.notes,
    )


def _as_stack(array: NDArray[np.generic], k: int, name: str) -> NDArray[np.generic]:
    """Return a (records, k, n) view of (k, n), (n, k), (records, k, n) or (records, n, k)."""
    shape = array.shape
    if array.ndim not in (2, 3) or array.size == 0:
        raise UnreadableFileError(
            f"{name} holds an array of shape {shape}; expected are ({k}, samples), (samples, {k}) or a stack "
            f"(recordings, {k}, samples). Reshape it and save it again."
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
            + f" Save it as ({k}, samples), or declare the leads it holds."
        )
    stack = array if array.ndim == 3 else array[None]
    return stack if leads_first else stack.swapaxes(1, 2)


def _load_npz(file: SourceFile, limits: Limits) -> _Content:
    arrays: dict[str, NDArray[np.generic]] = {}
    budget = Budget(min(limits.archive_bytes, limits.file_bytes))
    try:
        with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
            if len(archive.infolist()) > 1000:
                raise LimitError(f"{file.name} holds more than 1,000 arrays. Save the signals as one stack.")
            for info in archive.infolist():
                member = f"{file.name}/{info.filename}"
                arrays[info.filename.removesuffix(".npy")] = load_array(
                    read_entry(archive, info, budget, limits, member), member
                )
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnreadableFileError(f"{file.name} is not a readable .npz ({error}). Save it again.") from error
    signals = [name for name, array in arrays.items() if array.ndim >= 2 and array.dtype.kind in "iuf"]
    named = [name for name in _SIGNAL_NAMES if name in signals]
    if not signals or (len(signals) > 1 and not named):
        raise UnreadableFileError(
            f"{file.name} holds {len(signals)} arrays that may be signals ({', '.join(signals) or 'none'}). "
            "Save the signals as 'x', with 'fs' in Hz and 'unit_mv' in mV a unit beside it."
        )
    chosen = named[0] if named else signals[0]
    left = [name for name in arrays if name not in (chosen, "unit_mv", "unit_sd", *_RATE_NAMES, *_LEAD_NAMES)]
    return _Content(
        array=arrays[chosen],
        rate=_number(arrays, _RATE_NAMES, file.name),
        mv=_number(arrays, ("unit_mv",), file.name),
        normalised="unit_sd" in arrays and "unit_mv" not in arrays,
        leads=_texts(arrays, _LEAD_NAMES),
        notes=(f"Read was '{chosen}'; left out: {', '.join(left)}.",) if left else (),
    )


def _number(arrays: dict[str, NDArray[np.generic]], names: tuple[str, ...], file: str) -> float | None:
    found = next((name for name in names if name in arrays), None)
    if found is None:
        return None
    array = arrays[found]
    value = float(array.reshape(-1)[0]) if array.size == 1 and array.dtype.kind in "iuf" else float("nan")
    if not 0 < value < 1e9:
        raise UnreadableFileError(f"{file} has '{found}' without one positive number. Save it as a single number.")
    return value


def _texts(arrays: dict[str, NDArray[np.generic]], names: tuple[str, ...]) -> tuple[str, ...] | None:
    found = next((name for name in names if name in arrays and arrays[name].dtype.kind == "U"), None)
    return None if found is None else tuple(str(text) for text in arrays[found].reshape(-1)[:1024])


READER = Reader(
    name="npy",
    title="NumPy (.npy, .npz)",
    extensions=(".npy", ".npz"),
    declares_units=False,
    recognises=_recognises,
    read=_read,
)
