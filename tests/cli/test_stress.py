"""`exchangeai stress`: the same test as on the page."""

import pytest

from backend.cli import evaluations as evaluate_shell
from backend.cli import stress as shell
from tests.shell_calls import fault, run, run_json
from tests.trained import Trained
from workers.evaluations import evaluate
from workers.lifecycle import run as run_job
from workers.stress_tests import test as stress


def test_an_evaluation_is_stressed_and_each_curve_is_told(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    """The jobs are done in this process, as a worker would."""
    monkeypatch.setattr(evaluate_shell, "follow", lambda _url, _project, job_id: run_job(job_id, evaluate))
    monkeypatch.setattr(shell, "follow", lambda _url, _project, job_id: run_job(job_id, stress))
    evaluated = run_json("evaluate", "Tiny", trained.dataset_id, "--include-seen")
    assert isinstance(evaluated, dict)
    text = run("stress", evaluated["evaluation_id"]).stdout
    assert text.startswith("AUROC of the ECGs as they are: ")
    assert "Gain changed, 0.25 × the amplitude: " in text
    assert "no evaluation 'nobody'" in fault("stress", "nobody")
