"""`exchangeai drift`: the same check as on the page."""

import pytest

from backend.cli import drift as shell
from tests.shell_calls import fault, run, run_json
from tests.trained import Trained
from workers.drift_checks import check
from workers.lifecycle import run as run_job


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job is done in this process, as a worker would."""
    monkeypatch.setattr(shell, "follow", lambda _url, _project, job_id: run_job(job_id, check))


def test_a_check_says_its_verdict_and_who_was_left_out_and_as_json_the_same(trained: Trained) -> None:
    text = run("drift", "Tiny", trained.dataset_id).stdout
    assert "too few patients" in text.splitlines()[0]
    assert "Left out: 48. The model has learned from 48 recordings" in text
    shown = run_json("drift", "Tiny", "-p", "Simulated")
    assert isinstance(shown, dict)
    assert shown["result"]["text"] == text.splitlines()[0]
    assert len(shown["recordings"]) == shown["result"]["n_odd"]


def test_what_cannot_be_checked_is_refused_in_a_line(trained: Trained) -> None:
    assert "nobody" in fault("drift", "nobody")
    assert "nowhere" in fault("drift", "Tiny", "nowhere")
