"""Weights from PyTorch files: numbers only, of the network they are said to be of, or the reason why not."""

import argparse
import io
import pickle
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from torch import nn

from backend.ecg.preprocess import preset
from backend.ml.errors import ModelInvalidError, SettingError
from backend.ml.foreign import weights as weights_module
from backend.ml.foreign.weights import build, check_native, convert, read_tensors
from backend.ml.inference.predictor import Predictor
from tests.ml.fairseq_checkpoint import fairseq
from tests.model_files import LABELS, SPEC, files, graph


def saved(value: object, **options: bool) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def state() -> dict[str, torch.Tensor]:
    return load(files().weights)


class Report:
    """What the export tells, without the seconds that it takes."""

    parity = 0.0

    def __init__(self, path: Path) -> None:
        path.write_bytes(b"")


@pytest.mark.parametrize(
    "data",
    [
        files().weights,
        saved(state()),
        saved(state(), _use_new_zipfile_serialization=False),
        saved({"state_dict": {f"model.module.{name}": value for name, value in state().items()}, "epoch": 3}),
        saved(
            {"model": {name: value.double() if value.is_floating_point() else value for name, value in state().items()}}
        ),
        saved({name: value for name, value in state().items() if not name.endswith("num_batches_tracked")}),
        saved({name: value.t().contiguous().t() if value.ndim == 2 else value for name, value in state().items()}),
    ],
    ids=["safetensors", "torch", "old torch", "checkpoint", "double", "without counters", "transposed"],
)
def test_whatever_its_frame_a_state_dict_gives_the_network_it_is_of(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported = []
    monkeypatch.setattr(
        weights_module, "export_onnx", lambda network, _, path: exported.append(network) or Report(path)
    )
    made = convert(data, SPEC, tmp_path)
    given = {name: value for name, value in state().items() if not name.endswith("num_batches_tracked")}
    for name, value in given.items():
        torch.testing.assert_close(load(made.weights)[name], value)
    assert made.parameters == sum(p.numel() for p in exported[0].parameters())


def test_what_is_exported_answers_as_torch_does_with_those_weights(tmp_path: Path) -> None:
    made = convert(saved(state()), SPEC, tmp_path)
    network = build(SPEC)
    network.load_state_dict(state())
    x = np.random.default_rng(3).standard_normal((3, 12, SPEC.n_samples)).astype(np.float32)
    with torch.inference_mode():
        wanted = network.eval()(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(Predictor.from_bytes(made.onnx).logits(x), wanted, atol=1e-5)
    assert check_native(made.onnx, made.weights) <= 1e-5


class Evil:
    def __reduce__(self):
        return (print, ("run",))


def zipped_pickle() -> bytes:
    """A torch file whose pickle calls a function."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(state()))) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            target.writestr(name, pickle.dumps(Evil(), 2) if name.endswith("data.pkl") else source.read(name))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (pickle.dumps(Evil(), 2), "can run any program"),
        (zipped_pickle(), r"asks for \w*\.?print"),
        (saved(nn.Linear(2, 2)), r"asks for torch\.nn"),
        (saved(torch.zeros(3)), "no state dict"),
        (saved({}), "named tensors"),
        (saved({"a": 1}), "named tensors"),
        (saved({"a": torch.zeros(2), "b": [1, 2]}), "nothing beside"),
        (saved(state())[:-200], "no PyTorch state dict"),
        (b"PK\x03\x04?", "no PyTorch state dict"),
        (b"\x80\x02", "no PyTorch state dict|any program"),
        (b"", "neither a PyTorch file nor safetensors"),
        (b"#!/bin/sh\n", "neither a PyTorch file nor safetensors"),
        (graph(), "neither a PyTorch file nor safetensors"),
        (save({**state(), "head.weight": torch.zeros(5, 16), "head.bias": torch.zeros(5)}), "5 outputs, but 3 labels"),
        (saved({"conv1.weight": torch.zeros(4), "fc.bias": torch.zeros(2)}), "not those of InceptionTime"),
        (save({**state(), "extra": torch.zeros(2)}), "extra"),
        (save({name: value for name, value in state().items() if name != "head.bias"}), "head.bias"),
        (save({**state(), "head.bias": torch.zeros(7)}), "head.bias"),
        (save({**state(), "head.bias": torch.full((3,), torch.nan)}), "no numbers"),
    ],
)
def test_what_is_not_the_weights_of_the_network_is_refused_saying_why(
    data: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ModelInvalidError, match=message):
        convert(data, SPEC, tmp_path)
    assert capsys.readouterr().out == ""


def test_an_architecture_that_nobody_knows_is_named() -> None:
    with pytest.raises(SettingError, match="vgg"):
        build(replace(SPEC, architecture="vgg"))


def test_numbers_of_other_labels_do_not_fit(tmp_path: Path) -> None:
    with pytest.raises(ModelInvalidError, match=r"head\.(weight|bias)"):
        convert(files().weights, replace(SPEC, labels=LABELS[:2], label_names=(), thresholds=()), tmp_path)


def test_weights_of_another_network_than_the_graph_are_told() -> None:
    assert check_native(*files()) <= 1e-5
    with pytest.raises(ModelInvalidError, match="different networks"):
        check_native(files().onnx, files(8).weights)


def test_a_safetensors_file_is_read_as_the_library_reads_it() -> None:
    tensors, notes = read_tensors(files().weights)
    assert notes == []
    assert set(tensors) == set(state())


SMALL = {"width": 128, "depth": 2, "heads": 2, "inner": 64, "stem": 8, "reach": 6}
ECG_FM = replace(SPEC, architecture="ecg_fm", config=SMALL, preprocessing=preset("exchangeai", window_s=5, rate=500))


def test_a_published_checkpoint_without_a_head_is_for_fine_tuning_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That it answers as the published network does is tested with `ecg_fm_checkpoint`."""
    monkeypatch.setattr(weights_module, "export_onnx", lambda network, _, path: Report(path))
    made = convert(saved({"model": fairseq(), "last_optimizer_state": {}}), replace(ECG_FM, config={}), tmp_path)
    assert not made.has_head
    assert any("fairseq-signals" in note for note in made.notes)
    assert any("no head" in note for note in made.notes)
    assert dict(made.spec.config) | ECG_FM.config == dict(made.spec.config)  # as the checkpoint shows them
    wanted = build(ECG_FM).state_dict()
    assert {name: value.shape for name, value in load(made.weights).items()} == {
        name: value.shape for name, value in wanted.items()
    }


def test_an_ecg_fm_of_our_own_names_is_read_from_a_torch_file_as_from_safetensors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights_module, "export_onnx", lambda network, _, path: Report(path))
    weights = build(ECG_FM).state_dict()
    made = [convert(write(weights), ECG_FM, tmp_path) for write in (saved, save)]
    assert all(one.has_head for one in made)
    assert made[0].weights == made[1].weights


def test_a_checkpoint_that_would_run_code_is_refused_with_the_way_round(tmp_path: Path) -> None:
    """What fairseq saves beside the tensors: its settings as an object."""
    for data in (saved({"model": fairseq(), "cfg": argparse.Namespace(lr=1)}), pickle.dumps(Evil(), 2)):
        with pytest.raises(ModelInvalidError, match=r"can run any program.*docs/models\.md"):
            convert(data, ECG_FM, tmp_path)
