"""The `metadata_props` of an ONNX file: our description of the model, and beside it the original platform's keys."""

import ast
from collections.abc import Iterable, Mapping
from typing import Final

from backend.ecg.errors import EcgError
from backend.ecg.preprocess import ORIGINAL_STANDARDISERS, Preprocessing, preset
from backend.ml.errors import ModelInvalidError
from backend.ml.spec import EXTERNAL, ModelSpec

METADATA_KEY: Final = "exchangeai"
_MILLIVOLT, _MICROVOLT = "milliVolt", "mikroVolt"  # the original platform's words, in its spelling
_SCALES: Final = {_MILLIVOLT: 1.0, _MICROVOLT: 1000.0}
_STANDARDIZERS: Final = {**ORIGINAL_STANDARDISERS, "": "none"}
_AS_ORIGINAL: Final = {ours: theirs for theirs, ours in ORIGINAL_STANDARDISERS.items()} | {"lead": "meanStd"}


def to_metadata(spec: ModelSpec) -> dict[str, str]:
    """Return the ONNX `metadata_props`: our JSON, and the keys by which the original platform reads a model.

    `standardizer` and `scale` are the nearest the original has; it knows no other preprocessing than its own.
    """
    return {
        METADATA_KEY: spec.to_json(),
        "target_keys": repr(list(spec.labels)),
        "sampling_rate": f"{spec.preprocessing.rate:g}",
        "standardizer": _AS_ORIGINAL[spec.preprocessing.standardise],
        "scale": _MICROVOLT if spec.preprocessing.units_per_mv == 1000 else _MILLIVOLT,
    }


def from_metadata(
    properties: Mapping[str, str] | Iterable[tuple[str, str]], *, n_labels: int | None = None
) -> ModelSpec:
    """Read the `metadata_props` of an ONNX model of this platform or of the original one.

    `properties` may hold a key twice (the original wrote such files): the last one counts. A model of the original
    without `target_keys` gets the labels "class 1" to "class n" where `n_labels` is known.
    Raises ModelInvalidError for anything that cannot be understood; nothing is ever evaluated.
    """
    metadata = dict(properties)
    if METADATA_KEY in metadata:
        return ModelSpec.from_json(metadata[METADATA_KEY])
    if "target_keys" in metadata:
        labels = _literal_labels(metadata["target_keys"])
    elif n_labels is not None and 1 <= n_labels <= 2000:
        labels = tuple(f"class {number}" for number in range(1, n_labels + 1))
    else:
        raise ModelInvalidError("The model names no labels (no “exchangeai” and no “target_keys” in its metadata).")
    return ModelSpec(
        architecture=EXTERNAL,
        labels=labels,
        task="single_label",  # the original platform knows no other
        preprocessing=_original_preprocessing(metadata),
    )


def _literal_labels(text: str) -> tuple[str, ...]:
    """Parse the list of labels the original platform writes as Python source, as a literal and nothing else."""
    fault = ModelInvalidError("The “target_keys” of the model should be a list of labels, such as ['NORM', 'MI'].")
    if len(text) > 100_000:
        raise fault
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as problem:
        raise fault from problem
    if not isinstance(value, list | tuple) or not 0 < len(value) <= 2000:
        raise fault
    if not all(isinstance(item, str | int) and len(str(item)) <= 200 for item in value):
        raise fault
    return tuple(str(item) for item in value)


def _original_preprocessing(metadata: Mapping[str, str]) -> Preprocessing:
    """Return the original platform's preprocessing, its standardizer over the whole record, its scale."""
    rate, standardizer, scale = (
        metadata.get(*pair) for pair in (("sampling_rate", "100"), ("standardizer", "None"), ("scale", _MILLIVOLT))
    )
    if standardizer not in _STANDARDIZERS:
        raise ModelInvalidError(f"The model asks for the standardizer “{standardizer:.40}”, which is not known here.")
    if scale not in _SCALES:
        raise ModelInvalidError(f"The model asks for the scale “{scale:.40}”; {' and '.join(_SCALES)} are known.")
    try:
        return preset(
            "exchangeai", rate=float(rate), standardise=_STANDARDIZERS[standardizer], units_per_mv=_SCALES[scale]
        )
    except (ValueError, EcgError) as problem:
        raise ModelInvalidError(f"The model has the impossible sampling rate “{rate:.40}”.") from problem
