"""A child process of the platform: started with nothing of its secrets, asked, watched, ended."""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import IO

from backend.isolation import wire

START_S = 60.0
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT", "LANG", "LC_ALL")
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}


class StoppedError(Exception):
    """The process has ended or speaks nonsense."""


class TimeUpError(StoppedError):
    """The process was ended because it took too long."""


class NotStartedError(StoppedError):
    """The process ended before it was asked anything, which is no file's fault."""


class ChildProcess:
    """A running process that answers frames of `wire`; the first one it sends says that it is ready."""

    def __init__(self, module: str, *arguments: str) -> None:
        self.ended = threading.Event()
        # Neither passwords of the environment nor modules that lie in the present folder. Its standard error is ours
        # until it has started.
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        path = os.pathsep.join(part for part in sys.path if part)
        self.process = subprocess.Popen(  # noqa: S603 - the command is our own, no shell
            [sys.executable, "-P", "-B", "-W", "ignore", "-m", module, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=kept | _ONE_THREAD | {"PYTHONPATH": path},
        )  # fmt: skip
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._questions: IO[bytes] = self.process.stdin
        self._answers: IO[bytes] = self.process.stdout
        self._watch(START_S)
        try:
            self.answer(0)
        except (StoppedError, KeyError, TypeError, ValueError) as error:
            self.end()
            raise NotStartedError from error

    def exchange(
        self, message: wire.Json, blocks: Sequence[bytes], seconds: float, most: int
    ) -> tuple[wire.Json, list[bytearray]]:
        """Ask and wait for the answer. Raises StoppedError where none comes, TimeUpError where it is late."""
        self.ask(message, blocks, seconds)
        return self.answer(most)

    def ask(self, message: wire.Json, blocks: Sequence[bytes], seconds: float) -> None:
        """Ask, and end the process where no `answer` is taken within the seconds. Raises StoppedError."""
        self._watch(seconds)
        try:
            wire.send(self._questions, message, blocks)
        except OSError as error:
            raise self._stopped() from error
        except BaseException:
            self._timer.cancel()
            raise

    def answer(self, most: int) -> tuple[wire.Json, list[bytearray]]:
        """Wait for the answer to what was asked. Raises StoppedError where none comes, TimeUpError where it is late."""
        try:
            return wire.receive(self._answers, most)
        except (EOFError, OSError) as error:
            raise self._stopped() from error
        finally:
            self._timer.cancel()

    def fileno(self) -> int:
        """Return the file on which its answers come, to wait for several processes at once."""
        return self._answers.fileno()

    def end(self) -> None:
        """End it now."""
        self.ended.set()
        self._timer.cancel()
        self.process.kill()
        self.process.wait()
        for stream in (self._questions, self._answers):
            with suppress(OSError):  # what was not sent is of no use any more
                stream.close()

    def _watch(self, seconds: float) -> None:
        self._late = threading.Event()
        self._timer = threading.Timer(seconds, self._time_is_up, (self._late,))
        self._timer.start()

    def _time_is_up(self, late: threading.Event) -> None:
        late.set()
        self.process.kill()

    def _stopped(self) -> StoppedError:
        self._timer.cancel()
        return TimeUpError() if self._late.is_set() else StoppedError(f"exit code {self.process.wait()}")
