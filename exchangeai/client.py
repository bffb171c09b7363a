"""A platform over REST: its projects, and whatever else it can be asked for."""

from collections.abc import Iterator
from typing import Any

from backend.ecg.errors import UserError
from exchangeai.connection import Connection, JsonBody
from exchangeai.errors import ApiError, NotFoundError
from exchangeai.exchange import Exchange
from exchangeai.jobs import Job
from exchangeai.paging import pages
from exchangeai.project import Project
from exchangeai.shapes import ExchangeInfo, HealthInfo, ProjectInfo


class Client:
    """A platform at an address, such as http://127.0.0.1:8000.

    `key` is an API key, sent as a bearer token; it is never sent anywhere else, nor shown. `timeout` (s) holds for each
    wait for the platform. Where it is busy, or the line breaks, requests that do no harm twice are sent again,
    `retries` times at most, after the time that it names. Errors are `ApiError`s with the platform's own words.
    """

    def __init__(self, url: str, key: str | None = None, *, timeout: float = 120.0, retries: int = 5) -> None:
        self._connection = Connection(url, key, timeout, retries)

    def health(self) -> HealthInfo:
        """Return its status and version. Raises UnreachableError where nobody answers."""
        shown: HealthInfo = self._connection.json("GET", "/health")
        return shown

    def system(self) -> dict[str, Any]:
        """Return what it can read, write, train and simulate, and which workers live."""
        shown: dict[str, Any] = self._connection.json("GET", "/system")
        return shown

    def projects(self) -> Iterator[ProjectInfo]:
        """Yield its projects, the newest first."""
        return self.items("/projects")

    def project(self, name_or_id: str) -> Project:
        """Return the project with this id or name. Raises NotFoundError; UserError where several have the name."""
        known = list(self.projects())
        found = [one for one in known if one["id"] == name_or_id] or [one for one in known if one["name"] == name_or_id]
        if not found:
            raise NotFoundError(f"There is no project {name_or_id!r}. Make it with create_project.", 404)
        if len(found) > 1:
            raise UserError(f"{len(found)} projects are named {name_or_id!r}; give the id of one.")
        return Project(self._connection, found[0]["id"])

    def create_project(self, name: str, description: str = "", *, keep_originals: bool = True) -> Project:
        """Make a project."""
        body = {"name": name, "description": description, "keep_originals": keep_originals}
        made: ProjectInfo = self._connection.json("POST", "/projects", JsonBody(body))
        return Project(self._connection, made["id"])

    def create_demo(
        self, name: str = "Demo: simulated ECGs", n_recordings: int = 400, seed: int = 1
    ) -> tuple[Project, Job]:
        """Make a project of simulated ECGs of five classes; the job fills it."""
        body = {"name": name, "n_recordings": n_recordings, "seed": seed}
        made = self._connection.json("POST", "/projects/demo", JsonBody(body))
        project = Project(self._connection, made["project"]["id"])
        return project, project.job(made["job"]["id"])

    def exchanges(self) -> Iterator[ExchangeInfo]:
        """Yield the exchanges in which it shares models, by name."""
        return self.items("/exchanges")

    def exchange(self, name_or_id: str) -> Exchange:
        """Return the exchange with this id or name. Raises NotFoundError."""
        for one in self.exchanges():
            if name_or_id in (one["id"], one["name"]):
                return Exchange(self._connection, one["id"])
        raise NotFoundError(f"There is no exchange {name_or_id!r}. Add it with add_exchange.", 404)

    def add_exchange(
        self, name: str, url: str, *, user: str = "", password: str | None = None, write: bool = False,
        certificate: str = "",
    ) -> Exchange:  # fmt: skip
        """Add an exchange and read its list: the address of a WebDAV folder, or a share link.

        The platform keeps the password sealed. `write` allows publishing there, `certificate` is that of the server's
        own authority as PEM text. Where the server does not answer the exchange is not added.
        """
        body = {
            "name": name, "url": url, "username": user, "password": password, "certificate": certificate,
            "access": "read_write" if write else "read",
        }  # fmt: skip
        made = Exchange(self._connection, self._connection.json("POST", "/exchanges", JsonBody(body))["id"])
        try:
            self._connection.json("POST", f"/exchanges/{made.id}/check")
            made.read()
        except ApiError:
            made.remove()
            raise
        return made

    def items(self, path: str, **query: Any) -> Iterator[Any]:
        """Yield the items of any list below /api/v1, page after page."""
        return pages(self._connection, path, **query)

    def request(self, method: str, path: str, json: Any = None, **query: Any) -> Any:
        """Send any request below /api/v1 and return its JSON, for what has no function here."""
        return self._connection.json(method, path, None if json is None else JsonBody(json), **query)

    def __repr__(self) -> str:
        return f"<Client {self._connection.url}>"
