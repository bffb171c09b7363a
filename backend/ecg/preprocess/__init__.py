"""Preprocessing as a value: what is done to an ECG before a network sees it, frozen, JSON, travelling with the model.

The steps, always in this order (docs/preprocessing.md says more of each):

1. gaps (NaN, infinite samples): filled by straight lines, so that filters can run;
2. notch, high-pass and band-pass at the recording's own rate, zero phase;
3. resampling of the whole recording to `rate`, by FFT or polyphase filter;
4. the window: `window_s` seconds from the start, centre or end of a longer recording;
5. clipping of outliers by quantiles of each lead;
6. baseline: the moving median over `baseline_ms`, in one stage or two, is subtracted;
7. z-score of each lead or of the recording, -1 to 1, or else the scale: mV times `units_per_mv`;
8. gaps longer than MAX_GAP_S become zero (they counted in none of the statistics of steps 5 and 7);
9. a shorter recording is padded at its end;
10. alignment: the beats are brought to 60 a minute, or made one beat (gaps and padding count as missing).
"""

import dataclasses
import hashlib
import json
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.ecg.errors import PreprocessingError
from backend.ecg.filters import (
    Float,
    Mask,
    clip_quantiles,
    fill_gaps,
    min_max,
    moving_median,
    standardise,
    two_stage_median,
)
from backend.ecg.preprocess import checks
from backend.ecg.preprocess.alignment import Alignment, aligned, aligned_length
from backend.ecg.resample import resample, resampled_length
from backend.ecg.zero_phase import bandpass, high_pass, mains_frequency, notch

__all__ = ["MAX_GAP_S", "ORIGINAL_STANDARDISERS", "PRESETS", "VERSION", "Preprocessing", "preset"]

VERSION = 3
MAX_GAP_S = 0.2
"""Longest gap, in seconds, that a straight line replaces for good; about two QRS complexes."""
ORIGINAL_STANDARDISERS: Mapping[str, str] = MappingProxyType(
    {"None": "none", "meanStd": "recording", "minMax": "minmax"}
)
"""The original platform's `standardizer` -> `standardise`."""

_LEADS_AT_ONCE = 3
_DEFINITIONS: Mapping[str, dict[str, Any]] = {
    "exchangeai": {},
    "paper": {"baseline_ms": 200.0},
    "clinical": {"bandpass": (0.5, 40.0), "baseline_ms": None, "clip": None, "standardise": "lead"},
    "st_preserving": {"high_pass": 0.5, "edges": "mirror", "baseline_ms": None},
}
_SINCE_2, _SINCE_3 = {"since": 2}, {"since": 3}  # of a field: the first version that can say it


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocessing:
    """How a recording becomes the input of a network. The defaults are the preset `exchangeai`.

    `preset` names the preset whose values these are; with any other value it reads "custom" of its own accord.
    `notch` (Hz, or "auto": 50 or 60 where hum is found), `high_pass` and `bandpass` (Hz) are zero-phase filters;
    `resampling` and `edges` are those of `resample.resample`. `clip` is (quantile, margin) of `filters.clip_quantiles`.
    `baseline_ms` is the length of the moving median in ms, rounded to 2k + 1 samples with
    k = round(baseline_ms / 2000 · rate); with the `baseline` "two_stage" one over a third of it comes first.
    `standardise` "lead" and "recording" are z-scores, "minmax" maps the recording to -1..1; `units_per_mv` is the scale
    the network expects (1 = mV, 1000 = µV) and has no effect on these.
    `align` "series" and "median_beat" are those of `preprocess_align.aligned`.
    `version` is the lowest in which the values can be written: 1 without what version 2 brought (`resampling`,
    `edges`, `high_pass`, `notch`, `baseline`, "minmax"), 2 without `align`.
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
    standardise: Literal["none", "lead", "recording", "minmax"] = "none"
    units_per_mv: float = 1.0
    resampling: Literal["fft", "polyphase"] = field(default="fft", metadata=_SINCE_2)
    edges: Literal["periodic", "mirror"] = field(default="periodic", metadata=_SINCE_2)
    high_pass: float | None = field(default=None, metadata=_SINCE_2)
    notch: float | Literal["auto"] | None = field(default=None, metadata=_SINCE_2)
    baseline: Literal["median", "two_stage"] = field(default="median", metadata=_SINCE_2)
    align: Alignment | None = field(default=None, metadata=_SINCE_3)

    def __post_init__(self) -> None:
        if type(self.version) is not int or not 1 <= self.version <= VERSION:
            raise PreprocessingError(
                f"This preprocessing has version {self.version!r:.40}; this platform knows versions 1 to {VERSION}. "
                "Update the platform, or train the model again."
            )
        for name in checks.CHOICES:
            checks.choice(name, getattr(self, name))
        set_field = object.__setattr__
        for name in ("rate", "window_s", "units_per_mv"):
            set_field(self, name, checks.number(name, getattr(self, name)))
        for name in ("baseline_ms", "high_pass", "notch"):
            if getattr(self, name) is not None and getattr(self, name) != "auto":
                set_field(self, name, checks.number(name, getattr(self, name)))
        for name in ("bandpass", "clip"):
            if getattr(self, name) is not None:
                set_field(self, name, checks.pair(name, getattr(self, name)))
        checks.window(self.rate, self.window_s)
        if self.align is not None:
            aligned_length(self.align, self.rate, self.window_s)
        checks.filters(self.bandpass, self.high_pass, self.clip, self.baseline_ms)
        if self.preset not in (*_DEFINITIONS, "custom"):
            raise PreprocessingError(
                f"There is no preset {self.preset!r:.40}. Use {checks.alternatives((*_DEFINITIONS, 'custom'))}."
            )
        if self.preset != "custom" and not _matches(self, self.preset):
            set_field(self, "preset", "custom")
        old = self.standardise != "minmax" and _has_defaults(self, _later(1))
        set_field(self, "version", 3 if self.align is not None else 1 if old else 2)

    @property
    def n_samples(self) -> int:
        """Samples a lead of the result."""
        return self._window if self.align is None else aligned_length(self.align, self.rate, self.window_s)

    @property
    def _window(self) -> int:
        """Samples a lead of the window."""
        return max(1, round(self.window_s * self.rate))

    def __call__(self, signal: ArrayLike, rate: float) -> NDArray[np.float32]:
        """Preprocess one recording (leads, n) or a batch (..., leads, n), in mV at `rate` Hz.

        NaN marks missing samples. Returns finite float32 (..., leads, n_samples). A recording's result does not
        depend on the others in the batch.
        Raises PreprocessingError for an empty signal, an impossible rate, a short recording where `short` is "refuse",
        or a recording whose beats cannot be aligned where `align` asks for it.
        """
        batch = self._checked(signal, rate)
        result = np.empty((*batch.shape[:-1], self.n_samples), dtype=np.float32)
        for index in np.ndindex(batch.shape[:-2]):
            # A recording at a time stays in the processor's cache: quicker than whole batches, and bitwise the same
            # in any company.
            x, missing = self._resampled(batch[index], float(rate))
            spare = max(0, x.shape[-1] - self._window)
            start = {"start": 0, "centre": spare // 2, "end": spare}[self.long]
            result[index] = self._finished(x, missing, start)
        return result

    def windows(self, signal: ArrayLike, rate: float, stride_s: float) -> Iterator[tuple[float, NDArray[np.float32]]]:
        """Yield start (s) and result (leads, n_samples) of windows of a recording (leads, n), `stride_s` s apart.

        The recording is filtered and resampled once. The last window ends with the recording where the stride leaves a
        rest; a recording shorter than a window gives one. `long` has no effect. Raises as a call does, and for a stride
        that is not positive.
        """
        stride = max(1, round(checks.number("stride_s", stride_s) * self.rate))
        x, missing = self._resampled(self._checked(signal, rate), float(rate))
        spare = max(0, x.shape[-1] - self._window)
        for start in sorted({*range(0, spare + 1, stride), spare}):
            yield start / self.rate, self._finished(x, missing, start).astype(np.float32)

    def _checked(self, signal: ArrayLike, rate: float) -> NDArray[Any]:
        batch = np.asarray(signal)
        if batch.ndim < 2 or batch.shape[-1] < 1:
            raise PreprocessingError(f"A recording needs leads and samples; this one has the shape {batch.shape}.")
        if not (np.isfinite(rate) and rate > 0):
            raise PreprocessingError(f"{rate:g} Hz is no sampling rate. Give a positive number of samples a second.")
        n = resampled_length(batch.shape[-1], rate, self.rate)
        if n < self._window and self.short == "refuse":
            raise PreprocessingError(
                f"The recording lasts {batch.shape[-1] / rate:g} s, the network needs {self.window_s:g} s. "
                "Leave it out, or choose padding for short recordings."
            )
        return batch

    def _resampled(self, signal: NDArray[Any], rate: float) -> tuple[Float, Mask | None]:
        """Steps 1 to 3: the whole recording at the new rate, and which samples are in long gaps."""
        mains = mains_frequency(fill_gaps(signal, np.inf)[0], rate) if self.notch == "auto" else self.notch
        # A few leads at a time: arrays of half a megabyte are given back to the system after each step.
        parts = [
            self._resampled_leads(signal[at : at + _LEADS_AT_ONCE], rate, mains)
            for at in range(0, len(signal), _LEADS_AT_ONCE)
        ]
        x = np.concatenate([part for part, _ in parts])
        if all(gaps is None for _, gaps in parts):
            return x, None
        return x, np.concatenate([np.zeros(part.shape, np.bool_) if gaps is None else gaps for part, gaps in parts])

    def _resampled_leads(self, signal: NDArray[Any], rate: float, mains: float | None) -> tuple[Float, Mask | None]:
        x, missing = fill_gaps(signal, MAX_GAP_S * rate)
        n = x.shape[-1]
        if mains is not None:
            x = notch(x, rate, mains)
        if self.high_pass is not None:
            x = high_pass(x, rate, self.high_pass)
        if self.bandpass is not None:
            x = bandpass(x, rate, *self.bandpass)
        x = resample(x, rate, self.rate, self.resampling, self.edges)
        if missing is not None and x.shape[-1] != n:
            nearest = np.rint(np.arange(x.shape[-1]) * (n / x.shape[-1])).astype(np.intp)
            missing = missing[..., np.minimum(nearest, n - 1)]
        return x, missing

    def _finished(self, signal: NDArray[np.float64], gaps: NDArray[np.bool_] | None, start: int) -> NDArray[np.float64]:
        window = slice(start, start + self._window)
        x, missing = signal[..., window], None if gaps is None else gaps[..., window]
        if self.clip is not None:
            x = clip_quantiles(x, *self.clip, missing=missing)
        if self.baseline_ms is not None:
            size, third = (2 * round(ms / 2000 * self.rate) + 1 for ms in (self.baseline_ms, self.baseline_ms / 3))
            x = x - (two_stage_median(x, third, size) if self.baseline == "two_stage" else moving_median(x, size))
        if self.standardise == "minmax":
            x = min_max(x, missing=missing)
        elif self.standardise != "none":
            x = standardise(x, together=self.standardise == "recording", missing=missing)
        elif self.units_per_mv != 1:
            x = x * self.units_per_mv
        if self.align is not None:
            known = x if missing is None else np.where(missing, np.nan, x)
            return aligned(known, self.rate, self.align, self.window_s).astype(np.float64)
        if missing is not None:
            x = np.where(missing, 0.0, x)
        lacking = self._window - x.shape[-1]
        if lacking > 0:
            x = np.pad(x, ((0, 0), (0, lacking)), mode="edge" if self.short == "edge" else "constant")
        return x

    def to_json(self) -> str:
        """Return canonical JSON: every field of its version, keys sorted, no blanks; equal values give equal text."""
        fields = dataclasses.asdict(self)
        fields = {name: value for name, value in fields.items() if name not in _later(self.version)}
        return json.dumps(fields, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what `to_json` wrote, of any version up to VERSION.

        Raises PreprocessingError for anything else, such as a missing or unknown key.
        """
        fields = checks.json_object(text)
        known = {item.name for item in dataclasses.fields(cls)} - _later(fields.get("version"))
        if fields.keys() != known:
            wrong = ", ".join(sorted(repr(key)[:40] for key in fields.keys() ^ known)[:5])
            raise PreprocessingError(
                f"The preprocessing has unknown or missing entries: {wrong}. Export the model again."
            )
        read = cls(**fields)
        if read.version > fields["version"]:
            raise PreprocessingError("standardise is 'minmax', which version 1 does not know; export the model again.")
        return read

    def digest(self) -> str:
        """SHA-256 of the canonical JSON, in hexadecimal: the key of caches and the identity in a run's record."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def _later(version: object) -> set[str]:
    """Return the fields that a version does not know."""
    since = {item.name: item.metadata.get("since", 1) for item in dataclasses.fields(Preprocessing)}
    return {name for name, known in since.items() if version in range(1, known)}


def _has_defaults(p: Preprocessing, names: Container[str]) -> bool:
    return all(getattr(p, item.name) == item.default for item in dataclasses.fields(p) if item.name in names)


def _matches(p: Preprocessing, name: str) -> bool:
    defaults = {item.name: item.default for item in dataclasses.fields(p) if item.name not in ("version", "preset")}
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
        raise PreprocessingError(f"There is no preset {name!r:.40}. Use {checks.alternatives(tuple(PRESETS))}.")
    known = tuple(item.name for item in dataclasses.fields(Preprocessing) if item.name not in ("version", "preset"))
    for key in changes:
        if key not in known:
            raise PreprocessingError(f"Preprocessing has no setting {key!r:.40}. Use {checks.alternatives(known)}.")
    return dataclasses.replace(PRESETS[name], **changes)
