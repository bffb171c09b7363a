"""Wire shapes of transfers: models that are pulled from an exchange or pushed into one."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from backend.api.schemas.base import Schema, Sentence
from backend.api.schemas.jobs import Job

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000)]


class PullIn(Schema):
    """A model to fetch from an exchange into this project."""

    exchange_id: str
    item: Annotated[str, Field(min_length=1, max_length=500, description="Its place in the exchange.")]
    name: Text = Field("", description="Empty: its own.")
    trust: Text = Field("", description="Fingerprint of a key that is new here and is to be trusted from now on.")
    unverified: bool = Field(False, description="Take an ONNX file that nobody has signed.")
    for_prediction: bool = True
    for_training: bool = True


class PushIn(Schema):
    """A model of this project to publish in an exchange."""

    exchange_id: str
    model_id: str
    publisher: Text = Field("", description="Name of the publisher; empty: the one used last.")
    notes: Prose = Field("", description="What is new in this version.")
    slug: Annotated[str, Field(max_length=60, description="Model it is the next version of; empty: by its name.")] = ""
    also_onnx: bool = Field(False, description="Lay the bare ONNX file beside it, for the original platform.")
    with_seen: bool = Field(
        False,
        description="Send along salted hashes of the recordings it has seen, so that others know whether they test on "
        "them; whoever holds the very same ECG learns that it was used.",
    )


class Transfer(Schema):
    """A model on its way from or to an exchange."""

    id: str
    project_id: str
    exchange_id: str | None
    exchange_name: str
    direction: Literal["pull", "push"]
    name: str
    item: str = Field(description="Its place in the exchange; empty: not published yet.")
    model_id: str | None
    quarantined: str | None = Field(description="Why it was not taken in.")
    created_at: datetime
    job: Job


class PublicationFinding(Schema):
    """Something in a model that tells of single patients; `mended`: it is left out of what is published."""

    place: str
    reason: Sentence
    mended: bool


class Publication(Schema):
    """What is to be known before a model is published."""

    slug: str
    versions: list[int] = Field(description="Versions of it that are in the exchange already.")
    publisher: str
    fingerprint: str = Field(description="Of the key it will be signed with.")
    missing: list[str] = Field(description="What it must still say.")
    advice: list[Sentence] = Field(description="What a reader of its card will miss.")
    findings: list[PublicationFinding]
    card: str = Field(description="Markdown.")
    ready: bool
