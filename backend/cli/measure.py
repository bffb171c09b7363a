"""`measure`: rate, intervals, axes and ST levels of ECG files, without a project."""

from pathlib import Path
from typing import Annotated, Any

import typer

from backend.cli.app import JsonOption, command, show
from backend.cli.data import read_batches
from backend.ecg.readers import ReadOptions, Refusal
from backend.ecg.recording import Unit
from backend.services.measurements import measure_signal

_ROWS = (
    ("heart_rate", "Heart rate", "/min"), ("p_ms", "P", " ms"), ("pr_ms", "PR", " ms"), ("qrs_ms", "QRS", " ms"),
    ("qt_ms", "QT", " ms"), ("p_axis", "P axis", "°"), ("qrs_axis", "QRS axis", "°"), ("t_axis", "T axis", "°"),
)  # fmt: skip


@command("measure")
def measure_files(
    paths: Annotated[list[Path], typer.Argument(help="Files, zips or folders of ECGs.")],
    rate: Annotated[float | None, typer.Option(help="Hz, for formats that do not state it; default 500.")] = None,
    units_per_mv: Annotated[
        float | None, typer.Option(help="File units per mV, for formats that do not state it; default 1000 (µV).")
    ] = None,
    arbitrary: Annotated[bool, typer.Option(help="The values are normalised and have no mV scale.")] = False,
    leads: Annotated[str | None, typer.Option(help="Order of unnamed leads, separated by commas.")] = None,
    partial: Annotated[bool, typer.Option(help="Measure recordings with fewer than twelve leads too.")] = False,
    raw: Annotated[bool, typer.Option(help="Files without any header hold 16-bit samples.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Measure ECG files: heart rate, intervals, QTc, axes, ST levels, and how far the signal can be trusted."""
    order = tuple(lead.strip() for lead in leads.split(",")) if leads else None
    unit: Unit = "arbitrary" if arbitrary else "mV"
    options = ReadOptions(rate=rate, units_per_mv=units_per_mv, unit=unit, leads=order, partial=partial, raw=raw)
    results: list[dict[str, Any]] = []
    for batch in read_batches(paths, options):
        for item in batch:
            if isinstance(item, Refusal):
                results.append({"file_name": item.name, "error": str(item.error)})
            elif item.error:
                results.append({"file_name": item.files.name, "error": item.error})
            else:
                results.extend(
                    {"file_name": one.name} | measure_signal(one.signal, one.rate, one.unit) for one in item.recordings
                )
    show(results, as_json, "\n\n".join(map(_text, results)))
    if all("error" in result for result in results):
        raise typer.Exit(1)


def _text(result: dict[str, Any]) -> str:
    if "error" in result:
        return f"{result['file_name']}: {result['error']}"
    lines = [f"{result['file_name']}: signal {result['quality']['overall']}"]
    for name, title, unit in _ROWS:
        value = result[name]
        lines.append(f"  {title:11} {f'{value:.0f}{unit}' if value is not None else result['reasons'].get(name, '–')}")
    if result["qtc_ms"]:
        formulas = ", ".join(f"{name} {value:.0f} ms" for name, value in result["qtc_ms"].items())
        lines.append(f"  {'QTc':11} {formulas}")
    levels = [f"{lead} {level:+.2f}" for lead, level in result["st_mv"].items() if level is not None]
    if levels:
        lines.append(f"  {'ST (mV)':11} {', '.join(levels)}")
    lines.extend(f"  Look: {reason}" for reason in result["quality"]["reasons"])
    return "\n".join(lines)
