"""What the uploader declares where a format is silent, and how it is settled with what the file itself says."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backend.ecg.errors import UndeclaredError
from backend.ecg.leads import LEADS, canonical_lead
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.recording import Declaration, Recording, Unit

DEFAULT_RATE = 500.0  # Hz, as in the original platform
DEFAULT_UNITS_PER_MV = 1000.0  # file values are µV


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """The uploader's declaration for formats that name no rate, unit or leads; what a file says itself goes first.

    `rate` in Hz (None: 500, with a note), `units_per_mv` file units in one mV (None: 1000, with a note), `unit`
    "arbitrary" for normalised data without a scale, `leads` the order of unnamed channels (None: canonical order).
    `partial` keeps recordings with fewer than twelve leads, for viewing. `raw` says that a file without any header
    holds little-endian int16 samples, the leads of one moment side by side.
    Raises UndeclaredError for a declaration that cannot be meant.
    """

    rate: float | None = None
    units_per_mv: float | None = None
    unit: Unit = "mV"
    leads: tuple[str, ...] | None = None
    partial: bool = False
    raw: bool = False

    def __post_init__(self) -> None:
        for what, value in (("sampling rate", self.rate), ("number of units per mV", self.units_per_mv)):
            if value is not None and not (math.isfinite(value) and value > 0):
                raise UndeclaredError(f"The declared {what} is {value:g}. Declare a positive number.")
        unknown = [lead for lead in self.leads or () if canonical_lead(lead) is None]
        if unknown:
            raise UndeclaredError(
                f"The declared lead order names {', '.join(unknown)}, which is none of {', '.join(LEADS)}. "
                "Name each column by its lead."
            )

    @property
    def order(self) -> tuple[str, ...]:
        """The leads of unnamed channels, in order; a declared name is meant as a lead, however short it is."""
        return tuple(canonical_lead(lead) or lead for lead in self.leads) if self.leads else LEADS


@dataclass(frozen=True, slots=True)
class Reader:
    """One format. `recognises` judges by content; `read` returns the recordings or raises an EcgError.

    `extensions` are for the page only. `declares_units` is False where the uploader may have to say rate, unit or
    leads. `source` names the standard, paper or description the reader follows. `third_party` marks a reader that
    hands the file (or those files of which it says so) to a library which may crash or hang, so that it is run in a
    process of its own.
    """

    name: str
    title: str
    extensions: tuple[str, ...]
    declares_units: bool
    recognises: Callable[[FileSet], bool]
    read: Callable[[FileSet, ReadOptions, Limits], list[Recording]]
    source: str = ""
    third_party: bool | Callable[[FileSet], bool] = False


@dataclass(frozen=True, slots=True)
class Scale:
    """Rate in Hz, factor (12 or fewer) from file units to mV (1 for arbitrary units), and how they were settled.

    `declared` names what the file left open.
    """

    rate: float
    factors: tuple[float, ...]
    unit: Unit
    notes: tuple[str, ...]
    declared: tuple[Declaration, ...]


def settle_rate(options: ReadOptions, stated: float | None, where: str = "The file") -> tuple[float, tuple[str, ...]]:
    """Return the rate in Hz, and a note where a default was applied or the file contradicts the uploader."""
    if stated is not None:
        if options.rate is not None and abs(options.rate - stated) > 1e-3 * stated:
            return stated, (f"{where} states {stated:g} Hz, so the declared {options.rate:g} Hz was not used.",)
        return stated, ()
    if options.rate is not None:
        return options.rate, ()
    return DEFAULT_RATE, (f"No sampling rate is stated or declared: {DEFAULT_RATE:g} Hz was assumed.",)


def settle_scale(
    options: ReadOptions, stated_rate: float | None, stated_mv: Sequence[float | None], where: str = "The file"
) -> Scale:
    """Settle rate and units of a file from its own statements first, then the uploader's, then the defaults.

    `stated_mv` holds for each lead how many mV one unit of the file is, None where the file does not say.
    """
    rate, notes = settle_rate(options, stated_rate, where)
    left_open: tuple[Declaration, ...] = () if stated_rate is not None else ("rate",)
    if None in stated_mv:
        left_open += ("unit",)
    stated = [factor for factor in stated_mv if factor is not None]
    if options.unit == "arbitrary":
        if stated:
            notes += (f"{where} states voltage units; it was read without a scale because the upload says so.",)
        return Scale(rate, (1.0,) * len(stated_mv), "arbitrary", notes, left_open)
    declared = 1 / (options.units_per_mv or DEFAULT_UNITS_PER_MV)
    if stated and options.units_per_mv is not None and any(abs(f - declared) > 1e-6 * f for f in stated):
        notes += (f"{where} states its units, so the declared {options.units_per_mv:g} units per mV were not used.",)
    if len(stated) < len(stated_mv) and options.units_per_mv is None:
        notes += (f"No unit is stated or declared: {DEFAULT_UNITS_PER_MV:g} units per mV (µV) were assumed.",)
    return Scale(rate, tuple(declared if f is None else f for f in stated_mv), "mV", notes, left_open)
