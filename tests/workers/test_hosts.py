"""Two hosts, each with a web and a worker process and a disk of its own, on one Postgres, one Redis and one S3 store.

The hosts are network namespaces (Linux, as root): `make test-servers` asks for them with TEST_HOSTS=1. What they share
they reach through a bridge, behind which a thread hands bytes on to the servers of the tests.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest

from tests.api_calls import Api
from tests.platform_process import COMMAND, environment
from tests.samples import csv_file
from tests.servers import end_with_the_tests
from tests.stores import settings_of

pytestmark = pytest.mark.skipif(
    not os.environ.get("TEST_HOSTS") or os.getuid() != 0 or shutil.which("ip") is None,
    reason="wants TEST_HOSTS=1, root and the program ip",
)
BRIDGE, NET = "exai-test", "10.211.7"
_NEW_NETWORK = 0x40000000
PATIENCE_S = 180


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=30)


class Host:
    """A network namespace with an address of its own, and processes in it."""

    def __init__(self, number: int, folder: Path, shared: dict[str, str]) -> None:
        self.name, self.folder, self.shared = f"{BRIDGE}-{number}", folder, shared
        self.number = number
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        folder.mkdir()
        _ip("netns", "add", self.name)
        _ip("link", "add", f"exai{number}", "type", "veth", "peer", "name", "eth0", "netns", self.name)
        _ip("link", "set", f"exai{number}", "master", BRIDGE, "up")
        for words in (["addr", "add", f"{NET}.{number + 1}/24", "dev", "eth0"], ["link", "set", "eth0", "up"],
                      ["link", "set", "lo", "up"]):  # fmt: skip
            _ip("-n", self.name, *words)

    def start(self, *words: str) -> None:
        """Start a command of the platform on this host, under a host name of its own."""
        entered = ["ip", "netns", "exec", self.name, "unshare", "--uts", "sh", "-c",
                   f"hostname host{self.number} && exec \"$@\"", "sh"]  # fmt: skip
        with (self.folder / f"{words[0]}.log").open("ab") as log:
            self.processes[words[0]] = subprocess.Popen(
                [*entered, COMMAND, *words], env=environment(self.folder, port="8000", **self.shared), cwd=self.folder,
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, preexec_fn=end_with_the_tests(signal.SIGTERM),
            )  # fmt: skip

    def __call__(self, ask: Callable[[Api], Any]) -> Any:
        """Ask the web process of this host, from within it."""

        def within() -> Any:
            with Path(f"/run/netns/{self.name}").open() as network:
                assert ctypes.CDLL(None, use_errno=True).setns(network.fileno(), _NEW_NETWORK) == 0
            with httpx.Client(base_url="http://127.0.0.1:8000", timeout=60) as client:
                return ask(Api(client))

        with ThreadPoolExecutor(1) as thread:  # a thread of its own: it never comes back from the namespace
            return thread.submit(within).result()

    def stop(self, kind: str) -> None:
        process = self.processes.pop(kind)
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        if process.poll() is None:
            process.kill()
            process.wait()

    def end(self) -> None:
        for kind in list(self.processes):
            self.stop(kind)
        _ip("netns", "del", self.name)


@contextmanager
def _reached(url: str) -> Iterator[str]:
    """Hand connections to the bridge's address on to a server of this machine; yield its address as hosts see it."""
    parts = urlsplit(url)
    door = socket.create_server((f"{NET}.1", 0))

    def pump(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def link(near: socket.socket) -> None:
        with near, socket.create_connection((parts.hostname, parts.port)) as far:
            back = threading.Thread(target=pump, args=(far, near), daemon=True)
            back.start()
            pump(near, far)
            back.join()

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=link, args=(door.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield url.replace(f"{parts.hostname}:{parts.port}", f"{NET}.1:{door.getsockname()[1]}")
    door.close()


@pytest.fixture
def hosts(tmp_path: Path, migrated_postgres: str, redis_url: str, s3_address: str) -> Iterator[list[Host]]:
    _ip("link", "add", BRIDGE, "type", "bridge")
    with ExitStack() as stack:
        stack.callback(_ip, "link", "del", BRIDGE)
        _ip("addr", "add", f"{NET}.1/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        database, redis, store = (
            stack.enter_context(_reached(url)) for url in (migrated_postgres, redis_url, s3_address)
        )
        shared = {
            "database_url": database, "redis_url": redis, "job_lease_s": "5",
            "secret_key": "the same on all hosts, and long enough",
            **settings_of(store, "hosts"),
        }  # fmt: skip
        made = []
        for number in (1, 2):
            made.append(Host(number, tmp_path / f"host{number}", shared))
            stack.callback(made[-1].end)
            for command in ("web", "worker"):
                made[-1].start(command)
        for host in made:
            _until(host, lambda api: api.client.get("/api/v1/health").status_code == 200)
        yield made


def _until(host: Host, holds: Callable[[Api], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        with suppress(httpx.TransportError):
            if found := host(holds):
                return found
        assert time.monotonic() < deadline, [file.read_text()[-3000:] for file in host.folder.glob("*.log")]
        time.sleep(0.5)


def _at_work(api: Api) -> set[str]:
    """Return the hosts on which workers live."""
    workers = api.client.get("/api/v1/system").json()["workers"]
    return {worker["name"].split("@")[1] for worker in workers}


def test_two_hosts_are_one_platform_and_one_goes_on_when_the_other_is_gone(hosts: list[Host]) -> None:
    one, two = hosts
    _until(one, lambda api: {"host1", "host2"} == _at_work(api))
    project = one(lambda api: api.new_project(name="Shared"))

    def upload(api: Api) -> str:
        api.project = project
        api.upload({"a.csv": csv_file()}, rate="100")
        recording: str = api.recordings()[0]["id"]
        return recording

    def signal_of(api: Api) -> bytes:
        api.project = project
        content: bytes = api.client.get(api.url(f"/recordings/{recording}/signal")).content
        return content

    recording = one(upload)
    assert two(signal_of) == one(signal_of) != b""  # what was sent to one host is read by the other, from the store
    assert not [file for host in hosts for file in host.folder.rglob("*.sqlite")]

    def demo(api: Api) -> tuple[str, str]:
        made = api.client.post("/api/v1/projects/demo", json={"name": "D", "n_recordings": 50, "seed": 1}).json()
        return made["project"]["id"], made["job"]["id"]

    jobs = [host(demo) for host in (one, two, one, two)]
    for of_project, job in jobs:
        _until(two, lambda api, at=f"/api/v1/projects/{of_project}/jobs/{job}": (
            api.client.get(at).json()["status"] == "done"
        ))  # fmt: skip
    one.stop("web")
    one.stop("worker")
    of_project, job = two(demo)
    at = f"/api/v1/projects/{of_project}/jobs/{job}"
    _until(two, lambda api: api.client.get(at).json()["status"] == "done")
