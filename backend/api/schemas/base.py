"""What all shapes have in common."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.language.sentence import Sentence as Sentence

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]

T = TypeVar("T")


class Schema(BaseModel):
    """Base of all shapes: reads attributes of rows, refuses unknown fields."""

    model_config = ConfigDict(from_attributes=True, extra="forbid")


class ErrorBody(Schema):
    """Every error has this form."""

    error: str = Field(description="Class of the error, such as NotFoundError.")
    detail: str = Field(description="What is wrong and what to do about it.")


class Page(Schema, Generic[T]):
    """One page of a list; `total` counts all pages."""

    items: list[T]
    total: int
    about: bool = Field(False, description="The total is told from a sample, as of lists of very many recordings.")
