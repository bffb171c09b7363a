"""Wire shapes of system."""

from datetime import datetime
from typing import Any, TypeAlias

from pydantic import Field

from backend.api.schemas.base import Schema, Sentence
from backend.ml.spec import Task

SettingValue: TypeAlias = bool | int | float | str | None


class FormatInfo(Schema):
    """A file format that can be read."""

    name: str
    title: Sentence
    extensions: list[str]
    declares_units: bool = Field(description="False: the uploader may have to say rate, unit or leads.")
    source: str = Field(description="The standard, paper or description that the reader follows.")


class WriterInfo(Schema):
    """A file format that a recording can be downloaded in."""

    name: str
    title: Sentence
    extension: str


class PresetInfo(Schema):
    """A named preprocessing."""

    name: str
    steps: list[Sentence] = Field(description="Each step in plain words, in order.")
    value: dict[str, Any]


class OptionInfo(Schema):
    """A setting of an architecture."""

    name: str
    default: float
    low: float
    high: float
    whole: bool
    help: Sentence


class ArchitectureInfo(Schema):
    """A network architecture that can be trained."""

    name: str
    title: Sentence
    description: Sentence
    reference: str
    config: dict[str, Any] = Field(description="Options with their defaults.")
    options: list[OptionInfo]
    recipe: dict[str, Any] = Field(description="Training settings that suit it, on top of the training defaults.")
    preprocessing: dict[str, Any] = Field(description="The preprocessing that suits it, whole.")
    parameters: int = Field(description="With five labels and default options.")
    recommended: bool
    takes_patient: bool = Field(description="Age and sex are used where the recordings have them.")
    convex: bool = Field(description="Fitted to its optimum: there are no epochs and no learning rate.")


class MethodInfo(Schema):
    """A way of training."""

    name: str
    title: Sentence
    help: Sentence
    needs_base: bool


class ChoiceInfo(Schema):
    """The words that a training setting may have."""

    setting: str
    values: list[str]


class SettingChoice(Schema):
    """One of the values that a training setting may have."""

    value: str
    title: Sentence
    help: Sentence
    tasks: list[Task] = Field(description="For which it is meant; empty: for all.")
    needs_epochs: bool = Field(description="Of no use where the head alone is trained.")


class SettingInfo(Schema):
    """A training setting: what it means, what it may be, and when it has an effect.

    It is one of `choices` where there are any, a number from `low` to `high` where these are given, or else a switch.
    It has an effect where the task is one of `tasks` (empty: any), every setting named in `when` has one of the values
    given there, none named in `unless` has, and, if it `needs_epochs`, not the head alone is trained.
    """

    name: str = Field(description="“augmentation.noise” is `noise` of the object `augmentation`.")
    title: Sentence
    help: Sentence
    default: SettingValue
    low: float | None
    high: float | None
    step: float = Field(description="A change worth trying.")
    whole: bool = Field(description="Whether it is a whole number.")
    automatic: Sentence | None = Field(description="What null does; null: a value has to be given.")
    choices: list[SettingChoice]
    tasks: list[Task]
    needs_epochs: bool = Field(
        description="No effect where the head alone is trained: by the method “head”, or of a `convex` architecture."
    )
    when: dict[str, list[SettingValue]]
    unless: dict[str, list[SettingValue]]


class WorkerInfo(Schema):
    """A living worker."""

    name: str
    queues: list[str]
    heartbeat_at: datetime


class System(Schema):
    """What this installation is and can do."""

    version: str
    formats: list[FormatInfo]
    writers: list[WriterInfo]
    presets: list[PresetInfo]
    architectures: list[ArchitectureInfo]
    methods: list[MethodInfo]
    training_choices: list[ChoiceInfo]
    workers: list[WorkerInfo]
    training_settings: list[SettingInfo]
    training_defaults: dict[str, Any]
    simulated_classes: dict[str, str]
    upload_bytes: int


class Health(Schema):
    """The platform answers."""

    status: str
    version: str
