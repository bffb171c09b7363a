"""`embed`: ECGs as the numbers that a model sees in them, for statistics and models of one's own."""

from itertools import chain
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from backend.cli import files
from backend.cli.app import JsonOption, command, people, show
from backend.errors import InvalidInputError
from backend.services import embeddings, ingest
from backend.services.csv_line import csv_line
from backend.services.embeddings import Embedded


@command("embed")
def embed(
    paths: files.Paths,
    model: Annotated[str, typer.Option(help="A model that comes with the platform.")] = embeddings.USUAL,
    rate: files.Rate = None,
    units_per_mv: files.UnitsPerMv = None,
    arbitrary: files.Arbitrary = False,
    leads: files.Leads = "",
    raw: files.Raw = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file: .csv, or .npy (the numbers alone).")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Embed ECGs: 512 numbers each with CardX, a line a recording. What cannot be read is named, and left out."""
    if output is not None and output.suffix.lower() not in (".csv", ".npy"):
        raise InvalidInputError(f"Embeddings are written to a file that ends in .csv or .npy, not to “{output.name}”.")
    options = files.options(rate, units_per_mv, arbitrary, leads, False, raw)
    found: list[Embedded] = []
    for result in chain.from_iterable(files.batches(paths, options)):
        if not isinstance(result, ingest.ReadSet):
            found.append(Embedded(result.name, None, error=str(result.error)))
            continue
        if result.error:
            found.append(Embedded(result.files.name, None, error=result.error))
        found += [embeddings.embed_recording(recording, model) for recording in result.recordings]
    for one in found:
        if one.error:
            people.print(f"{one.name}: left out: {one.error}", markup=False, soft_wrap=True)
    kept = [one for one in found if one.embedding is not None]
    if output is not None:
        _write(output, kept)
        people.print(f"Wrote {len(kept)} embeddings to {output}", markup=False)
    shown = [
        {"file_name": one.name, "embedding": None if one.embedding is None else one.embedding.tolist(),
         "notes": list(one.notes), "error": one.error or None}
        for one in found
    ]  # fmt: skip
    if as_json or output is None:
        show(shown, as_json, "".join(_lines(kept)).rstrip("\n"))
    if not kept:
        raise typer.Exit(1)


def _write(path: Path, kept: list[Embedded]) -> None:
    if path.suffix.lower() == ".npy":
        np.save(path, np.stack([one.embedding for one in kept if one.embedding is not None]))
    else:
        path.write_text("".join(_lines(kept)), encoding="utf-8", newline="")


def _lines(kept: list[Embedded]) -> list[str]:
    """Return CSV: file_name, e1, e2 …"""
    if not kept or kept[0].embedding is None:
        return []
    head = csv_line(["file_name", *(f"e{i + 1}" for i in range(len(kept[0].embedding)))])
    rows = [(csv_line([one.name]).rstrip(), one.embedding) for one in kept if one.embedding is not None]
    return [head, *(",".join([name, *(f"{value:.6g}" for value in numbers)]) + "\r\n" for name, numbers in rows)]
