"""The 12-lead rhythm of a DICOM file: one multiplex group, or several of one rate together, each from its offset on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import EcgError, MissingLeadsError
from backend.ecg.leads import Placed, canonical_lead, has_all, place_leads, shown
from backend.ecg.readers.dicom.group import Group, group_title, rank, read_group
from backend.ecg.readers.dicom.lead_names import refuse_contradiction
from backend.ecg.readers.options import ReadOptions
from backend.ecg.readers.sources import Limits

if TYPE_CHECKING:
    from pydicom import Dataset


_SPREAD = 16  # times the longest group that a recording may last: memory follows the samples, not stated times


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The recording: its leads in mV, their steps in mV, the group it came from (with all its facts), and notes."""

    placed: Placed
    step: NDArray[np.float64] | None
    group: Group
    notes: tuple[str, ...]


def find_rhythm(items: "Sequence[Dataset]", little_endian: bool, options: ReadOptions, limits: Limits) -> Rhythm:
    """Return the leads of the waveform sequence `items`, of which there is at least one.

    Original groups come before derived ones (average beats), then longer before shorter ones. Where no group has all
    leads, groups of one kind and rate are taken together, each from its offset on (four groups of three leads, say);
    then, if options allow, a part of the leads.
    Raises what is wrong with the first group.
    """
    numbered = sorted(enumerate(items, 1), key=lambda entry: rank(entry[1]), reverse=True)
    for number, item in numbered:
        refuse_contradiction(item, group_title(item, number))
    groups: dict[int, Group] = {}
    refused: dict[int, EcgError] = {}
    for number, item in numbered:
        try:
            groups[number] = read_group(item, number, little_endian, options, limits)
            rhythm = _place(groups[number], partial=False)
        except MissingLeadsError as error:
            refused[number] = MissingLeadsError(f"waveform group {number}: {error}")
        except EcgError as error:
            refused[number] = error
        else:
            return _noted(rhythm, [number], numbered, refused)
    keys = dict.fromkeys(_key(items[number - 1], group) for number, group in groups.items())
    unions = [
        _union([number for number in sorted(groups) if _key(items[number - 1], groups[number]) == key], groups)
        for key in keys
    ]
    for partial in (False, True) if options.partial else (False,):
        if partial:  # the most leads first
            unions.sort(key=lambda union: len(set(map(canonical_lead, union[1].names)) - {None}), reverse=True)
        for used, union in unions:
            try:
                rhythm = _place(union, partial)
            except MissingLeadsError:
                continue
            return _noted(rhythm, used, numbered, {n: e for n, e in refused.items() if n not in used})
    rates: dict[float, list[str]] = {}
    for group in groups.values():
        rates.setdefault(group.rate, []).extend(filter(canonical_lead, group.names))
    if len(rates) > 1 and has_all(name for group in groups.values() for name in group.names):
        listed = "; ".join(f"{shown(names)} at {rate:g} Hz" for rate, names in rates.items() if names)
        raise MissingLeadsError(
            f"its leads are in waveform groups of differing sampling rates ({listed}). Export it with one rate for all "
            "leads; nothing is resampled here, so that no lead differs from the others."
        ).offering({"partial": True})
    raise next(iter(refused.values()))


def _key(item: "Dataset", group: Group) -> tuple[bool, float]:
    return rank(item)[0], group.rate


def _union(numbers: list[int], groups: dict[int, Group]) -> tuple[list[int], Group]:
    """Join groups, each from its offset on, except those that repeat a lead; return which were joined, and the whole.

    Where groups do not span the whole, the rest of their leads is missing.
    """
    used: list[int] = []
    leads: set[str | None] = set()
    for number in numbers:
        own = {canonical_lead(name) for name in groups[number].names} - {None}
        if own and not own & leads:
            used.append(number)
            leads |= own
    used = used or numbers[:1]
    parts = [groups[number] for number in used]
    first = min(part.offset for part in parts)
    starts = [round((part.offset - first) * part.rate / 1000) for part in parts]
    ends = [start + part.values.shape[1] for start, part in zip(starts, parts, strict=True)]
    if max(ends) > _SPREAD * max(part.values.shape[1] for part in parts):
        used, parts, starts, ends = used[:1], parts[:1], [0], [parts[0].values.shape[1]]
    values = np.full((sum(len(part.names) for part in parts), max(ends)), np.nan)
    row = 0
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    short: list[str] = []
    for part, start, end in zip(parts, starts, ends, strict=True):
        values[row : row + len(part.names), start:end] = part.values
        row += len(part.names)
        short += part.names if (start, end) != (0, max(ends)) else ()
    if short:
        notes += (f"The leads {shown(short)} do not span the whole recording; the rest of them is missing.",)
    return used, replace(
        parts[0],
        values=values,
        names=tuple(name for part in parts for name in part.names),
        steps=np.concatenate([part.steps for part in parts]),
        on_grid=all(part.on_grid for part in parts),
        filters=parts[0].filters if len({part.filters for part in parts}) == 1 else (None, None, None),
        arbitrary=any(part.arbitrary for part in parts),
        unit_declared=any(part.unit_declared for part in parts),
        notes=notes,
    )


def _place(group: Group, partial: bool) -> Rhythm:
    placed = place_leads(group.values, group.names, partial)
    return Rhythm(placed, placed.steps(group.steps) if group.on_grid else None, group, group.notes)


def _noted(
    rhythm: Rhythm, used: list[int], numbered: "list[tuple[int, Dataset]]", refused: dict[int, EcgError]
) -> Rhythm:
    """Add what was joined and what was left out."""
    notes = rhythm.notes
    if len(used) > 1:
        notes += (f"Joined from the waveform groups {', '.join(map(str, used))}.",)
    others = [group_title(item, number) for number, item in numbered if number not in used and number not in refused]
    return replace(
        rhythm,
        notes=notes
        + tuple(f"Left out: {title}." for title in others)
        + tuple(f"Left out: {error}" for error in refused.values()),
    )
