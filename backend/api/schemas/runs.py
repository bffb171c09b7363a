"""Wire shapes of runs."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from backend.api.schemas.base import Schema, Sentence
from backend.api.schemas.cautions import Caution, LeftOut, SpellingQuestion
from backend.api.schemas.jobs import Job
from backend.ml.data.folds import FEWEST_FOLDS, MOST_FOLDS, MOST_REPEATS
from backend.ml.evaluation.by_source import SourceScore
from backend.services.sources import FoldsBy


class SplitIn(Schema):
    """How the model is tested, and how the recordings are parted: by seeded chance, or by a column of the table."""

    method: Literal["auto", "holdout", "cross_validation"] = Field(
        "auto",
        description="holdout: one test part. cross_validation: every recording is tested, by a model that has not seen "
        "it or its patient. auto: cross_validation where a test part would hold fewer than 200 recordings, or fewer "
        "than 30 with or without a label; holdout where the table or this request says which recordings test.",
    )
    folds_by: FoldsBy = Field(
        "patient",
        description="Of cross-validation. patient: by lot. Else each fold is a source, tested by a model that has "
        "learned from the others: a device as the files state it, the first folder of the path, the file format, or "
        "the import that brought the recordings.",
    )
    folds: int | None = Field(
        None, ge=FEWEST_FOLDS, le=MOST_FOLDS, description="Of cross-validation by patient; none: 5."
    )
    repeats: int | None = Field(
        None,
        ge=1,
        le=MOST_REPEATS,
        description="Of cross-validation; none: 10 where only the head is fitted, else 1.",
    )
    kind: Literal["random", "column"] | None = Field(
        None, description="None: by the split or fold column of the table where it has one, else random."
    )
    train: float | None = Field(None, gt=0, lt=1, description="Of one test part; none: 0.7.")
    validation: float | None = Field(None, gt=0, lt=1, description="Of one test part; none: 0.1.")
    test: float | None = Field(None, gt=0, lt=1, description="Of one test part; none: 0.2.")
    test_fold: int | None = Field(None, description="Fold of the test part; none: the highest.")
    validation_fold: int | None = Field(None, description="Fold of the validation part; none: the next highest.")
    split_seed: int | None = Field(
        None, ge=0, lt=2**32, description="Draws the parts of a random split, apart from the training's seed; none: 1."
    )
    spellings: Literal["same", "different"] = Field(
        "same", description="Patients whose identifiers differ only in how they are written, such as P001 and p-001."
    )


class RunIn(Schema):
    """What to train."""

    dataset_id: str
    name: str = Field("", max_length=200)
    labels: list[str] | None = Field(None, description="Labels to learn; none: all of the dataset.")
    base_model_id: str | None = Field(
        None, description="Model of the project to fine-tune; none: a fresh network of `architecture`."
    )
    architecture: str | None = Field(None, description="None: the recommended one (see /system), or the base's own.")
    architecture_config: dict[str, Any] = {}
    preprocessing: dict[str, Any] | None = Field(
        None, description="A preset, with any of its values changed; none: what suits the network, or the base's own."
    )
    split: SplitIn = SplitIn()
    training: dict[str, Any] = Field(
        default={},
        description="Changes to the training defaults and to the recipe of the architecture (see /system). `method` is "
        "scratch without a base model; head, all or head_then_all (the default) with one.",
    )


class SourcesOfFold(Schema):
    """What one fold tests, where folds are sources."""

    names: list[str]
    n_small: int = Field(description="Sources in it that have fewer than five patients each, and are not named.")
    n: int = Field(description="Recordings that are tested.")
    n_patients: int


class HowTested(Schema):
    """How it is found out how good a model is."""

    method: Literal["holdout", "cross_validation"]
    folds: int = Field(0, description="Of cross-validation.")
    repeats: int = Field(0, description="Of cross-validation.")
    automatic: bool = Field(False, description="Nobody has chosen it; `reason` says why it is so.")
    reason: Sentence = ""
    folds_by: FoldsBy = "patient"
    sources: list[SourcesOfFold] = Field([], description="Of each fold, where folds are not made by patient.")


class RunSources(Schema):
    """How good a training is on each source, where its folds are sources."""

    by: FoldsBy
    measure: Literal["macro_auroc", "macro_r2"] = Field(description="The mean over the labels of the source.")
    sources: list[SourceScore] = Field(description="The largest first; each with one score.")
    text: list[Sentence]


class Mistake(Schema):
    """A kind of mistake: a cell of a label, or one label told in place of another."""

    label: str
    cell: Literal["false_positive", "false_negative"] | None
    predicted_label: str | None
    n: int = Field(description="Recordings; the list of recordings takes the same words, beside `run_id`.")


class RunMistakes(Schema):
    """What the models of a cross-validation told wrongly of recordings that they had not seen."""

    n: int = Field(description="Recordings that were tested.")
    n_wrong: int = Field(description="Those with a mistake.")
    mistakes: list[Mistake] = Field(description="The most frequent kind first.")


class TrainingEstimate(Schema):
    """How long a training will take, before it is started."""

    seconds: float = Field(description="The likeliest; it mostly ends early because nothing becomes better any more.")
    most_seconds: float = Field(description="If every epoch is trained.")
    n_train: int
    method: str
    measured: bool = Field(description="From trainings on this machine; otherwise from a machine with two cores.")
    notes: list[Sentence]
    how_tested: HowTested
    parts: dict[str, int] = Field(
        description="Recordings of each part: train, validation, test. Of cross-validation: those that the model that "
        "is kept learns from, none, and those that are tested."
    )
    left_out: list[LeftOut]
    not_checked: list[Sentence] = Field(description="What cannot be known of leakage: each is what is not checked.")
    questions: list[SpellingQuestion]
    cautions: list[Caution]


class Run(Schema):
    """A training run."""

    id: str
    dataset_id: str | None
    base_model_id: str | None
    name: str
    architecture: str
    settings: dict[str, Any]
    facts: dict[str, Any]
    created_at: datetime
    job: Job
    can_keep: bool = Field(False, description="It has a best epoch: it can be stopped and its model kept.")
    model_id: str | None = None
    how_tested: HowTested | None = Field(None, description="None of runs of earlier versions: one test part.")
    left_out: list[LeftOut] = []
    not_checked: list[Sentence] = []
    questions: list[SpellingQuestion] = []
    cautions: list[Caution] = []
