"""Archives taken apart safely: zip, tar, tar and single files compressed by gzip, bzip2 or xz."""

from collections.abc import Iterator

from backend.ecg.errors import UnsupportedFormatError
from backend.ecg.readers.archives.entry import Budget, Refusal, too_large
from backend.ecg.readers.archives.stream import Stream, is_compressed
from backend.ecg.readers.archives.tar import expand_tar, is_tar
from backend.ecg.readers.archives.zip import expand_zip, is_npz, is_zip, open_zip, read_entry
from backend.ecg.readers.kinds import is_office
from backend.ecg.readers.sources import Limits, SourceFile

__all__ = ["Budget", "Refusal", "expand", "is_archive", "is_npz", "is_zip", "open_zip", "read_entry"]

_BLOCK = 512
_SUFFIXES = (".gz", ".bz2", ".xz")


def is_archive(data: bytes) -> bool:
    """Whether the content is to be taken apart: an archive or a compressed file, but no zip of NumPy arrays or Office
    document."""
    return (is_zip(data) and not is_npz(data) and not is_office(data)) or is_compressed(data) or is_tar(data)


def expand(file: SourceFile, limits: Limits | None = None) -> Iterator[SourceFile | Refusal]:
    """Yield the files of an archive, named "archive.zip/entry", and a Refusal for each entry that cannot be taken.

    A single compressed file, "a.csv.gz", is yielded as "a.csv". Folders and the droppings of operating systems are
    passed over. A bad entry does not stop the rest, a damaged tar ends where it is damaged. All limits hold for the
    bytes really expanded. Raises UnreadableFileError for what cannot be unpacked and LimitError past a limit.
    """
    limits = limits or Limits()
    if len(file.data) > limits.file_bytes:
        raise too_large(file.name, limits.file_bytes)
    found = expand_zip(file, limits) if is_zip(file.data) else _expand_stream(file, limits)
    for one in found:
        if isinstance(one, SourceFile) and is_archive(one.data):
            yield Refusal(
                one.name, UnsupportedFormatError(f"{one.name} is an archive within an archive. Upload it by itself.")
            )
        else:
            yield one


def _expand_stream(file: SourceFile, limits: Limits) -> Iterator[SourceFile | Refusal]:
    stream = Stream(file, limits)
    head = stream.read(_BLOCK)
    if is_tar(head):
        yield from expand_tar(head, stream, file.name, limits)
        return
    data = head + stream.read(max(0, limits.file_bytes + 1 - len(head)))
    if len(data) > limits.file_bytes:
        raise too_large(file.name, limits.file_bytes)
    base = file.base
    suffix = next((suffix for suffix in _SUFFIXES if base.lower().endswith(suffix) and len(base) > len(suffix)), "")
    yield SourceFile(file.name[: len(file.name) - len(suffix)], data)
