"""`explain`: maps of files, the numbers only where they are evidence, and refusals without a traceback."""

from pathlib import Path

import numpy as np
import pytest

from backend.cli.explain import text_of
from backend.ecg.synthesize import simulate
from backend.ml.explanations.waves import SEGMENTS, lay
from tests.ml.explanations.planted_models import PLAIN, RATE, of_samples
from tests.shell_calls import run, run_json


@pytest.fixture
def ecg(tmp_path: Path) -> Path:
    signal = simulate("NORM", 3, RATE).recording.signal
    path = tmp_path / "one.csv"
    names = "I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6"
    np.savetxt(path, signal.T, delimiter=",", header=names, comments="", fmt="%.4f")
    return path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    laid = lay(simulate("NORM", 3, RATE).recording.signal, RATE, PLAIN)
    weight = np.zeros((12, 1000), np.float32)
    weight[8, laid.codes == SEGMENTS.index("T")] = 0.05
    path = tmp_path / "model.onnx"
    path.write_bytes(of_samples(weight))
    return path


def test_the_planted_place_is_printed_with_its_control(ecg: Path, model: Path) -> None:
    asked = ("explain", model, ecg, "--rate", "100", "--units-per-mv", "1", "--way", "occlusion")
    (found,) = run_json(*asked)
    waves = next(one for one in found["maps"] if one["method"] == "waves")
    assert (waves["lead"], waves["wave"], waves["control"]["evidence"]) == ("V3", "T", True)
    text = text_of(found)
    assert "Without the T wave in lead V3" in text
    assert "aVL" in text


def test_the_numbers_of_a_map_that_is_no_evidence_are_not_printed(ecg: Path, model: Path) -> None:
    (found,) = run_json("explain", model, ecg, "--rate", "100", "--units-per-mv", "1", "--way", "occlusion")
    for one in found["maps"]:
        one["control"] |= {"evidence": False, "text": "This network with random weights gives as strong a map."}
    text = text_of(found)
    assert "as strong a map" in text
    assert "aVL" not in text


def test_what_cannot_be_explained_says_what_to_do_and_ends_with_one(ecg: Path, model: Path) -> None:
    for more, said in (
        (("--label", "AFIB"), "no label"),
        (("--way", "guess"), "no way of looking"),
    ):
        result = run("explain", model, ecg, "--rate", "100", "--units-per-mv", "1", *more)
        assert result.exit_code == 1
        assert said in result.output
        assert "Traceback" not in result.output
    assert run("explain", "nothing.onnx", ecg).exit_code == 1


def test_integrated_gradients_of_a_bare_onnx_file_say_why_there_are_none(ecg: Path, model: Path) -> None:
    (found,) = run_json("explain", model, ecg, "--rate", "100", "--units-per-mv", "1", "--way", "gradients")
    assert found["maps"] == []
    assert "only its graph is known" in found["missing"]["gradients"]
