"""HDF5 files: data sets of ECGs (SPH, CODE-15 %), any file with one array of signals, and MATLAB 7.3."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from backend.ecg.readers.arrays.hdf5_file import (
    MAGIC,
    MOST_TEXTS,
    as_texts,
    attributes,
    datasets,
    is_text,
    opened,
    read_dataset,
)
from backend.ecg.readers.arrays.matlab import matlab_contents
from backend.ecg.readers.arrays.per_record import Arrays, Handle
from backend.ecg.readers.arrays.search import find_contents
from backend.ecg.readers.arrays.stacks import Layout, Values, read_contents
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.recording import Recording

# Ribeiro et al. 2021, doi:10.5281/zenodo.4916206: tracings (records, 4096, 12), zeros on both sides of shorter ones.
CODE = Layout("CODE-15 %", rate=400, units_per_mv=1, zero_padded=True)
# Ribeiro et al. 2021, doi:10.5281/zenodo.4905618 (SaMi-Trop) and 3765780: the same by the same group, without exam_id.
SAMI_TROP = Layout("SaMi-Trop", rate=400, units_per_mv=1, zero_padded=True)
# Liu et al. 2022, doi:10.1038/s41597-022-01403-5: one array ecg (12, samples) of half-precision numbers.
SPH = Layout("SPH", rate=500, units_per_mv=1)
_MATLAB = b"MATLAB 7.3 MAT-file"
_MOST_CELLS = 64


def _recognises(files: FileSet) -> bool:
    """The mark at the start, or after the block that MATLAB writes before it."""
    data = files.main.data
    return data.startswith(MAGIC) or any(data[at : at + 8] == MAGIC for at in (512, 1024, 2048))


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    data, name = files.main.data, files.name
    matlab = data.startswith(_MATLAB)
    with opened(data, name) as file:
        found, notes = datasets(file, name)
        if matlab:
            contents, layout = matlab_contents(_matlab_arrays(file, found, name, len(data), limits), options, name)
        else:
            contents = find_contents(_arrays(file, found, name, len(data), limits), options, name)
            layout = _layout(found)
    contents = [replace(content, notes=content.notes + notes) for content in contents]
    return read_contents(contents, files, options, limits, "matlab" if matlab else "hdf5", layout)


def _layout(found: dict[str, Any]) -> Layout | None:
    """Return the layout of a known data set, by the names, shapes and types of its datasets."""
    if "tracings" in found and found["tracings"].shape[1:] == (4096, 12):
        return CODE if "exam_id" in found else SAMI_TROP
    if found.keys() == {"ecg"} and found["ecg"].dtype == "f2" and found["ecg"].shape[:1] == (12,):
        return SPH
    return None


def _arrays(file: Any, found: dict[str, Any], name: str, size: int, limits: Limits) -> Arrays:
    arrays: dict[str, Values | Handle] = dict(attributes(file, ""))
    for path, dataset in found.items():
        arrays |= attributes(dataset.parent, path)
        arrays |= attributes(dataset, path)  # its own go before those of its group
        read = partial(read_dataset, dataset, path, name, size, limits)
        if dataset.dtype.kind in "biuf":
            arrays[path] = Handle(dataset.shape or (), dataset.dtype, read)
        elif is_text(dataset.dtype) and dataset.size and dataset.size <= MOST_TEXTS:
            arrays[path] = read()
    return arrays


def _matlab_arrays(file: Any, found: dict[str, Any], name: str, size: int, limits: Limits) -> Arrays:
    """Return the variables of a MATLAB 7.3 file: numbers, stored with their axes reversed, and texts."""
    arrays: dict[str, Values | Handle] = {}
    for path, dataset in found.items():
        kind = dataset.attrs.get("MATLAB_class", b"")
        if path.startswith("#") or "MATLAB_empty" in dataset.attrs or "MATLAB_sparse" in dataset.parent.attrs:
            continue
        read = partial(read_dataset, dataset, path, name, size, limits)
        if kind == b"char":
            arrays[path] = _characters(read())
        elif (kind == b"cell" or _is_reference(dataset)) and dataset.size <= _MOST_CELLS:
            cells = [file[reference] for reference in read().reshape(-1) if reference]
            if all(cell.attrs.get("MATLAB_class") == b"char" for cell in cells):
                texts = [_characters(read_dataset(cell, path, name, size, limits)) for cell in cells]
                arrays[path] = as_texts([text.reshape(-1)[0] for text in texts if text.size])
        elif dataset.dtype.kind in "iuf":
            arrays[path] = Handle(dataset.shape[::-1], dataset.dtype, partial(_turned, read))
    return arrays


def _is_reference(dataset: Any) -> bool:
    """Whether a dataset points to others, as the field of an array of structures does."""
    import h5py

    return h5py.check_ref_dtype(dataset.dtype) is not None


def _turned(read: Callable[[], Values]) -> Values:
    return read().T


def _characters(codes: Values) -> Values:
    """Return the rows of a character matrix, stored as numbers with its axes reversed, as texts."""
    rows = codes.T.reshape(1, -1) if codes.ndim != 2 else codes.T
    return as_texts(["".join(map(chr, row.tolist())).strip("\0 ") for row in rows[:MOST_TEXTS].astype(np.uint16)])


READER = Reader(
    name="hdf5",
    title="HDF5, MATLAB 7.3 (.h5, .hdf5, .mat)",
    extensions=(".h5", ".hdf5", ".mat"),
    declares_units=False,
    recognises=_recognises,
    read=_read,
    source="HDF5 File Format Specification 3.0; MATLAB 7.3 files as MATLAB writes them",
    third_party=True,
)
