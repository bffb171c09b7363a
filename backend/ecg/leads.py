"""The twelve standard leads: canonical order, names, derivation of the augmented limb leads, consistency."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import MissingLeadsError

LEADS: tuple[str, ...] = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
LIMB_LEADS = LEADS[:6]
CHEST_LEADS = LEADS[6:]

_CLEAR = {lead.upper(): lead for lead in LEADS} | {
    "DI": "I", "DII": "II", "DIII": "III", "D1": "I", "D2": "II", "D3": "III",
    "L1": "I", "L2": "II", "L3": "III", "VR": "aVR", "VL": "aVL", "VF": "aVF",
}  # fmt: skip
# They also name bare channels (1, 2, 3), electrodes (R, L, F) and places on the head (C3), so one alone says nothing.
_VAGUE = {
    "1": "I", "2": "II", "3": "III", "R": "aVR", "L": "aVL", "F": "aVF",
    "C1": "V1", "C2": "V2", "C3": "V3", "C4": "V4", "C5": "V5", "C6": "V6",
}  # fmt: skip
_COUNTED = re.compile(r"(|D|L|V|C)0*(\d{1,4})")  # the spellings above that end in a number
_HIGHEST = {"V": 9, "C": 9}  # V7 to V9 are leads of the back
_LIMBS = 3
_NEAR = 0.05  # of the augmented lead
_ROMAN = {"IV", "V", "VI"}
_MOST_SHOWN, _LONGEST_SHOWN = 16, 24
_NUMBERED = 8  # channels that may be the leads of an ECG, named by numbers
_PREFIX = re.compile(r"^((MDC_ECG_LEAD|ECG|EKG|LEAD|ABLEITUNG)[\s_:]+|(ECG|EKG|LEAD)-)+")
_SUFFIX = re.compile(r"(?:-REF|\s*\((?:LIMB|CHEST|PRECORDIAL)(?: LEADS?)?\))$")
_NOISE = re.compile(r"[\s_.]|(?<=V)-(?=\d)|\((MV|UV|µV|ΜV|V)\)|\[(MV|UV|µV|ΜV|V)\]")


def canonical_lead(name: str) -> str | None:
    """Return the canonical name for a lead as devices write it ("avr", "Lead II", "MDC_ECG_LEAD_V1"), else None.

    A lead with another meaning, such as the modified lead MLII of Holter recordings or the inverted -aVR of the
    Cabrera order, is none of the twelve. Some short names ("1", "R", "C3") are leads only in a set that is complete
    with them, which `place_leads` decides.
    """
    if name in LEADS:
        return name
    text = _plain(name)
    return _CLEAR.get(text) or _VAGUE.get(text)


def leads_among(names: Sequence[str]) -> list[str | None]:
    """Return the lead of each name, as `canonical_lead` does, in a set of names: None for those that only count.

    V1 to V12, D1 to D8, 1 to 12 and I to XII are channels in an order that the names do not tell, as tables of R and
    devices number them: the third of them is no lead III, and the first no V1.
    """
    texts = [_plain(name) for name in names]
    counted = [_COUNTED.fullmatch(text) for text in texts]
    beyond = {one[1] for one in counted if one and int(one[2]) > _HIGHEST.get(one[1], _LIMBS)}
    roman = set(texts) >= _ROMAN
    return [
        None if (one and one[1] in beyond) or (roman and text in ("I", "II", "III")) else canonical_lead(name)
        for name, text, one in zip(names, texts, counted, strict=True)
    ]


def is_clear_lead(name: str) -> bool:
    """Whether a name is that of a lead and nothing else may be meant, as with "1", "R" and "C3"."""
    return _plain(name) in _CLEAR


def _plain(name: str) -> str:
    """The name in capitals without prefix, unit and punctuation; a sign at its start stays."""
    text = _SUFFIX.sub("", _PREFIX.sub("", name.strip().upper()))
    return text if text[:1] in ("-", "−") else _NOISE.sub("", text)


def shown(names: Sequence[str]) -> str:
    """List names out of a file for a note or a message: at most sixteen, each cut to what a lead's name may take."""
    cut = [" ".join(name.split())[:_LONGEST_SHOWN] or "(unnamed)" for name in names[:_MOST_SHOWN]]
    more = len(names) - _MOST_SHOWN
    return ", ".join(cut) + (f" and {more} more" if more > 0 else "")


@dataclass(frozen=True, slots=True)
class Placed:
    """Twelve leads in canonical order: `signal` is (12, n) float32 in the unit it came in.

    `rows` holds for each lead the row it came from, None for the `derived` and the `missing` ones; `left_out` names the
    rows that are none of the twelve leads. Missing leads are rows of NaN; `empty` are those leads that the source names
    without any sample.
    """

    signal: NDArray[np.float32]
    rows: tuple[int | None, ...]
    left_out: tuple[str, ...]
    missing: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()

    @property
    def derived(self) -> tuple[str, ...]:
        """The leads computed from others, in canonical order."""
        rows = zip(LEADS, self.rows, strict=True)
        return tuple(lead for lead, row in rows if row is None and lead not in self.missing)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out and what is missing, in plain words."""
        notes: tuple[str, ...] = ()
        if self.left_out:
            notes += (f"Left out, being none of the twelve leads: {shown(self.left_out)}.",)
        if self.empty:
            notes += (f"Without any sample in the file, and so taken as not there: {', '.join(self.empty)}.",)
        if self.missing:
            notes += (f"Kept for viewing only: the leads {', '.join(self.missing)} are missing.",)
        return notes

    def steps(self, steps: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Return the (12,) integer steps of the leads from the (k,) steps of the rows, None without a common one.

        Sums of two leads have their step, the augmented leads half of it.
        """
        limb = {float(steps[row]) for row in self.rows[:3] if row is not None}
        if self.derived and len(limb) > 1:
            return None
        common = limb.pop() if limb else float(np.min(steps))
        return np.array(
            [
                steps[row] if row is not None else common / (1 if lead in ("I", "II", "III") else 2)
                for lead, row in zip(LEADS, self.rows, strict=True)
            ]
        )


def place_leads(signal: NDArray[np.floating], names: Sequence[str], partial: bool = False) -> Placed:
    """Place leads by name in canonical order and derive missing limb leads.

    `signal` is (k, n) and `names` its k lead names, in any spelling. Channels that are none of the twelve leads are
    left out, and so is a lead without any sample (NaN throughout): it is not there. Any two of I, II and III give the
    third (Einthoven: II = I + III); I and II give aVR, aVL and aVF (Goldberger). Raises MissingLeadsError where a lead
    is named twice, and where one is missing that cannot be derived, unless `partial` allows that and there is at least
    one of the twelve.
    """
    named = _placed_by_name(names)
    named = _without_unaugmented(signal, names, named)
    placed = {lead: row for lead, row in named.items() if not _is_empty(signal[row])}
    empty = tuple(lead for lead in LEADS if lead in named and lead not in placed)
    if named and not placed:
        raise MissingLeadsError("It names leads and holds no sample of any. Export the recording with its signal.")
    left_out = [name for row, name in enumerate(names) if row not in named.values()]
    rows = tuple(placed.get(lead) for lead in LEADS)
    if rows == tuple(range(len(signal))) and signal.dtype == np.float32 and signal.flags.c_contiguous:
        return Placed(signal, rows, ())
    missing = _missing(placed)
    if missing and not (partial and placed):
        error = MissingLeadsError(_lacking(missing, list(placed), names, empty))
        orders = {len(order): ",".join(order) for order in (LEADS, (*LEADS[:2], *CHEST_LEADS))}
        if not placed:
            raise error.offering({"leads": orders[len(names)]}) if len(names) in orders and _numbered(names) else error
        raise error.offering({"partial": True})
    out = np.empty((len(LEADS), signal.shape[1]), np.float32)
    for target, source, lead in zip(out, rows, LEADS, strict=True):
        if source is not None:
            target[:] = signal[source]
        elif lead in missing:
            target[:] = np.nan
    if None in rows[: len(LIMB_LEADS)] and not set(missing) & set(LIMB_LEADS):
        _derive(out, {lead: signal[row] for lead, row in placed.items() if lead in LIMB_LEADS})
    return Placed(out, rows, tuple(left_out), tuple(missing), empty)


def _without_unaugmented(signal: NDArray[np.floating], names: Sequence[str], named: dict[str, int]) -> dict[str, int]:
    """Drop leads called VR, VL and VF that have two thirds of what I and II make of aVR, aVL and aVF: Wilson's own."""
    if not {"I", "II"} <= named.keys():
        return named
    one, two = signal[named["I"]], signal[named["II"]]
    augmented = {"aVR": -(one + two) / 2, "aVL": one - two / 2, "aVF": two - one / 2}
    kept = dict(named)
    for lead, expected in augmented.items():
        if lead in named and _plain(names[named[lead]]) in ("VR", "VL", "VF"):
            found = np.nan_to_num(signal[named[lead]] * expected).sum(dtype=np.float64)
            whole = np.nan_to_num(expected * expected).sum(dtype=np.float64)
            if whole > 0 and abs(found / whole - 2 / 3) < _NEAR:
                del kept[lead]
    return kept


def _is_empty(samples: NDArray[np.floating]) -> bool:
    return bool(samples.size and np.isnan(samples[0]) and np.isnan(samples).all())


def check_names(names: Sequence[str], partial: bool = False) -> None:
    """Raise MissingLeadsError where `names` are no ECG, as `place_leads` does, before anything else is asked."""
    place_leads(np.zeros((len(names), 1), np.float32), names, partial)


def has_all(names: Iterable[str]) -> bool:
    """Whether the twelve leads are among `names`, or can be derived from those that are."""
    return not _missing({lead for name in names if (lead := canonical_lead(name))})


def _placed_by_name(names: Sequence[str]) -> dict[str, int]:
    """Return the row of each lead that is named. Vague names count where with them nothing is missing."""
    known = leads_among(names)
    clear = _first_rows([lead if _plain(name) in _CLEAR else None for name, lead in zip(names, known, strict=True)])
    if not _missing(clear):
        return clear
    vague = [None if _plain(name) in _CLEAR or lead in clear else lead for name, lead in zip(names, known, strict=True)]
    both = clear | _first_rows(vague)
    return clear if _missing(both) else both


def _first_rows(leads: Sequence[str | None]) -> dict[str, int]:
    placed: dict[str, int] = {}
    for row, lead in enumerate(leads):
        if lead in placed:
            raise MissingLeadsError(f"Lead {lead} is named twice. Name each lead once.")
        if lead is not None:
            placed[lead] = row
    return placed


def _missing(placed: Collection[str]) -> list[str]:
    """The leads that are not there and cannot be derived."""
    derivable = sum(lead in placed for lead in LIMB_LEADS[:3]) >= 2
    return [lead for lead in LEADS if lead not in placed and not (derivable and lead in LIMB_LEADS)]


def _numbered(names: Sequence[str]) -> bool:
    """Whether at least eight names differ in a number alone."""
    kinds = {re.sub(r"\d+", "#", name) for name in names}
    return len(names) >= _NUMBERED and len(kinds) == 1 and kinds.pop().count("#") == 1


def _lacking(missing: Sequence[str], placed: Sequence[str], names: Sequence[str], empty: Sequence[str]) -> str:
    """Say which leads are missing, and what the file is instead of a 12-lead ECG."""
    if not placed:
        if {name.strip().upper() for name in names} >= {"X", "Y", "Z"}:
            return (
                f"It holds Frank leads ({shown(names)}), from which the twelve leads cannot be had. "
                "Export the 12-lead ECG instead."
            )
        if _numbered(names):
            return (
                f"Its {len(names)} channels are numbered ({shown(names)}), which says nothing of the leads. "
                "If you know their order from the device, declare it as the order of the leads (I, II, III, …)."
            )
        return (
            f"It holds none of the twelve leads ({shown(names)}). "
            "Export the 12-lead ECG, or name each channel by its lead."
        )
    present = [lead for lead in LEADS if lead in placed]
    without = f" (of {', '.join(empty)} it has the name and no sample)" if empty else ""
    return (
        f"The leads {', '.join(missing)} are missing and cannot be derived; the file has {', '.join(present)}{without}"
        ". At least two of I, II, III and all of V1 to V6 are needed; to look at it all the same, "
        "import it as a partial recording."
    )


def _derive(out: NDArray[np.float32], limbs: dict[str, NDArray[np.floating]]) -> None:
    """Fill the limb leads of `out` (12, n) that `limbs` lacks; two of I, II and III are there."""
    if "I" not in limbs:
        limbs["I"] = limbs["II"] - limbs["III"]
    if "II" not in limbs:
        limbs["II"] = limbs["I"] + limbs["III"]
    one, two = limbs["I"], limbs["II"]
    derived = {
        "I": one,
        "II": two,
        "III": two - one,
        "aVR": -(one + two) / 2,
        "aVL": one - two / 2,
        "aVF": two - one / 2,
    }
    for index, lead in enumerate(LIMB_LEADS):
        out[index] = limbs.get(lead, derived[lead])


def einthoven_residual(signal: NDArray[np.floating]) -> float:
    """Return the median over samples of |I + III - II| in the unit of `signal` (12, n); about 0 in a true ECG."""
    residual = np.abs(signal[0] + signal[2] - signal[1])
    finite = residual[np.isfinite(residual)]
    return float(np.median(finite)) if finite.size else 0.0
