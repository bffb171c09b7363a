"""FHIR observations: leads as sampled data, one component a lead, alone or within a bundle (JSON).

Source: HL7 FHIR R4 and R5, Observation and SampledData: a value is origin + factor · datum, `period` is in ms (R4),
`interval` in `intervalUnit` (R5); leads are coded by ISO/IEEE 11073-10101.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import canonical_lead, shown
from backend.ecg.readers.channels import Channel, calibrated, from_channels
from backend.ecg.readers.json.fhir_facts import facts, span_of, start_of
from backend.ecg.readers.json.tree import looks_like_object, member, members, parse_json, real, string
from backend.ecg.readers.lead_numbers import mdc_lead
from backend.ecg.readers.number_list import as_floats, numbers
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.readers.stated_span import stated_by_times
from backend.ecg.readers.units import millivolts, seconds
from backend.ecg.recording import Recording

_UNITS = {"mdc_dim_milli_volt": "mV", "mdc_dim_micro_volt": "uV", "266418": "mV", "266419": "uV"}
_NO_VALUE = frozenset("EUL")  # error, above and below the limits of detection


def _recognises(files: FileSet) -> bool:
    data = files.main.data
    return looks_like_object(data) and b'"resourceType"' in data


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    tree = parse_json(files.main.data, files.name)
    resources = list(_resources(tree))
    groups = _groups(resources)
    if not groups:
        raise UnreadableFileError(
            f"{files.name} is FHIR without an Observation that holds sampled data. Export the ECG's waveform with it."
        )
    recordings: list[Recording] = []
    for index, (observation, entries) in enumerate(groups[: limits.records]):
        channels, rate, notes = _channels(entries, options, limits)
        said = facts(observation, resources)
        length = max((channel.end for channel in channels), default=0)
        recordings.append(
            from_channels(
                files.part(index, len(groups)),
                options,
                limits,
                format="fhir",
                channels=channels,
                rate=rate,
                facts=replace(said, notes=notes, stated_samples=stated_by_times(*span_of(observation), rate, length)),
            )
        )
    return recordings


def _resources(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The resource itself, or those of a bundle, and what they contain."""
    entries = [member(entry, "resource") for entry in members(tree, "entry")] or [tree]
    for resource in entries:
        if isinstance(resource, dict):
            yield resource
            yield from members(resource, "contained")


def _groups(resources: Sequence[dict[str, Any]]) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each observation with the entries that hold its leads.

    Observations of single leads go together by subject and time; what repeats a lead is another recording.
    """
    groups: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    single: dict[tuple[object, ...], tuple[dict[str, Any], list[dict[str, Any]]]] = {}
    seen: Counter[tuple[object, ...]] = Counter()
    for resource in resources:
        if member(resource, "resourceType") != "Observation":
            continue
        components = [one for one in members(resource, "component") if _sampled(one)]
        if components:
            groups.append((resource, components))
        elif _sampled(resource):
            same = (start_of(resource), string(member(resource, "subject", "reference")))
            lead = (*same, _lead(member(resource, "code")))
            single.setdefault((*same, seen[lead]), (resource, []))[1].append(resource)
            seen[lead] += 1
    return groups + list(single.values())


def _sampled(entry: dict[str, Any]) -> bool:
    return isinstance(member(entry, "valueSampledData"), dict)


def _channels(
    entries: Sequence[dict[str, Any]], options: ReadOptions, limits: Limits
) -> tuple[list[Channel], float | None, tuple[str, ...]]:
    """The leads, their rate in Hz, and what was decided. Entries of one lead are pieces, one after the other."""
    pieces: dict[str, list[Channel]] = {}
    rates: set[float | None] = set()
    named = [(_lead(member(entry, "code")), entry["valueSampledData"]) for entry in entries]
    leads = [(name, data) for name, data in named if canonical_lead(name)] or named
    others = [name for name, _ in named if not canonical_lead(name)] if leads is not named else []
    for name, data in leads:
        rates.add(_rate(data))
        for channel in _calibrated(name, data, options, limits):
            pieces.setdefault(canonical_lead(channel.name) or channel.name, []).append(channel)
    if len(rates) > 1:
        raise UnreadableFileError("the leads have different sampling rates. Export them at one rate.")
    counts = {len(parts) for name, parts in pieces.items() if canonical_lead(name)}
    if len(counts) > 1:
        raise UnreadableFileError("some leads come in more pieces than others. Export each lead in one piece.")
    joined = [_joined(parts) for parts in pieces.values()]
    missing = sum(int(np.isnan(as_floats(one.samples)).sum()) for one in joined)
    notes: tuple[str, ...] = (
        (f"Each lead was put together from {max(counts)} pieces.",) if counts and max(counts) > 1 else ()
    )
    notes += (
        (f"{missing} samples are errors or beyond the limits of the device: marked as missing.",) if missing else ()
    )
    if others:
        notes += (f"Left out, being none of the twelve leads: {shown(others)}.",)
    return joined, rates.pop(), notes


def _joined(parts: Sequence[Channel]) -> Channel:
    samples: list[Any] = [part.samples for part in parts]
    if len({(part.mv_per_step, part.samples.dtype) for part in parts}) == 1:
        return replace(parts[0], samples=np.concatenate(samples))
    in_mv = [as_floats(part.samples) * part.mv_per_step for part in parts]
    return replace(parts[0], samples=np.concatenate(in_mv), mv_per_step=1.0)


def _calibrated(lead: str, data: dict[str, Any], options: ReadOptions, limits: Limits) -> list[Channel]:
    factor, origin = real(data.get("factor")), real(member(data, "origin", "value")) or 0.0
    dimensions = real(data.get("dimensions")) or 1
    text = data.get("data")
    if not isinstance(text, str):
        raise UnreadableFileError(f"lead {shown([lead])} has no data. Export the observation with its samples.")
    names = [lead] if dimensions == 1 else list(options.order if options.leads else ())
    if len(names) != dimensions:
        raise UnreadableFileError(
            f"the samples of {dimensions:g} leads stand side by side without names. Declare the order of the leads."
        )
    values = numbers(text, limits.samples * len(names), _NO_VALUE)
    if values.size % len(names):
        raise UnreadableFileError("the samples end within a moment. Export the observation again.")
    unit = _unit(data)
    origin_mv = origin * ((millivolts(unit) if unit else 1 / (options.units_per_mv or 1)) or 0.0)
    return [
        calibrated(name, values[row :: len(names)], 1.0 if factor is None else factor, unit, options, origin_mv)
        for row, name in enumerate(names)
    ]


def _unit(data: dict[str, Any]) -> str | None:
    """The unit of voltage: the code (UCUM or 11073) or else the unit as written."""
    stated = [string(member(data, "origin", key)) for key in ("code", "unit")]
    units = [_UNITS.get(unit.lower(), unit) for unit in stated if unit]
    return next((unit for unit in units if millivolts(unit)), units[0] if units else None)


def _rate(data: dict[str, Any]) -> float | None:
    """Hz; None where neither period nor interval is stated."""
    interval, unit = real(data.get("interval")), string(data.get("intervalUnit"))
    period = real(data.get("period"))
    length = interval * (seconds(unit) or 0.0) if interval and unit else (period or 0.0) / 1000
    return round(1 / length, 9) if length > 1e-9 else None


def _lead(code: Any) -> str:
    """The lead of a code: its number in 11073-10101, else its name, else the text beside it."""
    names: list[str] = []
    for coding in members(code, "coding"):
        system, value = string(coding.get("system")) or "", str(coding.get("code") or "").strip()
        mdc = "11073" in system or "2.16.840.1.113883.6.24" in system or "mdc" in system.lower()
        lead = mdc_lead(value) if mdc else None
        if lead:
            return lead
        names += [value, string(coding.get("display")) or ""]
    names.append(string(member(code, "text")) or "")
    plain = [name.upper().removeprefix("MDC_ECG_ELEC_POTL_") for name in names if name]
    return next((name for name in plain if canonical_lead(name)), plain[-1][:40] if plain else "")


READER = Reader(
    name="fhir",
    title="FHIR Observation or Bundle with sampled data (.json)",
    extensions=(".json",),
    declares_units=False,
    recognises=_recognises,
    read=_read,
    source="HL7 FHIR R4 and R5: Observation, SampledData; ISO/IEEE 11073-10101",
)
