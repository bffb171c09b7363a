"""Stress tests over the API: curves of every kind, in the report too, and what is refused."""

from typing import Any

from backend.db.session import write_session
from backend.db.tables import Recording
from backend.ecg.disturb import KINDS, STEPS
from backend.ml.evaluation.estimate import Estimate
from backend.ml.evaluation.stress import StressPoint, curve
from backend.settings import get_settings
from tests.api_calls import Api, refusal
from tests.trained import Trained, result_of
from workers.evaluations import evaluate
from workers.lifecycle import run
from workers.stress_tests import test as stress


def _evaluated(api: Api, trained: Trained) -> str:
    body = {"model_id": trained.model_id, "dataset_id": trained.dataset_id, "include_seen": True}
    made = api.client.post(api.url("/evaluations"), json=body).json()
    run(made["job"]["id"], evaluate)
    return f"/evaluations/{made['id']}"


def test_a_model_is_put_to_every_stress_and_the_report_tells_it(trained_api: Api, trained: Trained) -> None:
    here = _evaluated(trained_api, trained)
    refusal(trained_api.client.get(trained_api.url(f"{here}/stress-test")), 404, "NotFoundError")
    answer = trained_api.client.post(trained_api.url(f"{here}/stress-test"))
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == trained_api.url(f"{here}/stress-test")
    made = answer.json()
    again = trained_api.client.post(trained_api.url(f"{here}/stress-test"))
    assert "still going on" in refusal(again, 409, "ConflictError")
    run(made["job"]["id"], stress)
    assert result_of(get_settings(), made["job"]["id"])["stress_test_id"] == made["id"]
    result: dict[str, Any] = trained_api.get(f"{here}/stress-test")["result"]
    assert result["n"] == 60
    whole = trained_api.get(here)["result"]["evaluation"]
    assert result["unchanged"]["score"] == whole["macro_auroc"]
    assert result["unchanged"]["f1"] == whole["macro_f1"]
    assert [one["kind"] for one in result["curves"]] == list(KINDS)
    for one in result["curves"]:
        assert [point["step"] for point in one["points"]] == list(STEPS[one["kind"]].steps)
        assert one["text"].startswith(one["title"])
    report = trained_api.client.get(trained_api.url(f"{here}/report")).text
    assert "Stress test" in report
    assert "Arm electrodes interchanged, 25% of the ECGs" in report
    replaced = trained_api.client.post(trained_api.url(f"{here}/stress-test")).json()
    assert trained_api.get(f"{here}/stress-test")["id"] == replaced["id"] != made["id"]


def test_what_cannot_be_tested_is_refused(trained_api: Api, trained: Trained) -> None:
    refusal(trained_api.client.post(trained_api.url("/evaluations/nobody/stress-test")), 404, "NotFoundError")
    body = {"model_id": trained.model_id, "dataset_id": trained.dataset_id}
    waiting = trained_api.client.post(trained_api.url("/evaluations"), json=body).json()
    answer = trained_api.client.post(trained_api.url(f"/evaluations/{waiting['id']}/stress-test"))
    assert "not begun" in refusal(answer, 409, "ConflictError")
    here = _evaluated(trained_api, trained)
    with write_session(get_settings().resolved_database_url) as session:
        for row in session.query(Recording):
            row.unit = "arbitrary"
    answer = trained_api.client.post(trained_api.url(f"{here}/stress-test"))
    assert "mV scale" in refusal(answer, 422, "InvalidInputError")


def _point(step: float, value: float, half: float = 0.01) -> StressPoint:
    return StressPoint(
        step=step, told=f"{step:g} µV", score=Estimate(value, value - half, value + half), f1=None
    )  # fmt: skip


def test_a_curve_names_the_step_from_which_on_it_is_worse() -> None:
    first = _point(0, 0.9)
    falling = [_point(20, 0.9), _point(50, 0.895), _point(100, 0.85), _point(200, 0.7)]
    assert curve("muscle", first, falling).text == (
        "Muscle noise: worse from 100 µV (RMS) on, 0.850 instead of 0.900; at 200 µV (RMS) 0.700."
    )
    steady = [_point(step, 0.89, 0.05) for step in (20, 50, 100, 200)]
    assert curve("muscle", first, steady).text == "Muscle noise: no fall beyond chance up to 200 µV (RMS)."
    nothing = StressPoint(step=0, told="", score=Estimate(None, withheld="too few"), f1=None)
    assert curve("muscle", nothing, steady).text == "Muscle noise: too few ECGs to say."
