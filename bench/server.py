"""The product's own web process for a benchmark: real HTTP on a free port, data in a temporary folder."""

import http.client
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil

from backend.cli.processes import web_command
from backend.settings import get_settings

START_S = 60


class Server:
    """A running web process."""

    def __init__(self, process: psutil.Popen, host: str, port: int) -> None:
        self.process = process
        self.host, self.port = host, port

    def connect(self) -> http.client.HTTPConnection:
        """Open a connection of its own, without Nagle's delay."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=600)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Send one request below /api/v1, on a connection of its own, and return its JSON."""
        data = None if body is None else json.dumps(body).encode()
        with closing(self.connect()) as connection:
            connection.request(method, f"/api/v1{path}", data, {"Content-Type": "application/json"})
            return json.loads(read(connection))

    def cpu_s(self) -> float:
        """CPU seconds of the web process and its children so far."""
        processes = [self.process, *self.process.children(recursive=True)]
        times = [process.cpu_times() for process in processes]
        ended = self.process.cpu_times()
        return sum(t.user + t.system for t in times) + ended.children_user + ended.children_system


def read(connection: http.client.HTTPConnection) -> bytes:
    """Return the body of the answer; stop the benchmark where it is an error."""
    answer = connection.getresponse()
    data = answer.read()
    if answer.status >= 300:
        raise SystemExit(f"The server answered {answer.status}: {data[:500].decode(errors='replace')}")
    return data


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def use_folder(folder: Path, **values: object) -> None:
    """Make this process, and those it starts, an installation in `folder`; settings not among `values` are default."""
    for name in [
        name for name in os.environ if name.startswith("EXCHANGEAI_") and name != "EXCHANGEAI_PREDICT_THREADS"
    ]:
        del os.environ[name]
    values |= {"data_dir": folder, "port": free_port()}
    os.environ |= {f"EXCHANGEAI_{name.upper()}": str(value) for name, value in values.items()}
    get_settings.cache_clear()


@contextmanager
def running(folder: Path, **values: object) -> Iterator[Server]:
    """Start the web process with its data in `folder` and the settings `values`; end it afterwards."""
    use_folder(folder, **values)
    host, port = get_settings().host, get_settings().port
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "web.log").open("wb") as log:
        process = psutil.Popen(web_command(), stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(host, port, process)
        yield Server(process, host, port)
    finally:
        process.terminate()
        process.wait(20)


def wait_for(host: str, port: int, process: psutil.Popen, path: str = "/api/v1/health") -> None:
    """Return once the server answers; stop the benchmark where it does not."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection(host, port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.01)
        finally:
            connection.close()
    raise SystemExit("The web process does not answer.")
