"""SCP-ECG records: the rhythm of a resting ECG, plain or compressed, with what the device measured.

Source: EN 1064 (ISO 11073-91064; ANSI/AAMI EC71), versions 1.0 to 3.0.
"""

from dataclasses import replace

from backend.ecg.readers.channels import from_channels
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.scp.facts import read_facts
from backend.ecg.readers.scp.sections import looks_like_scp, parse_sections
from backend.ecg.readers.scp.signal import read_rhythm
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.recording import Recording


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    sections, notes = parse_sections(files.main.data, files.name)
    rhythm = read_rhythm(sections)
    facts = read_facts(sections)
    facts = replace(facts, notes=notes + rhythm.notes + facts.notes, stated_samples=rhythm.stated)
    return [
        from_channels(files, options, limits, format="scp", channels=rhythm.channels, rate=rhythm.rate, facts=facts)
    ]


READER = Reader(
    name="scp",
    title="SCP-ECG (.scp)",
    extensions=(".scp",),
    declares_units=True,
    recognises=lambda files: looks_like_scp(files.main.data),
    read=_read,
    source="EN 1064 / ISO 11073-91064, SCP-ECG",
)
