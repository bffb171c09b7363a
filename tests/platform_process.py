"""The platform as people start it: `exchangeai up` in a process of its own, on a free port."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2 as httpx
import psutil

from tests.api_calls import Api
from tests.servers import end_with_the_tests, free_port

COMMAND = Path(sys.executable).parent / "exchangeai"
PATIENCE_S = 300


def environment(folder: Path, **values: str) -> dict[str, str]:
    """Return the environment of an installation in `folder`; `values` are settings in lower case."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EXCHANGEAI_")}
    wanted = {"data_dir": str(folder / "data"), "log_level": "INFO"} | values
    return kept | {"OMP_NUM_THREADS": "1"} | {f"EXCHANGEAI_{name.upper()}": value for name, value in wanted.items()}


def shell(folder: Path, *arguments: str, **values: str) -> subprocess.CompletedProcess[str]:
    """Run a command of `exchangeai` and return its outcome."""
    return subprocess.run(
        [COMMAND, *arguments], env=environment(folder, **values), cwd=folder, capture_output=True, text=True,
        timeout=PATIENCE_S, stdin=subprocess.DEVNULL,
    )  # fmt: skip


class Platform:
    """A running `exchangeai up`."""

    def __init__(self, folder: Path, *arguments: str, **values: str) -> None:
        self.folder = folder
        self.port = int(values.get("port") or free_port())
        self.address = f"http://127.0.0.1:{self.port}"
        self.output = folder / "up.log"
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [COMMAND, "up", *arguments], env=environment(folder, **values | {"port": str(self.port)}), cwd=folder,
                stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
                preexec_fn=end_with_the_tests(signal.SIGTERM),
            )  # fmt: skip
        self.client = httpx.Client(base_url=self.address, timeout=30)
        self.api = Api(self.client)

    def wait_until_it_answers(self) -> None:
        def answers() -> bool:
            assert self.process.poll() is None, self.output.read_text()
            with suppress(httpx.TransportError):
                return self.client.get("/api/v1/health").status_code == 200
            return False

        until(answers)

    def wait_for_workers(self, n: int = 3) -> list[dict[str, Any]]:
        return until(lambda: len(self.workers()) >= n and self.workers())

    def workers(self) -> list[dict[str, Any]]:
        """Return the living workers, as the API says."""
        shown: list[dict[str, Any]] = self.client.get("/api/v1/system").json()["workers"]
        return shown

    def processes(self, word: str = "") -> list[psutil.Process]:
        """Return all processes below `up` whose command line holds a word."""
        with suppress(psutil.NoSuchProcess):
            below = psutil.Process(self.process.pid).children(recursive=True)
            return [one for one in below if word in " ".join(_command(one))]
        return []

    def groups(self, word: str) -> set[int]:
        """Return the process groups of the children whose command line holds a word."""
        return {os.getpgid(one.pid) for one in self.processes(word)}

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """End it with a signal; return its exit code."""
        self.client.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def running_platform(folder: Path, *arguments: str, **values: str) -> Iterator[Platform]:
    """Start `exchangeai up`; end it, and whatever it may have left, afterwards."""
    platform = Platform(folder, *arguments, **values)
    started: list[psutil.Process] = []
    try:
        platform.wait_until_it_answers()
        yield platform
        started = platform.processes()
    finally:
        started = started or platform.processes()
        try:
            platform.end()
        finally:
            for left in (one for one in started if one.is_running()):
                with suppress(psutil.NoSuchProcess):
                    left.kill()


def until(check: Callable[[], Any], seconds: float = PATIENCE_S) -> Any:
    """Wait until a check gives something true and return that."""
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, "it has not come about in time"
        time.sleep(0.1)
    return found


def living(processes: list[psutil.Process]) -> list[str]:
    """Return the command lines of those that still live."""
    return [" ".join(_command(one)) for one in processes if one.is_running() and _alive(one)]


def _alive(one: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return one.status() != psutil.STATUS_ZOMBIE
    return False


def _command(one: psutil.Process) -> list[str]:
    with suppress(psutil.NoSuchProcess):
        return one.cmdline()
    return []
