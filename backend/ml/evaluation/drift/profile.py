"""What is kept of the ECGs that a model learned from, so that others can be held against it where they are not.

Aggregates only: means, directions and variances of embeddings, quantiles and shares of signal statistics. Each patient
counts by one ECG, so that a few with many do not make the picture.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.ecg.signal_statistics import FLAGS, NUMBERS
from backend.ml.errors import ModelInvalidError
from backend.ml.evaluation.drift import mmd
from backend.ml.evaluation.drift.distance import MOST, Cloud, fit, own_distances
from backend.ml.strict_json import Fields, parse_json

FEWEST: Final = 40
"""Patients; of fewer, an aggregate would say too much of each, and too little of ECGs."""
USED: Final = 1000  # patients of whom a profile is made, at most, drawn by lot
LEVELS: Final = (0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95)
FEW: Final = 5  # patients beyond a quantile, at least
MAX_BYTES: Final = 4 << 20
_VERSION: Final = 1
_EMBEDDING: Final = 4096  # numbers
_LARGEST: Final = 1e9
_WHAT: Final = "The training profile of the model"

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """N recordings: embeddings (N, e), NUMBERS (N, 29) with NaN, FLAGS (N, 4), declared rates in Hz, patients."""

    embeddings: Float
    numbers: Float
    flags: NDArray[np.bool_]
    rates: Sequence[float]
    patients: Sequence[str | None]

    def one_each(self) -> "Measured":
        """Return the first recording of each patient; one without a name counts as a patient of its own."""
        seen: set[str] = set()
        kept = []
        for place, patient in enumerate(self.patients):
            if patient is None or patient not in seen:
                kept.append(place)
            if patient is not None:
                seen.add(patient)
        return self.some(np.array(kept, np.intp))

    def some(self, rows: NDArray[np.intp]) -> "Measured":
        """Return the recordings at these places."""
        return Measured(
            self.embeddings[rows], self.numbers[rows], self.flags[rows], [self.rates[i] for i in rows.tolist()],
            [self.patients[i] for i in rows.tolist()],
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """The ECGs of `n` patients that a model learned from; `embedder` is the hash of the network that embeds.

    `scale` (e,) are standard deviations, `width`, `features` (f,) and `spectrum` (f,) those of `mmd`, `far` quantiles
    of distances at LEVELS. `quantiles` are those of each of NUMBERS that is known, `shares` says of how many of the n
    each of FLAGS holds, `rates` how often each sampling rate (Hz) was declared.
    """

    n: int
    embedder: str
    cloud: Cloud
    scale: Float
    width: float
    features: Float
    spectrum: Float
    far: Float
    quantiles: Mapping[str, Float]
    shares: Mapping[str, float]
    rates: Mapping[float, float]

    @property
    def levels(self) -> Float:
        """LEVELS as they are kept: beyond each quantile there are FEW patients."""
        return kept_levels(self.n)

    def standardised(self, embeddings: Float) -> Float:
        """Return embeddings (n, e) in standard deviations from the mean of the training."""
        return (embeddings - self.cloud.mean) / self.scale

    def quantile(self, name: str, level: float) -> float:
        """Return a quantile of one of NUMBERS, or of the distances ("far"), at one of LEVELS."""
        values = self.far if name == "far" else self.quantiles[name]
        return float(values[LEVELS.index(level)])

    def to_bytes(self) -> bytes:
        """Return JSON; equal profiles give equal bytes. Numbers have five digits."""
        data = {
            "version": _VERSION, "n": self.n, "embedder": self.embedder,
            "mean": _short(self.cloud.mean), "directions": [_short(one) for one in self.cloud.directions],
            "variances": _short(self.cloud.variances), "rest": _short([self.cloud.rest])[0],
            "scale": _short(self.scale), "width": _short([self.width])[0], "features": _short(self.features),
            "spectrum": _short(self.spectrum), "far": _short(self.far),
            "quantiles": {name: _short(values) for name, values in self.quantiles.items()},
            "shares": {name: round(share, 4) for name, share in self.shares.items()},
            "rates": {f"{rate:g}": round(share, 4) for rate, share in self.rates.items()},
        }  # fmt: skip
        return json.dumps(data, allow_nan=False, separators=(",", ":"), sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Profile":
        """Read what `to_bytes` gave; raises ModelInvalidError for anything else, also for more than aggregates."""
        read = Fields(parse_json(data, _WHAT, ModelInvalidError, limit=MAX_BYTES), _WHAT, ModelInvalidError)
        if read.integer("version", 1, 1_000_000) > _VERSION:
            raise ModelInvalidError(f"{_WHAT} was made by a newer version of the platform. Update to read it.")
        mean = _numbers(read, "mean", None)
        directions = read.value("directions")
        if not isinstance(directions, list) or not 1 <= len(directions) <= MOST:
            raise read.fault("directions", f"1 to {MOST} lists of numbers")
        rows = [_numbers(Fields({"one": one}, _WHAT, ModelInvalidError), "one", len(mean)) for one in directions]
        cloud = Cloud(
            mean, np.array(rows), _numbers(read, "variances", len(rows), low=1e-12),
            read.number("rest", 1e-12, _LARGEST),
        )  # fmt: skip
        quantiles, shares, rates = (read.mapping(name) for name in ("quantiles", "shares", "rates"))
        if set(quantiles) - set(NUMBERS) or set(shares) - set(FLAGS) or len(rates) > 100:
            raise ModelInvalidError(f"{_WHAT} holds statistics that this version does not know. Update to read it.")
        of = Fields(quantiles, f"{_WHAT}, quantiles", ModelInvalidError)
        part, often = Fields(shares, f"{_WHAT}, shares", ModelInvalidError), Fields(rates, _WHAT, ModelInvalidError)
        profile = cls(
            n=read.integer("n", FEWEST, 1_000_000_000), embedder=_hash(read), cloud=cloud,
            scale=_numbers(read, "scale", len(mean), low=1e-12), width=read.number("width", 1e-12, _LARGEST),
            features=_numbers(read, "features", 2 * mmd.FREQUENCIES),
            spectrum=_numbers(read, "spectrum", 2 * mmd.FREQUENCIES, low=0.0), far=_numbers(read, "far", len(LEVELS)),
            quantiles={name: _numbers(of, name, len(LEVELS)) for name in quantiles},
            shares={name: part.number(name, 0, 1) for name in shares},
            rates={_rate(rate): often.number(rate, 0, 1) for rate in rates},
        )  # fmt: skip
        read.done()
        return profile


def kept_levels(n: int) -> Float:
    """Return LEVELS for n patients, moved inwards where fewer than FEW would lie beyond."""
    return np.clip(LEVELS, FEW / n, 1 - FEW / n)


def make(training: Measured, embedder: str) -> Profile | None:
    """Return the profile of the ECGs of a training; None where fewer than FEWEST patients have a sound embedding."""
    people = training.one_each()
    sound = np.flatnonzero(np.isfinite(people.embeddings).all(axis=1))
    if len(sound) < FEWEST:
        return None
    people = people.some(sound)
    x = people.embeddings
    cloud, scale = fit(x), np.maximum(1e-6, x.std(axis=0))
    standard = (x - cloud.mean) / scale
    width = mmd.median_distance(standard)
    features = mmd.features(standard, width)
    quantiles = {}
    for place, name in enumerate(NUMBERS):
        known = people.numbers[:, place]
        known = known[np.isfinite(known)]
        if len(known) >= FEWEST and 2 * len(known) >= len(x):
            quantiles[name] = np.quantile(known, kept_levels(len(known)))
    rates, counts = np.unique(np.asarray(people.rates, np.float64), return_counts=True)
    return Profile(
        n=len(x), embedder=embedder, cloud=cloud, scale=scale, width=width, features=features.mean(axis=0),
        spectrum=mmd.spectrum(features), far=np.quantile(own_distances(x), kept_levels(len(x))), quantiles=quantiles,
        shares={name: float(people.flags[:, place].mean()) for place, name in enumerate(FLAGS)},
        rates={float(r): float(c) / len(x) for r, c in zip(rates, counts, strict=True) if c >= FEW},
    )  # fmt: skip


def _short(values: Any) -> list[float]:
    return [float(f"{value:.5g}") for value in np.asarray(values, np.float64).tolist()]


def _numbers(read: Fields, name: str, n: int | None, low: float = -_LARGEST) -> Float:
    found = np.array(read.numbers(name, low, _LARGEST, most=_EMBEDDING))
    if not len(found) or (n is not None and len(found) != n):
        raise read.fault(name, f"a list of {n or 'some'} numbers")
    return found


def _hash(read: Fields) -> str:
    """Return the hash of the embedder: nothing else may stand there, as nobody would see what it tells."""
    found = read.text("embedder", longest=64)
    if len(found) != 64 or not set(found) <= set("0123456789abcdef"):
        raise read.fault("embedder", "64 hexadecimal digits")
    return found


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not 0 < rate < 1e6:
        raise ModelInvalidError(f"{_WHAT} names a sampling rate {text[:20]!r} that is none. Export the model again.")
    return rate
