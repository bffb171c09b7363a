"""Wire shapes of federated rounds."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from backend.api.schemas.base import Schema, Sentence
from backend.api.schemas.jobs import Job

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Key = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]


class RoundRules(Schema):
    """What the sites of a round agree on."""

    clip_norm: Annotated[float, Field(ge=1e-6, le=1e6, description="Longest change that a site may make.")] = 10.0
    largest_share: Annotated[float, Field(ge=0.01, le=1, description="Most that one site counts.")] = 0.6
    fewest_sites: Annotated[int, Field(ge=1, le=1000, description="Sites without which nothing is merged.")] = 2
    leave_out_odd: bool = True
    noise: Annotated[float, Field(ge=0, le=1e6, description="In sensitivities, which are 2·clip_norm.")] = 0.0
    noise_at: Literal["site", "coordinator"] = "site"
    delta: Annotated[float, Field(ge=1e-12, le=0.5)] = 1e-5


class RoundIn(Schema):
    """A round to be started from a published model."""

    item: Annotated[str, Field(min_length=1, max_length=500, description="Its place, slug/version.")]
    title: Text = ""
    coordinator: Text = Field("", description="Your name in it; empty: the one you publish under.")
    deadline: Annotated[str, Field(max_length=40, description="ISO 8601; empty: none.")] = ""
    rules: RoundRules = RoundRules()
    epsilon: Annotated[float | None, Field(gt=0, description="Instead of rules.noise: budget of all rounds.")] = None
    rounds: Annotated[int, Field(ge=1, le=1000, description="Rounds that the budget is to last for.")] = 10
    training: dict[str, Any] = Field({}, description="Training settings that sites are asked to use.")
    invited: Annotated[list[Key], Field(max_length=1000, description="Keys of the sites; none: everybody.")] = []


class RoundJoin(Schema):
    """A site that takes part; `trust` is the coordinator's key where it is met for the first time."""

    site: Text = ""
    trust: Key = ""


class RoundReason(Schema):
    """Why a round is undone."""

    reason: Annotated[Prose, Field(min_length=1)]


class ContributionIn(Schema):
    """A model of the project, fine-tuned from the base of the round, whose change is to be sent."""

    model_id: Annotated[str, Field(min_length=1, max_length=64)]


class MergeIn(Schema):
    """How a round is merged. `model_id` is a model of yours by whose recordings the result is judged."""

    model_id: Annotated[str | None, Field(max_length=64)] = None
    leave_out: Annotated[dict[Key, Prose], Field(max_length=1000, description="Key of a site and why.")] = {}
    keep_odd: Annotated[list[Key], Field(max_length=1000)] = []
    publisher: Text = ""


class RoundBase(Schema):
    """The published model that every site starts from."""

    slug: str
    version: int
    name: str
    sha256: str
    model_sha256: str
    weights_sha256: str
    labels: list[str]
    held_by: str | None = Field(None, description="A model of this installation that is this one.")


class RoundFate(Schema):
    """What became of a contribution."""

    site: str
    recordings: int
    share: float
    norm: float
    longer: float | None
    cosine: float | None
    alone: float | None
    left_out: Sentence


class RoundSite(Schema):
    """A site of a round. Counts that are of fewer than five are null."""

    fingerprint: str
    name: str
    joined: str = Field(description="ISO 8601; empty: not joined.")
    has_contributed: bool
    recordings: int | None
    patients: int | None
    labels: dict[str, int | None]
    fault: Sentence = Field(description="What is wrong with what it has sent.")
    fate: RoundFate | None
    own: bool = Field(description="Whether it is this installation.")


class Round(Schema):
    """A federated round as it stands in the exchange."""

    slug: str
    number: int
    state: Literal["open", "closed", "merged", "undone"]
    title: str
    coordinator: str
    fingerprint: str = Field(description="The coordinator's key.")
    own: bool = Field(description="Whether this installation coordinates it.")
    created: str
    deadline: str
    base: RoundBase
    rules: RoundRules
    training: dict[str, Any]
    invited: list[str]
    epsilon_a_round: float | None = Field(description="Budget of this round alone; null without noise.")
    epsilon_spent: float | None = Field(description="Of all rounds so far, told when it was merged.")
    merged: str = Field(description="Place of the model that came of it; empty: none yet.")
    undone: str = Field(description="Why it was undone; empty: it was not.")
    sites: list[RoundSite]
    notes: list[Sentence]


class RoundList(Schema):
    """The rounds of an exchange, the newest first, and what could not be read."""

    rounds: list[Round]
    notes: list[Sentence]


class RoundJob(Schema):
    """A job that was queued for a round."""

    job: Job
