"""The platform's side of the parser process: started at the first need, asked, watched, ended, replaced."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import IO

from backend.ecg import errors
from backend.ecg.errors import EcgError, LimitError, UnreadableFileError
from backend.ecg.readers import FileSet, Limits, Reader, ReadOptions
from backend.ecg.recording import Recording
from backend.isolation import wire

log = logging.getLogger(__name__)

START_S = 60.0
IDLE_S = 60.0
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT", "LANG", "LC_ALL")
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}


class Parser:
    """One process that reads files with the readers of a module; several threads may ask, and are served in turn."""

    def __init__(self, module: str = "backend.ecg.readers", idle_s: float = IDLE_S) -> None:
        self._module = module
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._used = 0.0

    @property
    def pid(self) -> int | None:
        """Process id, None where no process is running."""
        return self._child.process.pid if self._child else None

    def read(self, reader: Reader, files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
        """Read a set of files there. Raises the EcgError of the reader, or one for a crash, and past its limits."""
        with self._lock:
            while True:
                fresh = self._child is None
                try:
                    return self._ask(reader, files, options, limits)
                except (_StoppedError, MemoryError) as fault:
                    # What earlier files left behind in the process must not be held against this one.
                    if fresh or isinstance(fault, _TimeUpError):
                        raise _told(fault, reader, files, limits) from None
                finally:
                    self._used = time.monotonic()

    def end(self) -> None:
        """End the process; the next file starts another."""
        with self._lock:
            self._discard()

    def _ask(self, reader: Reader, files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
        child = self._child = self._child or self._start()
        message, blocks = wire.request_of(reader.name, files, options, limits)
        sound = False
        try:
            answer, signals = child.exchange(message, blocks, limits.seconds, 4 * limits.values)
            if answer.get("error") == "MemoryError":
                raise MemoryError
            sound = True
            if "error" in answer:
                raise _error(answer)
            return wire.recordings_from(answer, signals)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            sound = False
            raise _StoppedError("it answers what it was not asked") from error
        finally:
            if not sound:  # also where this thread was interrupted in the middle
                self._discard()

    def _start(self) -> "_Child":
        child = _Child(self._module)
        threading.Thread(target=self._end_when_idle, args=(child,), name="parser-idle", daemon=True).start()
        return child

    def _end_when_idle(self, child: "_Child") -> None:
        while not child.ended.wait(self._idle_s / 4):
            with self._lock:
                if self._child is child and time.monotonic() - self._used > self._idle_s:
                    self._discard()

    def _discard(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


class _StoppedError(Exception):
    """The process has ended or speaks nonsense."""


class _TimeUpError(_StoppedError):
    """The process was ended because it took too long."""


class _NotStartedError(_StoppedError):
    """The process ended before it was asked anything, which is no file's fault."""


class _Child:
    """A running parser process."""

    def __init__(self, module: str) -> None:
        self.ended = threading.Event()
        # Neither passwords of the environment nor modules that lie in the present folder. Its standard error is ours
        # until it has started.
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        path = os.pathsep.join(part for part in sys.path if part)
        self.process = subprocess.Popen(  # noqa: S603 - the command is our own, no shell
            [sys.executable, "-P", "-B", "-W", "ignore", "-m", "backend.isolation.child", module],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=kept | _ONE_THREAD | {"PYTHONPATH": path},
        )  # fmt: skip
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._questions: IO[bytes] = self.process.stdin
        self._answers: IO[bytes] = self.process.stdout
        try:
            self._within(START_S, 0)
        except (_StoppedError, KeyError, TypeError, ValueError) as error:
            self.end()
            raise _NotStartedError from error

    def exchange(
        self, message: wire.Json, blocks: Sequence[bytes], seconds: float, most: int
    ) -> tuple[wire.Json, list[bytearray]]:
        """Ask and wait for the answer. Raises _StoppedError where none comes, _TimeUpError where it is late."""
        return self._within(seconds, most, message, blocks)

    def end(self) -> None:
        """End it now."""
        self.ended.set()
        self.process.kill()
        self.process.wait()
        for stream in (self._questions, self._answers):
            with suppress(OSError):  # what was not sent is of no use any more
                stream.close()

    def _within(
        self, seconds: float, most: int, message: wire.Json | None = None, blocks: Sequence[bytes] = ()
    ) -> tuple[wire.Json, list[bytearray]]:
        late = threading.Event()

        def time_is_up() -> None:
            late.set()
            self.process.kill()

        timer = threading.Timer(seconds, time_is_up)
        timer.start()
        try:
            if message is not None:
                wire.send(self._questions, message, blocks)
            return wire.receive(self._answers, most)
        except (EOFError, OSError) as error:
            if late.is_set():
                raise _TimeUpError from error
            raise _StoppedError(f"exit code {self.process.wait()}") from error
        finally:
            timer.cancel()


def _error(answer: wire.Json) -> EcgError:
    kinds = {kind.__name__: kind for kind in vars(errors).values() if isinstance(kind, type)}
    kind = kinds[answer["error"]]
    if not issubclass(kind, EcgError):
        raise KeyError(kind)
    return kind(str(answer["text"]))


def _told(fault: Exception, reader: Reader, files: FileSet, limits: Limits) -> EcgError:
    """Return what a person is told of a file that could not be read within the limits, and log it without its name."""
    if isinstance(fault, MemoryError):
        log.warning("A file of format %s needs more than %s bytes of memory", reader.name, f"{limits.memory:,}")
        return LimitError(
            f"{files.name} needs more than {limits.memory / 2**20:,.0f} MB of memory to be read. Split it, or allow "
            "more with EXCHANGEAI_READ_MEMORY."
        )
    if isinstance(fault, _TimeUpError):
        log.warning("A file of format %s was not read within %g s", reader.name, limits.seconds)
        return LimitError(
            f"{files.name} could not be read within {limits.seconds:g} s. It may be damaged: export it again. If it is "
            "sound, split it, or allow more time with EXCHANGEAI_READ_SECONDS."
        )
    if isinstance(fault, _NotStartedError):
        log.error("The parser process cannot be started: %s", fault.__cause__)
        return UnreadableFileError(
            f"{files.name} was not read: the program that reads {reader.title} could not be started. The log of the "
            "platform has the details; try again after that."
        )
    log.warning("A file of format %s stopped its parser: %s", reader.name, fault)
    return UnreadableFileError(
        f"{files.name} made the program that reads {reader.title} stop, as damaged files do. Export or copy it again."
    )
