"""Variables of a MATLAB file of level 4 or 5, as arrays of numbers and texts; nothing in it is executed.

Source: MathWorks, MAT-File Format (R2024a), https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf
"""

import math
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from backend.ecg.errors import LimitError, UnreadableFileError
from backend.ecg.readers.archives.expand import Budget
from backend.ecg.readers.arrays.stacks import Values
from backend.ecg.readers.sources import Limits

_COMPRESSED, _MATRIX = 15, 14
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_TEXTS = {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
_CELL, _STRUCT, _CHAR, _FIRST_NUMERIC, _LAST_NUMERIC = 1, 2, 4, 6, 15
_COMPLEX = 0x800
_MOST_ELEMENTS, _MOST_LEVELS = 10_000, 8
_LEVEL_4_NUMBERS = ("f8", "f4", "i4", "i2", "u2", "u1")
_NAME = re.compile(rb"[A-Za-z]\w{0,62}\0")


@dataclass(slots=True)
class _File:
    """What is passed along while reading: the file's name, byte order, and how many elements may still come."""

    name: str
    order: str
    left: int = _MOST_ELEMENTS

    def damaged(self, what: str) -> UnreadableFileError:
        return UnreadableFileError(f"{self.name} is a damaged MATLAB file ({what}). Save or copy it again.")


def is_level_5(data: bytes) -> bool:
    """Whether the content is a MATLAB file of level 5 (versions 5 to 7.2)."""
    if len(data) < 136 or data[124:128] not in (b"\x00\x01IM", b"\x01\x00MI"):
        return False
    order = "<" if data[126:128] == b"IM" else ">"
    return struct.unpack(order + "I", data[128:132])[0] in (_MATRIX, _COMPRESSED)


def is_level_4(data: bytes) -> bool:
    """Whether the content is a MATLAB file of level 4: a possible header with a name, and room for the numbers."""
    try:
        _level_4_header(data, 0)
    except ValueError:
        return False
    return True


def load_level_4(data: bytes, name: str) -> dict[str, Values]:
    """Return views of the real numeric and text matrices by name. Raises UnreadableFileError."""
    found: dict[str, Values] = {}
    offset = count = 0
    while offset < len(data):
        count += 1
        if count > _MOST_ELEMENTS:
            raise LimitError(f"{name} holds more than {_MOST_ELEMENTS:,} variables. Save the signals alone.")
        try:
            key, dtype, shape, kind, start, end = _level_4_header(data, offset)
        except ValueError as error:
            raise UnreadableFileError(f"{name} is a damaged MATLAB file ({error}). Save or copy it again.") from error
        if kind == 0:
            found[key] = np.frombuffer(data, dtype, math.prod(shape), start).reshape(shape, order="F")
        offset = end
    return found


def load_level_5(data: bytes, name: str, limits: Limits) -> dict[str, Values]:
    """Return the numbers and texts of a file by name; fields of structures are 'name/field'.

    Complex and sparse matrices, objects and functions are passed over. Compressed variables are expanded within the
    limits. Raises UnreadableFileError, LimitError.
    """
    file = _File(name, "<" if data[126:128] == b"IM" else ">")
    budget = Budget(min(limits.archive_bytes, limits.file_bytes))
    found: dict[str, Values] = {}
    for kind, start, end in _elements(file, data, 128, len(data)):
        body: bytes | memoryview = memoryview(data)[start:end]
        if kind == _COMPRESSED:
            inner = _expand(file, data[start:end], budget, limits)
            kind, start, end = next(_elements(file, inner, 0, len(inner)), (0, 0, 0))
            body = memoryview(inner)[start:end]
        if kind == _MATRIX:
            found.update(_matrix(file, bytes(body), "", _MOST_LEVELS))
    return found


def _level_4_header(data: bytes, offset: int) -> tuple[str, np.dtype[np.generic], tuple[int, int], int, int, int]:
    """Return name, type, shape, kind (0 numbers, 1 text), and where the real part starts and the matrix ends.

    Raises ValueError for what is no such header, or one that promises more than there is.
    """
    if len(data) < offset + 20:
        raise ValueError("it is cut off")
    order = "<" if data[offset + 2 : offset + 4] == b"\0\0" else ">"
    code, rows, columns, imaginary, length = struct.unpack(order + "5i", data[offset : offset + 20])
    number, kind = divmod(code - (0 if order == "<" else 1000), 10)  # 1000 marks big-endian numbers
    if not 0 <= number < len(_LEVEL_4_NUMBERS) or kind > 1 or min(rows, columns) < 0 or imaginary not in (0, 1):
        raise ValueError("its header is impossible")
    text = data[offset + 20 : offset + 20 + length] if 0 < length <= 64 else b""
    if not _NAME.fullmatch(text):
        raise ValueError("a variable has no name")
    dtype = np.dtype(order + _LEVEL_4_NUMBERS[number])
    start = offset + 20 + length
    end = start + rows * columns * dtype.itemsize * (1 + imaginary)
    if end > len(data):
        raise ValueError(f"{end:,} bytes are promised, {len(data):,} are there")
    return text[:-1].decode("ascii"), dtype, (rows, columns), kind + 2 * imaginary, start, end


def _elements(file: _File, data: bytes, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """Yield type, start and end of each data element between two places."""
    pair = struct.Struct(file.order + "II")
    while stop - start >= 8:
        file.left -= 1
        if file.left < 0:
            raise LimitError(f"{file.name} holds more than {_MOST_ELEMENTS:,} elements. Save the signals alone.")
        kind, size = pair.unpack_from(data, start)
        if kind >> 16:  # the small form: size and type share four bytes, the data the next four
            kind, size, start = kind & 0xFFFF, kind >> 16, start + 4
            end = start + 4
            if size > 4:
                raise file.damaged("an element is larger than its place")
        else:
            start += 8
            end = start + size + (-size % 8 if kind != _COMPRESSED else 0)
        if start + size > stop:
            raise file.damaged(f"{size:,} bytes are promised, {stop - start:,} are there")
        yield kind, start, start + size
        start = end


def _expand(file: _File, packed: bytes, budget: Budget, limits: Limits) -> bytes:
    most = min(budget.left, max(1 << 20, int(limits.archive_ratio * len(packed))))
    inflater = zlib.decompressobj()
    try:
        expanded = inflater.decompress(packed, most + 1)
    except zlib.error as error:
        raise file.damaged(str(error)) from error
    if len(expanded) > most:
        raise LimitError(f"{file.name} expands to more than {most:,} bytes. Save it without compression, or split it.")
    budget.left -= len(expanded)
    return expanded


def _matrix(file: _File, data: bytes, path: str, levels: int) -> dict[str, Values]:
    """Return what one array element holds; `path` is the name it goes by where it is a part of another."""
    parts = list(_elements(file, data, 0, len(data)))
    if len(parts) < 3:
        return {}  # an empty array
    flags, sides, label = (data[start:end] for _, start, end in parts[:3])
    if len(flags) < 8 or len(sides) % 4 or len(sides) > 128:
        raise file.damaged("an array has no shape")
    word = struct.unpack(file.order + "I", flags[:4])[0]
    shape = struct.unpack(f"{file.order}{len(sides) // 4}i", sides)
    if min(shape, default=-1) < 0:
        raise file.damaged("an array has an impossible shape")
    kind, path = word & 0xFF, path or label.decode("latin-1")
    rest = parts[3:]
    if _FIRST_NUMERIC <= kind <= _LAST_NUMERIC and rest and not word & _COMPLEX:
        code, start, end = rest[0]
        return {path: _numbers(file, data[start:end], code, shape)}
    if kind == _CHAR and rest:
        code, start, end = rest[0]
        return {path: _text(file, data[start:end], code, shape)}
    if kind in (_CELL, _STRUCT) and levels == 0:
        raise LimitError(f"{file.name} nests its variables too deeply. Save the signals as a plain matrix.")
    if kind == _CELL:
        return _cells(file, data, [(start, end) for code, start, end in rest if code == _MATRIX], path, levels)
    if kind == _STRUCT and len(rest) >= 2:
        (_, at, to), (_, first, last) = rest[:2]
        width = int.from_bytes(data[at:to], "little" if file.order == "<" else "big")
        if not 0 < width <= 256 or (last - first) % width:
            raise file.damaged("a structure has no fields")
        fields = [data[i : i + width].split(b"\0")[0].decode("latin-1") for i in range(first, last, width)]
        found: dict[str, Values] = {}
        count = math.prod(shape)
        for index, (_, start, end) in enumerate(rest[2:]):
            number, place = divmod(index, max(1, len(fields)))
            prefix = path if count == 1 else f"{path}[{number}]"
            if fields:
                found.update(_matrix(file, data[start:end], f"{prefix}/{fields[place]}", levels - 1))
        return found if count == 1 else _joined(found, path, fields, count)
    return {}


def _joined(found: dict[str, Values], path: str, fields: list[str], count: int) -> dict[str, Values]:
    """Put the texts of one field of an array of structures together: the names of channels, one a structure."""
    for field in fields:
        keys = [f"{path}[{number}]/{field}" for number in range(count)]
        if all(key in found and found[key].dtype.kind == "U" and found[key].size == 1 for key in keys):
            found[f"{path}/{field}"] = np.array([str(found.pop(key).reshape(-1)[0]) for key in keys])
    return found


def _cells(file: _File, data: bytes, parts: list[tuple[int, int]], path: str, levels: int) -> dict[str, Values]:
    """Return a cell array: as one array of texts where all cells are texts, else cell by cell."""
    found: dict[str, Values] = {}
    for index, (start, end) in enumerate(parts):
        found.update(_matrix(file, data[start:end], f"{path}[{index}]", levels - 1))
    if found and len(found) == len(parts) and all(a.dtype.kind == "U" and a.size == 1 for a in found.values()):
        return {path: np.array([str(array.reshape(-1)[0]) for array in found.values()])}
    return found


def _numbers(file: _File, data: bytes, code: int, shape: tuple[int, ...]) -> Values:
    dtype = _NUMBERS.get(code)
    if dtype is None:
        raise file.damaged(f"numbers of an unknown type {code}")
    values = np.frombuffer(data, file.order + dtype) if len(data) % np.dtype(dtype).itemsize == 0 else np.empty(0)
    if values.size != math.prod(shape):
        raise file.damaged(f"{math.prod(shape):,} numbers are promised, {values.size:,} are there")
    return values.reshape(shape, order="F")


def _text(file: _File, data: bytes, code: int, shape: tuple[int, ...]) -> Values:
    """Return the rows of a character array as texts, without the blanks that fill them up."""
    encoding = _TEXTS.get(code, "latin-1")
    if encoding.startswith("utf-") and encoding != "utf-8":
        encoding += "-le" if file.order == "<" else "-be"
    text = data.decode(encoding, "replace")
    rows = shape[0] if len(shape) == 2 else 1
    if rows <= 1 or rows * shape[1] != len(text):
        return np.array([text.strip("\0 ")])
    return np.array([text[row::rows].strip("\0 ") for row in range(rows)])
