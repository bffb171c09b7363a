"""`exchangeai models`: every verb, as JSON and as text, and errors in one line."""

import json
from pathlib import Path

import pytest

from backend.isolation import model_check
from backend.ml.architectures import ARCHITECTURES
from tests.model_files import contents, files, graph, package
from tests.samples import csv_file
from tests.shell_calls import fault, run, run_json
from tests.trained import Trained

SAID = ("--labels", "a,b", "--task", "single_label", "--preset", "clinical", "--rate", "100", "--units-per-mv", "1")


@pytest.fixture(autouse=True)
def untried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_check, "check_native", lambda onnx, weights: 0.0)
    monkeypatch.setattr(model_check, "methods_of", lambda onnx: (["head"], ["Only its head."]))


def test_models_are_listed_with_and_without_the_word_list(trained: Trained) -> None:
    shown, *further = run_json("models", "-p", "Simulated")
    assert (shown["name"], shown["origin"], shown["for_prediction"]) == ("Tiny", "trained", True)
    assert {(one["origin"], one["for_prediction"], one["for_training"]) for one in further} == {
        ("shipped", False, True)
    }
    assert run_json("models", "list", "-p", "Simulated") == [shown, *further]
    assert json.loads(run("models", "-p", "Simulated", "list", "--json").stdout) == [shown, *further]
    assert "for prediction and training" in run("models", "-p", "Simulated").stdout
    assert "cardx  CardX  comes with the platform, for training" in run("models", "-p", "Simulated").stdout
    assert run("models", "card", "cardx", "-p", "Simulated").stdout.startswith("# CardX")


def test_a_model_goes_out_and_comes_back_in_another_project(trained: Trained, tmp_path: Path) -> None:
    path = tmp_path / "tiny.zip"
    shown = run_json("models", "export", "Tiny", "-p", "Simulated", "-o", path)
    assert shown["output"] == str(path)
    assert contents(path.read_bytes()).keys() >= {"model.onnx", "manifest.json"}
    (tmp_path / "a.csv").write_bytes(csv_file())
    run_json("import", tmp_path / "a.csv", "-p", "Other", "--rate", "100", "--units-per-mv", "1000")
    taken = run_json("models", "import", path, "-p", "Other", "--name", "Copy")
    assert (taken["name"], taken["sha256"], taken["macro_f1"]) == ("Copy", shown["sha256"], shown["macro_f1"])
    assert "already, as “Copy”" in fault("models", "import", path, "-p", "Other")


@pytest.mark.parametrize("ending", ["zip", "onnx", "safetensors"])
def test_the_ending_of_the_file_says_what_is_written(trained: Trained, tmp_path: Path, ending: str) -> None:
    (tmp_path / "p.zip").write_bytes(package())
    run_json("models", "import", tmp_path / "p.zip", "-p", "Simulated", "--name", "Whole")
    out = tmp_path / f"out.{ending}"
    assert run("models", "export", "Whole", "-p", "Simulated", "-o", out).exit_code == 0
    wanted = {"onnx": files().onnx, "safetensors": files().weights}
    if ending == "zip":
        assert contents(out.read_bytes())["model.onnx"] == files().onnx
    else:
        assert out.read_bytes() == wanted[ending]


def test_without_a_place_a_package_is_written_under_the_name_of_the_model(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "Tiny.zip" in run("models", "export", "Tiny", "-p", "Simulated").stdout
    assert (tmp_path / "Tiny.zip").stat().st_size > 1000


def test_a_model_goes_to_no_file_that_hides_what_it_is(trained: Trained, tmp_path: Path) -> None:
    assert ".safetensors" in fault("models", "export", "Tiny", "-p", "Simulated", "-o", tmp_path / "m.pt")
    assert not (tmp_path / "m.pt").exists()
    started = fault("train", "-p", "Simulated", "--export", tmp_path / "m.pth", "--set", "max_epochs=1")
    assert ".safetensors" in started  # before it trains


def test_files_are_predicted_by_a_package_as_by_its_graph(trained: Trained, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(csv_file())
    answers = []
    for name, data in (("m.onnx", files().onnx), ("m.zip", package())):
        (tmp_path / name).write_bytes(data)
        answers.append(
            run_json("predict", tmp_path / name, tmp_path / "a.csv", "--rate", "100", "--units-per-mv", "1000")
        )
    assert answers[0] == answers[1]


def test_what_is_to_be_known_of_files_is_told_once_beside_their_predictions(trained: Trained, tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(files().onnx)
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_bytes(csv_file().partition(b"\n")[2])  # columns without names
    said = ("--rate", "100", "--units-per-mv", "1000")
    result = run("predict", tmp_path / "m.onnx", tmp_path / "a.csv", tmp_path / "b.csv", *said)
    assert result.stderr.count("Look at a.csv and 1 more: The table has no lead names") == 1
    assert "Look at" not in result.stdout


def test_nothing_is_assumed_about_a_file_that_is_to_be_predicted(trained: Trained, tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(files().onnx)
    (tmp_path / "a.csv").write_bytes(csv_file())
    result = run("predict", tmp_path / "m.onnx", tmp_path / "a.csv")
    assert result.exit_code == 1
    assert "a.csv: not predicted: It states no sampling rate" in result.stdout


def test_an_onnx_file_needs_what_it_does_not_say(trained: Trained, tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(graph())
    assert "missing: labels, task, preset, rate" in fault("models", "import", tmp_path / "m.onnx", "-p", "Simulated")
    result = run("models", "import", tmp_path / "m.onnx", "-p", "Simulated", *SAID)
    assert "Imported m (" in result.stdout
    assert "Only its head." in result.stdout
    assert "has no named weights" in fault("models", "export", "m", "-p", "Simulated", "-o", tmp_path / "w.safetensors")


def test_a_card_is_printed_as_markdown(trained: Trained) -> None:
    text = run("models", "card", "Tiny", "-p", "Simulated").stdout
    assert text.startswith("# Tiny\n")
    assert "not a medical device" in text
    assert run_json("models", "card", "Tiny", "-p", "Simulated")["card"] in text


def test_a_model_is_offered_or_not(trained: Trained) -> None:
    shown = run_json("models", "offer", "Tiny", "-p", "Simulated", "--no-prediction")
    assert (shown["for_prediction"], shown["for_training"]) == (False, True)
    assert "not offered for predictions" in fault("predict", "Tiny", "-p", "Simulated")
    text = run("models", "offer", "Tiny", "-p", "Simulated", "--prediction", "--no-training").stdout
    assert "offered for prediction." in text
    assert "offered for" in fault("models", "offer", "Tiny", "-p", "Simulated")


def test_the_zoo_says_how_large_and_how_dear_each_network_is(monkeypatch: pytest.MonkeyPatch) -> None:
    few = {name: ARCHITECTURES[name] for name in ("inception_time", "xresnet1d18")}
    monkeypatch.setattr("backend.ml.architectures.ARCHITECTURES", few)
    rows = {row["name"]: row for row in run_json("models", "zoo")}
    assert set(rows) == set(few)
    assert rows["inception_time"]["parameters"] == 457_605  # docs/models.md, five labels
    assert all(row["flops"] > 1e6 for row in rows.values())
    assert "2·MAC" in run("models", "zoo").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("models",), "--project"),
        (("models", "list"), "--project"),
        (("models", "card", "Nothing", "-p", "Simulated"), "'Nothing'"),
        (("models", "import", "nowhere.zip", "-p", "Simulated"), "nowhere.zip"),
        (("models", "import", __file__, "-p", "Simulated"), "is no model"),
        (("models", "export", "Tiny", "-p", "Nobody"), "'Nobody'"),
    ],
)
def test_errors_are_one_line(trained: Trained, arguments: tuple[str, ...], message: str) -> None:
    assert message in fault(*arguments)
