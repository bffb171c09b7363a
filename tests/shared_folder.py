"""A folder on a real WebDAV server through which tests exchange models, and the files behind it."""

from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from backend.db.session import read_session, write_session
from backend.db.tables import Exchange, Model, Transfer
from backend.services import (
    exchange_listing,
    exchange_pull,
    exchange_push,
    exchanges,
    models,
    projects,
    transfers,
)
from backend.settings import Settings, get_settings
from tests.exchange.webdav_servers import PASSWORD, USER, Server
from tests.trained import Trained
from workers import exchanges as worker
from workers.lifecycle import run

USE = "12-lead ECGs of adults; not for children"


@dataclass(frozen=True)
class SharedFolder:
    """`url` is its address, `path` where its files lie."""

    server: Server
    name: str

    @classmethod
    def new(cls, server: Server) -> "SharedFolder":
        one = cls(server, uuid4().hex[:12])
        one.path.mkdir()
        return one

    @property
    def url(self) -> str:
        return f"{self.server.url}{self.name}/"

    @property
    def path(self) -> Path:
        return self.server.root / self.name

    def files(self) -> list[str]:
        """Return all files in it, by their paths."""
        return sorted(path.relative_to(self.path).as_posix() for path in self.path.rglob("*") if path.is_file())

    def request(self, name: str = "Clinic", **changes: object) -> exchanges.Request:
        said = {"name": name, "url": self.url, "username": USER, "password": PASSWORD, "access": "read_write"}
        return exchanges.Request(**said | changes)

    def add(self, settings: Settings, **changes: object) -> str:
        """Add it as an exchange and return its id."""
        with write_session(settings.resolved_database_url) as session:
            return exchanges.add(session, settings, self.request(**changes)).id


def read_list(settings: Settings, exchange_id: str) -> list[exchange_listing.Item]:
    """Read the list of an exchange anew, and return what is in it."""
    url = settings.resolved_database_url
    with read_session(url) as session:
        row = exchanges.get(session, exchange_id)
        before, connection = exchange_listing.stored(session, row.id), exchanges.connection(settings, row)
    with connection.folder() as folder:
        kept, notes = exchange_listing.read(folder, before)
    assert notes == []
    with write_session(url) as session:
        exchange_listing.keep(session, exchange_id, kept)
    with read_session(url) as session:
        return exchange_listing.items(session, session.get_one(Exchange, exchange_id))


def push(settings: Settings, project_id: str, exchange_id: str, model_id: str, **wanted: object) -> Transfer:
    """Publish a model in this process as a worker does, and return what came of it."""
    request = exchange_push.Request(model_id=model_id, **{"publisher": "Ward 3", **wanted})
    with write_session(settings.resolved_database_url) as session:
        row = exchange_push.create(session, settings, project_id, exchanges.get(session, exchange_id), request)
        transfer_id, job_id = row.id, row.job_id
    run(job_id, worker.push)
    return transfer(settings, project_id, transfer_id)


def begin_pull(settings: Settings, project_id: str, exchange_id: str, item: str, **wanted: object) -> Transfer:
    """Ask for a model, and return the transfer that waits."""
    request = exchange_pull.Request(item=item, **wanted)
    with write_session(settings.resolved_database_url) as session:
        return exchange_pull.create(session, project_id, exchanges.get(session, exchange_id), request)


def pull(settings: Settings, project_id: str, exchange_id: str, item: str, **wanted: object) -> Transfer:
    """Fetch a model in this process as a worker does, and return what came of it."""
    row = begin_pull(settings, project_id, exchange_id, item, **wanted)
    run(row.job_id, worker.pull)
    return transfer(settings, project_id, row.id)


def transfer(settings: Settings, project_id: str, transfer_id: str) -> Transfer:
    """Return a transfer as it is now."""
    with read_session(settings.resolved_database_url) as session:
        row = transfers.get(session, project_id, transfer_id)
        _ = row.job.status, row.model
        return row


def describe(settings: Settings, model_id: str, **changes: str) -> None:
    """Say of a model what it must say before it is published."""
    with write_session(settings.resolved_database_url) as session:
        model = session.get_one(Model, model_id)
        for name, value in ({"licence": "CC BY 4.0", "intended_use": USE} | changes).items():
            setattr(model, name, value)


def new_project(settings: Settings, name: str = "Elsewhere") -> str:
    """Add a project and return its id."""
    with write_session(settings.resolved_database_url) as session:
        return projects.create(session, name).id


def n_models(settings: Settings, project_id: str) -> int:
    """Count the models of a project."""
    with read_session(settings.resolved_database_url) as session:
        return len(models.list_models(session, project_id))


def published(trained: Trained, shared: SharedFolder, **wanted: object) -> tuple[Settings, str, str]:
    """Publish the trained model; return settings, the exchange's id and where the model lies."""
    settings = get_settings()
    describe(settings, trained.model_id)
    exchange_id = shared.add(settings)
    done = push(settings, trained.project_id, exchange_id, trained.model_id, **wanted)
    assert done.job.status == "done", done.job.error
    return settings, exchange_id, done.item
