"""The whole of it in one folder of data, on which a platform is started, for one person or for many."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.testclient import TestClient

from backend.db.migrate import upgrade
from backend.main import create_app
from tests.e2e.world import people, sharing, ward
from tests.e2e.world.building import Builder
from tests.exchange.webdav_servers import Server
from tests.installation import SECRET, installation
from tests.platform_process import Platform, running_platform
from tests.shared_folder import SharedFolder


@dataclass(frozen=True)
class World:
    """Where it lies, what is in it, and the session of the admin where people sign in."""

    folder: Path
    ids: dict[str, str] = field(default_factory=dict)
    session: str = ""

    @contextmanager
    def running(self, *arguments: str, mode: str = "local") -> Iterator[Platform]:
        """Run the platform on it."""
        with running_platform(self.folder, *arguments, mode=mode, secret_key=SECRET, publisher=sharing.US) as one:
            yield one


def make(folder: Path, webdav: Server, n: int = 64, epochs: int = 2) -> World:
    """Make a world of a ward with `n` ECGs, and a second with half as many, whose networks learn for `epochs`.

    With fewer than 60, too few patients train for a check of drift; the second ward has 50 at least.
    """
    with installation(folder / "data", publisher=sharing.US) as settings:
        upgrade(settings.resolved_database_url)
        with TestClient(create_app(), base_url="http://127.0.0.1:8000") as client:
            to = Builder(client, n, epochs)
            ward.fill(to)
            sharing.share(to, SharedFolder.new(webdav), SharedFolder.new(webdav))
    with installation(folder / "data", mode="server") as settings:
        session = people.invite(settings, to.ids["ward"])
        return World(folder, to.ids | {"welcome": people.link(settings)}, session)
