"""`convert`: ECG files from one format into another, without a project."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from backend.cli import files
from backend.cli.app import JsonOption, command
from backend.cli.written import write_each
from backend.ecg.readers import SourceFile
from backend.ecg.recording import Recording
from backend.ecg.writers import WRITERS, find, rounded, write

_FORMATS = ", ".join(writer.name for writer in WRITERS)
_ROUNDED = "The samples, being no whole numbers, were rounded to 16 bits."


@command("convert")
def convert(
    paths: files.Paths,
    to: Annotated[str, typer.Option(help=f"The format to write: {_FORMATS}.")],
    out: Annotated[Path, typer.Option(help="Folder to write to; made where it is not there.")] = Path(),
    rate: files.Rate = None,
    units_per_mv: files.UnitsPerMv = None,
    arbitrary: files.Arbitrary = False,
    leads: files.Leads = "",
    partial: files.Partial = False,
    raw: files.Raw = False,
    force: Annotated[bool, typer.Option(help="Write over files that are already there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write ECGs in another format, each named after its file. Patients' identifiers become pseudonyms."""
    find(to)
    options = files.options(rate, units_per_mv, arbitrary, leads, partial, raw)

    def written(recording: Recording, stem: str) -> tuple[Sequence[SourceFile], str]:
        notes = (*recording.notes, *((_ROUNDED,) if rounded(recording, to) else ()))
        return write(recording, to, stem), " ".join(notes)

    write_each(paths, options, out, force, as_json, "converted", written)
