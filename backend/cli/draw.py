"""`draw`: ECG files as drawings on ECG paper, true to scale, without a project."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from backend.cli import files
from backend.cli.app import JsonOption, command
from backend.cli.written import write_each
from backend.ecg.clinical_filters import BANDS, check
from backend.ecg.drawing import FORMATS, Sheet
from backend.ecg.drawing.layout import LAYOUTS
from backend.ecg.readers import SourceFile
from backend.ecg.recording import Recording
from backend.errors import InvalidInputError
from backend.services.drawings import draw_recording


@command("draw")
def draw_files(
    paths: files.Paths,
    to: Annotated[str, typer.Option(help=f"The format: {', '.join(FORMATS)}.")] = "pdf",
    out: Annotated[Path, typer.Option(help="Folder to write to; made where it is not there.")] = Path(),
    paper: Annotated[str, typer.Option(help="a4 or letter.")] = "a4",
    orientation: Annotated[str, typer.Option(help="landscape or portrait.")] = "landscape",
    layout: Annotated[str, typer.Option(help=f"Where the leads stand: {', '.join(LAYOUTS)}.")] = "3x4+1",
    speed: Annotated[float, typer.Option(help="mm/s: 12.5, 25 or 50.")] = 25.0,
    gain: Annotated[float | None, typer.Option(help="mm/mV: 2.5, 5, 10 or 20; none: 10, or what fits.")] = None,
    start: Annotated[float, typer.Option(help="Seconds of the recording to begin at.")] = 0.0,
    band: Annotated[str | None, typer.Option("--filter", help=f"Hz: {' or '.join(BANDS)}; none: unfiltered.")] = None,
    notch: Annotated[int | None, typer.Option(help="Mains frequency to take out: 50 or 60 Hz.")] = None,
    rate: files.Rate = None,
    units_per_mv: files.UnitsPerMv = None,
    arbitrary: files.Arbitrary = False,
    leads: files.Leads = "",
    partial: files.Partial = False,
    raw: files.Raw = False,
    force: Annotated[bool, typer.Option(help="Write over files that are already there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Draw ECGs on ECG paper, true to scale: PDF and SVG are vectors. Patients' identifiers become pseudonyms."""
    if to not in FORMATS:
        raise InvalidInputError(f"There are no drawings as {to!r}. Choose one of {', '.join(FORMATS)}.")
    check(band, notch)
    asked = {"paper": paper, "orientation": orientation, "layout": layout, "speed": speed, "gain": gain}
    sheet = Sheet(**cast("dict[str, Any]", asked), start=start)
    options = files.options(rate, units_per_mv, arbitrary, leads, partial, raw)

    def drawn(recording: Recording, stem: str) -> tuple[Sequence[SourceFile], str]:
        _, _, data = draw_recording(recording, to, sheet, band, notch)
        return [SourceFile(f"{stem}.{to}", data)], ""

    write_each(paths, options, out, force, as_json, "drawn", drawn)
