"""The shell in processes of its own: it starts a worker where none lives, and keeps standard output clean."""

import csv
import io
import json
import shutil
from pathlib import Path

import psutil
import pytest

from tests.platform_process import shell
from tests.trained import Trained

QUICK = ["max_epochs=2", "learning_rate=0.005", "threads=1", "batch_size=16"]


@pytest.fixture
def folder(trained_once: Trained, tmp_path: Path) -> Path:
    shutil.copytree(trained_once.folder, tmp_path / "data")
    return tmp_path


def _workers_of(folder: Path) -> list[list[str]]:
    return [
        process.info["cmdline"]
        for process in psutil.process_iter(["environ", "cmdline"])
        if (process.info["environ"] or {}).get("EXCHANGEAI_DATA_DIR") == str(folder / "data")
    ]


def test_train_and_predict_start_a_worker_of_their_own_and_leave_none(folder: Path) -> None:
    settings = [part for pair in QUICK for part in ("--set", pair)]
    ended = shell(
        folder,
        "train",
        "-p",
        "Simulated",
        "--name",
        "Shell",
        "--split",
        "holdout",
        *settings,
        "--export",
        "shell.onnx",
        "--json",
    )
    assert ended.returncode == 0, ended.stderr
    shown = json.loads(ended.stdout)
    assert 0 <= shown["evaluation"]["accuracy"]["value"] <= 1
    assert "Epoch" in ended.stderr
    assert (folder / "shell.onnx").stat().st_size > 1000

    ended = shell(folder, "predict", "Shell", "-p", "Simulated", "-o", "out.csv", "--json")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["n"] == 60
    rows = list(csv.reader(io.StringIO((folder / "out.csv").read_text(), newline=""), strict=True))
    assert len(rows) == 61
    assert _workers_of(folder) == []


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("port", "eighty", "EXCHANGEAI_PORT"),
        ("database_url", "postgresql://nobody:secret@127.0.0.1:1/none", "database"),
        ("database_url", "no url at all", "database"),
        ("data_dir", "/proc/nowhere", "/proc/nowhere"),
    ],
)
def test_a_setting_that_cannot_work_is_one_line_without_traceback(
    tmp_path: Path, name: str, value: str, word: str
) -> None:
    ended = shell(tmp_path, "projects", **{name: value})
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    assert "secret" not in ended.stderr
    assert word in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
