"""Wire shapes of what is said beside a figure: cautions, recordings left out, questions."""

from typing import Literal

from pydantic import Field

from backend.api.schemas.base import Schema, Sentence

SeenStatus = Literal["training", "validation", "test", "no", "not known"]


class Caution(Schema):
    """What is to be said beside a figure so that it is not taken for more than it is."""

    kind: str = Field(
        description="few_events, seen, no_patients, windows, amplitude, scale, elsewhere, persons, drift or erased; "
        "others may come."
    )
    text: Sentence


class LeftOut(Schema):
    """Recordings that are kept out of the test part."""

    kind: Literal["seen", "two_parts"] = Field(
        description="seen: a model that the training starts from has learned from them, their patient or their signal. "
        "two_parts: their patient or their signal is in an earlier part of the split column too."
    )
    text: Sentence
    n: int
    files: list[str] = Field(description="Names of the first of them.")


class SpellingQuestion(Schema):
    """Whether identifiers that differ only in how they are written are of one patient; lists are in one order."""

    text: Sentence
    patients: list[str] = Field(description="Pseudonyms.")
    written: list[str] = Field(description="How each identifier is written, in words.")
    files: list[str] = Field(description="A recording of each.")
    counts: list[int] = Field(description="Recordings of each.")
