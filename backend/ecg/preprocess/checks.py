"""What the settings of a preprocessing may be; each check raises PreprocessingError that names the setting."""

import json
from typing import Any

from backend.ecg.errors import PreprocessingError

CHOICES: dict[str, tuple[str | None, ...]] = {
    "long": ("start", "centre", "end"),
    "short": ("zero", "edge", "refuse"),
    "standardise": ("none", "lead", "recording", "minmax"),
    "resampling": ("fft", "polyphase"),
    "edges": ("periodic", "mirror"),
    "baseline": ("median", "two_stage"),
    "align": ("median_beat", "series", None),
}
MAX_SAMPLES = 10_000_000


def alternatives(names: tuple[str | None, ...]) -> str:
    """Return "a, b or c"."""
    return f"{', '.join(map(str, names[:-1]))} or {names[-1]}"


def choice(name: str, value: object) -> None:
    """Check one of CHOICES."""
    if value not in CHOICES[name]:
        raise PreprocessingError(f"{name} is {value!r:.40}; use {alternatives(CHOICES[name])}.")


def number(name: str, value: object) -> float:
    """Return a positive number as float: 100 and 100.0 are one value with one digest."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        raise PreprocessingError(f"{name} is {value!r:.40}; give a positive number.")
    return float(value)


def pair(name: str, value: object) -> tuple[float, float]:
    """Return two numbers, not negative, as floats."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise PreprocessingError(f"{name} is {value!r:.40}; give two numbers.")
    if any(isinstance(v, bool) or not isinstance(v, int | float) or not 0 <= v < 1e9 for v in value):
        raise PreprocessingError(f"{name} is {value!r:.40}; give two numbers, not negative.")
    return float(value[0]), float(value[1])


def window(rate: float, window_s: float) -> None:
    """Check that the result has a sensible rate and size."""
    if not 20 <= rate <= 100_000:
        raise PreprocessingError(f"The target rate is {rate:g} Hz. Choose 20 to 100,000 Hz.")
    if not 1 <= window_s * rate <= MAX_SAMPLES:
        raise PreprocessingError(f"A window of {window_s:g} s cannot be used. Choose for example 10 s.")


def filters(
    bandpass: tuple[float, float] | None,
    high_pass: float | None,
    clip: tuple[float, float] | None,
    baseline_ms: float | None,
) -> None:
    """Check corners, clipping and the length of the baseline's window."""
    if baseline_ms is not None and baseline_ms > 60_000:
        raise PreprocessingError(f"A baseline window of {baseline_ms:g} ms is too long. Choose up to 60,000 ms.")
    if bandpass is not None and not 0 < bandpass[0] < bandpass[1]:
        raise PreprocessingError(f"A band-pass of {bandpass} Hz is impossible. Give 0 < low < high.")
    if high_pass is not None and high_pass > 5:
        raise PreprocessingError(f"A high-pass at {high_pass:g} Hz takes the ECG itself away. Choose up to 5 Hz.")
    if clip is not None and not (0 <= clip[0] < 0.5 and clip[1] >= 0):
        raise PreprocessingError(f"Clipping at {clip} is impossible. Give a quantile below 0.5 and a margin ≥ 0.")


def json_object(text: str | bytes) -> dict[str, Any]:
    """Parse strict JSON: an object, no key twice, no NaN."""
    try:
        fields = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise PreprocessingError("The preprocessing is not JSON. Export the model again.") from error
    if not isinstance(fields, dict):
        raise PreprocessingError("The preprocessing is not a JSON object. Export the model again.")
    return fields


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a key occurs twice")
    return fields


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
