"""Labels as NumPy arrays (.npy, .npz): one label a record, or one column a class. Pickled arrays are never read."""

import io
import zipfile
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.ml.data.label_tables.cells import Cells, check_size, made
from backend.ml.errors import LabelTableError

MAX_BYTES = 1 << 30  # of the arrays read, as their headers state them
MAX_CLASSES = 500
LABEL_ARRAYS = ("label", "labels", "y", "target", "targets")  # whose numbers may be places in a list of classes
_CLASSES = ("classes", "class_names", "label_names", "labels_names", "target_names", "columns", "names")


def read_arrays(data: bytes) -> Cells:
    """Return the cells of a .npy or .npz file, one row a record. Raises LabelTableError."""
    try:
        arrays = {"label": _load(data)} if data.startswith(b"\x93NUMPY") else _members(data)
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, NotImplementedError, MemoryError) as error:
        raise LabelTableError(
            "The NumPy file cannot be read: it is damaged, or holds Python objects (pickle), which are never loaded. "
            "Save the labels as an array of numbers or texts, or as CSV."
        ) from error
    classes = next((_texts(arrays.pop(name)) for name in _CLASSES if name in arrays and arrays[name].ndim == 1), None)
    usable = {name: array for name, array in arrays.items() if _holds_labels(array)}
    if not usable:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise LabelTableError(
            f"The NumPy file holds no labels ({shapes}): they are an array (n) of labels or (n, classes) of 0 and 1."
        )
    length = max(len(array) for array in usable.values())
    header: list[str] = []
    columns: list[list[str]] = []
    said: list[str] = []
    for name, array in usable.items():
        if len(array) == length:
            names, texts = _columns(name, array, classes)
            header += names
            said += names if name in LABEL_ARRAYS or (array.ndim == 2 and names == classes) else []
            columns += texts
    left = [name for name in arrays if name not in usable or len(usable[name]) != length]
    notes = [f"Left out: the arrays {', '.join(left)}."] if left else []
    cells = made(header, [list(row) for row in zip(*columns, strict=True)], "numpy", notes)
    return replace(cells, labels=tuple(said))


def _load(data: bytes) -> NDArray[Any]:
    return np.asarray(np.load(io.BytesIO(data), allow_pickle=False))


def _members(data: bytes) -> dict[str, NDArray[Any]]:
    """Return the arrays of an archive that are small enough to be labels, by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        total = 0
        arrays = {}
        for part in archive.infolist()[:1000]:
            if not part.filename.endswith(".npy"):
                continue
            with archive.open(part) as member:
                version = np.lib.format.read_magic(member)
                read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
                shape, _, dtype = read(member)
            if len(shape) > 2 or (len(shape) == 2 and shape[1] > MAX_CLASSES):
                continue  # signals
            total += part.file_size
            if total > MAX_BYTES or dtype.itemsize * int(np.prod(shape, dtype=np.float64)) > MAX_BYTES:
                raise LabelTableError("The arrays of the file expand to more than labels would. Save them as CSV.")
            arrays[part.filename.removesuffix(".npy")] = _load(archive.read(part))
    return arrays


def _holds_labels(array: NDArray[Any]) -> bool:
    return (
        array.dtype.kind in "biufUSM"
        and array.size > 0
        and (array.ndim == 1 or (array.ndim == 2 and array.shape[1] <= MAX_CLASSES))
    ) or (array.dtype.names is not None and array.ndim == 1)


def _columns(name: str, array: NDArray[Any], classes: list[str] | None) -> tuple[list[str], list[list[str]]]:
    if array.dtype.names is not None:
        fields = list(array.dtype.names)
        check_size(len(array), len(fields))
        return fields, [_texts(array[field]) for field in fields]
    if array.ndim == 2 and array.shape[1] == 1:  # one label a record, as scikit-learn and Keras also shape them
        array = array[:, 0]
    if array.ndim == 1:
        return ["label" if name == "y" else name], [_named(array, classes) if name in LABEL_ARRAYS else _texts(array)]
    check_size(*array.shape)
    width = array.shape[1]
    names = classes if classes and len(classes) == width else [f"{name} {index}" for index in range(width)]
    return names, [_texts(array[:, index]) for index in range(width)]


def _named(array: NDArray[Any], classes: list[str] | None) -> list[str]:
    """Return labels, the names of the classes in place of their numbers where the file holds both."""
    texts = _texts(array)
    numbers = {str(number): name for number, name in enumerate(classes or ())}
    return [numbers[text] for text in texts] if classes and set(texts) <= numbers.keys() else texts


def _texts(array: NDArray[Any]) -> list[str]:
    """Return values as text; whole numbers without a point, NaN as an empty cell."""
    if array.dtype.kind == "S":
        try:
            return [value.decode().strip() for value in array.tolist()]
        except UnicodeDecodeError:
            raise LabelTableError(
                "The NumPy file holds texts in single bytes that are not UTF-8: which letters they are cannot be told. "
                "Save them as an array of texts, or as CSV in UTF-8."
            ) from None
    if array.dtype.kind == "f":
        return [
            "" if value != value else str(int(value)) if value.is_integer() else str(value) for value in array.tolist()
        ]
    return [str(value).strip() for value in array.tolist()]
