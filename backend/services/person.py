"""Who is asking: the person, or the program of a person, on whose behalf the present request is answered.

In local mode, in the shell and in workers that is `LOCAL`, who may do everything; in server mode the gate before the
routes (`backend.api.gate`) says who it is. Services look here where what a person sees depends on who they are.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

Role = Literal["viewer", "annotator", "trainer", "admin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
"""What somebody may do in a project, each all that those before it may.

viewer: look, and ask models about single ECGs; annotator: bring ECGs and labels; trainer: train, evaluate, predict
datasets; admin: delete and erase ECGs, publish models, say who may do what.
"""
Via = Literal["local", "session", "key", "shell", "dicom", "retention", "nobody"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody, how they came in, and what they may do in which project."""

    id: str
    name: str
    via: Via
    is_admin: bool = False
    """Of the installation: manages users and exchanges, reads the audit log, and is admin in every project."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    """Project -> role."""
    most: Role = "admin"
    """The role that an API key has at most."""
    only_project: str | None = None
    """The project that an API key is for; None: all of its person."""
    credential: str = ""
    """Id of the API key, or hash of the session's token."""
    identity_id: str = ""
    """The identity at a provider by which somebody has signed in, empty for a password or a key."""
    is_noted: bool = True
    """Whether its use has been written down lately."""

    def role_in(self, project_id: str) -> Role | None:
        """Return what this person may do in a project, None where it is none of theirs."""
        if self.only_project is not None and project_id != self.only_project:
            return None
        own = "admin" if self.is_admin else self.roles.get(project_id)
        return None if own is None else min(own, self.most, key=ROLES.index)

    def sees(self, project_id: str) -> bool:
        """Say whether a project is there for this person."""
        return self.role_in(project_id) is not None

    @property
    def projects(self) -> Collection[str] | None:
        """The projects that are there for this person; None: all."""
        if self.only_project is not None:
            return [self.only_project] if self.sees(self.only_project) else []
        return None if self.is_admin else list(self.roles)


LOCAL: Final = Person(id="local", name="local", via="local", is_admin=True)
NOBODY: Final = Person(id="", name="", via="nobody")
_current: ContextVar[Person] = ContextVar("person", default=LOCAL)


def current() -> Person:
    """Return on whose behalf this is done; the threads of a request know it too."""
    return _current.get()


@contextmanager
def acting(person: Person) -> Iterator[None]:
    """Do something on behalf of a person."""
    token = _current.set(person)
    try:
        yield
    finally:
        _current.reset(token)
