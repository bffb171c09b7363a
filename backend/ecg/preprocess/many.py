"""Preprocessing of a stream of recordings on several cores, in order, with a bounded look-ahead."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import lru_cache
from itertools import islice
from multiprocessing import current_process, get_context
from multiprocessing.shared_memory import SharedMemory

import numpy as np
from numpy.typing import NDArray

from backend.ecg.preprocess import Preprocessing

SHARED_BYTES = 24_000_000
"""Memory shared with the workers, all together; containers give 64 MB by default."""

_AHEAD = 3  # chunks a worker has waiting, in work or done

Signal = NDArray[np.float32]
Layout = tuple[tuple[int, ...], str, float]  # shape, type and rate of each signal, one after the other in memory
_Answer = Future[Signal | tuple[int, ...]]


def preprocess_many(
    recordings: Iterable[tuple[Signal, float]], preprocessing: Preprocessing, workers: int = 1
) -> Iterator[Signal]:
    """Yield the result (12, n_samples) of each recording, a pair of signal (12, n) and rate in Hz, in their order.

    The results are bitwise those of calls one by one. With more than one worker, processes share the work (the median
    holds Python's lock, so threads would not help); what is in memory at a time is bounded by SHARED_BYTES, or by three
    recordings a worker where they are larger, however long the stream. A process that may have no children (a pool's
    own worker) does the work itself. Raises what the preprocessing raises.
    """
    if workers <= 1 or current_process().daemon:
        for signal, rate in recordings:
            yield preprocessing(signal, rate)
        return
    size = SHARED_BYTES // (workers * _AHEAD)
    chunks = _chunks(recordings, size)
    memories = [SharedMemory(create=True, size=size) for _ in range(workers * _AHEAD)]
    try:
        # Started anew, not forked: a process that runs threads or holds connections must not be copied.
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            waiting: deque[tuple[_Answer, SharedMemory]] = deque()
            for memory, chunk in zip(memories, chunks, strict=False):
                waiting.append((_submit(pool, preprocessing, chunk, memory), memory))
            while waiting:
                answer, memory = waiting.popleft()
                results = _results(answer, memory)
                for chunk in islice(chunks, 1):
                    waiting.append((_submit(pool, preprocessing, chunk, memory), memory))
                yield from results
    finally:
        for memory in memories:
            memory.close()
            memory.unlink()


def _chunks(recordings: Iterable[tuple[Signal, float]], size: int) -> Iterator[list[tuple[Signal, float]]]:
    chunk: list[tuple[Signal, float]] = []
    filled = 0
    for signal, rate in recordings:
        if chunk and filled + signal.nbytes > size:
            yield chunk
            chunk, filled = [], 0
        chunk.append((signal, rate))
        filled += signal.nbytes
    if chunk:
        yield chunk


def _submit(
    pool: ProcessPoolExecutor, preprocessing: Preprocessing, chunk: Sequence[tuple[Signal, float]], memory: SharedMemory
) -> _Answer:
    if sum(signal.nbytes for signal, _ in chunk) > memory.size:
        return pool.submit(_by_pipe, preprocessing, chunk)
    layout: list[Layout] = [(signal.shape, signal.dtype.str, rate) for signal, rate in chunk]
    for (signal, _), view in zip(chunk, _views(memory, layout), strict=True):
        view[...] = signal
    return pool.submit(_in_memory, preprocessing, memory.name, layout)


def _results(answer: _Answer, memory: SharedMemory) -> list[Signal]:
    given = answer.result()
    return list(np.ndarray(given, np.float32, memory.buf).copy() if isinstance(given, tuple) else given)


def _views(memory: SharedMemory, layout: Sequence[Layout]) -> Iterator[Signal]:
    offset = 0
    for shape, kind, _ in layout:
        view: Signal = np.ndarray(shape, np.dtype(kind), memory.buf, offset)
        yield view
        offset += view.nbytes


def _by_pipe(preprocessing: Preprocessing, chunk: Sequence[tuple[Signal, float]]) -> Signal:
    return np.stack([preprocessing(signal, rate) for signal, rate in chunk])


_attached = lru_cache(maxsize=None)(SharedMemory)  # a worker keeps what it is lent: to map it anew costs a millisecond


def _in_memory(preprocessing: Preprocessing, name: str, layout: Sequence[Layout]) -> Signal | tuple[int, ...]:
    """Preprocess what lies in a shared memory; leave the results there and return their shape, or the results."""
    memory = _attached(name)
    rates = [rate for _, _, rate in layout]
    results = np.stack(
        [preprocessing(signal, rate) for signal, rate in zip(_views(memory, layout), rates, strict=True)]
    )
    if results.nbytes > memory.size:
        return results
    np.ndarray(results.shape, np.float32, memory.buf)[...] = results
    return results.shape
