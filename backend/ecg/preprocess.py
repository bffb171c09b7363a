"""Preprocessing as a value: what is done to an ECG before a network sees it, frozen, JSON, travelling with the model.

The steps, always in this order (docs/preprocessing.md says more of each):

1. gaps (NaN, infinite samples): filled by straight lines, so that filters can run;
2. band-pass at the recording's own rate, Butterworth of order 4, zero phase;
3. FFT resampling of the whole recording to `rate`;
4. the window: `window_s` seconds from the start, centre or end of a longer recording;
5. clipping of outliers by quantiles of each lead;
6. baseline: the moving median over `baseline_ms` is subtracted;
7. z-score of each lead or of the recording, or else the scale: mV times `units_per_mv`;
8. gaps longer than MAX_GAP_S become zero (they counted in none of the statistics of steps 5 and 7);
9. a shorter recording is padded at its end.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.ecg.errors import PreprocessingError
from backend.ecg.filters import bandpass, clip_quantiles, fill_gaps, moving_median, standardise
from backend.ecg.resample import fft_resample, resampled_length

VERSION = 1
MAX_GAP_S = 0.2
"""Longest gap, in seconds, that a straight line replaces for good; about two QRS complexes."""

_MAX_SAMPLES = 10_000_000
_CHOICES = {
    "long": ("start", "centre", "end"),
    "short": ("zero", "edge", "refuse"),
    "standardise": ("none", "lead", "recording"),
}
_DEFINITIONS: Mapping[str, dict[str, Any]] = {
    "exchangeai": {},
    "paper": {"baseline_ms": 200.0},
    "clinical": {"bandpass": (0.5, 40.0), "baseline_ms": None, "clip": None, "standardise": "lead"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocessing:
    """How a recording becomes the input of a network. The defaults are the preset `exchangeai`.

    `preset` names the preset whose values these are; with any other value it reads "custom" of its own accord.
    `bandpass` is in Hz; `baseline_ms` the length of the moving median in ms, rounded to 2k + 1 samples with
    k = round(baseline_ms / 2000 · rate); `clip` is (quantile, margin) of `filters.clip_quantiles`; `units_per_mv` is
    the scale the network expects (1 = mV, 1000 = µV) and has no effect on z-scores.
    Raises PreprocessingError for values that are impossible or of a wrong type.
    """

    version: int = VERSION
    preset: str = "exchangeai"
    rate: float = 100.0
    window_s: float = 10.0
    long: Literal["start", "centre", "end"] = "start"
    short: Literal["zero", "edge", "refuse"] = "zero"
    bandpass: tuple[float, float] | None = None
    clip: tuple[float, float] | None = (0.01, 1.5)
    baseline_ms: float | None = 2000.0
    standardise: Literal["none", "lead", "recording"] = "none"
    units_per_mv: float = 1.0

    def __post_init__(self) -> None:
        if type(self.version) is not int or self.version != VERSION:
            raise PreprocessingError(
                f"This preprocessing has version {self.version!r:.40}; this platform knows version {VERSION}. "
                "Update the platform, or train the model again."
            )
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise PreprocessingError(f"{name} is {getattr(self, name)!r:.40}; use {_alternatives(allowed)}.")
        set_field = object.__setattr__  # 100 and 100.0 are one value with one digest
        for name in ("rate", "window_s", "units_per_mv"):
            set_field(self, name, _number(name, getattr(self, name)))
        if self.baseline_ms is not None:
            set_field(self, "baseline_ms", _number("baseline_ms", self.baseline_ms))
        for name in ("bandpass", "clip"):
            if getattr(self, name) is not None:
                set_field(self, name, _pair(name, getattr(self, name)))
        if not 20 <= self.rate <= 100_000:
            raise PreprocessingError(f"The target rate is {self.rate:g} Hz. Choose 20 to 100,000 Hz.")
        if not 1 <= self.window_s * self.rate <= _MAX_SAMPLES:
            raise PreprocessingError(f"A window of {self.window_s:g} s cannot be used. Choose for example 10 s.")
        if self.baseline_ms is not None and self.baseline_ms > 60_000:
            raise PreprocessingError(
                f"A baseline window of {self.baseline_ms:g} ms is too long. Choose up to 60,000 ms."
            )
        if self.bandpass is not None and not 0 < self.bandpass[0] < self.bandpass[1]:
            raise PreprocessingError(f"A band-pass of {self.bandpass} Hz is impossible. Give 0 < low < high.")
        if self.clip is not None and not (0 <= self.clip[0] < 0.5 and self.clip[1] >= 0):
            raise PreprocessingError(
                f"Clipping at {self.clip} is impossible. Give a quantile below 0.5 and a margin ≥ 0."
            )
        if self.preset not in (*_DEFINITIONS, "custom"):
            raise PreprocessingError(
                f"There is no preset {self.preset!r:.40}. Use {_alternatives((*_DEFINITIONS, 'custom'))}."
            )
        if self.preset != "custom" and not _matches(self, self.preset):
            set_field(self, "preset", "custom")

    @property
    def n_samples(self) -> int:
        """Samples a lead of the result."""
        return max(1, round(self.window_s * self.rate))

    def __call__(self, signal: ArrayLike, rate: float) -> NDArray[np.float32]:
        """Preprocess one recording (leads, n) or a batch (..., leads, n), in mV at `rate` Hz.

        NaN marks missing samples. Returns finite float32 (..., leads, n_samples). A recording's result does not
        depend on the others in the batch.
        Raises PreprocessingError for an empty signal, an impossible rate, or a short recording where `short` is
        "refuse".
        """
        batch = np.asarray(signal)
        if batch.ndim < 2 or batch.shape[-1] < 1:
            raise PreprocessingError(f"A recording needs leads and samples; this one has the shape {batch.shape}.")
        if not (np.isfinite(rate) and rate > 0):
            raise PreprocessingError(f"{rate:g} Hz is no sampling rate. Give a positive number of samples a second.")
        n = resampled_length(batch.shape[-1], rate, self.rate)
        if n < self.n_samples and self.short == "refuse":
            raise PreprocessingError(
                f"The recording lasts {batch.shape[-1] / rate:g} s, the network needs {self.window_s:g} s. "
                "Leave it out, or choose padding for short recordings."
            )
        result = np.empty((*batch.shape[:-1], self.n_samples), dtype=np.float32)
        for index in np.ndindex(batch.shape[:-2]):
            # A recording at a time stays in the processor's cache: quicker than whole batches, and bitwise the same
            # in any company.
            result[index] = self._one(batch[index], float(rate))
        return result

    def _one(self, signal: ArrayLike, rate: float) -> NDArray[np.float64]:
        x, missing = fill_gaps(signal, MAX_GAP_S * rate)
        n = x.shape[-1]
        if self.bandpass is not None:
            x = bandpass(x, rate, *self.bandpass)
        x = fft_resample(x, rate, self.rate)
        if missing is not None and x.shape[-1] != n:
            nearest = np.rint(np.arange(x.shape[-1]) * (n / x.shape[-1])).astype(np.intp)
            missing = missing[..., np.minimum(nearest, n - 1)]
        window = self._window(x.shape[-1])
        x = x[..., window]
        missing = None if missing is None else missing[..., window]
        if self.clip is not None:
            x = clip_quantiles(x, *self.clip, missing=missing)
        if self.baseline_ms is not None:
            x = x - moving_median(x, 2 * round(self.baseline_ms / 2000 * self.rate) + 1)
        if self.standardise != "none":
            x = standardise(x, together=self.standardise == "recording", missing=missing)
        elif self.units_per_mv != 1:
            x = x * self.units_per_mv
        if missing is not None:
            x = np.where(missing, 0.0, x)
        lacking = self.n_samples - x.shape[-1]
        if lacking > 0:
            x = np.pad(x, ((0, 0), (0, lacking)), mode="edge" if self.short == "edge" else "constant")
        return x

    def _window(self, n: int) -> slice:
        spare = max(0, n - self.n_samples)
        start = {"start": 0, "centre": spare // 2, "end": spare}[self.long]
        return slice(start, start + self.n_samples)

    def to_json(self) -> str:
        """Return canonical JSON: every field, keys sorted, no blanks; equal values give equal text."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what `to_json` wrote. Raises PreprocessingError for anything else, such as a missing or unknown key."""
        try:
            fields = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise PreprocessingError("The preprocessing is not JSON. Export the model again.") from error
        if not isinstance(fields, dict):
            raise PreprocessingError("The preprocessing is not a JSON object. Export the model again.")
        known = {field.name for field in dataclasses.fields(cls)}
        if fields.keys() != known:
            wrong = ", ".join(sorted(repr(key)[:40] for key in fields.keys() ^ known)[:5])
            raise PreprocessingError(
                f"The preprocessing has unknown or missing entries: {wrong}. Export the model again."
            )
        return cls(**fields)

    def digest(self) -> str:
        """SHA-256 of the canonical JSON, in hexadecimal: the key of caches and the identity in a run's record."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def _alternatives(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        raise PreprocessingError(f"{name} is {value!r:.40}; give a positive number.")
    return float(value)


def _pair(name: str, value: object) -> tuple[float, float]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise PreprocessingError(f"{name} is {value!r:.40}; give two numbers.")
    if any(isinstance(v, bool) or not isinstance(v, int | float) or not 0 <= v < 1e9 for v in value):
        raise PreprocessingError(f"{name} is {value!r:.40}; give two numbers, not negative.")
    return float(value[0]), float(value[1])


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a key occurs twice")
    return fields


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _matches(p: Preprocessing, name: str) -> bool:
    defaults = {field.name: field.default for field in dataclasses.fields(p) if field.name != "preset"}
    expected = defaults | _DEFINITIONS[name]
    return all(getattr(p, key) == value for key, value in expected.items())


PRESETS: Mapping[str, Preprocessing] = MappingProxyType(
    {name: Preprocessing(preset=name, **values) for name, values in _DEFINITIONS.items()}
)


def preset(name: str, **changes: Any) -> Preprocessing:
    """Return the preset `name`, with `changes` to its fields if any are given (the result is then "custom").

    Raises PreprocessingError for an unknown name or field, saying which there are.
    """
    if name not in PRESETS:
        raise PreprocessingError(f"There is no preset {name!r:.40}. Use {_alternatives(tuple(PRESETS))}.")
    known = tuple(field.name for field in dataclasses.fields(Preprocessing) if field.name not in ("version", "preset"))
    for key in changes:
        if key not in known:
            raise PreprocessingError(f"Preprocessing has no setting {key!r:.40}. Use {_alternatives(known)}.")
    return dataclasses.replace(PRESETS[name], **changes)


def describe(p: Preprocessing) -> list[str]:
    """Return what `p` does to a recording, one plain sentence a step, in order."""
    lines = [
        f"Gaps of up to {MAX_GAP_S * 1000:g} ms are bridged by a straight line; longer ones become zero at the end."
    ]
    if p.bandpass is not None:
        low, high = p.bandpass
        lines.append(
            f"Band-pass {low:g} to {high:g} Hz: slower drift (breathing) and faster noise (muscle, mains) are removed "
            "without shifting the waves in time."
        )
    lines.append(f"Resampled to {p.rate:g} samples a second.")
    where = {"start": "first", "centre": "middle", "end": "last"}[p.long]
    lines.append(f"Of a longer recording the {where} {p.window_s:g} s are used.")
    if p.clip is not None:
        quantile, margin = p.clip
        lines.append(
            f"Outliers are clipped: in each lead, what lies more than {margin:g} times the range between the "
            f"{quantile * 100:g} % and {(1 - quantile) * 100:g} % quantiles beyond them."
        )
    if p.baseline_ms is not None:
        lines.append(f"Baseline: the moving median over {p.baseline_ms:g} ms is subtracted.")
        if p.baseline_ms < 600:
            lines.append("A baseline window this short also flattens the ST segment and the T wave.")
    if p.standardise == "none":
        unit = {1.0: "mV", 1000.0: "µV"}.get(p.units_per_mv, f"1/{p.units_per_mv:g} mV")
        lines.append(f"Amplitudes are given to the network in {unit}.")
    else:
        of = "each lead" if p.standardise == "lead" else "the recording, all leads together,"
        lines.append(f"The mean of {of} becomes 0 and its standard deviation 1, so absolute amplitudes are lost.")
    shorter = {"zero": "is filled up with zeros", "edge": "is filled up with its last value", "refuse": "is refused"}
    lines.append(
        f"A recording shorter than {p.window_s:g} s {shorter[p.short]}{'' if p.short == 'refuse' else ' at its end'}."
    )
    return lines
