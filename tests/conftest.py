"""Fixtures of the platform: an installation per test, its API, real servers, and a small trained model."""

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import settings
from starlette.testclient import TestClient

from backend.db import session as db_session
from backend.db.migrate import upgrade
from backend.db.session import engine_for
from backend.settings import Settings
from backend.storage import Storage, storage_of
from tests.accounts import House
from tests.api_calls import Api
from tests.described import checker
from tests.exchange.webdav_servers import Server, server
from tests.installation import installation, same_ids
from tests.longest_first import longest_first
from tests.servers import create_database, database, postgres, redis_server
from tests.shared_folder import SharedFolder
from tests.shared_graphs import SharedGraphs, folder_of_the_run
from tests.stores import copy_blobs, s3_server, store_of_the_tests
from tests.trained import Trained, train_small_model

settings.register_profile("exchangeai", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("exchangeai")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # one of several processes of pytest-xdist
        longest_first(items)


def pytest_collection_finish() -> None:
    gc.freeze()  # what is loaded by now stays to the end, and need not be looked through with all garbage


@pytest.fixture(scope="module")
def quick_collections() -> None:
    """For tests that have garbage collected: what other files have left in this process is not looked through."""
    gc.freeze()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A Postgres server with a migrated database "template", to be copied.

    Its folder is none of pytest's own: another run of pytest would take them away from the server's user.
    """
    with TemporaryDirectory(prefix="postgres-") as folder, postgres(Path(folder)) as url:
        create_database(url, "migrated", "template1")
        upgrade(f"{url}/migrated")
        engine_for(f"{url}/migrated").dispose()
        yield url


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def _store() -> Iterator[None]:
    with store_of_the_tests():
        yield


@pytest.fixture(scope="session", autouse=True)
def _sqlite_without_waiting_for_the_disk() -> Iterator[None]:
    """What this process writes need not outlive a power cut; processes of their own are as they are for everybody."""
    configure = db_session._configure_sqlite

    def configure_quickly(connection: Any, record: object) -> None:
        configure(connection, record)
        connection.execute("PRAGMA synchronous=OFF")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db_session, "_configure_sqlite", configure_quickly)
        yield


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """The address of an S3 server for all tests; each takes a prefix of its own."""
    with s3_server() as (address, _):
        yield address


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "exchangeai.sqlite"
    upgrade(f"sqlite:///{path}")
    engine_for(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture
def empty_postgres(postgres_url: str) -> Iterator[str]:
    """The URL of an empty Postgres database."""
    with database(postgres_url, "template1") as url:
        yield url


@pytest.fixture
def migrated_postgres(postgres_url: str) -> Iterator[str]:
    """The URL of a Postgres database with the present tables."""
    with database(postgres_url, "migrated") as url:
        yield url


@pytest.fixture
def drawn_ids(request: pytest.FixtureRequest) -> Iterator[None]:
    """The same ids, and so the same parts of a split, whenever this test runs."""
    with same_ids(request.node.nodeid):
        yield


@pytest.fixture
def installed(drawn_ids: None, tmp_path: Path, migrated_sqlite: Path) -> Iterator[Settings]:
    """An installation of its own for the test: SQLite, a folder as queue, nothing running."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(migrated_sqlite, folder / "exchangeai.sqlite")
    with installation(folder) as settings:
        yield settings


@pytest.fixture(params=["sqlite", "postgres"])
def on_each_database(drawn_ids: None, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """The same on SQLite and on Postgres."""
    if request.param == "sqlite":
        yield request.getfixturevalue("installed")
        return
    url = request.getfixturevalue("migrated_postgres")
    with installation(tmp_path / "data", database_url=url) as settings:
        yield settings


@pytest.fixture(scope="session")
def webdav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A WebDAV server (wsgidav) for all tests that exchange models; each takes a folder of its own."""
    one = server("wsgidav", tmp_path_factory.mktemp("wsgidav"))
    one.start()
    yield one
    one.kill()


@pytest.fixture
def shared(webdav: Server) -> SharedFolder:
    """An empty folder on a WebDAV server, and on the disk behind it."""
    return SharedFolder.new(webdav)


@pytest.fixture
def storage(installed: Settings) -> Storage:
    return storage_of(installed)


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The web application with the default settings; what it serves depends on the installation of the moment."""
    from backend.main import create_app

    with installation(tmp_path_factory.mktemp("application")):
        return create_app()


@pytest.fixture
def api(installed: Settings, application: FastAPI) -> Iterator[Api]:
    yield from _served(application)


@pytest.fixture
def api_on_each_database(on_each_database: Settings, application: FastAPI) -> Iterator[Api]:
    yield from _served(application)


@pytest.fixture
def house(drawn_ids: None, tmp_path: Path, migrated_sqlite: Path, application: FastAPI) -> Iterator[House]:
    """An installation in server mode, where people sign in."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(migrated_sqlite, folder / "exchangeai.sqlite")
    with installation(folder, mode="server") as settings:
        yield House(settings, application)


@pytest.fixture(scope="session")
def shared_graphs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A network of one kind is traced once in this run; this loads torch."""
    from backend.ml import tracing

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tracing, "_kept", SharedGraphs(folder_of_the_run(request, tmp_path_factory)))
        yield


@pytest.fixture(scope="session")
def trained_once(shared_graphs: None, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A demo project of 60 simulated ECGs and a tiny network trained on it, in a data folder to be copied."""
    return train_small_model(tmp_path_factory.mktemp("trained") / "data")


@pytest.fixture
def trained(drawn_ids: None, trained_once: Trained, tmp_path: Path) -> Iterator[Trained]:
    """A copy of the trained installation, for the test to do with as it likes."""
    shutil.copytree(trained_once.folder, tmp_path / "data")
    with installation(tmp_path / "data") as settings:
        copy_blobs(trained_once.folder, settings)
        yield trained_once._replace(folder=tmp_path / "data")


@pytest.fixture
def trained_house(trained: Trained, application: FastAPI) -> Iterator[House]:
    """A copy of the trained installation, in server mode."""
    with installation(trained.folder, mode="server") as settings:
        yield House(settings, application)


@pytest.fixture
def trained_api(trained: Trained, application: FastAPI) -> Iterator[Api]:
    for served in _served(application):
        served.project = trained.project_id
        yield served


def _served(application: FastAPI) -> Iterator[Api]:
    with TestClient(application, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        client.event_hooks = {"request": [], "response": [checker(application)]}
        yield Api(client)
