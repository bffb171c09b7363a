"""Which channels of a file are leads: by the numbers that SCP-ECG, MFER and the MDC nomenclature share, and by name.

Source: EN 1064 (ISO 11073-91064) section 3, ISO/TS 11073-92001.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from backend.ecg.leads import LEADS, check_names, leads_among, shown

LEAD_NUMBERS: Mapping[int, str] = MappingProxyType(
    {
        1: "I", 2: "II", 3: "V1", 4: "V2", 5: "V3", 6: "V4", 7: "V5", 8: "V6", 9: "V7", 10: "V2R", 11: "V3R",
        12: "V4R", 13: "V5R", 14: "V6R", 15: "V7R", 16: "X", 17: "Y", 18: "Z", 19: "CC5", 20: "CM5", 61: "III",
        62: "aVR", 63: "aVL", 64: "aVF", 65: "-aVR", 66: "V8", 67: "V9", 68: "V8R", 69: "V9R", 70: "Nehb D",
        71: "Nehb A", 72: "Nehb J",
    }
)  # fmt: skip


_FIRST = 2 << 16  # the numbers of leads are those of partition 2 of the MDC nomenclature
_POTENTIALS = 256  # from here on the same leads again, as the potential (MDC_ECG_ELEC_POTL_I) and not the lead


def mdc_lead(code: str) -> str | None:
    """Return the lead of an MDC code: 131073 or 131329, 2:1 or 2:257 (partition and number); None for another code.

    A bare number of the list above is no code.
    """
    partition, mark, number = code.rpartition(":")
    if not (number.isascii() and number.isdigit() and len(number) < 8 and partition in ("", "2")):
        return None
    place = int(number) - (0 if mark else _FIRST)
    return LEAD_NUMBERS.get(place - _POTENTIALS if place > _POTENTIALS else place)


def numbered_lead(number: int) -> str:
    """Return the name of a lead by its number, "lead number 73" for one without a common name."""
    return LEAD_NUMBERS.get(number, f"lead number {number}")


def lead_rows(names: Sequence[str]) -> tuple[list[int], tuple[str, ...]]:
    """Return the rows of `names` that are one of the twelve leads (before any is decoded), and a note on the others.

    Raises MissingLeadsError where there is none, or where a lead is named twice.
    """
    known = leads_among(names)
    rows = [row for row, lead in enumerate(known) if lead is not None]
    if not 1 <= len(rows) <= len(LEADS):
        check_names(names)  # refuses, and says what is there
    left_out = [name for name, lead in zip(names, known, strict=True) if lead is None]
    return rows, (f"Left out, being none of the twelve leads: {shown(left_out)}.",) if left_out else ()
