"""What the uploader declares where a format is silent, and how it is settled with what the file itself says.

Nothing is assumed: what neither says is asked for.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UndeclaredError
from backend.ecg.leads import LEADS, canonical_lead, leads_among, shown
from backend.ecg.readers.no_signal import refuse_classes
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.readers.undeclared import ask
from backend.ecg.readers.units import millivolts
from backend.ecg.recording import Declaration, Recording, Unit


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """The uploader's declaration for formats that name no rate, unit or leads; what a file says itself goes first.

    `rate` in Hz, `units_per_mv` file units in one mV, `unit` "arbitrary" for normalised data without a scale, `leads`
    the order of channels without names or with numbers for names (None: canonical order). A file that says neither
    rate nor unit is refused without a declaration, never read by a default. `partial` keeps recordings with fewer than
    twelve leads, for viewing. `raw` says that a file without any header holds little-endian int16 samples, the leads of
    one moment side by side.
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

    def named(self, names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the names of channels, the declared leads in place of numbers, and a note where they were put there.

        Channels are taken for numbered where none is named by a lead and as many as there are declared leads differ in
        a number alone ("ECG1" … "ECG12").
        """
        if not self.leads or any(leads_among(names)):
            return tuple(names), ()
        kinds = [re.sub(r"\d+", "#", name) for name in names]
        kind = next((one for one in dict.fromkeys(kinds) if kinds.count(one) == len(self.leads)), None)
        rows = [row for row, one in enumerate(kinds) if one == kind]
        if len(names) == len(self.leads):
            rows = list(range(len(names)))
        elif kind is None:
            return tuple(names), ()
        out = list(names)
        for row, lead in zip(rows, self.order, strict=True):
            out[row] = lead
        numbered = shown([names[row] for row in rows])
        return tuple(out), (f"The names {numbered} were read as {', '.join(self.leads)}, as declared.",)


@dataclass(frozen=True, slots=True)
class Reader:
    """One format. `recognises` judges by content; `read` returns the recordings or raises an EcgError.

    `extensions` are for the page only. `declares_units` is False where the uploader may have to say rate, unit or
    leads. `source` names the standard, paper or description the reader follows. `third_party` marks a reader that
    hands the file (or those files of which it says so) to a library which may crash or hang, so that it is run in a
    process of its own. `library` is one of `backend.ecg.extras`, where it need not be installed.
    """

    name: str
    title: str
    extensions: tuple[str, ...]
    declares_units: bool
    recognises: Callable[[FileSet], bool]
    read: Callable[[FileSet, ReadOptions, Limits], list[Recording]]
    source: str = ""
    third_party: bool | Callable[[FileSet], bool] = False
    library: str = ""


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
    if options.rate is None:
        raise UndeclaredError(f"{where} states no sampling rate: declare it in Hz (rate).")
    return options.rate, ()


def settle_scale(
    options: ReadOptions,
    stated_rate: float | None,
    stated_mv: Sequence[float | None],
    values: NDArray[np.generic],
    where: str = "The file",
) -> Scale:
    """Settle rate and units of a file from its own statements first, then the uploader's.

    `stated_mv` holds for each lead how many mV one unit of the file is, None where the file does not say; `values` are
    the samples of the leads (k, n) in the unit of the file. Raises UndeclaredError for what neither says, with the
    likeliest answers, and UnreadableFileError for values that are classes and no samples.
    """
    refuse_classes(values, where)
    left_open: tuple[Declaration, ...] = () if stated_rate is not None else ("rate",)
    if None in stated_mv:
        left_open += ("unit",)
    unsaid = [
        what for what in left_open
        if (options.rate if what == "rate" else options.units_per_mv or options.unit == "arbitrary" or None) is None
    ]  # fmt: skip
    if unsaid:
        raise ask(unsaid, values)
    rate, notes = settle_rate(options, stated_rate, where)
    stated = [factor for factor in stated_mv if factor is not None]
    if options.unit == "arbitrary":
        if stated:
            notes += (f"{where} states voltage units; it was read without a scale because the upload says so.",)
        return Scale(rate, (1.0,) * len(stated_mv), "arbitrary", notes, left_open)
    declared = 1 / (options.units_per_mv or 1.0)
    if stated and options.units_per_mv is not None and any(abs(f - declared) > 1e-6 * f for f in stated):
        notes += (f"{where} states its units, so the declared {options.units_per_mv:g} units per mV were not used.",)
    return Scale(rate, tuple(declared if f is None else f for f in stated_mv), "mV", notes, left_open)


def settle_unit(unit: str | None, lead: str, options: ReadOptions) -> float:
    """Return how many mV one `unit` of a lead is, as the file states it, or else the uploader.

    A unit that is no voltage ("NU", "adu") is 1 where the uploader declares values without a scale. Raises
    UndeclaredError where nobody says what it is.
    """
    factor = millivolts(unit) if unit else None
    if factor is not None:
        return factor
    if options.unit == "arbitrary":
        return 1.0
    if options.units_per_mv is not None:
        return 1 / options.units_per_mv
    if not unit:
        raise UndeclaredError(
            f"Lead {shown([lead])} states no unit. Declare how many units of the file are one mV (units per mV)."
        ).offering({"units_per_mv": 1000.0}, {"units_per_mv": 1.0}, {"units_per_mv": 200.0})
    raise UndeclaredError(
        f"Lead {shown([lead])} is in '{shown([unit])}', which is no voltage. If its values are normalised, declare "
        "them so (arbitrary), and they are read without a scale; if you know it, declare how many of its "
        "units are one mV."
    ).offering({"unit": "arbitrary"})
