"""ECGs as drawings, true to scale, of recordings that are stored and of those that have just been read."""

import numpy as np
from numpy.typing import NDArray

from backend.db import tables
from backend.ecg import recording as ecg
from backend.ecg.clinical_filters import filtered, words
from backend.ecg.drawing import FORMATS, Legend, Sheet, draw
from backend.ecg.drawing.shapes import Drawing
from backend.ecg.errors import PreprocessingError, UnwritableError
from backend.ecg.preprocess import preset
from backend.ecg.writers import stem_of
from backend.services.downloads import recorded
from backend.services.measurements import measure_signal
from backend.services.recordings import unit_after
from backend.storage import Storage

_MEASURED = (
    ("heart_rate", "Heart rate", "/min"), ("pr_ms", "PR", " ms"), ("qrs_ms", "QRS", " ms"), ("qt_ms", "QT", " ms"),
    ("qrs_axis", "QRS axis", "°"),
)  # fmt: skip


def drawing_of(
    storage: Storage, row: tables.Recording, file_format: str, sheet: Sheet, band: str | None = None,
    mains: int | None = None, model_preset: str | None = None,
) -> tuple[str, str, bytes]:  # fmt: skip
    """Return name, media type and bytes of a stored recording as a drawing; see `draw_recording`."""
    return draw_recording(recorded(storage, row), file_format, sheet, band, mains, model_preset)


def draw_recording(
    one: ecg.Recording, file_format: str, sheet: Sheet, band: str | None = None, mains: int | None = None,
    model_preset: str | None = None,
) -> tuple[str, str, bytes]:  # fmt: skip
    """Return name, media type and bytes of a recording as a drawing in one of `FORMATS`.

    `band` and `mains` are those of `clinical_filters.filtered`; `model_preset` draws in their place what a network with
    that preprocessing reads, without a scale where it has none. The patient is named as the recording names them: by
    the pseudonym where it is stored. Measurements are those of the recording, not of what a filter leaves of it.
    Raises UnwritableError for an unknown format, PreprocessingError for a filter or a preset that is not offered.
    """
    if file_format not in FORMATS:
        raise UnwritableError(f"There are no drawings as {file_format!r}. Choose one of {', '.join(FORMATS)}.")
    media_type, write = FORMATS[file_format]
    return f"{stem_of(one.name)}.{file_format}", media_type, write(drawn(one, sheet, band, mains, model_preset))


def drawn(
    one: ecg.Recording, sheet: Sheet, band: str | None = None, mains: int | None = None,
    model_preset: str | None = None,
) -> Drawing:  # fmt: skip
    """Return the drawing itself, in lines and letters; see `draw_recording`."""
    patient = one.patient
    person = [f"Patient {patient.id}" if patient.id else "", f"{patient.age:g} years" if patient.age else ""]
    person += [{"F": "female", "M": "male"}.get(patient.sex or "", "")]
    when = "Date of recording unknown" if one.start is None else f"{one.start:%Y-%m-%d %H:%M}"
    legend = Legend(
        title=one.name,
        top=((one.name, when), (" · ".join(filter(None, person)), one.device.model or "")),
        measurements=_measured(one),
        filters=words(band, mains) if model_preset is None else f"as a model reads it: {model_preset}",
        derived=one.derived,
        missing=one.missing,
    )
    signal, rate, unit = _processed(one, band, mains, model_preset)
    return draw(signal, rate, unit, legend, sheet)


def _processed(
    one: ecg.Recording, band: str | None, mains: int | None, model_preset: str | None
) -> tuple[NDArray[np.float32], float, str]:
    if model_preset is None:
        return filtered(one.signal, one.rate, band, mains), one.rate, one.unit
    if band is not None or mains is not None:
        raise PreprocessingError("A network gets its own preprocessing: draw it without clinical filters, or these.")
    chosen = preset(model_preset)
    return chosen(one.signal, one.rate), chosen.rate, unit_after(chosen, one.unit)


def _measured(one: ecg.Recording) -> str:
    found = measure_signal(one.signal, one.rate, one.unit, one.missing, one.device)
    said = [f"{title} {found[key]:.0f}{unit}" for key, title, unit in _MEASURED if found[key] is not None]
    said += [f"QTc ({name.capitalize()}) {value:.0f} ms" for name, value in list(found["qtc_ms"].items())[:1]]
    return " · ".join(said) or "No beats were measured"
