"""Packages to publish, made without torch; the results in them are of so many that little has to be withheld."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import safetensors.numpy

from backend.ecg.preprocess import preset
from backend.exchange.privacy import check_package, safe_package
from backend.ml.evaluation.classification import evaluate
from backend.ml.metadata import to_metadata
from backend.ml.packaging.manifest import Ancestor, Manifest, TrainingCard
from backend.ml.packaging.package import MANIFEST, MODEL, WEIGHTS, write_package
from backend.ml.spec import ModelSpec
from tests.model_files import graph

MOST = 1 << 29
LABELS = ("NORM", "MI")
SPEC = ModelSpec(
    architecture="inception_time",
    labels=LABELS,
    label_names=("Normal", "Infarction"),
    task="multi_label",
    thresholds=(0.5, 0.25),
    preprocessing=preset("exchangeai", window_s=2),
)


def results(n: int = 400, *, rare: float = 0.3, spec: ModelSpec = SPEC, seed: int = 7) -> dict[str, object]:
    """Return an evaluation of n records, in which a label is as frequent as it is told to be."""
    random = np.random.default_rng(seed)
    labels = len(spec.labels)
    if spec.task == "single_label":
        y = np.eye(labels, dtype=np.float32)[
            random.choice(labels, n, p=[1 - rare * (labels - 1), *[rare] * (labels - 1)])
        ]
        p = np.clip(y + random.exponential(0.7, y.shape), 0.01, None)
        p /= p.sum(axis=1, keepdims=True)
    else:
        y = (random.random((n, labels)) < [0.5, *[rare] * (labels - 1)]).astype(np.float32)
        p = np.clip(0.25 + 0.5 * y + random.normal(0, 0.3, y.shape), 0.01, 0.99)
    rules = (
        {"f1": [0.4] * labels, "youden": [0.45] * labels, "cost": [0.8] * labels}
        if spec.task == "multi_label"
        else None
    )
    return evaluate(y, p, spec.labels, spec.task, spec.thresholds, operating_points=rules).to_dict()


def manifest(**changes: object) -> Manifest:
    counts = {"train": {"n": 300, "labels": {"NORM": 200, "MI": 99}}, "test": {"n": 400, "labels": {}}}
    made = Manifest(
        name="Rhythm ß model",
        created="2024-05-06T07:08:09+00:00",
        spec=SPEC,
        parameters=1234,
        evaluation=results(),
        training_data=TrainingCard(dataset="Ward 3", n=700, n_patients=500, counts=counts, data_hash="d" * 64),
        lineage=(Ancestor(name="Elder", architecture="xresnet1d18", sha256="e" * 64),),
        licence="CC BY 4.0",
        intended_use="Teaching.",
    )
    return replace(made, **changes)


def onnx_file(spec: ModelSpec = SPEC, **metadata: str) -> bytes:
    return graph(metadata=to_metadata(spec) | metadata, n=spec.n_samples)


def raw(
    folder: Path,
    *,
    onnx: bytes | None = None,
    seen: bytes | None = None,
    profile: bytes | None = None,
    **changes: object,
) -> Path:
    """Write a package as the platform exports it."""
    said = manifest(**changes)
    with TemporaryDirectory() as parts:
        files = {MODEL: Path(parts) / MODEL, WEIGHTS: Path(parts) / WEIGHTS}
        files[MODEL].write_bytes(onnx or onnx_file(said.spec))
        files[WEIGHTS].write_bytes(safetensors.numpy.save({"w": np.arange(6, dtype=np.float32)}))
        path = folder / "raw.zip"
        path.write_bytes(b"".join(write_package(said, files, seen, profile)))
    return path


@lru_cache
def _sound(name: str, notes: str) -> bytes:
    with TemporaryDirectory() as folder:
        before, after = raw(Path(folder), name=name, intended_use=notes), Path(folder) / "after.zip"
        assert safe_package(before, after, MOST) == ()
        assert check_package(after, MOST) == ()
        return after.read_bytes()


def a_package(folder: Path, *, padding: int = 0, name: str = "Rhythm ß model", use: str = "Teaching.") -> Path:
    """Write a package that may be published; `padding` makes it so many bytes larger."""
    path = folder / "package.zip"
    data = _sound(name, use)
    path.write_bytes(padded(data, padding) if padding else data)
    return path


def content_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(content: dict[str, bytes], *, true_hashes: bool = True) -> bytes:
    """Zip a package anew; the hashes in its manifest are put right, or left as they are."""
    if true_hashes:
        said = json.loads(content[MANIFEST])
        said["files"] = {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
            for name, data in content.items()
            if name != MANIFEST
        }
        content = content | {MANIFEST: json.dumps(said).encode()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def padded(data: bytes, n: int) -> bytes:
    """Return the package with weights that nobody needs, so that it is large."""
    padding = safetensors.numpy.save({"padding": np.arange(n // 4, dtype=np.int32)})
    return zipped(content_of(data) | {WEIGHTS: padding})
