"""Learning curves over the API: planned, queued in the same folds, judged, cancelled, refused with the reason."""

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from backend.db.session import read_session, write_session
from backend.db.tables import Job, Recording, Run
from backend.services import jobs, run_division, runs
from backend.settings import Settings
from tests.api_calls import Api, refusal
from tests.finished_runs import finish, unlike

RLIGN = {"architecture": "rlign_logistic"}
SMALL = {"architecture": "xresnet1d18", "training": {"max_epochs": 2}}


def _dataset(api: Api, n: int, rare: int = 0) -> str:
    """Return a dataset of n recordings of 2 n / 3 patients, every second one with MI, `rare` of them with LVH."""
    names = [f"{number}.csv" for number in range(n)]
    api.upload({name: unlike(number) for number, name in enumerate(names)}, rate="100")
    table = "file_name,MI,LVH,patient_id\n"
    for number, name in enumerate(names):
        old = number < rare if rare else number // (n // 2)
        table += f"{name},{number % 2},{int(old)},p{number % (2 * n // 3)}\n"
    dataset_id: str = api.dataset(table)["id"]
    return dataset_id


@pytest.fixture
def compared(api: Api, installed: Settings) -> dict[str, Any]:
    """A comparison that is done and recommends the first of two candidates."""
    return _compared(api, installed, _dataset(api, 90))


def _compared(api: Api, settings: Settings, dataset: str, **values: Any) -> dict[str, Any]:
    body = {"dataset_id": dataset, "candidates": [RLIGN, SMALL], "folds": 3} | values
    made = api.client.post(api.url("/comparisons"), json=body).json()
    for one, noise in zip(made["candidates"], (0.5, 3.0), strict=True):
        finish(settings, one["run_id"], noise, seconds=100)
    shown: dict[str, Any] = api.get(f"/comparisons/{made['id']}")
    assert shown["status"] == "done"
    return shown


def _path(comparison: dict[str, Any], place: int = 0) -> str:
    return f"/comparisons/{comparison['id']}/learning-curves/{place}"


def _start(api: Api, comparison: dict[str, Any], place: int = 0) -> dict[str, Any]:
    answer = api.client.post(api.url(_path(comparison, place)))
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == api.url(_path(comparison, place))
    shown: dict[str, Any] = answer.json()
    return shown


def test_before_it_is_started_a_curve_says_what_it_would_take(api: Api, compared: dict[str, Any]) -> None:
    shown = api.get(_path(compared))
    assert (shown["status"], shown["title"], shown["verdict"]) == ("not_started", "Rlign and logistic regression", None)
    assert [one["share"] for one in shown["points"]] == [0.25, 0.5, 1]
    quarter, half, all_ = shown["points"]
    assert all_["n"] == 60
    assert half["n"] == pytest.approx(30, abs=3)
    assert quarter["n"] == pytest.approx(15, abs=3)
    assert (all_["run_id"], half["run_id"]) == (compared["candidates"][0]["run_id"], None)
    assert 0 < shown["seconds"] < 200  # two trainings from less than the one that took 100 s
    assert len(api.get("/runs")) == 2


def test_each_point_is_a_run_in_the_very_same_folds_that_learns_from_whole_patients_of_less(
    api: Api, compared: dict[str, Any], installed: Settings
) -> None:
    shown = _start(api, compared)
    assert shown["status"] == "running"
    assert [one["job"]["status"] for one in shown["points"]] == ["queued", "queued", "done"]
    with read_session(installed.resolved_database_url) as session:
        patients = dict(session.query(Recording.id, Recording.file_name))
        whose = {one: int(name.split(".")[0]) % 60 for one, name in patients.items()}
        quarter, half, all_ = (session.get_one(Run, one["run_id"]) for one in shown["points"])
        tested = {run.id: _tested(session, run) for run in (quarter, half, all_)}
        assert tested[quarter.id] == tested[half.id] == tested[all_.id]
        learnt = {run.id: _learnt(session, run) for run in (quarter, half, all_)}
        for fold in range(4):  # the last is that of the model that is kept
            few, some, every = (learnt[run.id][fold] for run in (quarter, half, all_))
            assert few < some < every
            for mine in (few, some):
                people = {whose[one] for one in mine}
                assert mine == {one for one in every if whose[one] in people}
                if fold < 3:
                    assert not people & {whose[one] for one in tested[half.id][fold]}
        # What is told of the model is what it learns from; all others only choose its thresholds.
        assert set(half.split["train"]) == learnt[half.id][3]
        assert set(half.split["train"]) | set(half.split["validation"]) == set(all_.split["train"])
        assert half.facts["counts"]["train"]["n"] == len(learnt[half.id][3]) < 90
        assert len({run.facts["data_hash"] for run in (quarter, half, all_)}) == 3
        assert half.name == "Rlign and logistic regression, 1/2 of the patients"


def _tested(session: Any, run: Run) -> list[set[str]]:
    labelled, _ = runs.split_examples(session, run)
    folds = run_division.folds_of(run)
    return [{labelled[row].recording_id for row in folds.tests(0, fold).tolist()} for fold in range(folds.k)]


def _learnt(session: Any, run: Run) -> list[set[str]]:
    labelled, _ = runs.split_examples(session, run)
    folds = run_division.folds_of(run)
    return [{labelled[row].recording_id for row in folds.learns(0, fold).tolist()} for fold in (0, 1, 2, -1)]


def test_two_candidates_learn_from_the_same_share(api: Api, compared: dict[str, Any], installed: Settings) -> None:
    one, other = (_start(api, compared, place)["points"][1]["run_id"] for place in (0, 1))
    with read_session(installed.resolved_database_url) as session:
        assert _learnt(session, session.get_one(Run, one)) == _learnt(session, session.get_one(Run, other))


def test_once_all_are_done_the_gain_of_the_last_doubling_is_what_scikit_learn_says(
    api: Api, compared: dict[str, Any], installed: Settings
) -> None:
    started = _start(api, compared)
    for one, noise in zip(started["points"][:2], (4.0, 2.0), strict=True):
        finish(installed, one["run_id"], noise)
    shown = api.get(_path(compared))
    assert (shown["status"], shown["verdict"], shown["n"], shown["seconds"]) == ("done", "gain", 90, 0)
    scores = [one["score"]["value"] for one in shown["points"]]
    assert scores[2] == pytest.approx(compared["candidates"][0]["score"])
    assert shown["last"]["value"] == pytest.approx(scores[2] - scores[1])
    assert scores[1] == pytest.approx(_area(installed, started["points"][1]["run_id"]))
    assert shown["last"]["low"] > 0
    assert "grew by more than chance gives: +0." in shown["text"][0]
    assert "twice the data would bring +0." in shown["text"][1]  # it comes near to 1
    assert "at most, as no score is above 1" in shown["text"][1]
    assert shown["ahead"]["value"] == pytest.approx(1 - scores[2])
    assert "no promise" in shown["text"][1]
    assert "nothing to start" in refusal(api.client.post(api.url(_path(compared))), 409, "ConflictError")
    # The comparison itself is as it was.
    assert api.get(f"/comparisons/{compared['id']}")["status"] == "done"


def _area(settings: Settings, run_id: str) -> float:
    from backend.db.tables import Dataset, OutOfFoldRow
    from backend.services import examples

    with read_session(settings.resolved_database_url) as session:
        run = session.get_one(Run, run_id)
        known = {one.recording_id: one for one in examples.load(session, session.get_one(Dataset, run.dataset_id))}
        rows = session.query(OutOfFoldRow).filter(OutOfFoldRow.run_id == run_id).all()
        return float(
            np.mean(
                [
                    roc_auc_score(
                        [label in known[one.recording_id].labels for one in rows], [one.logits[place] for one in rows]
                    )
                    for place, label in enumerate(run.facts["labels"])
                ]
            )
        )


def test_a_point_that_failed_is_trained_again_and_the_rest_stays(
    api: Api, compared: dict[str, Any], installed: Settings
) -> None:
    started = _start(api, compared)
    quarter, half = (one["run_id"] for one in started["points"][:2])
    finish(installed, half, 0.6)
    with write_session(installed.resolved_database_url) as session:
        job = session.get_one(Job, session.get_one(Run, quarter).job_id)
        jobs.finish(session, job, "failed", "The machine has too little memory.")
    shown = api.get(_path(compared))
    assert (shown["status"], shown["points"][0]["job"]["error"]) == ("incomplete", "The machine has too little memory.")
    assert shown["verdict"] is not None  # half and all are enough
    again = _start(api, compared)["points"]
    assert (again[0]["run_id"] == quarter, again[1]["run_id"] == half) == (False, True)
    with read_session(installed.resolved_database_url) as session:
        old, new = (session.get_one(Run, one) for one in (quarter, again[0]["run_id"]))
        assert old.split == new.split


def test_a_curve_is_cancelled_and_a_comparison_is_not_deleted_under_it(api: Api, compared: dict[str, Any]) -> None:
    assert "nothing to cancel" in refusal(api.client.post(api.url(f"{_path(compared)}/cancel")), 409, "ConflictError")
    _start(api, compared)
    url = api.url(f"/comparisons/{compared['id']}")
    assert "Cancel it first" in refusal(api.client.delete(url), 409, "ConflictError")
    shown = api.client.post(api.url(f"{_path(compared)}/cancel")).json()
    assert [one["job"]["status"] for one in shown["points"]] == ["cancelled", "cancelled", "done"]
    assert shown["status"] == "incomplete"
    assert api.client.delete(url).status_code == 204


def test_where_too_few_would_be_left_in_a_quarter_it_is_left_out_and_below_half_all_is_refused(
    api: Api, installed: Settings
) -> None:
    few = _compared(api, installed, _dataset(api, 60, rare=8))  # in a fold 5 learn, 2 or 3 in half, 1 in a quarter
    shown = api.get(_path(few))
    assert shown["status"] == "not_started"
    assert (shown["points"][0]["n"], shown["points"][1]["n"] > 0) == (None, True)
    assert "With 1/4 of the patients a fold would learn from fewer than two" in shown["points"][0]["why_not"]
    started = _start(api, few)
    assert [one["run_id"] is None for one in started["points"]] == [True, False, False]
    assert "fewer than two" in started["points"][0]["why_not"]
    finish(installed, started["points"][1]["run_id"], 0.6)
    assert api.get(_path(few))["status"] == "done"


def test_where_not_even_half_can_be_trained_the_reason_is_said(api: Api, installed: Settings) -> None:
    fewer = _compared(api, installed, _dataset(api, 60, rare=4))
    shown = api.get(_path(fewer))
    assert shown["status"] == "not_possible"
    assert "With 1/2 of the patients a fold would learn from fewer than two with “LVH”" in shown["why_not"]
    assert "fewer than two with “LVH”" in refusal(api.client.post(api.url(_path(fewer))), 422, "SplitError")
    assert len(api.get("/runs")) == 2


def test_a_candidate_that_is_not_done_not_there_or_whose_labels_have_changed_has_no_curve(
    api: Api, compared: dict[str, Any], installed: Settings
) -> None:
    refusal(api.client.get(api.url(_path(compared, 5))), 404, "NotFoundError")
    assert api.client.get(api.url(_path(compared, 99))).status_code == 422
    gone = api.get("/recordings", size=1)["items"][0]["id"]
    assert api.client.delete(api.url(f"/recordings/{gone}")).status_code == 204
    shown = api.get(_path(compared))
    assert (shown["status"], "deleted since" in shown["why_not"]) == ("not_possible", True)
    refusal(api.client.post(api.url(_path(compared))), 409, "ConflictError")
    body = {"dataset_id": compared["dataset_id"], "candidates": [RLIGN, SMALL], "folds": 3}
    new = api.client.post(api.url("/comparisons"), json=body).json()
    shown = api.get(_path(new))
    assert (shown["status"], "trained to its end" in shown["why_not"]) == ("not_possible", True)
