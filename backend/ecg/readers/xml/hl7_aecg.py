"""HL7 annotated ECG (aECG): the longest 12-lead rhythm among the sequence sets of a file.

Source: ANSI/HL7 V3 ECG R1-2004 (PORT_MT020001) and the HL7 aECG Implementation Guide of 2005: a value is
origin + scale · digit, and the increment of the time sequence is the sampling interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import LEADS, canonical_lead, shown
from backend.ecg.readers.channels import Channel, calibrated, from_channels
from backend.ecg.readers.facts import moment
from backend.ecg.readers.lead_numbers import mdc_lead
from backend.ecg.readers.number_list import numbers
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.readers.stated_span import stated_by_times
from backend.ecg.readers.units import millivolts, seconds
from backend.ecg.readers.xml.hl7_aecg_facts import facts, span
from backend.ecg.readers.xml.tree import attribute, parse_xml, root_name, to_number
from backend.ecg.recording import Recording


@dataclass(frozen=True, slots=True)
class SequenceSet:
    """Simultaneous leads of one series: rate in Hz and begin in s where the file states them.

    `others` names sequences that are neither leads nor voltages.
    """

    series: Element
    title: str
    rate: float | None
    begin: float | None
    channels: tuple[Channel, ...]
    others: tuple[str, ...]

    @property
    def leads(self) -> frozenset[str]:
        """Which of the twelve leads are there or can be derived."""
        found = {lead for channel in self.channels if (lead := canonical_lead(channel.name))}
        return frozenset(found | set(LEADS[:6]) if len(found & set(LEADS[:3])) >= 2 else found)

    @property
    def length(self) -> int:
        """Samples of the longest lead."""
        return max((channel.end for channel in self.channels), default=0)


def _recognises(files: FileSet) -> bool:
    return root_name(files.main.data) == "AnnotatedECG"


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    root = parse_xml(files.main.data, files.name)
    rhythms: list[SequenceSet] = []
    left_out: list[str] = []
    for series in root.iter("series"):
        code = (attribute(series, "code", "code") or "").upper()
        if "BEAT" in code:
            left_out.append("a representative beat")
            continue
        sets = [_sequence_set(found, series, options, limits) for found in series.iterfind("component/sequenceSet")]
        rhythms += _merged([one for one in sets if one.channels])
    left_out += ["a derived series (representative beat)" for _ in root.iter("derivedSeries")]
    if not rhythms:
        raise UnreadableFileError(
            f"{files.name} is an aECG without the waveform of a rhythm. Export it with its waveforms."
        )
    rhythms.sort(key=lambda one: (len(one.leads), one.length / (one.rate or 1)), reverse=True)
    chosen, *others = rhythms
    left_out = [f"a further {one.title}" for one in others] + left_out
    said = facts(root, chosen.series)
    # The times of a series span all that it holds: they say nothing of one of several parts.
    alone = sum(one.series is chosen.series for one in rhythms) == 1
    stated = stated_by_times(*span(chosen.series), chosen.rate, chosen.length) if alone else None
    notes = tuple(f"Left out: {title}." for title in left_out[:20])
    if chosen.others:
        notes += (f"Left out, being none of the twelve leads: {shown(chosen.others)}.",)
    return [
        from_channels(
            files,
            options,
            limits,
            format="hl7-aecg",
            channels=chosen.channels,
            rate=chosen.rate,
            facts=replace(said, notes=notes, stated_samples=stated),
        )
    ]


def _sequence_set(element: Element, series: Element, options: ReadOptions, limits: Limits) -> SequenceSet:
    begin = None
    rates: list[float | None] = []
    channels: list[Channel] = []
    others: list[str] = []
    for sequence in element.iterfind("component/sequence"):
        code = attribute(sequence, "code", "code") or ""
        increment = to_number(attribute(sequence, "value/increment", "value"))
        if increment is not None or code.upper().startswith("TIME_"):
            rates.append(_rate(increment, attribute(sequence, "value/increment", "unit")))
            begin = begin if begin is not None else _begin(sequence)
            continue
        digits = sequence.find("value/digits")
        if digits is None or not (digits.text or "").strip():
            continue
        names = [_lead_name(text) for text in (code, attribute(sequence, "code", "displayName")) if text]
        name = next(filter(canonical_lead, names), names[0] if names else "")
        unit = attribute(sequence, "value/scale", "unit")
        if canonical_lead(name) is None and millivolts(unit or "") is None:
            others.append(name)
        else:
            channels.append(_channel(name, sequence, digits.text or "", options, limits))
    title = f"rhythm of {len(channels)} leads, {max((c.end for c in channels), default=0)} samples"
    return SequenceSet(series, title, _agreed(rates), begin, tuple(channels), tuple(others))


def _channel(name: str, sequence: Element, digits: str, options: ReadOptions, limits: Limits) -> Channel:
    scale = to_number(attribute(sequence, "value/scale", "value"))
    unit = attribute(sequence, "value/scale", "unit") or attribute(sequence, "value/origin", "unit")
    origin = to_number(attribute(sequence, "value/origin", "value")) or 0.0
    origin_unit = attribute(sequence, "value/origin", "unit") or unit
    origin_mv = origin * ((millivolts(origin_unit) if origin_unit else 1 / (options.units_per_mv or 1)) or 0.0)
    if origin and not origin_mv:
        raise UnreadableFileError(
            f"lead {shown([name])} has an origin in no unit of voltage. Export the recording again."
        )
    return calibrated(name, numbers(digits, limits.samples), 1.0 if scale is None else scale, unit, options, origin_mv)


def _lead_name(code: str) -> str:
    """The lead of a code: MDC_ECG_LEAD_AVR, one of a maker's own (XYZ_ECG_LEAD_V1), or its number (131134)."""
    before, mark, lead = code.upper().partition("_ECG_LEAD_")
    return lead if mark and before.isalnum() else mdc_lead(code) or code


def _rate(increment: float | None, unit: str | None) -> float | None:
    """Hz; None where the increment is unknown, so that the uploader has to say."""
    interval = (seconds(unit) or 0.0) * (increment or 0.0) if unit else 0.0
    return round(1 / interval, 9) if interval > 1e-9 else None


def _agreed(rates: Sequence[float | None]) -> float | None:
    """The rate of the time sequences of a set in Hz; None where they contradict each other, or none states one."""
    known = [rate for rate in rates if rate is not None]
    return known[0] if known and max(known) <= 1.001 * min(known) else None


def _begin(sequence: Element) -> float | None:
    """Seconds of the first sample, on whatever clock the file uses."""
    value, unit = attribute(sequence, "value/head", "value"), attribute(sequence, "value/head", "unit")
    if unit is not None:
        number, factor = to_number(value), seconds(unit)
        return number * factor if number is not None and factor else None
    head = moment(value)
    return (head - head.min).total_seconds() if head else None


def _merged(sets: Sequence[SequenceSet]) -> list[SequenceSet]:
    """Put together the sets of one series where each holds some of the leads, one after the other or side by side."""
    names = [canonical_lead(channel.name) for one in sets for channel in one.channels]
    rates = {one.rate for one in sets}
    best = max((len(one.leads) for one in sets), default=0)
    if len(sets) < 2 or len(rates) > 1 or len(set(names)) < len(names) or best == len(LEADS):
        return list(sets)
    begins = [one.begin for one in sets]
    known = [begin for begin in begins if begin is not None]
    first = min(known) if len(known) == len(begins) else None
    rate = sets[0].rate or 0.0
    channels = tuple(replace(channel, start=_start(one.begin, first, rate)) for one in sets for channel in one.channels)
    return [replace(sets[0], channels=channels)]


def _start(begin: float | None, first: float | None, rate: float) -> int:
    """The sample at which a set begins; sets without times are side by side."""
    return round(min((begin - first) * rate, 2.0**40)) if begin is not None and first is not None else 0


READER = Reader(
    name="hl7-aecg",
    title="HL7 annotated ECG (aECG, .xml)",
    extensions=(".xml",),
    declares_units=True,
    recognises=_recognises,
    read=_read,
    source="ANSI/HL7 V3 ECG R1-2004; HL7 aECG Implementation Guide, 2005",
)
