"""The order of the leads in an array, as a list of names beside it says: whatever that list is called."""

import math
import re
from collections.abc import Sequence

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import canonical_lead, is_clear_lead, leads_among, shown
from backend.ecg.readers.arrays.per_record import Arrays, texts_of
from backend.ecg.readers.column_names import last_part, plain_name

KNOWN_ORDERS = frozenset(
    ("leads", "leadnames", "leadname", "leadorder", "signame", "signames", "channels", "channelnames")
)
MOST_LEADS = 256
"""Texts of a list that may be the names of channels."""
_SEPARATORS = re.compile(r"[\s,;|]+")
_CLEAR = 2  # names in a list that can be nothing but leads: "1" and "R" alone may be classes or electrodes


def orders(arrays: Arrays) -> dict[str, tuple[str, ...]]:
    """Return the lists of lead names among `arrays`, by the name of the array.

    One under a usual name counts with a single lead in it, as the channels of a file may be others as well. Under any
    other name at least half of the texts are leads, each named once, and two of them can be nothing else.
    """
    found: dict[str, tuple[str, ...]] = {}
    for name, array in arrays.items():
        if array.dtype.kind != "U" or not 0 < math.prod(array.shape) <= MOST_LEADS:
            continue
        texts = texts_of({name: array}, frozenset((plain_name(name),))) or ()
        if len(texts) == 1:
            texts = tuple(part for part in _SEPARATORS.split(texts[0][:4096].strip("[]()")) if part.strip("'\""))
            texts = tuple(part.strip("'\"") for part in texts)
        leads = [lead for lead in leads_among(texts) if lead]
        known = plain_name(name) in KNOWN_ORDERS and bool(leads)
        if known or _names_leads(texts, leads):
            found[name] = texts
    return found


def refuse_unread_names(arrays: Arrays, shape: tuple[int, ...], file: str) -> None:
    """Refuse a list under a usual name that fits an array of `shape` and names no lead: its order is not the usual one.

    Numbers that rise are none that say an order. Raises UnreadableFileError.
    """
    for name, array in arrays.items():
        if plain_name(name) not in KNOWN_ORDERS or array.dtype.kind != "U":
            continue
        texts = texts_of({name: array}, frozenset((plain_name(name),))) or ()
        numbers = [int(found[0]) for text in texts if (found := re.search(r"\d{1,4}$", text))]
        counted = len(numbers) == len(texts) and numbers == sorted(numbers)
        if len(texts) > 1 and len(texts) in shape[-2:] and not counted and not any(leads_among(texts)):
            raise UnreadableFileError(
                f"{file} names its channels in '{last_part(name)}' ({shown(texts)}), and none of them is a lead, so "
                "that their order cannot be told. Save the names as I, II … V6, or declare the order of the leads."
            )


def _names_leads(texts: Sequence[str], leads: Sequence[str]) -> bool:
    clear = sum(map(is_clear_lead, texts))
    return clear >= _CLEAR and 2 * len(leads) >= len(texts) and len(set(leads)) == len(leads)


def first_length(found: dict[str, tuple[str, ...]]) -> int | None:
    """Return how many channels a file names, by the usual name where there is one; None without any list."""
    usual = [texts for name, texts in found.items() if plain_name(name) in KNOWN_ORDERS]
    return next((len(texts) for texts in (*usual, *found.values()) if len(texts) > 1 or usual), None)


def settled_order(
    found: dict[str, tuple[str, ...]], shape: tuple[int, ...], assumed: Sequence[str], file: str
) -> tuple[str, ...] | None:
    """Return the order of the leads of an array of `shape`, None where the file does not say it.

    Raises UnreadableFileError where lists contradict each other, and where one that does not fit the array has another
    order than is `assumed`: the array may be of a part of those leads, in that order.
    """
    fitting = {name: texts for name, texts in found.items() if len(texts) in shape[-2:]}
    kinds = {tuple(canonical_lead(text) or text for text in texts) for texts in fitting.values()}
    if len(kinds) > 1:
        raise UnreadableFileError(
            f"{file} lists the leads in differing orders ({shown([last_part(name) for name in fitting])}), so it "
            "cannot be told which is which. Keep the list that is true, under the name 'leads'."
        )
    if fitting:
        return next(iter(fitting.values()))
    for name, texts in found.items():
        if sum(map(is_clear_lead, texts)) >= _CLEAR and not _follows(texts, assumed):
            raise UnreadableFileError(
                f"{file} lists {len(texts)} leads in another order ('{shown([last_part(name)])}': {shown(texts)}), "
                "which does not fit its signal. Save the names of the leads that it holds as 'leads'."
            )
    return None


def _follows(texts: Sequence[str], assumed: Sequence[str]) -> bool:
    """Whether the leads that both name come in one order."""
    places = [assumed.index(lead) for text in texts if (lead := canonical_lead(text)) in assumed]
    return places == sorted(places)
