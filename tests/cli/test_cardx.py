"""CardX in the shell: a training that starts from it, in processes of its own, and what its routes say on the way."""

import json
import shutil
from pathlib import Path

from tests.platform_process import shell
from tests.trained import Trained


def test_train_starts_from_cardx_and_its_routes_are_told_by_training_prediction_and_card(
    trained_once: Trained, tmp_path: Path
) -> None:
    shutil.copytree(trained_once.folder, tmp_path / "data")
    common = ("train", "-p", "Simulated", "--base", "cardx", "--method", "head", "--name", "Head")
    ended = shell(tmp_path, *common, "--export", "head.zip", "--json")
    assert ended.returncode == 0, ended.stderr
    shown = json.loads(ended.stdout)
    assert "Each of 60 recordings was tested 2 times by a model that had not seen it." in ended.stderr
    assert 0 <= shown["evaluation"]["accuracy"]["value"] <= 1
    routes = shown["routes"]
    assert routes["n"] == shown["evaluation"]["n"]
    assert (routes["always_on"], len(routes["experts"])) == ("xresnet1d", 3)
    assert {one["label"]: one["n"] for one in routes["by_label"]} == {
        one["label"]: one["support"] for one in shown["evaluation"]["classes"] if one["support"]
    }

    ended = shell(tmp_path, "predict", "Head", "-p", "Simulated", "-o", "out.csv", "--json")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["routes"]["n"] == told["n"] == 60
    assert {one["label"]: one["n"] for one in told["routes"]["by_label"]} == {
        label: n for label, n in told["counts"].items() if n
    }

    card = shell(tmp_path, "models", "card", "Head", "-p", "Simulated").stdout
    assert "## Routes" in card
    assert "beside xresnet1d, which sees all" in card
    ended = shell(tmp_path, "models", "import", "head.zip", "-p", "Elsewhere", "--json")
    if ended.returncode:  # a project of that name is not made by this command
        assert "no project" in ended.stderr.lower()
