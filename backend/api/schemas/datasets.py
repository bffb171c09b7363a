"""Wire shapes of datasets."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from backend.api.schemas.base import Schema, Sentence
from backend.ml.spec import Task


class ValueSpread(Schema):
    """How the values of a column of the table lie, in its own unit."""

    mean: float
    sd: float
    low: float
    high: float
    bars: list[int] = Field(description="Values in equal stretches from the lowest to the highest.")


class LabelCount(Schema):
    """How often a label, or a value of a regression, stands in the table, and how often beside a recording here."""

    label: str
    code: str | None
    n_rows: int
    n_recordings: int
    values: ValueSpread | None = Field(None, description="Of a regression.")


class LabelChoice(Schema):
    """Which column of a table means what."""

    recording: list[str] = Field(
        [], description="Columns in braces that name the recording, such as HR{ecg_id:05d}; the first that is filled."
    )
    labels: list[str] = Field([], description="Columns that hold labels, or say yes or no to the label they are named.")
    values: list[str] = Field([], description="Columns of numbers to be learned, instead of labels.")
    patient: str | None = Field(None, description='Column; "" for none, null for the one so named.')
    split: str | None = None
    fold: str | None = None
    code: str | None = Field(None, description="Column of ICD-10 codes.")
    sex: str | None = Field(None, description="Column of female and male, in words or letters; for groups.")
    age: str | None = Field(None, description="Column of ages in years; for groups.")
    threshold: float = Field(0.0, description="Likelihood from which on a code in a dictionary counts.")
    superclasses: bool = Field(False, description="SCP codes become PTB-XL's five diagnostic superclasses.")
    separators: str = Field(";|", description="Marks between several labels in one cell.")


class LabelSetVersion(Schema):
    """The label set that a dataset was made of, as it stood."""

    id: str
    name: str
    version: int
    fewest_readers: int = Field(description="Recordings that fewer had read were left out.")


class Dataset(Schema):
    """A table of labels attached to the recordings of a project."""

    id: str
    name: str
    file_name: str
    task: Task
    labels: list[str]
    split_column: Literal["split", "fold"] | None
    notes: list[Sentence]
    created_at: datetime
    n_rows: int
    n_matched: int
    n_unmatched: int
    n_unlabelled: int = Field(description="Recordings of the project without a row in the table.")
    n_partial: int = Field(description="Matched recordings that lack leads: they are left out of training.")
    n_patients: int
    counts: list[LabelCount]
    parts: dict[str, int] = Field(description="Value of the split or fold column -> matched recordings.")
    unmatched: list[str] = Field(description="File names without a recording; the first 1000.")
    unlabelled: list[str] = Field(description="Recordings without a label; the first 1000.")
    choice: LabelChoice | None = Field(None, description="Which column of the table means what.")
    in_files: list[str] = Field([], description="The vocabularies or columns in the files that the labels come from.")
    label_set: LabelSetVersion | None = Field(None, description="Where the labels were given on the page.")
    counted_at: datetime | None = Field(None, description="Of a large project, when this was counted; null: now.")


class TableColumn(Schema):
    """What stands in one column of a table."""

    name: str
    kind: Literal["empty", "yes_no", "number", "dictionary", "list", "text"]
    n_filled: int
    n_distinct: int
    examples: list[str]


class RecordingMatch(Schema):
    """How many rows of the table find a recording by a column or template."""

    template: str
    n_matched: int
    columns: list[str]
    is_plain: bool = Field(description="It is one column as it stands.")


class LabelSuggestion(Schema):
    """A likely choice, in words and complete."""

    title: str
    choice: LabelChoice


class LabelledRow(Schema):
    """One row as it would be understood."""

    row: int
    name: str = Field(description="The name by which the recording is looked for.")
    recording: str | None = Field(description="File name of the recording found.")
    labels: list[str]
    values: list[float | None]
    patient_id: str | None
    part: str | None
    sex: str | None = None
    age: float | None = None


class RowCount(Schema):
    """How many rows have a label."""

    label: str
    n_rows: int


class UnderstoodTable(Schema):
    """What the labelled rows of a table would be."""

    task: Task
    n_rows: int
    n_matched: int
    counts: list[RowCount]
    labels: list[str]
    rows: list[LabelledRow] = Field(description="The first ten.")
    notes: list[Sentence]


class LabelPreview(Schema):
    """How a table would be understood; nothing of it is stored."""

    kind: Literal["csv", "xlsx", "parquet", "numpy"]
    n_rows: int
    n_recordings: int = Field(description="Recordings of the project.")
    columns: list[TableColumn]
    first_rows: list[list[str]] = Field(description="The first ten as they stand.")
    matches: list[RecordingMatch] = Field(description="Columns that find recordings, best first.")
    suggestions: list[LabelSuggestion] = Field(description="Likely choices, best first.")
    question: Sentence = Field(description="What must still be chosen; empty where nothing is in doubt.")
    choice: LabelChoice | None = Field(description="What was asked for, completed, or else the likeliest choice.")
    problem: Sentence = Field(description="Why no rows can be made of the choice.")
    understood: UnderstoodTable | None
    notes: list[Sentence]


class LabelInFiles(Schema):
    """How many recordings a label has in its own files."""

    label: str
    n_recordings: int


class LabelSource(Schema):
    """Labels that the files of the recordings hold: statements of a vocabulary, or a column of labels."""

    name: str
    is_statements: bool
    n_recordings: int
    n_labels: int
    labels: list[LabelInFiles] = Field(description="The most frequent.")


class FromFiles(Schema):
    """Labels in the files that are to become a dataset."""

    sources: list[str] = Field(min_length=1, max_length=500)
    name: str = Field("", max_length=200)
    superclasses: bool = False
