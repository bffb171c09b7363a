"""The platform's side of the parser process: started at the first need, asked, watched, ended, replaced."""

import logging
import threading
import time

from backend.ecg import errors
from backend.ecg.errors import EcgError, LimitError, UnreadableFileError
from backend.ecg.readers import FileSet, Limits, Reader, ReadOptions
from backend.ecg.recording import Recording
from backend.isolation import wire
from backend.isolation.process import ChildProcess, NotStartedError, StoppedError, TimeUpError

log = logging.getLogger(__name__)

IDLE_S = 60.0


class Parser:
    """One process that reads files with the readers of a module; several threads may ask, and are served in turn."""

    def __init__(self, module: str = "backend.ecg.readers", idle_s: float = IDLE_S) -> None:
        self._module = module
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._child: ChildProcess | None = None
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
                except (StoppedError, MemoryError) as fault:
                    # What earlier files left behind in the process must not be held against this one.
                    if fresh or isinstance(fault, TimeUpError):
                        raise _error_of(fault, reader, files, limits) from None
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
                raise error_of(answer)
            return wire.recordings_from(answer, signals)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            sound = False
            raise StoppedError("it answers what it was not asked") from error
        finally:
            if not sound:  # also where this thread was interrupted in the middle
                self._discard()

    def _start(self) -> ChildProcess:
        child = ChildProcess("backend.isolation.parser_child", self._module)
        threading.Thread(target=self._end_when_idle, args=(child,), name="parser-idle", daemon=True).start()
        return child

    def _end_when_idle(self, child: ChildProcess) -> None:
        while not child.ended.wait(self._idle_s / 4):
            with self._lock:
                if self._child is child and time.monotonic() - self._used > self._idle_s:
                    self._discard()

    def _discard(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


def error_of(answer: wire.Json) -> EcgError:
    """Return the refusal that a process tells of. Raises KeyError, TypeError or ValueError for what is none."""
    kinds = {kind.__name__: kind for kind in vars(errors).values() if isinstance(kind, type)}
    kind = kinds[answer["error"]]
    if not issubclass(kind, EcgError):
        raise KeyError(kind)
    return kind(str(answer["text"])).offering(*answer["offers"])


def _error_of(fault: Exception, reader: Reader, files: FileSet, limits: Limits) -> EcgError:
    """Return what a person is told of a file that could not be read within the limits, and log it without its name."""
    if isinstance(fault, MemoryError):
        log.warning("A file of format %s needs more than %s bytes of memory", reader.name, f"{limits.memory:,}")
        return LimitError(
            f"{files.name} needs more than {limits.memory / 2**20:,.0f} MB of memory to be read. Split it, or allow "
            "more with EXCHANGEAI_READ_MEMORY."
        )
    if isinstance(fault, TimeUpError):
        log.warning("A file of format %s was not read within %g s", reader.name, limits.seconds)
        return LimitError(
            f"{files.name} could not be read within {limits.seconds:g} s. It may be damaged: export it again. If it is "
            "sound, split it, or allow more time with EXCHANGEAI_READ_SECONDS."
        )
    if isinstance(fault, NotStartedError):
        log.error("The parser process cannot be started: %s", fault.__cause__)
        return UnreadableFileError(
            f"{files.name} was not read: the program that reads {reader.title} could not be started. The log of the "
            "platform has the details; try again after that."
        )
    log.warning("A file of format %s stopped its parser: %s", reader.name, fault)
    return UnreadableFileError(
        f"{files.name} made the program that reads {reader.title} stop, as damaged files do. Export or copy it again."
    )
