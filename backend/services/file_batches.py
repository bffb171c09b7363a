"""Files as they are sent, before they are read: archives taken apart, in batches of bounded size."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from backend.ecg.errors import EcgError
from backend.ecg.readers import Limits, Refusal, SourceFile
from backend.ecg.readers.archives import expand as archives
from backend.services.recording_facts import storable

BATCH_BYTES = 64 * 1024**2
BATCH_FILES = 256


def expand(files: Iterable[SourceFile], limits: Limits) -> Iterator[SourceFile | Refusal]:
    """Yield files under names that can be stored, archives taken apart."""
    for sent in files:
        file = replace(sent, name=storable(sent.name))
        if not archives.is_archive(file.data):
            yield file
            continue
        try:
            yield from archives.expand(file, limits)
        except EcgError as error:
            yield Refusal(file.name, error)


def batches(items: Iterable[SourceFile | Refusal]) -> Iterator[tuple[list[SourceFile | Refusal], bool]]:
    """Yield batches of bounded size, and whether each is the last.

    Files in a row with one stem (100.atr, 100.dat, 100.hea) stay together, within reason: they may be one record.
    """
    batch: list[SourceFile | Refusal] = []
    size = 0
    for item in items:
        full = len(batch) >= BATCH_FILES or size >= BATCH_BYTES
        if batch and full and (_stem(item) != _stem(batch[-1]) or len(batch) >= 2 * BATCH_FILES):
            yield batch, False
            batch, size = [], 0
        batch.append(item)
        size += len(item.data) if isinstance(item, SourceFile) else 0
    yield batch, True


def _stem(item: SourceFile | Refusal) -> str:
    stem, _, ending = item.name.rpartition(".")
    return item.name if "/" in ending else stem
