"""What a child process does to itself before it sees a stranger's file: closes doors and sets limits."""

import os
import signal
from pathlib import Path
from typing import IO

OPEN_FILES = 64


def streams() -> tuple[IO[bytes], IO[bytes]]:
    """Return the streams of questions and of answers, and lead the standard ones nowhere.

    Whatever a library prints, about a patient perhaps, is neither an answer nor logged.
    """
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the platform, which then asks no more
    return questions, answers


def close_doors(file_bytes: int = 0, open_files: int = OPEN_FILES) -> None:
    """Allow no file above `file_bytes` to be written, few to be opened and no memory to be dumped.

    Windows has no such limits.
    """
    try:
        import resource
    except ImportError:
        return
    for what, most in (("RLIMIT_CORE", 0), ("RLIMIT_FSIZE", file_bytes), ("RLIMIT_NOFILE", open_files)):
        resource.setrlimit(getattr(resource, what), (most, most))


def limit_work(seconds: float | None, memory: int = 0) -> None:
    """Set the limits of time, CPU and address space (in bytes, 0 for none) of a piece of work; None lifts them."""
    try:
        import resource
    except ImportError:
        return
    spent = resource.getrusage(resource.RUSAGE_SELF)
    cpu = None if seconds is None else int(spent.ru_utime + spent.ru_stime + seconds) + 2
    _soften(resource.RLIMIT_CPU, cpu)
    _soften(resource.RLIMIT_AS, memory or None)
    signal.setitimer(signal.ITIMER_REAL, seconds + 1 if seconds else 0)  # the platform ends it first, if it is there


def _soften(what: int, most: int | None) -> None:
    import resource

    hard = resource.getrlimit(what)[1]
    if most is None or (hard != resource.RLIM_INFINITY and most > hard):
        most = hard
    resource.setrlimit(what, (most, hard))


def address_space() -> int:
    """Return the bytes of address space in use, 0 where the system does not say so."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
