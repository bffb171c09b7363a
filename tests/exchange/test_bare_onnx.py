"""Bare ONNX files, as the original platform keeps them, are described without being downloaded."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from backend.exchange.bare_onnx import describe_bare, fetch_bare, list_bare
from backend.exchange.errors import AbsentError, QuarantinedError
from backend.ml.inference.onnx_bytes import with_metadata
from tests.exchange.packages import SPEC, onnx_file
from tests.exchange.webdav_servers import Server
from tests.model_files import graph

ORIGINAL = {"target_keys": "['NORM', 'MI']", "sampling_rate": "250", "standardizer": "meanStd", "scale": "mikroVolt"}


def large(metadata: dict[str, str], megabytes: int = 8) -> bytes:
    model = onnx.load_from_string(graph())
    weights = np.random.default_rng(0).normal(size=megabytes * 262_144).astype(np.float32)
    model.graph.initializer.append(numpy_helper.from_array(weights, "more"))
    for key, value in metadata.items():
        model.metadata_props.add(key=key, value=value)
    return model.SerializeToString()


def test_the_metadata_of_large_files_are_read_from_their_ends(dav: Server) -> None:
    with dav.subfolder("bare") as folder:
        for name, data in {
            "original #1.onnx": large(ORIGINAL), "ours.ONNX": onnx_file(), "says nothing.onnx": large({}),
            "added.onnx": with_metadata(large({}), ORIGINAL), "no model.onnx": b"x" * 1000, "empty.onnx": b"",
            "hostile.onnx": large({"target_keys": "__import__('os').system('x')"}), "other.txt": b"x",
        }.items():  # fmt: skip
            (dav.root / "bare" / name).write_bytes(data)
        folder.make_folder("folder.onnx")
        found = {model.name: model for model in list_bare(folder)}
        assert set(found) == {
            "original #1.onnx", "ours.ONNX", "says nothing.onnx", "added.onnx", "no model.onnx", "empty.onnx",
            "hostile.onnx",
        }  # fmt: skip
        for name in ("original #1.onnx", "added.onnx"):
            one = found[name]
            assert one.spec is not None
            assert one.spec.labels == ("NORM", "MI")
            assert (one.spec.preprocessing.rate, one.spec.preprocessing.units_per_mv) == (250, 1000)
            assert one.read < 200_000 < one.size
        assert found["ours.ONNX"].spec == SPEC
        assert "names no labels" in found["says nothing.onnx"].why
        assert "list of labels" in found["hostile.onnx"].why
        for name in ("says nothing.onnx", "no model.onnx", "empty.onnx", "hostile.onnx"):
            assert found[name].spec is None
            assert found[name].why
        assert describe_bare(folder, "ours.ONNX") == found["ours.ONNX"]
        with pytest.raises(AbsentError):
            describe_bare(folder, "nothing.onnx")


def test_the_files_of_the_original_platform_are_understood(wsgidav: Server) -> None:
    shared = Path(__file__).parents[2].parent / "shared" / "data" / "models"
    files = sorted(shared.glob("*.onnx"))
    if not files:
        pytest.skip("the models of the original platform are not here")
    with wsgidav.subfolder("originals") as folder:
        for path in files:
            (wsgidav.root / "originals" / path.name).write_bytes(path.read_bytes())
        for model in list_bare(folder):
            assert model.spec is not None, model.why
            assert model.read < model.size / 5
            own = onnx.load(shared / model.name)
            keys = {prop.key: prop.value for prop in own.metadata_props}
            assert str(list(model.spec.labels)) == keys["target_keys"]


def test_a_bare_file_is_fetched_and_looked_at(wsgidav: Server, tmp_path: Path) -> None:
    with wsgidav.subfolder("fetched") as folder:
        folder.write("good.onnx", onnx_file())
        folder.write("bad.onnx", b"MZ" + bytes(1000))
        path = fetch_bare(folder, "good.onnx", tmp_path / "good", most=1 << 24)
        assert path.read_bytes() == onnx_file()
        with pytest.raises(QuarantinedError) as caught:
            fetch_bare(folder, "bad.onnx", tmp_path / "bad", most=1 << 24)
        assert sorted(path.name for path in (tmp_path / "bad").iterdir()) == ["model.onnx.refused", "reason.txt"]
        assert caught.value.path == tmp_path / "bad"


@pytest.mark.parametrize("cut", [1, 10, 100, 1000, 7000])
def test_a_file_that_is_cut_short_is_said_to_be(wsgidav: Server, cut: int) -> None:
    with wsgidav.subfolder(f"cut {cut}") as folder:
        folder.write("x.onnx", large(ORIGINAL, 1)[:-cut])
        assert describe_bare(folder, "x.onnx").spec is None
