"""`measure`: rate, intervals, axes and ST levels of ECG files, without a project."""

from typing import Any

import typer

from backend.cli import files
from backend.cli.app import JsonOption, command, show
from backend.ecg.readers import Refusal
from backend.services.measurements import measure_signal

_ROWS = (
    ("heart_rate", "Heart rate", "/min"), ("p_ms", "P", " ms"), ("pr_ms", "PR", " ms"), ("qrs_ms", "QRS", " ms"),
    ("qt_ms", "QT", " ms"), ("p_axis", "P axis", "°"), ("qrs_axis", "QRS axis", "°"), ("t_axis", "T axis", "°"),
)  # fmt: skip


@command("measure")
def measure_files(
    paths: files.Paths,
    rate: files.Rate = None,
    units_per_mv: files.UnitsPerMv = None,
    arbitrary: files.Arbitrary = False,
    leads: files.Leads = "",
    partial: files.Partial = False,
    raw: files.Raw = False,
    as_json: JsonOption = False,
) -> None:
    """Measure ECG files: heart rate, intervals, QTc, axes, ST levels, and how far the signal can be trusted."""
    options = files.options(rate, units_per_mv, arbitrary, leads, partial, raw)
    results: list[dict[str, Any]] = []
    for batch in files.batches(paths, options):
        for item in batch:
            if isinstance(item, Refusal):
                results.append({"file_name": item.name, "error": str(item.error)})
            elif item.error:
                results.append({"file_name": item.files.name, "error": item.error})
            else:
                results.extend(
                    {"file_name": one.name} | measure_signal(one.signal, one.rate, one.unit, one.missing, one.device)
                    for one in item.recordings
                )
    show(results, as_json, "\n\n".join(map(_text, results)))
    if all("error" in result for result in results):
        raise typer.Exit(1)


def _text(result: dict[str, Any]) -> str:
    if "error" in result:
        return f"{result['file_name']}: {result['error']}"
    quality = result["quality"] or {"overall": "not judged, for want of a scale", "reasons": []}
    lines = [f"{result['file_name']}: signal {quality['overall']}"]
    for name, title, unit in _ROWS:
        value = result[name]
        lines.append(f"  {title:11} {f'{value:.0f}{unit}' if value is not None else result['reasons'].get(name, '–')}")
    if result["qtc_ms"]:
        formulas = ", ".join(f"{name} {value:.0f} ms" for name, value in result["qtc_ms"].items())
        lines.append(f"  {'QTc':11} {formulas}")
    levels = [f"{lead} {level:+.2f}" for lead, level in result["st_mv"].items() if level is not None]
    if levels:
        lines.append(f"  {'ST (mV)':11} {', '.join(levels)}")
    lines.extend(f"  Look: {reason}" for reason in quality["reasons"])
    return "\n".join(lines)
