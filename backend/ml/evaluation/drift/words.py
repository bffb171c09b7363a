"""What the drift check says, in words."""

from typing import Final

from backend.ml.evaluation.drift.statistics import FlagShare, StatisticShift

_NUMBERS: Final = {
    "heart_rate": ("Heart rate", "/min"), "noise": ("Noise", "µV"), "wander": ("Baseline wander", "mV"),
    "mains": ("Mains hum", "µV"), "bandwidth": ("Bandwidth", "Hz"), "slow": ("Power below 5 Hz", ""),
}  # fmt: skip
FLAGS: Final = {
    "flat_lead": "a flat lead",
    "limb_swap": "limb electrodes that seem interchanged",
    "inconsistent": "limb leads that do not fit each other (I + III = II)",
    "missing_samples": "missing samples",
}


def title(name: str) -> str:
    """Return a statistic by its name for people: “Amplitude in V2”."""
    if name in _NUMBERS:
        return _NUMBERS[name][0]
    kind, *leads = name.split("_")
    return f"Amplitude in {leads[0]}" if kind == "amplitude" else f"Correlation of {leads[0]} and {leads[1]}"


def value(name: str, number: float) -> str:
    """Return a value of a statistic with its unit."""
    if name in _NUMBERS:
        unit = _NUMBERS[name][1]
        if not unit:
            return f"{number:.0%}"
        digits = 0 if abs(number) >= 20 else 2
        return f"{number:.{digits}f}{'' if unit.startswith('/') else ' '}{unit}"
    return f"{number:.2f} mV" if name.startswith("amplitude") else f"{number:.2f}"


def of_shift(one: StatisticShift) -> str:
    """Say how a statistic differs."""
    return f"{title(one.name)}: median {value(one.name, one.here)} here, {value(one.name, one.usual)} in training."


def of_share(one: FlagShare) -> str:
    """Say how much more often something is wrong."""
    return f"{one.here:.0%} have {FLAGS[one.name]}; in training {one.usual:.0%}."
