"""What the commands that read files share: the options that declare what files leave open, and the reading itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from backend.cli.app import people
from backend.ecg.readers import ReadOptions, Refusal, SourceFile
from backend.errors import InvalidInputError
from backend.services import ingest
from backend.settings import get_settings

Paths = Annotated[list[Path], typer.Argument(help="Files, archives or folders of ECGs.")]
Rate = Annotated[float | None, typer.Option(help="Hz, for files that do not state it; without it they are refused.")]
UnitsPerMv = Annotated[
    float | None, typer.Option(help="File units per mV, for files that do not state them; without it they are refused.")
]
Arbitrary = Annotated[bool, typer.Option("--arbitrary", help="The values are normalised and have no mV scale.")]
Leads = Annotated[str, typer.Option(help="Order of unnamed leads, separated by commas.")]
Partial = Annotated[bool, typer.Option("--partial", help="Take recordings with fewer than twelve leads too.")]
Raw = Annotated[bool, typer.Option("--raw", help="Files without any header hold 16-bit samples.")]


def options(
    rate: float | None, units_per_mv: float | None, arbitrary: bool, leads: str, partial: bool, raw: bool
) -> ReadOptions:
    """Return what the options declare. Raises UndeclaredError for what cannot be meant."""
    return ReadOptions(
        rate=rate,
        units_per_mv=units_per_mv,
        unit="arbitrary" if arbitrary else "mV",
        leads=tuple(lead.strip() for lead in leads.split(",")) if leads else None,
        partial=partial,
        raw=raw,
    )


def batches(paths: list[Path], options: ReadOptions) -> Iterator[list[ingest.ReadSet | Refusal]]:
    """Read files, zips and folders with a progress bar. Raises InvalidInputError for a path that is not there."""
    files = list(_files(paths))
    limits = ingest.limits_from(get_settings())
    with Progress(console=people, transient=True) as bar:
        task = bar.add_task("Reading", total=len(files))

        def opened() -> Iterator[SourceFile]:
            for path, name in files:
                yield SourceFile(name, path.read_bytes())
                bar.advance(task)

        yield from ingest.read_all(opened(), options, limits)


def _files(paths: list[Path]) -> Iterator[tuple[Path, str]]:
    """Yield each file with the name it is stored under: relative to the folder that was named."""
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.is_file() and not file.name.startswith("."):
                    yield file, file.relative_to(path).as_posix()
        elif path.is_file():
            yield path, path.name
        else:
            raise InvalidInputError(f"There is no file or folder {path}.")
