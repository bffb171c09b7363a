"""What a file leaves open and nobody has declared: asked for, with the likeliest answers and what each would mean."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UndeclaredError
from backend.ecg.heart_rate import estimate_heart_rate
from backend.ecg.leads import LEADS
from backend.ecg.recording import Declaration

_RATES = (500.0, 250.0, 1000.0, 400.0, 360.0, 200.0, 125.0, 100.0)  # Hz, the most usual of ECG devices first
_SECONDS = (10.0, 12.0, 5.0, 30.0, 60.0)  # how long recordings usually are
_UNITS = ((1.0, "mV", 0.0), (1000.0, "µV", 0.0), (200.0, "steps of 5 µV", 0.7))  # units in one mV; how unusual
_USUAL_MV = 2.5  # from peak to peak of the largest lead
_HEART = 70.0  # beats a minute
_SHOWN = 3
_LOOKED_AT = 60_000  # samples


def ask(left_open: Iterable[Declaration], values: NDArray[np.generic]) -> UndeclaredError:
    """Return the error that asks for the rate or the unit of a file, or both.

    `values` are samples (k, n) of leads in the unit of the file.
    """
    known = set(left_open)
    few = np.nan_to_num(values[:, :_LOOKED_AT].astype(np.float64)).clip(-1e9, 1e9)
    signal = np.resize(few, (len(LEADS), few.shape[1])).astype(np.float32)
    rates, units_found = likely_rates(signal, values.shape[1]), likely_units(signal)
    parts = []
    if "rate" in known:
        parts.append(f"It states no sampling rate: declare it in Hz (rate). Likely are {_listed(rates)}.")
    if "unit" in known:
        parts.append(
            "It states no unit: declare how many of its units are one mV (units per mV), or that the values are "
            f"normalised (arbitrary). Likely are {_listed(units_found)}."
        )
    offers: list[dict[str, float | str | bool]] = []
    if "rate" in known:
        offers.extend({"rate": hertz} for hertz, _ in rates)
    if "unit" in known:
        offers.extend({"units_per_mv": units} for units, _ in units_found)
        offers.append({"unit": "arbitrary"})
    return UndeclaredError(" ".join(parts)).offering(*offers)


def likely_rates(signal: NDArray[np.float32], n: int) -> list[tuple[float, str]]:
    """Return the three likeliest rates in Hz of a signal (12, m), the start of `n` samples, and what each means."""
    found: list[tuple[float, float, str]] = []
    for place, hertz in enumerate(_RATES):
        heart = estimate_heart_rate(signal, hertz)
        off = min(abs(np.log(n / hertz / seconds)) for seconds in _SECONDS) + 0.02 * place
        off += 0.0 if heart is None else 0.5 * abs(np.log(heart / _HEART))
        beats = "no heart rate can be told" if heart is None else f"{heart:.0f} beats a minute"
        found.append((float(off), hertz, f"{hertz:g} Hz ({n / hertz:.4g} s, {beats})"))
    return [(hertz, text) for _, hertz, text in sorted(found)[:_SHOWN]]


def likely_units(signal: NDArray[np.float32]) -> list[tuple[float, str]]:
    """Return three units, as how many are one mV, the likeliest first, each with the span it gives the largest lead."""
    span = float(np.ptp(signal, axis=1).max()) if signal.size else 0.0
    by_fit = sorted(_UNITS, key=lambda one: abs(np.log(max(span / one[0], 1e-9) / _USUAL_MV)) + one[2])
    return [(units, f"{units:g} ({name}: the largest lead spans {span / units:.3g} mV)") for units, name, _ in by_fit]


def _listed(choices: list[tuple[float, str]]) -> str:
    texts = [text for _, text in choices]
    return ", ".join(texts[:-1]) + " or " + texts[-1]
