"""Named arrays of an HDF5 file, read without following anything out of it.

Source: HDF5 File Format Specification 3.0, https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from backend.ecg.errors import LimitError, UnreadableFileError
from backend.ecg.leads import shown
from backend.ecg.readers.arrays.lead_order import MOST_LEADS, orders
from backend.ecg.readers.arrays.packed import may_be_scale
from backend.ecg.readers.arrays.search import KNOWN
from backend.ecg.readers.arrays.stacks import Values
from backend.ecg.readers.column_names import plain_name
from backend.ecg.readers.sources import Limits, check_claim

MAGIC = b"\x89HDF\r\n\x1a\n"
# deflate, shuffle, fletcher32, szip, nbit, scale-offset, LZF: those built in. Others would load code from the machine.
_FILTERS = frozenset((1, 2, 3, 4, 5, 6, 32000))
MOST_TEXTS = 20_000
_MOST_OBJECTS, _MOST_ATTRIBUTES = 65_536, 64
_SMALL = 4096  # numbers: an attribute of more is no fact
# What h5py raises on damaged files.
_DAMAGED = (OSError, KeyError, RuntimeError, ValueError, TypeError, AttributeError, IndexError, OverflowError,
            MemoryError, SystemError)  # fmt: skip


@contextmanager
def opened(data: bytes, name: str) -> Iterator[Any]:
    """Open a file in memory as a `h5py.File`; turn what h5py raises into an UnreadableFileError."""
    import h5py

    try:
        with h5py.File.in_memory(file_image=data) as file:
            yield file
    except _DAMAGED as error:
        raise UnreadableFileError(f"{name} is a damaged HDF5 file. Save or copy it again.") from error


def datasets(file: Any, name: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the datasets of a file by path, and a note on what was not followed.

    Only hard links are followed, and each object once: soft and external links are left out. Raises LimitError for a
    file of too many objects.
    """
    import h5py

    found: dict[str, Any] = {}
    seen = {h5py.h5o.get_info(file.id).addr}
    waiting, links = [("", file)], 0
    while waiting:
        prefix, group = waiting.pop()
        for key in group:
            if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                links += 1
                continue
            item, path = group[key], f"{prefix}{key}"
            address = h5py.h5o.get_info(item.id).addr
            if address in seen:
                continue
            seen.add(address)
            if len(seen) > _MOST_OBJECTS:
                raise LimitError(f"{name} holds more than {_MOST_OBJECTS:,} datasets. Save the signals as one stack.")
            if isinstance(item, h5py.Group):
                waiting.append((f"{path}/", item))
            elif isinstance(item, h5py.Dataset):
                found[path] = item
    return found, (f"Left out: {links} links to other places.",) if links else ()


def attributes(item: Any, path: str) -> dict[str, Values]:
    """Return the small attributes of a file, group or dataset that say something of the signal, as 'path@name'."""
    found: dict[str, Values] = {}
    for key in [key for key in item.attrs if plain_name(key) in KNOWN or may_be_scale(key)][:_MOST_ATTRIBUTES]:
        identity = item.attrs.get_id(key)
        count = math.prod(identity.shape)
        if identity.dtype.kind in "iuf" and count <= _SMALL:
            found[f"{path}@{key}"] = np.asarray(item.attrs[key])
        elif is_text(identity.dtype) and count <= MOST_TEXTS:
            found[f"{path}@{key}"] = as_texts(item.attrs[key])
    # The order of the leads may be called anything.
    for key in [key for key in item.attrs if plain_name(key) not in KNOWN][:_MOST_ATTRIBUTES]:
        identity = item.attrs.get_id(key)
        if is_text(identity.dtype) and math.prod(identity.shape) <= MOST_LEADS:
            texts = {f"{path}@{key}": as_texts(item.attrs[key])}
            found |= texts if orders(texts) else {}
    return found


def is_text(dtype: "np.dtype[Any]") -> bool:
    """Whether a type of HDF5 is that of texts, not of references or of lists."""
    import h5py

    return dtype.kind == "S" or h5py.check_string_dtype(dtype) is not None


def read_dataset(dataset: Any, path: str, name: str, size: int, limits: Limits) -> Values:
    """Read the numbers, texts or references of one dataset, in a file of `size` bytes.

    What it claims is checked first. Raises UnreadableFileError for one whose data lie elsewhere or are packed in
    another way, LimitError.
    """
    where = f"{name} ('{shown([path.rpartition('/')[2]])}')"  # groups may be called after patients
    if dataset.is_virtual or dataset.external:
        raise UnreadableFileError(f"{where} keeps its samples in another file. Save them in the file itself.")
    plan = dataset.id.get_create_plist()
    if any(plan.get_filter(index)[0] not in _FILTERS for index in range(plan.get_nfilters())):
        raise UnreadableFileError(
            f"{where} is compressed with a filter that is no part of HDF5. Save it with gzip or uncompressed."
        )
    item = dataset.dtype.itemsize
    check_claim(where, math.prod(dataset.shape or (0,)) * item, size, limits)
    check_claim(where, math.prod(dataset.chunks or (0,)) * item, size, limits)
    if is_text(dataset.dtype):
        return as_texts(dataset[()])
    values: Values = np.asarray(dataset[()])
    return values


def as_texts(value: Any) -> Values:
    """Return bytes and objects that are texts as an array of texts; at most 20,000 of them."""
    flat = np.asarray(value, object).reshape(-1)[:MOST_TEXTS]
    return np.array([one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one)[:1000] for one in flat])
