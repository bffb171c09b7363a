"""A recording with the annotations that lie beside it, and with the labels that experts gave it in them."""

import re
from collections.abc import Iterable
from dataclasses import replace

from backend.ecg.annotations import BEATS, Annotation
from backend.ecg.errors import UnreadableFileError
from backend.ecg.readers.sources import FileSet, SourceFile
from backend.ecg.readers.wfdb.annotations import read_annotations
from backend.ecg.readers.wfdb.header import parse_header
from backend.ecg.recording import Recording

REFERENCE = "atr"
"""The annotator that is the reference by PhysioNet's custom; others, such as "qrs", are mostly programs."""


def annotated(recording: Recording, files: FileSet) -> Recording:
    """Return a recording with the annotations of the files that were left out of its set, and a note of each.

    Annotations beyond its end are not kept, and counted. Rhythms and kinds of beats by the reference annotator become
    `labels`, from which a dataset is made where somebody asks for one.
    """
    found: list[Annotation] = []
    notes: list[str] = []
    for file in files.left_out:
        try:
            kept, note = _of_file(recording, files, file)
        except UnreadableFileError as error:
            notes.append(f"Left out: {file.base}. {error}")
            continue
        found += kept
        notes.append(note)
    found.sort(key=lambda one: (one.annotator, one.sample))
    labels = dict(recording.labels) | _labels(found)
    return replace(recording, annotations=tuple(found), labels=labels, notes=(*recording.notes, *notes))


def _of_file(recording: Recording, files: FileSet, file: SourceFile) -> tuple[list[Annotation], str]:
    annotator = re.sub(r"\W", "_", file.base.rpartition(".")[2].lower(), flags=re.ASCII)[:20]
    said = read_annotations(file.data, annotator)
    scale = recording.rate / (said.resolution or parse_header(files.main.data, files.name).rate or recording.rate)
    moved = (
        (replace(one, sample=round(one.sample * scale)) for one in said.annotations) if scale != 1 else said.annotations
    )
    kept = [one for one in moved if one.sample < recording.n_samples]
    beats = sum(one.symbol in BEATS for one in kept)
    rhythms = sum(bool(one.rhythm) for one in kept)
    note = f"Annotations of {file.base}: {beats} beats, {rhythms} rhythms, {len(kept) - beats - rhythms} others."
    if len(kept) < len(said.annotations):
        note += f" {len(said.annotations) - len(kept)} lie beyond the end of the recording and were left out."
    return kept, note


def _labels(annotations: Iterable[Annotation]) -> dict[str, str]:
    """Return what experts say of the whole: its rhythms, and its kinds of beats, each in the order of coming."""
    experts = [one for one in annotations if one.annotator == REFERENCE]
    rhythms = dict.fromkeys(one.rhythm for one in experts if one.rhythm)
    beats = dict.fromkeys(one.symbol for one in experts if one.symbol in BEATS)
    found = {"rhythms (.atr)": ";".join(rhythms), "beats (.atr)": ";".join(beats)}
    return {name: text for name, text in found.items() if text}
