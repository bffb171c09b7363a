"""Child processes of the shell: each in a process group of its own, with a log file, ended without orphans."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from types import TracebackType
from typing import Self

from backend.process import SUPERVISED
from backend.settings import can_train, get_settings

PATIENCE_S = 4.0


class Child:
    """A running child process; leaving its `with` block ends it and all it has started.

    What it says goes to a file, or to standard error where the settings want no files: a container collects it there.
    """

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self.command = list(command)
        self.log = Path("/dev/stderr")
        if get_settings().log_files:
            folder = (get_settings().data_dir / "logs").resolve()
            folder.mkdir(parents=True, exist_ok=True)
            self.log = folder / f"{name}.log"
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") if get_settings().log_files else nullcontext(sys.stderr) as output:
            return subprocess.Popen(  # noqa: S603 - the command is our own, no shell
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=os.environ | {SUPERVISED: "1", "PYTHONUNBUFFERED": "1"},
            )

    @property
    def pid(self) -> int:
        """Process id, which is also the id of its group."""
        return self._process.pid

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return self._process.poll()

    def restart(self) -> None:
        """Start it again after it has ended."""
        self._process = self._start()

    def ask_to_end(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def end(self) -> None:
        """Wait a little for it to end, then end it and its whole group. Jobs go on from their checkpoint next time."""
        deadline = time.monotonic() + PATIENCE_S
        while self._process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return

    def __enter__(self) -> Self:
        """Return the child."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the child."""
        self.ask_to_end()
        self.end()


def worker_command(name: str, queues: Sequence[str]) -> list[str]:
    """Return the command line of a Celery worker: one task at a time, each training in a fresh process.

    Training leaves its memory (and a GPU's) behind only by ending its process.
    """
    trains = any(queue.startswith("train") for queue in queues)
    return [
        sys.executable, "-m", "celery", "-A", "workers.app", "worker", "-Q", ",".join(queues),
        "-n", f"{name}-{os.getpid()}@%h", "--pool", "prefork", "--concurrency", "1",
        "--max-tasks-per-child", "1" if trains else "50", "--without-gossip", "--without-mingle",
        "--without-heartbeat", "--loglevel", get_settings().log_level,
    ]  # fmt: skip


def web_command() -> list[str]:
    """Return the command line of the web process."""
    settings = get_settings()
    return [
        sys.executable, "-m", "uvicorn", "backend.main:create_app", "--factory", "--host", settings.host,
        "--port", str(settings.port), "--timeout-graceful-shutdown", "2", "--no-access-log",
        "--log-level", settings.log_level.lower(),
    ]  # fmt: skip


def train_queues() -> list[str]:
    """Return the queues of the training worker of this machine: with a GPU, also that for GPUs; none without torch."""
    if not can_train():
        return []
    return ["train-gpu", "train-cpu"] if Path("/dev/nvidia0").exists() else ["train-cpu"]
