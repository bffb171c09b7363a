"""GE MUSE XML (RestingECG): base64 integers of the rhythm, usually eight leads of which the others are derived.

Source: the document type restecg.dtd of GE MUSE, and files of MUSE 5 to 9. LeadDataCRC32 is the CRC-32 of the bytes of
a lead (ISO 3309, as in zlib).
"""

import zlib
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

import numpy as np

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import canonical_lead, shown
from backend.ecg.readers.channels import Channel, calibrated, from_channels
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.readers.xml.base64_samples import from_base64
from backend.ecg.readers.xml.muse_facts import facts
from backend.ecg.readers.xml.tree import number, parse_xml, root_name, text
from backend.ecg.recording import Recording

_OFFSETS = ("LeadTimeOffset", "LeadOffsetFirstSample", "FirstSampleBaseline")


@dataclass(frozen=True, slots=True)
class Waveform:
    """One waveform of a file: `rate` in Hz where stated, `stated` samples a lead."""

    element: Element
    title: str
    rate: float | None
    channels: tuple[Channel, ...]
    stated: int | None
    notes: tuple[str, ...]

    @property
    def rank(self) -> tuple[int, float]:
        """How many leads, and how long."""
        leads = {canonical_lead(channel.name) for channel in self.channels} - {None}
        return len(leads), max((channel.end for channel in self.channels), default=0) / (self.rate or 1.0)


def _recognises(files: FileSet) -> bool:
    return root_name(files.main.data) == "RestingECG"


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    root = parse_xml(files.main.data, files.name)
    rhythms: list[Waveform] = []
    left_out: list[str] = []
    for element in root.iter("Waveform"):
        kind = (text(element, "WaveformType") or "Rhythm").lower()
        if "median" in kind:
            left_out.append("median beat")
        else:
            rhythms.append(_waveform(element, options))
    rhythms = sorted((one for one in rhythms if one.channels), key=lambda one: one.rank, reverse=True)
    if not rhythms:
        only = " but the median beat" if left_out else ""
        raise UnreadableFileError(f"{files.name} holds no waveform{only}. Export it from MUSE with the rhythm.")
    chosen, *others = rhythms
    left_out += [f"a further {one.title}" for one in others]
    said = facts(root, chosen.element)
    notes = chosen.notes + tuple(f"Left out: {title}." for title in left_out[:20]) + said.notes
    return [
        from_channels(
            files,
            options,
            limits,
            format="muse-xml",
            channels=chosen.channels,
            rate=chosen.rate,
            facts=replace(said, notes=notes, stated_samples=chosen.stated),
        )
    ]


def _waveform(element: Element, options: ReadOptions) -> Waveform:
    base, exponent = number(element, "SampleBase"), number(element, "SampleExponent") or 0.0
    rate = base * 10.0**exponent if base and base > 0 and abs(exponent) <= 9 else None
    channels: list[Channel] = []
    empty: list[str] = []
    off: list[str] = []
    changed: list[str] = []
    shifted: list[str] = []
    for lead in element.iterfind("LeadData"):
        name = text(lead, "LeadID") or ""
        payload = from_base64(text(lead, "WaveFormData") or "", f"lead {shown([name])}")
        if not payload:
            empty.append(name)
            continue
        channels.append(_channel(lead, name, payload, options))
        if (text(lead, "LeadOff") or "").upper() == "TRUE":
            off.append(name)
        if any(number(lead, key) for key in _OFFSETS):
            shifted.append(name)
        checksum = text(lead, "LeadDataCRC32") or ""
        if checksum.isascii() and checksum.isdigit() and 0 != int(checksum[:20]) != zlib.crc32(payload):
            changed.append(name)
    notes = (
        ("Leads without data: {}.", empty),
        ("The device marked these leads as off: {}.", off),
        ("The checksum is not that of the samples, which were changed or damaged after the export: {}.", changed),
        ("An offset of the samples is stated and was not applied, its meaning being unknown: {}.", shifted),
    )
    title = f"waveform of {len(channels)} leads"
    said = tuple(note.format(shown(names)) for note, names in notes if names)
    counts = [count for lead in element.iterfind("LeadData") if (count := number(lead, "LeadSampleCountTotal"))]
    stated = int(max(counts)) if counts and 0 < max(counts) < 2**31 else None
    return Waveform(element, title, rate, tuple(channels), stated, said)


def _channel(lead: Element, name: str, payload: bytes, options: ReadOptions) -> Channel:
    size = number(lead, "LeadSampleSize") or 2
    if size not in (1, 2, 4) or len(payload) % int(size):
        raise UnreadableFileError(
            f"the data of lead {shown([name])} are no whole samples of {size:g} bytes. Export or copy the file again."
        )
    scale = number(lead, "LeadAmplitudeUnitsPerBit")
    unit = text(lead, "LeadAmplitudeUnits") if scale is not None else None
    samples = np.frombuffer(payload, f"<i{int(size)}")
    return calibrated(name, samples, 1.0 if scale is None else scale, unit, options)


READER = Reader(
    name="muse-xml",
    title="GE MUSE XML (RestingECG, .xml)",
    extensions=(".xml",),
    declares_units=True,
    recognises=_recognises,
    read=_read,
    source="GE MUSE restecg.dtd",
)
