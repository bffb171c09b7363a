"""Samples without any header, as the uploader declares them: little-endian int16, the leads of one moment together."""

import numpy as np

from backend.ecg.errors import UnreadableFileError
from backend.ecg.readers.arrays.stacks import Content, read_content
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.recording import Recording

# What begins like this is no bare samples, whatever is declared.
_OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf",
           b"MATLAB", b"\x89HDF", b"\xd0\xcf\x11\xe0", b"II*\0", b"MM\0*")  # fmt: skip
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f")) + b"\x7f"


def is_bare(data: bytes) -> bool:
    """Whether the content may be bare samples: no text, and no kind of file that is known to be something else."""
    head = data[:4096]
    return not head.startswith(_OTHERS) and head.translate(None, _CONTROL) != head


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    data, k = files.main.data, len(options.order)
    if len(data) % (2 * k):
        raise UnreadableFileError(
            f"{files.name} has {len(data):,} bytes, which is no whole number of moments of {k} leads of 2 bytes each. "
            "Declare the leads it holds in their order, or copy it again."
        )
    content = Content(
        np.frombuffer(data, "<i2").reshape(-1, k),
        notes=(f"Read as bare 16-bit samples of {k} leads, as declared: nothing in the file confirms it.",),
    )
    return read_content(content, files, options, limits, "raw")


READER = Reader(
    name="raw",
    title="bare 16-bit samples, where declared (.dat, .raw, .bin)",
    extensions=(".dat", ".raw", ".bin"),
    declares_units=False,
    recognises=lambda files: False,  # only by declaration: nothing in the bytes tells them from other bytes  # noqa: ARG005
    read=_read,
    source="the uploader's declaration",
)
