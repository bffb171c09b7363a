"""Comparisons over the API: what is asked and refused, what is found, and what is cancelled, done again or deleted."""

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from backend.db.session import write_session
from backend.db.tables import Job, Recording, Run, utc_now
from backend.services import jobs, out_of_fold
from backend.settings import Settings
from tests.api_calls import Api, refusal
from tests.samples import csv_file

RLIGN = {"architecture": "rlign_logistic"}
SMALL = {"architecture": "xresnet1d18", "training": {"max_epochs": 2}}
LARGE = {"architecture": "inception_time", "training": {"max_epochs": 2}}
N = 60


@pytest.fixture
def dataset(api: Api) -> str:
    """60 recordings, half of them with the label MI."""
    names = [f"{number}.csv" for number in range(N)]
    api.upload({name: csv_file(number, n=500) for number, name in enumerate(names)}, rate="100")
    table = "file_name,MI,LVH\n" + "".join(f"{name},{n % 2},{n // 30}\n" for n, name in enumerate(names))
    dataset_id: str = api.dataset(table)["id"]
    return dataset_id


def _ask(api: Api, dataset: str, path: str = "/comparisons", **values: Any) -> Any:
    body = {"dataset_id": dataset, "candidates": [RLIGN, SMALL], "folds": 3} | values
    return api.client.post(api.url(path), json=body)


def _create(api: Api, dataset: str, **values: Any) -> dict[str, Any]:
    answer = _ask(api, dataset, **values)
    assert answer.status_code == 202, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == api.url(f"/comparisons/{made['id']}")
    return made


def _train(settings: Settings, run_id: str, noise: float, seconds: float, seed: int = 0) -> dict[str, float]:
    """Have the run done, with outputs that tell MI and LVH under so much noise; return the first label's by file."""
    random = np.random.default_rng(seed)
    with write_session(settings.resolved_database_url) as session:
        run = session.get_one(Run, run_id)
        fold = np.array(run.split["folds"][0])
        named = dict(session.query(Recording.id, Recording.file_name))
        kept = {}
        for number in range(int(fold.max()) + 1):
            ids = [run.split["train"][row] for row in np.flatnonzero(fold == number)]
            places = np.array([int(named[one].split(".")[0]) for one in ids])
            truth = np.column_stack([places % 2, places // 30])
            logits = (truth + noise * random.normal(size=truth.shape)).astype(np.float32)
            out_of_fold.add(session, run_id, 0, number, ids, logits)
            kept |= {named[one]: float(row[0]) for one, row in zip(ids, logits, strict=True)}
        job = session.get_one(Job, run.job_id)
        job.started_at = utc_now()
        jobs.finish(session, job, "done")
        job.finished_at = job.started_at.fromtimestamp(job.started_at.timestamp() + seconds, job.started_at.tzinfo)
    return kept


def test_each_candidate_is_a_run_of_its_own_in_the_same_folds(api: Api, dataset: str, installed: Settings) -> None:
    made = _create(api, dataset, candidates=[RLIGN, SMALL, LARGE], name="Which?")
    assert (made["name"], made["status"], made["folds"]) == ("Which?", "running", 3)
    titles = [one["title"] for one in made["candidates"]]
    assert titles == ["Rlign and logistic regression", "XResNet1d-18", "InceptionTime"]
    with write_session(installed.resolved_database_url) as session:
        rows = [session.get_one(Run, one["run_id"]) for one in made["candidates"]]
        assert len({str((row.split["train"], row.split["folds"])) for row in rows}) == 1
    assert len(api.get("/runs")) == 3
    assert [one["id"] for one in api.get("/comparisons")] == [made["id"]]
    shown = api.get(f"/comparisons/{made['id']}")
    assert shown["result"] is None
    assert [one["job"]["status"] for one in shown["candidates"]] == ["queued"] * 3


def test_the_better_one_is_named_with_what_scikit_learn_says_of_it(api: Api, dataset: str, installed: Settings) -> None:
    made = _create(api, dataset)
    good, bad = (one["run_id"] for one in made["candidates"])
    outputs = _train(installed, good, noise=0.1, seconds=300)
    _train(installed, bad, noise=3.0, seconds=5, seed=1)
    shown = api.get(f"/comparisons/{made['id']}")
    result = shown["result"]
    assert (shown["status"], result["verdict"], result["chosen"], result["alike"]) == ("done", "best", 0, [0])
    assert (result["n"], result["measure"], result["labels"]) == (N, "macro_auroc", ["MI", "LVH"])
    assert "“Rlign and logistic regression” is better than the other by more than chance gives" in result["text"][0]
    (pair,) = result["differences"]
    scores = [one["score"] for one in shown["candidates"]]
    assert pair["estimate"]["value"] == pytest.approx(scores[0] - scores[1])
    names = sorted(outputs)
    of_mi = roc_auc_score([int(name.split(".")[0]) % 2 for name in names], [outputs[name] for name in names])
    assert (of_mi, scores[0]) == (1.0, 1.0)


def test_those_that_are_alike_are_said_to_be_and_the_quickest_is_proposed(
    api: Api, dataset: str, installed: Settings
) -> None:
    made = _create(api, dataset, candidates=[RLIGN, SMALL, LARGE])
    for place, (noise, seconds) in enumerate([(1.0, 300), (1.0, 20), (9.0, 1)]):
        _train(installed, made["candidates"][place]["run_id"], noise, seconds, seed=place)
    result = api.get(f"/comparisons/{made['id']}")["result"]
    assert (result["verdict"], result["chosen"], sorted(result["alike"])) == ("not_distinguishable", 1, [0, 1])
    assert "Use “XResNet1d-18”: of those it was trained the quickest (20 s)" in result["text"][-1]
    assert "Worse than the best of them" in result["text"][1]
    assert "“InceptionTime”" in result["text"][1]


def test_what_has_failed_is_told_left_out_and_trained_again_when_asked(
    api: Api, dataset: str, installed: Settings
) -> None:
    made = _create(api, dataset, candidates=[RLIGN, SMALL, LARGE])
    runs = [one["run_id"] for one in made["candidates"]]
    _train(installed, runs[0], 0.5, 9)
    _train(installed, runs[1], 0.6, 9, seed=1)
    with write_session(installed.resolved_database_url) as session:
        run = session.get_one(Run, runs[2])
        jobs.finish(session, session.get_one(Job, run.job_id), "failed", "The machine has too little memory.")
    shown = api.get(f"/comparisons/{made['id']}")
    assert (shown["status"], len(shown["result"]["differences"])) == ("incomplete", 1)
    assert shown["candidates"][2]["job"]["error"] == "The machine has too little memory."
    again = api.client.post(api.url(f"/comparisons/{made['id']}/resume"))
    assert again.status_code == 202, again.text
    new = [one["run_id"] for one in again.json()["candidates"]]
    assert (new[:2] == runs[:2], new[2] != runs[2], again.json()["status"]) == (True, True, "running")
    assert "There is nothing to train again" in refusal(
        api.client.post(api.url(f"/comparisons/{made['id']}/resume")), 409, "ConflictError"
    )


def test_a_candidate_is_not_trained_again_on_other_recordings_than_the_others(
    api: Api, dataset: str, installed: Settings
) -> None:
    made = _create(api, dataset)
    _train(installed, made["candidates"][0]["run_id"], 0.5, 9)
    with write_session(installed.resolved_database_url) as session:
        run = session.get_one(Run, made["candidates"][1]["run_id"])
        jobs.finish(session, session.get_one(Job, run.job_id), "failed", "The machine has too little memory.")
    gone = api.get("/recordings", size=1)["items"][0]["id"]
    assert api.client.delete(api.url(f"/recordings/{gone}")).status_code == 204
    said = refusal(api.client.post(api.url(f"/comparisons/{made['id']}/resume")), 409, "ConflictError")
    assert "Start a new comparison" in said
    assert len(api.get("/runs")) == 2, "nothing was queued"


def test_a_candidate_that_was_resumed_took_as_long_as_its_folds(api: Api, dataset: str, installed: Settings) -> None:
    made = _create(api, dataset)
    for place, one in enumerate(made["candidates"]):
        _train(installed, one["run_id"], 0.5, 9, seed=place)
    with write_session(installed.resolved_database_url) as session:
        job_id = session.get_one(Run, made["candidates"][0]["run_id"]).job_id
        for number in range(5):  # of an attempt before the last one
            fold = {
                "repeat": 1, "fold": number + 1, "repeats": 1, "folds": 5, "n_train": 1, "n_validation": 1, "n_test": 1,
                "best_epoch": 1, "epochs": 1, "strength": 0, "seconds": 600.0, "seconds_left": 0.0,
            }  # fmt: skip
            jobs.add_event(session, job_id, "fold", fold)
    shown = api.get(f"/comparisons/{made['id']}")["candidates"]
    assert [one["seconds"] for one in shown] == [3000.0, 9.0]


def test_a_comparison_is_cancelled_whole_and_deleted_without_its_runs(api: Api, dataset: str) -> None:
    made = _create(api, dataset)
    url = api.url(f"/comparisons/{made['id']}")
    assert "Cancel it first" in refusal(api.client.delete(url), 409, "ConflictError")
    cancelled = api.client.post(f"{url}/cancel")
    assert [one["job"]["status"] for one in cancelled.json()["candidates"]] == ["cancelled"] * 2
    assert "nothing to cancel" in refusal(api.client.post(f"{url}/cancel"), 409, "ConflictError")
    shown = api.get(f"/comparisons/{made['id']}")
    assert (shown["result"], shown["no_result"]) == (None, "Fewer than two candidates are done.")
    api.client.delete(api.url(f"/runs/{made['candidates'][0]['run_id']}"))
    assert api.get(f"/comparisons/{made['id']}")["candidates"][0]["run_id"] is None
    assert api.client.delete(url).status_code == 204
    assert len(api.get("/runs")) == 1
    refusal(api.client.get(url), 404, "NotFoundError")


def test_recordings_that_are_gone_are_left_out_and_without_dataset_nothing_is_found(
    api: Api, dataset: str, installed: Settings
) -> None:
    made = _create(api, dataset)
    for place, one in enumerate(made["candidates"]):
        _train(installed, one["run_id"], 0.5, 9, seed=place)
    gone = api.get("/recordings", size=1)["items"][0]["id"]
    assert api.client.delete(api.url(f"/recordings/{gone}")).status_code == 204
    assert api.get(f"/comparisons/{made['id']}")["result"]["n"] == N - 1
    assert api.client.delete(api.url(f"/datasets/{dataset}")).status_code == 204
    shown = api.get(f"/comparisons/{made['id']}")
    assert shown["result"] is None
    assert shown["no_result"].startswith("The dataset of this comparison has been deleted")


def test_the_usual_candidates_are_those_that_fit_into_the_time(api: Api, dataset: str) -> None:
    told = _ask(api, dataset, "/comparisons/estimate", candidates=None, minutes=2).json()
    included = [one["title"] for one in told["candidates"] if one["included"]]
    assert included[:2] == ["CardX, head only", "Rlign and logistic regression"]
    assert told["seconds"] <= 120
    left_out = next(one for one in told["candidates"] if not one["included"])
    assert left_out["why_not"]
    more = _ask(api, dataset, "/comparisons/estimate", candidates=None, minutes=600).json()
    assert len([one for one in more["candidates"] if one["included"]]) > len(included)
    assert "fewer than two" in refusal(
        _ask(api, dataset, "/comparisons/estimate", candidates=None, minutes=0.01), 422, "InvalidInputError"
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"candidates": [RLIGN]}, "A comparison takes 2 to 12 candidates, not 1."),
        ({"candidates": [RLIGN, RLIGN]}, "Two candidates are called “Rlign and logistic regression”"),
        ({"candidates": [RLIGN, {"architecture": "magic"}]}, "magic"),
        ({"candidates": [RLIGN, SMALL | {"training": {"max_epochs": 0}}]}, "XResNet1d-18: "),
        ({"candidates": [RLIGN, {"base_model_id": "nobody"}]}, "nobody"),
        ({"folds": 2}, "greater than or equal to 3"),
        ({"labels": ["nothing"]}, "nothing"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_the_reason_and_nothing_is_queued(
    api: Api, dataset: str, values: dict[str, Any], said: str
) -> None:
    answer = _ask(api, dataset, **values)
    assert answer.status_code in (404, 422, "InvalidInputError")
    assert said in answer.text
    assert api.get("/runs") == []


def test_a_comparison_says_which_labels_and_candidates_were_asked_for_so_that_it_can_be_asked_again(
    api: Api, dataset: str
) -> None:
    made = _create(api, dataset, labels=["LVH"], split_seed=7)
    again = {
        "labels": made["labels"], "split_seed": made["split_seed"], "folds": made["folds"], "repeats": made["repeats"],
        "candidates": [one["asked"] | {"title": one["title"]} for one in made["candidates"]],
    }  # fmt: skip
    assert again["labels"] == ["LVH"]
    second = _create(api, dataset, **again)
    same = ("labels", "folds", "repeats", "split_seed")
    assert [second[name] for name in same] == [made[name] for name in same]
    assert [one["asked"] for one in second["candidates"]] == [one["asked"] for one in again_of(made)]
    assert _create(api, dataset)["labels"] is None


def again_of(made: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"asked": one["asked"] | {"title": one["title"]}} for one in made["candidates"]]
