"""ECGs prepared beforehand, in .npz files: how millions of them reach a pre-training (docs/scale.md)."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.ml.errors import TrainingImpossibleError
from backend.ml.pretraining.data import PretrainingData

_REFUSED = (zipfile.BadZipFile, ValueError, OSError, KeyError, EOFError)


def read_shards(paths: Sequence[Path], n_samples: int, rate: float) -> PretrainingData:
    """Return the ECGs of .npz files with `x` (n, 12, n_samples), prepared as the network takes them at `rate` Hz.

    A file may also have `y` (n, L) with the names `labels`, and `values` (n, V) with `value_names`, NaN where unknown;
    then all files have the same ones. Nothing in a file is run. Raises TrainingImpossibleError that names the file.
    """
    parts: dict[str, list[NDArray[np.generic]]] = {}
    names: dict[str, tuple[str, ...]] = {}
    for path in paths:
        try:
            with np.load(path, allow_pickle=False) as shard:
                arrays = {name: shard[name] for name in shard.files}
        except _REFUSED as problem:
            raise TrainingImpossibleError(f"“{path.name}” is no readable .npz file. Write it again.") from problem
        x = arrays.get("x")
        if x is None or x.ndim != 3 or x.shape[1:] != (12, n_samples) or x.dtype.kind != "f":
            raise TrainingImpossibleError(
                f"“{path.name}” should hold “x” of floating-point numbers, (n, 12, {n_samples}) at {rate:g} Hz."
            )
        for table, of in (("y", "labels"), ("values", "value_names")):
            given = tuple(str(name) for name in arrays.get(of, ())) if table in arrays else ()
            if names.setdefault(of, given) != given:
                raise TrainingImpossibleError(f"“{path.name}” has other {of} than the files before it.")
        for name in ("x", "y", "values"):
            if name in arrays:
                parts.setdefault(name, []).append(arrays[name])
    joined = {name: np.concatenate(each) for name, each in parts.items()}
    tables = {name: np.asarray(joined[name], np.float32) for name in ("y", "values") if name in joined}
    return PretrainingData(
        np.asarray(joined["x"]), rate, names.get("labels", ()), tables.get("y"), names.get("value_names", ()),
        tables.get("values"),
    )  # fmt: skip
