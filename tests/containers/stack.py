"""The platform in containers, for the tests: an engine, images from this working tree, compose in its own folder."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx

from tests.api_calls import Api
from tests.containers.bases import make_bases
from tests.platform_process import until
from tests.servers import free_port

ROOT = Path(__file__).parents[2]
PROJECT = "exchangeai-test"
PATIENCE_S = 300
HOST = "ecg.example.org"
DOCKERS_ADDRESSES = "172.16.0.0/12"
"""From where a proxy on this machine comes, as containers see it (docs/deploy.md)."""
UNLIKE = ("workers", "audit_entries", "audit_heads", "api_keys", "login_sessions")
"""Tables in which a start, a backup or a request writes: who lives, who has done what, when a key was used."""


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0


COMPOSE = ["docker", "compose"] if _succeeds("docker", "compose", "version") else ["docker-compose"]


@contextmanager
def engine(folder: Path) -> Iterator[None]:
    """Have a Docker engine running: that of the machine, or one for the time of the tests."""
    if _succeeds("docker", "info"):
        yield
        return
    with (folder / "dockerd.log").open("wb") as log:
        daemon = subprocess.Popen(["nice", "dockerd"], stdout=log, stderr=log)
    try:
        until(lambda: _succeeds("docker", "info"))
        yield
    finally:
        daemon.terminate()
        daemon.wait(60)


class Stack:
    """A copy of what git knows of this working tree, with settings and secrets, and the containers made of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.exchange_port, self.dicom_port = free_port(), free_port(), free_port()
        listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True).stdout
        copied = subprocess.Popen(["tar", "-cf", "-", "--null", "-T", "-"], cwd=ROOT, stdin=-1, stdout=-1)
        extract = subprocess.Popen(["tar", "-xf", "-", "-C", folder], stdin=copied.stdout)
        assert copied.stdin is not None
        assert copied.stdout is not None
        copied.stdout.close()
        copied.stdin.write(names)
        copied.stdin.close()
        assert (extract.wait(), copied.wait()) == (0, 0)
        (folder / "bases").mkdir()
        settings = make_bases(folder / "bases") | {
            "BUILD_NETWORK": "host", "EXCHANGEAI_PORT": str(self.port), "EXCHANGE_PORT": str(self.exchange_port),
            "DICOM_PORT": str(self.dicom_port), "EXCHANGEAI_TAG": "test", "COMPOSE_PROJECT_NAME": PROJECT,
            "EXCHANGEAI_ALLOWED_HOSTS": f"{HOST},web", "EXCHANGEAI_TRUSTED_PROXY": DOCKERS_ADDRESSES,
        }  # fmt: skip
        example = (folder / ".env.example").read_text()
        (folder / ".env").write_text(example + "".join(f"{name}={value}\n" for name, value in settings.items()))
        self.script("secrets.sh")
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60)
        self.api = Api(self.client)

    def compose(self, *arguments: str, check: bool = True) -> str:
        """Call compose; return what it printed."""
        done = subprocess.run([*COMPOSE, *arguments], cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done.stdout

    def script(self, name: str, *arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Call a script of the folder deploy, as an operator does."""
        done = subprocess.run([f"deploy/{name}", *arguments], cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done

    def inspect(self, service: str) -> dict[str, Any]:
        """Return what the engine knows of the container of a service."""
        number = self.compose("ps", "-q", service).strip()
        said = subprocess.run(["docker", "inspect", number], check=True, capture_output=True, text=True).stdout
        known: dict[str, Any] = json.loads(said)[0]
        return known

    def inside(self, service: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the container of a service."""
        return subprocess.run(["docker", "exec", self.inspect(service)["Id"], *command], capture_output=True, text=True)

    def kill(self, service: str) -> None:
        """Kill the first process of a container, as the kernel does where memory runs out."""
        os.kill(self.inspect(service)["State"]["Pid"], signal.SIGKILL)

    def start(self) -> float:
        """Start all; return the seconds until page and workers are ready."""
        began = time.monotonic()
        self.compose("up", "-d")
        self.wait()
        return time.monotonic() - began

    def wait(self) -> None:
        """Wait until the published port says that all is ready."""

        def is_ready() -> bool:
            try:
                return bool(self.client.get("/ready").json()["status"] == "ready")
            except (httpx.TransportError, ValueError):
                return False

        until(is_ready, PATIENCE_S)

    def shell(self, *arguments: str) -> str:
        """Call a command of the platform in the web container; return what it printed."""
        return self.compose("exec", "-T", "web", "exchangeai", *arguments)

    def end_of_log(self) -> str:
        """Return number and seal of the last line of the audit log, which must hold."""
        verdict = json.loads(self.shell("audit", "verify", "--json"))
        return f"{verdict['number']}:{verdict['seal']}"

    def kept(self) -> dict[str, str]:
        """Return digests of everything that is kept: each table but those UNLIKE, and each file."""
        dump = self.compose(
            "exec", "-T", "db", "pg_dump", "--username", "exchangeai", "--data-only", "--inserts",
            *(f"--exclude-table-data={name}" for name in UNLIKE), "exchangeai",
        )  # fmt: skip
        rows = sorted(line for line in dump.splitlines() if line.startswith("INSERT"))
        assert rows
        files = self.inside("web", "sh", "-c", "cd /data && find blobs -type f | sort | xargs sha256sum").stdout
        assert files
        return dict.fromkeys(rows, "row") | dict(reversed(line.split()) for line in files.splitlines())
