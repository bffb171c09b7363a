"""The package of a model: whole and always the same; whatever is not exactly one is refused with the reason."""

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load as load_safetensors
from safetensors.numpy import save as save_safetensors

from backend.ecg.errors import LimitError
from backend.ml.errors import ModelInvalidError
from backend.ml.inference.onnx_bytes import count_numbers, read_metadata, with_metadata
from backend.ml.metadata import to_metadata
from backend.ml.packaging.manifest import Manifest
from backend.ml.packaging.package import CARD, MANIFEST, MODEL, WEIGHTS, read_package
from backend.ml.packaging.weights_file import check_weights
from tests.model_files import LABELS, SPEC, contents, files, graph, manifest, package, rezipped

MOST = 64 << 20


def read(data: bytes, most: int = MOST):
    return read_package(io.BytesIO(data), most)


def test_a_package_comes_back_as_it_was_written():
    read_back = read(package())
    assert (read_back.onnx, read_back.weights) == files()
    said, wanted = json.loads(read_back.manifest.to_json()), json.loads(manifest().to_json())
    assert set(said.pop("files")) == {MODEL, WEIGHTS, CARD}
    del wanted["files"]
    assert said == wanted


def test_a_package_is_a_plain_zip_whose_manifest_names_the_hash_of_each_file():
    content = contents(package())
    assert list(content) == [CARD, MANIFEST, MODEL, WEIGHTS]
    said = json.loads(content[MANIFEST])
    for name in (CARD, MODEL, WEIGHTS):
        assert said["files"][name] == {"sha256": hashlib.sha256(content[name]).hexdigest(), "size": len(content[name])}
    onnx.checker.check_model(onnx.load_from_string(content[MODEL]))
    assert set(load_safetensors(content[WEIGHTS])) >= {"head.weight", "head.bias"}
    assert said["input"]["shape"] == ["batch", 12, 200]
    assert said["input"]["rate"] == 100
    assert said["output"]["activation"] == "sigmoid"
    assert said["output"]["labels"][1] == {"label": "MI", "name": "Infarction", "code": "I21", "threshold": 0.25}


def test_the_same_model_gives_the_same_bytes():
    assert package() == package()
    assert package() != package(name="Another name")


def test_a_package_is_written_in_pieces_of_about_a_megabyte_at_most(tmp_path):
    from backend.ml.packaging.package import write_package

    (tmp_path / MODEL).write_bytes(files().onnx)
    (tmp_path / WEIGHTS).write_bytes(bytes(5 << 20))
    pieces = list(write_package(manifest(), {name: tmp_path / name for name in (MODEL, WEIGHTS)}))
    assert max(map(len, pieces)) <= 1 << 20
    assert contents(b"".join(pieces))[WEIGHTS] == bytes(5 << 20)


def test_values_of_single_patients_do_not_leave_with_a_regression():
    row = {"label": "age", "support": 3, "points": [[61.0, 59.5]]}
    said = json.loads(Manifest(name="A", created="", spec=SPEC, evaluation={"targets": [row]}).to_json())
    assert said["evaluation"] == {"targets": [{"label": "age", "support": 3, "points": []}]}


def test_the_card_tells_in_words_what_the_model_is_and_is_not():
    card = contents(package())[CARD].decode()
    parts = (
        "NORM", "I21", "0.125", "not a medical device", "Teaching.", "CC BY 4.0", "xresnet1d18", "360 ECGs", "Ward 3",
        "Resampled to 100 samples a second", "undefined", hashlib.sha256(files().onnx).hexdigest(),
    )  # fmt: skip
    assert [part for part in parts if part not in card] == []
    results = manifest().evaluation["classes"][0]["auroc"]
    assert f"{results['value']:.3f} ({results['low']:.3f} to {results['high']:.3f})" in card


def test_names_in_a_card_are_text_and_neither_markup_nor_columns():
    card = contents(package())[CARD].decode()
    assert "<b>" not in card
    assert "AFIB \\| flutter" in card
    rows = [line.replace("\\|", "") for line in card.splitlines() if line.startswith("| NORM")]
    assert {row.count("|") for row in rows[:1]} == {5}


def without(name: str) -> bytes:
    return rezipped({key: data for key, data in contents(package()).items() if key != name})


def changed(name: str, data: bytes, **fields: object) -> bytes:
    return rezipped(contents(package()) | {name: data}, **fields)


def with_fields(**fields: object) -> bytes:
    return rezipped(contents(package()), **fields)


def lying_size() -> bytes:
    """The directory says that the card is small; it expands to 5 MB."""
    data = bytearray(changed(CARD, bytes(5 << 20)))
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(CARD.encode()))
    assert data[at + 46 :].startswith(CARD.encode())
    data[at + 24 : at + 28] = struct.pack("<I", 5000)
    return bytes(data)


def many_entries() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(500):
            archive.writestr(f"{number}", b"")
    return buffer.getvalue()


def encrypted() -> bytes:
    data = bytearray(package())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def other_spec() -> bytes:
    return with_fields(spec=json.loads(SPEC.to_json()) | {"thresholds": [0.9, 0.9, 0.9]})


def with_results(**changes: object) -> bytes:
    evaluation = json.loads(manifest().to_json())["evaluation"]
    return with_fields(evaluation=evaluation | changes)


def infinite() -> bytes:
    told = contents(package())[MANIFEST].replace(b'"n": 60,', b'"n": 1e999,', 1)
    return rezipped(contents(package()) | {MANIFEST: told}, true_hashes=False)


def program() -> bytes:
    return rezipped(contents(package()) | {MANIFEST: b"{'a': __import__('os')}"}, true_hashes=False)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "damaged"),
    "no zip": (lambda: b"PK\3\4" + b"?" * 300, "damaged"),
    "truncated": (lambda: package()[:-30], "damaged"),
    "broken inside": (lambda: package()[:20] + bytes(200) + package()[220:], "damaged"),
    "thousands of files": (many_entries, "too many files"),
    "file missing": (lambda: without(MODEL), "holds README.md, manifest.json, model.onnx"),
    "card missing": (lambda: without(CARD), "no model package"),
    "path": (
        lambda: rezipped([*contents(package()).items(), ("../../etc/passwd", b"x")]),
        r"no model package.* holds \.\./\.\./etc/passwd, README\.md,",
    ),
    "absolute path": (lambda: rezipped([*contents(package()).items(), ("/tmp/x", b"x")]), "no model package"),
    "program": (lambda: rezipped([*contents(package()).items(), ("model.py", b"x")]), "no model package"),
    "bomb": (lambda: changed(CARD, bytes(3 << 20)), "more than 200 times"),
    "lying size": (lying_size, "damaged|larger"),
    "encrypted": (encrypted, "encrypted"),
    "wrong hash": (lambda: changed(WEIGHTS, files(8).weights, true_hashes=False), "SHA-256 differs"),
    "hash is none": (lambda: with_fields(true_hashes=False, files={MODEL: {"sha256": "x", "size": 1}}), "64 hexadec"),
    "unlisted file": (
        lambda: with_fields(true_hashes=False, files={MODEL: {"sha256": "0" * 64, "size": 1}}), "lists model.onnx, but"
    ),
    "newer": (lambda: with_fields(schema_version=99), "newer version"),
    "unknown field": (lambda: with_fields(run="rm -rf"), "unknown fields: run"),
    "other format": (lambda: with_fields(format="mlmodel"), "another program"),
    "no json": (program, "JSON"),
    "other thresholds": (other_spec, "describe different models"),
    "other graph": (lambda: changed(MODEL, graph()), "describe different models"),
    "external data": (lambda: changed(MODEL, graph() + b"\x3a\x08\x2a\x06\x6a\x02\x0a\x00\x70\x01"), "another file"),
    "no onnx": (lambda: changed(MODEL, b"import os"), "ONNX"),
    "weights are pickled": (lambda: changed(WEIGHTS, b"\x80\x04c__builtin__\neval\n."), "safetensors"),
    "weights cut": (lambda: changed(WEIGHTS, files().weights[:-4]), "cut short"),
    "results of others": (lambda: with_results(task="single_label"), "not those of its model"),
    "results: no number": (lambda: with_results(n="many"), "results: n cannot be used"),
    "results: script": (lambda: with_results(html="<script>"), "should have the fields"),
    "results: infinite": (infinite, "results: n cannot be used"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_no_sound_package_is_refused_saying_why(case: str):
    make, message = HOSTILE[case]
    with pytest.raises(ModelInvalidError, match=message):
        read(make())


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_refused():
    entries = list(contents(package()).items())
    with pytest.raises(ModelInvalidError, match="each once"):
        read(rezipped([*entries, (MODEL, b"another")]))


def test_a_file_above_the_limit_is_refused():
    with pytest.raises(LimitError, match=r"larger than .* EXCHANGEAI_MODEL_BYTES"):
        read(package(), most=2000)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.binary(min_size=1, max_size=6))
def test_a_package_with_changed_bytes_is_read_whole_or_refused(position: int, noise: bytes):
    data = bytearray(package())
    position %= len(data)
    data[position : position + len(noise)] = noise
    try:
        read_back = read(bytes(data))
    except (LimitError, ModelInvalidError):
        return
    assert (read_back.onnx, read_back.weights) == files()


def test_metadata_are_read_and_added_as_the_onnx_library_reads_them():
    told = with_metadata(graph(metadata={"exchangeai": "old", "other": "ä"}), to_metadata(SPEC))
    model = onnx.load_from_string(told)
    assert read_metadata(told) == {entry.key: entry.value for entry in model.metadata_props}
    assert read_metadata(told)["exchangeai"] == SPEC.to_json()
    assert read_metadata(told)["other"] == "ä"
    assert model.graph == onnx.load_from_string(graph()).graph


def test_the_numbers_of_a_graph_are_those_of_its_float_initialisers():
    proto = onnx.load_from_string(files().onnx)
    wanted = sum(
        int(np.prod(tensor.dims)) for tensor in proto.graph.initializer if tensor.data_type == onnx.TensorProto.FLOAT
    )
    assert count_numbers(files().onnx) == wanted > 300


def test_the_header_of_weights_is_read_as_safetensors_reads_it():
    tensors = {"a": np.zeros((3, 4), np.float32), "b": np.zeros((), np.int64), "c": np.zeros((0, 5), np.float16)}
    assert check_weights(save_safetensors(tensors)) == {name: value.shape for name, value in tensors.items()}
    assert set(check_weights(files().weights)) == set(load_safetensors(files().weights))


def header(facts: object, size: int = 8) -> bytes:
    text = json.dumps(facts).encode()
    return struct.pack("<Q", len(text)) + text + bytes(size)


def tensor(shape: object = (2,), offsets: object = (0, 8), dtype: object = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xff" * 8, struct.pack("<Q", 1 << 60) + b"{}", header([]), header({"a": 1}), header({"a": {}}),
        header({"a": tensor(dtype="object")}), header({"a": tensor([2**40, 2**40])}), header({"a": tensor([-2])}),
        header({"a": tensor([3])}), header({"a": tensor(offsets=[0, 8]), "b": tensor(offsets=[0, 8])}),
        header({"a": tensor(offsets=[4, 12])}, 12), header({"a": tensor()}, 9), header({"a": tensor()}, 4),
        header({"a": tensor([True, True], [0, 4])}, 4), header({"a": tensor(offsets=[0, 8, 8])}), header({}, 1),
        struct.pack("<Q", 100_000) + b"[" * 100_000,
    ],
)  # fmt: skip
def test_weights_whose_header_lies_are_refused(data: bytes):
    with pytest.raises(ModelInvalidError, match=r"[Ww]eights"):
        check_weights(data)


def test_labels_are_all_in_the_manifest():
    assert tuple(read(package()).manifest.spec.labels) == LABELS
