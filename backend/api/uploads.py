"""What an upload declares, and how its files are taken in; shared by storing and by predicting files."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from fastapi import Depends, Form, UploadFile

from backend.ecg.readers import ReadOptions, SourceFile


async def _options(
    rate: Annotated[
        float | None, Form(description="Hz, for files that do not state it; without it they are refused.")
    ] = None,
    units_per_mv: Annotated[
        float | None,
        Form(description="File units per mV, for files that do not state them; without it they are refused."),
    ] = None,
    unit: Annotated[Literal["mV", "arbitrary"], Form(description="arbitrary: normalised data without scale.")] = "mV",
    leads: Annotated[str | None, Form(description="Order of unnamed leads, separated by commas.")] = None,
    partial: Annotated[
        bool, Form(description="Keep recordings with fewer than twelve leads, for viewing only.")
    ] = False,
    raw: Annotated[
        bool, Form(description="Files without a header hold int16 samples, the leads of one moment side by side.")
    ] = False,
) -> ReadOptions:
    order = tuple(lead.strip() for lead in leads.split(",")) if leads else None
    return ReadOptions(rate=rate, units_per_mv=units_per_mv, unit=unit, leads=order, partial=partial, raw=raw)


OptionsDep = Annotated[ReadOptions, Depends(_options)]


def sources(files: Sequence[UploadFile]) -> Iterator[SourceFile]:
    """Yield the uploaded files one by one under the names their sender gave them; each is there once, then closed."""
    for number, file in enumerate(files, start=1):
        data = file.file.read()
        file.file.close()  # what the form held is free for what reading needs
        yield SourceFile((file.filename or f"file {number}").replace("\\", "/"), data)
