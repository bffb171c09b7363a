"""Wire shapes of projects."""

from datetime import datetime

from pydantic import Field

from backend.api.schemas.base import Name, Schema
from backend.api.schemas.jobs import Job


class ProjectIn(Schema):
    """A new project."""

    name: Name
    description: str = Field("", max_length=10_000)
    keep_originals: bool = Field(True, description="Keep the uploaded files beside the signals.")


class ProjectPatch(Schema):
    """Changes to a project."""

    name: Name | None = None
    description: str | None = Field(None, max_length=10_000)


class Project(Schema):
    """A project and what it holds."""

    id: str
    name: str
    description: str
    keep_originals: bool
    simulated: bool
    created_at: datetime
    n_recordings: int
    n_datasets: int
    n_runs: int
    n_models: int


class DemoIn(Schema):
    """A demo project of simulated ECGs."""

    name: Name = "Demo: simulated ECGs"
    n_recordings: int = Field(400, ge=50, le=5000)
    seed: int = Field(1, ge=0)


class DemoProject(Schema):
    """The demo project and the job that fills it."""

    project: Project
    job: Job
