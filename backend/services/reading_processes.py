"""Reading many files at once: in processes of their own, one a core, that end when nothing comes any more.

Python computes in one thread at a time, so that the web process alone uses one core, and while it reads a batch its
answers to others are late. Few files, large ones, and those for the libraries of others are read as ever: a process
takes longer to start than to read a few files, and until they have started nobody waits for them.
"""

import atexit
import logging
import os
import selectors
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from backend.ecg.errors import EcgError
from backend.ecg.readers import FileSet, Limits, ReadOptions
from backend.isolation import wire
from backend.isolation.parser import error_of
from backend.isolation.process import ChildProcess, NotStartedError, StoppedError

log = logging.getLogger(__name__)

MODULE = "backend.services.reading_child"
LEAST_SETS = 6  # of a batch that is worth it
MOST_BYTES = 8 << 20  # of a set of files
IDLE_S = 60.0
MOST_PROCESSES = 4
_AT_ONCE = 8  # sets asked for together
_BYTES_AT_ONCE = 4 << 20

Facts = list[tuple[wire.Json, bytes]]


class Unread(Enum):
    """Why a set was not read here."""

    HERE = "to be read by whoever asks"
    APART = "one of a few of which one stopped its process: to be read in a process of its own"


@dataclass(frozen=True, slots=True)
class Failed:
    """A set that its reader refuses."""

    error: EcgError


Answer = Facts | Failed | Unread


class ReadingProcesses:
    """Processes that read sets of files; one thread asks at a time, and the others wait for it."""

    def __init__(self, n: int | None = None, idle_s: float = IDLE_S) -> None:
        self._n = min(MOST_PROCESSES, _cores()) if n is None else n
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._children: list[ChildProcess] = []
        self._starting: threading.Thread | None = None
        self._used = 0.0

    @property
    def pids(self) -> list[int]:
        """Ids of the processes that run."""
        return [child.process.pid for child in self._children]

    def read(self, sets: Sequence[FileSet], options: ReadOptions, limits: Limits) -> list[Answer]:
        """Return of each set the facts and stored signals of its recordings, its refusal, or why it was not read.

        Nothing is read where there are few sets, on a single core, and until the processes have started.
        """
        answers: list[Answer] = [Unread.HERE] * len(sets)
        suitable = [i for i, one in enumerate(sets) if _size(one) <= MOST_BYTES]
        if len(suitable) < LEAST_SETS or self._n < 2:
            return answers
        with self._lock:
            self._used = time.monotonic()
            if len(self._children) < self._n:
                self._start()
            if not self._children:
                return answers
            try:
                self._share_out(self._parts(sets, suitable), sets, options, limits, answers)
            finally:
                self._used = time.monotonic()
        return answers

    def wait(self, seconds: float) -> bool:
        """Wait until the processes that are starting have started; say whether there are any."""
        if starting := self._starting:
            starting.join(seconds)
        return bool(self._children)

    def end(self) -> None:
        """End the processes; the next batch starts others."""
        with self._lock:
            self._discard(list(self._children))

    def _share_out(
        self,
        parts: deque[list[int]],
        sets: Sequence[FileSet],
        options: ReadOptions,
        limits: Limits,
        answers: list[Answer],
    ) -> None:
        """Give each process a part, and the next one when it is done. Where one stops, its part is left unread."""
        free, asked = list(self._children), dict[ChildProcess, list[int]]()
        try:
            with selectors.DefaultSelector() as selector:
                while asked or (parts and free):
                    while parts and free:
                        child, part = free.pop(), parts.popleft()
                        asked[child] = part
                        if not self._ask(child, part, sets, options, limits, answers):
                            del asked[child]
                            continue
                        selector.register(child, selectors.EVENT_READ)
                        for i in part:
                            _ = sets[i].sha256  # while they read
                    for key, _events in selector.select():
                        child = key.fileobj  # type: ignore[assignment]
                        selector.unregister(child)
                        part = asked.pop(child)
                        if self._take(child, part, limits, answers):
                            free.append(child)
                            if all(answers[i] is Unread.HERE for i in part):
                                parts.clear()  # a batch for the libraries of others
        finally:
            self._discard(list(asked))

    def _parts(self, sets: Sequence[FileSet], suitable: Sequence[int]) -> deque[list[int]]:
        at_once = max(1, min(_AT_ONCE, len(suitable) // (2 * len(self._children))))
        parts: deque[list[int]] = deque()
        size = 0
        for i in suitable:
            own = _size(sets[i])
            if not parts or len(parts[-1]) >= at_once or size + own > _BYTES_AT_ONCE:
                parts.append([])
                size = 0
            parts[-1].append(i)
            size += own
        return parts

    def _ask(
        self,
        child: ChildProcess,
        part: Sequence[int],
        sets: Sequence[FileSet],
        options: ReadOptions,
        limits: Limits,
        answers: list[Answer],
    ) -> bool:
        message, blocks = wire.sets_request([sets[i] for i in part], options, limits)
        try:
            child.ask(message, blocks, len(part) * (limits.seconds + 2))
        except StoppedError as error:
            self._give_up(child, part, answers, error)
            return False
        return True

    def _take(self, child: ChildProcess, part: Sequence[int], limits: Limits, answers: list[Answer]) -> bool:
        try:
            answer, signals = child.answer(4 * limits.values)
            new = _answers_from(answer, signals, len(part))
        except (StoppedError, AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
            self._give_up(child, part, answers, error)
            return False
        for i, one in zip(part, new, strict=True):
            answers[i] = one
        return True

    def _give_up(self, child: ChildProcess, part: Sequence[int], answers: list[Answer], error: Exception) -> None:
        log.warning("One of %d sets of files stopped the process that read them: %s", len(part), error)
        self._discard([child])
        for i in part:
            answers[i] = Unread.APART

    def _start(self) -> None:
        if self._starting is None or not self._starting.is_alive():
            self._starting = threading.Thread(target=self._start_all, name="reading-start", daemon=True)
            self._starting.start()

    def _start_all(self) -> None:
        for _ in range(self._n - len(self._children)):
            try:
                child = ChildProcess(MODULE)
            except NotStartedError as error:
                log.error("A process that reads files cannot be started: %s", error.__cause__)
                return
            with self._lock:
                self._children.append(child)
                self._used = time.monotonic()
                if len(self._children) == 1:
                    threading.Thread(target=self._end_when_idle, name="reading-idle", daemon=True).start()

    def _end_when_idle(self) -> None:
        while True:
            time.sleep(min(1.0, self._idle_s / 4))
            with self._lock:
                if not self._children:
                    return
                if time.monotonic() - self._used > self._idle_s:
                    self._discard(list(self._children))

    def _discard(self, children: Sequence[ChildProcess]) -> None:
        for child in children:
            if child in self._children:
                self._children.remove(child)
            child.end()


def _answers_from(message: wire.Json, signals: Sequence[bytearray], n: int) -> list[Answer]:
    """Return what became of n sets. Raises KeyError, TypeError, ValueError or IndexError for what is no answer."""
    left = list(signals)[::-1]
    found: list[Answer] = []
    for told in message["sets"]:
        if "error" in told:
            found.append(Failed(error_of(told)))
        elif "recordings" in told:
            found.append([(_facts_from(facts), bytes(left.pop())) for facts in told["recordings"]])
        else:
            found.append(Unread.HERE)
    if len(found) != n or left:
        raise ValueError("Another number of answers than of questions.")
    return found


def _facts_from(told: wire.Json) -> wire.Json:
    start = told["recorded_at"]
    return told | {"recorded_at": start and datetime.fromisoformat(start)}


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


PROCESSES = ReadingProcesses()
atexit.register(PROCESSES.end)


def _size(files: FileSet) -> int:
    """Return the bytes of a set that are sent to a process."""
    return sum(len(file.data) for file in (*files.files, *files.left_out))
