"""Huffman coding of SCP-ECG: the tables of section 2 and the samples written with them.

Source: EN 1064 (ISO 11073-91064) section 2 and annex C. Bits are read from the highest of each byte down; the bits of
a code stand in the table from the lowest up.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnreadableFileError

DEFAULT_TABLE = 19999  # stands for the number of tables where the default table of the standard is used
_MOST_TABLES = 256


@dataclass(frozen=True, slots=True)
class Table:
    """One code table, sorted by code: `first` and `last` are the 32-bit windows that begin with a code.

    `prefix` bits of code are followed by `whole` - `prefix` bits of value. `switch` is the number (from 0) of the
    table that the code switches to, None for a code of a value.
    """

    first: tuple[int, ...]
    last: tuple[int, ...]
    prefix: tuple[int, ...]
    whole: tuple[int, ...]
    value: tuple[int, ...]
    switch: tuple[int | None, ...]


Row = tuple[int, int, int, int, int]  # prefix bits, whole bits, mode (0: switch), base value, base code


def build(rows: Sequence[Row]) -> Table:
    """Return the table of code structures as section 2 lists them. Raises UnreadableFileError for impossible ones."""
    entries = []
    for prefix, whole, mode, value, code in rows:
        if not (0 <= prefix <= 32 and prefix <= whole <= prefix + 32 and whole > 0):
            raise UnreadableFileError("a code of the Huffman tables has an impossible length. Export the file again.")
        upright = int(f"{code:032b}"[::-1][:prefix] or "0", 2)
        first = upright << (32 - prefix)
        entries.append(
            (first, first + (1 << (32 - prefix)) - 1, prefix, whole, value, value - 1 if mode == 0 else None)
        )
    entries.sort(key=lambda entry: entry[:2])
    if any(before[1] >= after[0] for before, after in pairwise(entries)):
        raise UnreadableFileError("two codes of a Huffman table are alike. Export the file again.")
    return Table(*zip(*entries, strict=True))


@cache
def default_table() -> Table:
    """The table of the standard: 0 is "0", k is k ones, "0" and the sign; then 8 and 16 bits of value follow."""
    rows: list[Row] = [(1, 1, 1, 0, 0)]
    for size in range(1, 9):
        ones = (1 << size) - 1
        rows += [(size + 2, size + 2, 1, size, ones), (size + 2, size + 2, 1, -size, ones | 1 << (size + 1))]
    return build([*rows, (10, 18, 1, 0, 511), (10, 26, 1, 0, 1023)])


def parse_tables(body: bytes) -> tuple[Table, ...]:
    """Parse section 2 (without its header); no table means that the samples are stored as they are.

    Raises UnreadableFileError for a damaged section.
    """
    n_tables = int.from_bytes(body[:2], "little")
    if n_tables == DEFAULT_TABLE:
        return (default_table(),)
    if n_tables > _MOST_TABLES:
        raise UnreadableFileError(f"the file announces {n_tables:,} Huffman tables. Export it again.")
    all_rows: list[list[Row]] = []
    offset = 2
    for _ in range(n_tables):
        count = int.from_bytes(body[offset : offset + 2], "little")
        raw = body[offset + 2 : offset + 2 + 9 * count]
        if count == 0 or len(raw) < 9 * count:
            raise UnreadableFileError("the Huffman tables are cut off. Export or copy the file again.")
        fields = np.frombuffer(raw, [("p", "u1"), ("w", "u1"), ("m", "u1"), ("v", "<i2"), ("c", "<u4")])
        all_rows.append(fields.tolist())
        offset += 2 + 9 * count
    # A single code without bits of its own says that the samples are stored as they are, with 16 bits each.
    if len(all_rows) == 1 and len(all_rows[0]) == 1 and all_rows[0][0][:2] == (0, 16):
        return ()
    return tuple(build(rows) for rows in all_rows)


def decode(data: bytes, tables: Sequence[Table], most: int | None) -> NDArray[np.int64]:
    """Return the values coded in `data`, at most `most`, fewer where the data end before.

    Raises UnreadableFileError for bits that are no code.
    """
    n_bits = 8 * len(data)
    windows: list[int] = _windows(data)
    most = n_bits if most is None else most
    values: list[int] = []
    table, position = tables[0], 0
    while position < n_bits and len(values) < most:
        window = windows[position]
        row = bisect_right(table.first, window) - 1
        if row < 0 or window > table.last[row]:
            if n_bits - position < 32:
                break  # padding
            raise UnreadableFileError("the Huffman-coded samples are damaged. Export or copy the file again.")
        whole, prefix = table.whole[row], table.prefix[row]
        if position + whole > n_bits:
            break
        switch = table.switch[row]
        if switch is not None:
            if not 0 <= switch < len(tables):
                raise UnreadableFileError("the samples refer to a Huffman table that is not there. Export it again.")
            table = tables[switch]
        elif whole > prefix:
            size = whole - prefix
            bits = windows[position + prefix] >> (32 - size)
            values.append(table.value[row] + bits - (bits >> (size - 1) << size))
        else:
            values.append(table.value[row])
        position += whole
    return np.array(values, np.int64)


def _windows(data: bytes) -> list[int]:
    """Return the 32 bits that begin at each bit of `data`, followed by zeros."""
    padded = np.frombuffer(data + b"\0" * 4, np.uint8).astype(np.uint64)
    n = len(data)
    wide = np.zeros(n, np.uint64)
    for byte in range(5):
        wide = (wide << np.uint64(8)) | padded[byte : byte + n]
    shifts = np.arange(8, 0, -1, dtype=np.uint64)
    windows: list[int] = ((wide[:, None] >> shifts) & np.uint64(0xFFFFFFFF)).reshape(-1).tolist()
    return windows


def undo_differences(values: NDArray[np.int64], order: int) -> NDArray[np.int64]:
    """Return the samples from first or second differences; the first `order` values are samples themselves.

    Raises UnreadableFileError for another order than 0, 1 and 2.
    """
    if order == 0:
        return values
    if order == 1:
        return np.cumsum(values)
    if order == 2:
        steps = values.copy()
        steps[1:2] -= values[:1]
        steps[1:] = np.cumsum(steps[1:])
        return np.cumsum(steps)
    raise UnreadableFileError(f"the samples are coded by differences of order {order}. Export the file again.")
