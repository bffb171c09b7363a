"""`exchangeai evaluate`: the same evaluation as on the page, with its rows and its report as files."""

import csv
import json
from pathlib import Path

import pytest

from backend.cli import evaluations as shell
from backend.db.session import write_session
from backend.db.tables import Model
from backend.ml.data import seen_list
from backend.ml.data.seen_list import SeenByModel
from backend.services import seen
from backend.settings import get_settings
from tests.shell_calls import fault, run, run_json
from tests.trained import Trained
from workers.evaluations import evaluate
from workers.lifecycle import run as run_job


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job is done in this process, as a worker would."""
    monkeypatch.setattr(shell, "follow", lambda _url, _project, job_id: run_job(job_id, evaluate))


def test_a_model_is_evaluated_and_rows_and_report_are_written(trained: Trained, tmp_path: Path) -> None:
    rows, report = tmp_path / "rows.csv", tmp_path / "report.html"
    shown = run_json("evaluate", "Tiny", trained.dataset_id, "--csv", rows, "--report", report)
    assert isinstance(shown, dict)
    n = shown["result"]["n"]
    with rows.open(newline="") as file:
        assert len(list(csv.DictReader(file, strict=True))) == n < 60
    assert "TRIPOD+AI" in report.read_text()
    assert json.dumps(shown["facts"]["left_out"]).count('"seen"') == len(shown["result"]["left_out"])
    text = run("evaluate", "Tiny", trained.dataset_id, "-p", "Simulated", "--include-seen", "--half").stdout
    assert " patients, 60 recordings." in text.splitlines()[0]
    assert "NORM: " in text


def test_the_shell_warns_as_the_page_and_the_report_do(trained: Trained) -> None:
    with write_session(get_settings().resolved_database_url) as session:
        model = session.get_one(Model, trained.model_id)
        base = SeenByModel(name="Base", known=False, told="learned from A.")
        model.seen = seen_list.to_bytes([*seen.list_of(session, model), base])
    asked = ("evaluate", "Tiny", trained.dataset_id, "--prevalence", "NORM=0.02")
    shown, text = run_json(*asked), run(*asked).stdout
    assert isinstance(shown, dict)
    assert {"seen", "few_events"} <= {one["kind"] for one in shown["cautions"]}
    for one in shown["cautions"]:
        assert one["text"] in text
    for part in ("Left out: ", "it is not known whether", "learned from A.", "PPV", "fewer than"):
        assert part in text


def test_what_cannot_be_evaluated_is_said_in_one_line(trained: Trained, tmp_path: Path) -> None:
    assert "'Nobody'" in fault("evaluate", "Nobody", trained.dataset_id)
    assert "no dataset 'nothing'" in fault("evaluate", "Tiny", "nothing")
    assert "name=value" in fault("evaluate", "Tiny", trained.dataset_id, "--label", "NORM")
    assert "such as 0.02" in fault("evaluate", "Tiny", trained.dataset_id, "--prevalence", "NORM=often")
    assert "nowhere" in fault("evaluate", "Tiny", trained.dataset_id, "--csv", tmp_path / "nowhere" / "rows.csv")
