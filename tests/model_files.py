"""Model files for tests: a tiny trained-looking network, its package, and zips that only look like packages."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from backend.ecg.preprocess import preset
from backend.ml.evaluation.classification import evaluate
from backend.ml.packaging.manifest import Ancestor, Manifest, TrainingCard
from backend.ml.packaging.package import CARD, MANIFEST, MODEL, WEIGHTS, write_package
from backend.ml.spec import ModelSpec, TrainingFacts

LABELS = ("NORM", "MI", "AFIB | flutter")
SPEC = ModelSpec(
    architecture="inception_time",
    config={"filters": 4, "depth": 1, "kernel": 9},
    labels=LABELS,
    label_names=("Normal", "Infarction", "Fibrillation"),
    codes={"MI": "I21"},
    task="multi_label",
    thresholds=(0.5, 0.25, 0.125),
    preprocessing=preset("exchangeai", window_s=2),
    training=TrainingFacts(seed=1, data_hash="d" * 64, created="2024-05-06T07:08:09+00:00"),
)


class Files(NamedTuple):
    onnx: bytes
    weights: bytes


@lru_cache
def files(seed: int = 7) -> Files:
    """Export a tiny network with weights drawn from the seed."""
    from backend.ml.architectures import architecture
    from backend.ml.architectures.named_weights import weights_bytes
    from backend.ml.export import export_onnx

    network = architecture(SPEC.architecture).build(12, SPEC.n_samples, len(LABELS), SPEC.config, seed=seed)
    with TemporaryDirectory() as folder:
        export_onnx(network, SPEC, Path(folder) / MODEL)
        return Files((Path(folder) / MODEL).read_bytes(), weights_bytes(network))


@lru_cache
def manifest() -> Manifest:
    random = np.random.default_rng(0)
    y = (random.random((60, 3)) < 0.5).astype(np.float32)
    y[:, 2] = 0  # a label that the test part does not hold, so that its results are undefined
    results = evaluate(y, random.random((60, 3)), LABELS, "multi_label", SPEC.thresholds)
    counts = {"train": {"n": 300, "labels": {"NORM": 200, "MI": 99, LABELS[2]: 1}}, "test": {"n": 60, "labels": {}}}
    return Manifest(
        name="Tiny <b>network</b>",
        created="2024-05-06T07:08:09+00:00",
        spec=SPEC,
        parameters=1234,
        parity=1e-6,
        evaluation=results.to_dict(),
        training_data=TrainingCard(dataset="Ward 3", n=360, n_patients=200, counts=counts, data_hash="d" * 64),
        lineage=(Ancestor(name="Elder", architecture="xresnet1d18", sha256="e" * 64),),
        versions={"torch": "2.13.0"},
        licence="CC BY 4.0",
        intended_use="Teaching.",
    )


def package(seed: int = 7, **changes: object) -> bytes:
    """Return the bytes of a sound package."""
    made = files(seed)
    with TemporaryDirectory() as folder:
        paths = {MODEL: Path(folder) / MODEL, WEIGHTS: Path(folder) / WEIGHTS}
        paths[MODEL].write_bytes(made.onnx)
        paths[WEIGHTS].write_bytes(made.weights)
        return b"".join(write_package(replace(manifest(), **changes), paths))


def contents(zipped: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rezipped(
    content: dict[str, bytes] | list[tuple[str, bytes]], *, true_hashes: bool = True, **fields: object
) -> bytes:
    """Zip files as a stranger might; `fields` replace those of the manifest, whose hashes are put right or left."""
    entries = list(content.items()) if isinstance(content, dict) else content
    if true_hashes or fields:
        said = json.loads(dict(entries)[MANIFEST]) | fields
        if true_hashes:
            said["files"] = {
                name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
                for name, data in entries
                if name in (MODEL, WEIGHTS, CARD)
            }
        entries = [(name, json.dumps(said).encode() if name == MANIFEST else data) for name, data in entries]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return buffer.getvalue()


def graph(nodes: list[onnx.NodeProto] | None = None, metadata: dict[str, str] | None = None, *, n: int = 200) -> bytes:
    """Return an ONNX file (batch, 12, n) -> (batch, 2) that says nothing of itself unless it is told to."""
    weight = numpy_helper.from_array(np.random.default_rng(0).normal(0, 0.1, (12 * n, 2)).astype(np.float32), "w")
    nodes = nodes or [helper.make_node("Flatten", ["x"], ["flat"]), helper.make_node("MatMul", ["flat", "w"], ["y"])]
    made = helper.make_model(
        helper.make_graph(
            nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ("batch", 12, n))],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ("batch", 2))], [weight],
        ),
        opset_imports=[helper.make_opsetid("", 18)], ir_version=9,
    )  # fmt: skip
    for key, value in (metadata or {}).items():
        made.metadata_props.add(key=key, value=value)
    return made.SerializeToString()


def constant(name: str, values: object, kind: type) -> onnx.NodeProto:
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.array(values, kind)))


def memory_bomb() -> bytes:
    """A graph of a few hundred bytes that makes 4 TB of numbers."""
    return graph([
        constant("huge", [1 << 20, 1 << 20], np.int64),
        helper.make_node("ConstantOfShape", ["huge"], ["zeros"]),
        helper.make_node("RandomNormalLike", ["zeros"], ["noise"]),
        helper.make_node("ReduceMean", ["noise"], ["mean"], keepdims=0),
        helper.make_node("Flatten", ["x"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w"], ["y0"]),
        helper.make_node("Add", ["y0", "mean"], ["y"]),
    ])  # fmt: skip


def endless() -> bytes:
    """A graph of a few kilobytes that multiplies large matrices for hours."""
    nodes = [constant("size", [3000, 3000], np.int64), helper.make_node("ConstantOfShape", ["size"], ["m0"])]
    nodes += [helper.make_node("MatMul", [f"m{i}", f"m{i}"], [f"m{i + 1}"]) for i in range(5000)]
    return graph([
        *nodes,
        helper.make_node("ReduceMean", ["m5000"], ["mean"], keepdims=0),
        helper.make_node("Flatten", ["x"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w"], ["y0"]),
        helper.make_node("Add", ["y0", "mean"], ["y"]),
    ])  # fmt: skip


def not_a_number() -> bytes:
    """A graph whose answer to a flat ECG is 0 / 0."""
    return graph([
        helper.make_node("Flatten", ["x"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w"], ["y0"]),
        helper.make_node("Div", ["y0", "y0"], ["y"]),
    ])  # fmt: skip
