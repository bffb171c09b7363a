"""Memory that a training frees is kept for its next step, instead of going back to the system and being asked for anew.

Tensors above 32 MB come straight from the system otherwise, page by page, in every step: a third of the processor time
of a step of XceptionTime on whole records.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # parameters of glibc's mallopt, and their defaults:
_DEFAULTS = {_TRIM_THRESHOLD: 128 * 1024, _MMAP_MAX: 65536}


@contextmanager
def reused() -> Iterator[None]:
    """Keep freed memory in this process for a while, and give it back afterwards; nothing happens without glibc."""
    try:
        library = ctypes.CDLL(None)
        mallopt, trim = library.mallopt, library.malloc_trim
    except (AttributeError, OSError, TypeError):
        yield
        return
    mallopt(_MMAP_MAX, 0)
    mallopt(_TRIM_THRESHOLD, 2**31 - 1)
    try:
        yield
    finally:
        for parameter, value in _DEFAULTS.items():
            mallopt(parameter, value)
        trim(0)
