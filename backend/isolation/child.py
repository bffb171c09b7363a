"""The parser process: reads one set of files after the other as it is asked to, until nobody asks any more.

Started as `python -m backend.isolation.child MODULE`, whose READERS it uses. Its limits are set by itself before it
sees a file. A signal ends it after the time of a file even if the platform that asked is gone.
"""

import os
import signal
import sys
from importlib import import_module
from pathlib import Path

import numpy as np

from backend.ecg.errors import EcgError
from backend.ecg.readers import Limits, Reader
from backend.isolation import wire

OPEN_FILES = 64


def main(module: str) -> None:
    """Answer on the standard output what is asked on the standard input."""
    readers: dict[str, Reader] = {reader.name: reader for reader in import_module(module).READERS}
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # whatever a library prints, about a patient perhaps, is neither an answer nor logged
        os.dup2(nowhere, stream)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the platform, which then asks no more
    _set_limits()
    base = _address_space()
    wire.send(answers, {"ready": True})
    while True:
        try:
            message, blocks = wire.receive(questions, sys.maxsize)
        except EOFError:
            return
        name, files, options, limits = wire.request_from(message, blocks)
        del blocks
        _limit_file(limits, base and base + sum(len(file.data) for file in files.files))
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                answer = wire.answer_of(readers[name].read(files, options, limits))
        except EcgError as error:
            answer = {"error": type(error).__name__, "text": str(error)}, []
        except MemoryError:
            answer = {"error": "MemoryError", "text": ""}, []
        _limit_file(None, 0)
        wire.send(answers, *answer)


def _set_limits() -> None:
    """Allow no file to be written, few to be opened and no memory to be dumped; Windows has no such limits."""
    try:
        import resource
    except ImportError:
        return
    for what, most in (("RLIMIT_CORE", 0), ("RLIMIT_FSIZE", 0), ("RLIMIT_NOFILE", OPEN_FILES)):
        resource.setrlimit(getattr(resource, what), (most, most))


def _limit_file(limits: Limits | None, used: int) -> None:
    """Set the limits of memory, CPU and time for one file, or lift them between files."""
    try:
        import resource
    except ImportError:
        return
    spent = resource.getrusage(resource.RUSAGE_SELF)
    seconds, memory = (limits.seconds, limits.memory) if limits else (0.0, 0)
    _soften(resource.RLIMIT_CPU, int(spent.ru_utime + spent.ru_stime + seconds) + 2 if limits else None)
    _soften(resource.RLIMIT_AS, used + memory if limits and used else None)
    signal.setitimer(signal.ITIMER_REAL, seconds and seconds + 1)  # the platform ends it first, if it is still there


def _soften(what: int, most: int | None) -> None:
    import resource

    hard = resource.getrlimit(what)[1]
    if most is None or (hard != resource.RLIM_INFINITY and most > hard):
        most = hard
    resource.setrlimit(what, (most, hard))


def _address_space() -> int:
    """Return the bytes of address space in use, 0 where the system does not say so."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main(sys.argv[1])
