"""Wire shapes of the erasure of a patient."""

from typing import Annotated

from pydantic import Field, StringConstraints

from backend.api.schemas.base import Schema

Identifier = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class PatientIn(Schema):
    """Whom it is about. It stands in the body, as addresses are kept in logs."""

    patient: Identifier = Field(
        description="Identifier as it stands in files or tables, in any spelling, or a pseudonym (p-…)."
    )


class PatientFound(Schema):
    """What a project has of a patient."""

    n_recordings: int
    n_labels: int = Field(description="Rows of tables of labels.")
    models: list[str] = Field(description="Names of the models that have learned from the recordings.")


class PatientErased(PatientFound):
    """What was erased for good."""

    rows: dict[str, int] = Field(description="Rows that were deleted or changed, by table.")
    n_files: int = Field(description="Stored files that were deleted.")
