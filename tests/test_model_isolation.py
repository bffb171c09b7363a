"""A stranger's model is tried in a process of its own: what it does there costs that upload and nothing else."""

import time
from dataclasses import replace

import pytest

from backend.isolation import model_check
from backend.ml.errors import ModelInvalidError, SettingError
from backend.ml.inference.onnx_bytes import with_metadata
from backend.ml.metadata import to_metadata
from backend.ml.spec import EXTERNAL
from tests.hostile_models import MODULE
from tests.model_files import SPEC, endless, files, graph, memory_bomb, not_a_number

PLAIN = to_metadata(replace(SPEC, architecture=EXTERNAL, config={}, labels=("a", "b"), label_names=(), codes={},
                            thresholds=(), training=None))  # fmt: skip


def test_a_sound_model_is_run_and_tells_what_it_is() -> None:
    trial = model_check.run_trial(files().onnx)
    assert trial.spec == SPEC.to_json()
    assert trial.numbers > 300


def test_a_graph_is_looked_at_without_a_description() -> None:
    seen = model_check.graph_of(graph())
    assert [(port.name, port.kind, port.shape) for port in seen.inputs] == [("x", "tensor(float)", ("batch", 12, 200))]
    assert seen.outputs[0].shape == ("batch", 2)


@pytest.mark.parametrize(
    ("onnx", "message"),
    [
        (not_a_number(), "no numbers"),
        (memory_bomb(), "cannot be|memory|stop"),
        (graph()[:-100], "cut short|cannot be loaded"),
        (b"import os; os.system('true')", "no ONNX model|damaged"),
        (b"", "no ONNX model"),
    ],
)
def test_what_cannot_be_used_is_refused_saying_why(onnx: bytes, message: str) -> None:
    with pytest.raises(ModelInvalidError, match=message):
        model_check.run_trial(with_metadata(onnx, PLAIN) if onnx and onnx != graph()[:-100] else onnx)


def test_a_model_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_check, "RUN", replace(model_check.RUN, seconds=2))
    started = time.monotonic()
    with pytest.raises(ModelInvalidError, match="longer than 2 s"):
        model_check.run_trial(with_metadata(endless(), PLAIN))
    assert time.monotonic() - started < 120


@pytest.mark.parametrize(
    ("deed", "message"),
    [
        ("segfault", "made the program that tried it stop"),
        ("exit", "made the program that tried it stop"),
        ("memory", "more memory"),
        ("nonsense", "made the program that tried it stop"),
        ("write", "refused: File too large"),
        ("environment", r"^\[\]$"),
    ],
)
def test_what_a_model_does_to_its_process_costs_that_model_alone(
    deed: str, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setenv("EXCHANGEAI_SECRET_KEY", "s" * 40)
    monkeypatch.setattr(model_check, "MODULE", MODULE)
    with pytest.raises(ModelInvalidError, match=message):
        model_check.run_trial(deed.encode())
    monkeypatch.undo()
    assert model_check.graph_of(graph()).inputs


def test_a_process_that_cannot_be_started_is_not_blamed_on_the_model(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(model_check, "MODULE", "no_such_module")
    with pytest.raises(ModelInvalidError, match="could not be started"):
        model_check.run_trial(files().onnx)
    assert "no_such_module" in capfd.readouterr().err


def test_errors_of_the_other_process_come_through_as_they_are() -> None:
    with pytest.raises(SettingError, match="There is no architecture"):
        model_check.convert(files().weights, replace(SPEC, architecture="nonsense", config={}))


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(ModelInvalidError, match="different networks"):
        model_check.check_native(files().onnx, files(8).weights)
