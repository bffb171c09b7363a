"""Stored recordings as a network takes them, prepared while the network runs.

A network runs without Python's lock, so that a thread beside it can prepare; where that is too slow, as for a network
that is quick on many cores, processes join in. A worker's own process may have no children of `multiprocessing`, so
they are processes of their own, which end when their pipe is closed.
"""

import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection, Pipe
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from backend.ecg.preprocess import Preprocessing
from backend.ecg.signal_file import decode_signal
from backend.errors import UserError
from backend.storage import Storage

Prepared = NDArray[np.float32] | str  # (12, n_samples), or why there is none

CHUNK = 16
AHEAD = 6  # chunks that wait, or are in work, at least; of processes three for each
MOST = 4  # processes
PRICE_S = 1.0
"""A process takes as long to start: the next one starts when the network has waited for this long in all …"""
SHARE = 0.1
"""… and for this share of the time."""


def prepared(
    storage: Storage, keys: Sequence[str], preprocessing: Preprocessing, processes: int | None = None
) -> Iterator[Prepared]:
    """Yield each recording of these storage keys preprocessed, or in words why it cannot be, in their order.

    What is in memory at a time is bounded, however many there are. `processes` is by default as many as whoever takes
    the recordings waits for; 0 prepares each chunk when it is asked for.
    """
    chunks = [keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK)]
    if processes == 0 or (processes is None and len(chunks) < 2):
        for chunk in chunks:
            yield from _prepare(storage, chunk, preprocessing)
        return
    with _Helpers(storage, preprocessing, processes) as helpers:
        waiting: deque[Future[list[Prepared]]] = deque()
        for chunk in chunks:
            waiting.append(helpers.submit(chunk))
            if len(waiting) >= max(AHEAD, 3 * helpers.n):
                yield from helpers.wait_for(waiting.popleft())
        while waiting:
            yield from helpers.wait_for(waiting.popleft())


class _Helpers:
    """Who prepares: a fixed number of processes, or a thread and as many processes as are worth their start."""

    def __init__(self, storage: Storage, preprocessing: Preprocessing, processes: int | None) -> None:
        self._storage, self._preprocessing = storage, preprocessing
        self._most = processes or min((os.cpu_count() or 1) - 1, MOST)
        self._free: SimpleQueue[Callable[[Sequence[str]], list[Prepared]] | None] = SimpleQueue()
        self._started: list[_Helper] = []
        self._pool = ThreadPoolExecutor(self._most + 1, thread_name_prefix="prepare")
        self._waited, self._since = 0.0, time.monotonic()
        self._here = processes is None
        if self._here:
            self._free.put(partial(_prepare, storage, preprocessing=preprocessing))
        for _ in range(processes or 0):
            self._start()

    @property
    def n(self) -> int:
        """Processes."""
        return len(self._started)

    def submit(self, chunk: Sequence[str]) -> Future[list[Prepared]]:
        """Have a chunk prepared by whoever is free."""
        return self._pool.submit(self._ask, chunk)

    def wait_for(self, chunk: Future[list[Prepared]]) -> list[Prepared]:
        """Return a chunk. Where waiting has taken long enough by now, another process begins to help."""
        began = time.monotonic()
        done = chunk.result()
        now = time.monotonic()
        self._waited += now - began
        if self._waited > max(PRICE_S, SHARE * (now - self._since)) and self.n < self._most:
            self._waited, self._since = 0.0, now
            self._start()
        return done

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        for helper in self._started:
            helper.end()
        self._free.put(None)
        self._pool.shutdown(wait=True)

    def _start(self) -> None:
        helper = _Helper(self._storage, self._preprocessing)
        self._started.append(helper)
        Thread(target=self._join_in, args=(helper,), name="prepare-start", daemon=True).start()

    def _join_in(self, helper: "_Helper") -> None:
        if helper.is_ready() or not self._here:  # one that cannot start says so when it is asked
            self._free.put(helper.ask)

    def _ask(self, chunk: Sequence[str]) -> list[Prepared]:
        ask = self._free.get()
        try:
            return ask(chunk) if ask else []  # nobody takes it any more
        finally:
            self._free.put(ask)


class _Helper:
    """A process that prepares recordings, seen from here."""

    def __init__(self, storage: Storage, preprocessing: Preprocessing) -> None:
        self._connection, theirs = Pipe()
        path = os.pathsep.join(part for part in sys.path if part)
        self._process = subprocess.Popen(  # noqa: S603 - the command is our own, no shell
            [sys.executable, "-P", "-m", "workers.prepare_many", str(theirs.fileno())],
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": path},
        )  # fmt: skip
        theirs.close()
        self._connection.send((storage, preprocessing))

    def is_ready(self) -> bool:
        """Wait until it has started; False where it ended before."""
        try:
            return bool(self._connection.recv())
        except (EOFError, OSError):
            return False

    def ask(self, chunk: Sequence[str]) -> list[Prepared]:
        self._connection.send(list(chunk))
        answer: list[Prepared] = self._connection.recv()
        return answer

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._connection.close()


def _prepare(storage: Storage, keys: Sequence[str], preprocessing: Preprocessing) -> list[Prepared]:
    return [_one(storage, key, preprocessing) for key in keys]


def _one(storage: Storage, key: str, preprocessing: Preprocessing) -> Prepared:
    try:
        signal, rate = decode_signal(storage.get(key))
        return preprocessing(signal, rate)
    except UserError as problem:
        return str(problem)


def main() -> None:
    """Serve the process that started this one, over the file descriptor named in the arguments."""
    connection = Connection(int(sys.argv[1]))
    try:
        storage, preprocessing = connection.recv()
        with suppress(UserError):  # loads what the first recording would wait for
            preprocessing(np.zeros((12, round(preprocessing.rate * preprocessing.window_s)), np.float32), 500.0)
        connection.send(True)
        while True:
            connection.send(_prepare(storage, connection.recv(), preprocessing))
    except (EOFError, ConnectionError):  # nobody asks any more
        return


if __name__ == "__main__":
    main()
