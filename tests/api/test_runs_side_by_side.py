"""Trainings side by side: which settings differ, which figures may be compared, and who is not there."""

from copy import deepcopy
from dataclasses import fields
from typing import Any

import pytest

from backend.db.session import read_session, write_session
from backend.db.tables import Job, Model, Run
from backend.ecg.preprocess import Preprocessing
from backend.services import jobs
from backend.services.run_settings import PREPROCESSING
from backend.settings import get_settings
from tests.api_calls import Api, refusal
from tests.trained import Trained


def _another(trained: Trained, name: str, status: str = "done", **changes: Any) -> str:
    """Add a run like the trained one but for `changes` of its columns, with a model like its own where it is done.

    `evaluation` changes the results of the model, `model` whether there is one.
    """
    with write_session(get_settings().resolved_database_url) as session:
        first, model = session.get(Run, trained.run_id), session.get(Model, trained.model_id)
        assert first is not None
        assert model is not None
        job = Job(project_id=first.project_id, kind="runs.train", payload={}, status=status, progress=0.5)
        job.error = "The disk is full." if status == "failed" else None
        session.add(job)
        session.flush()
        kept = {key: deepcopy(getattr(first, key)) for key in ("project_id", "dataset_id", "base_model_id")}
        kept |= {key: deepcopy(getattr(first, key)) for key in ("architecture", "settings", "split", "facts")}
        results = model.evaluation | changes.pop("evaluation", {})
        has_model = changes.pop("model", status == "done")
        run = Run(name=name, job_id=job.id, **kept | changes)
        session.add(run)
        session.flush()
        if has_model:
            columns = {column.key: getattr(model, column.key) for column in Model.__table__.columns}
            session.add(Model(**columns | {"id": f"m{run.id[1:]}", "run_id": run.id, "evaluation": results}))
        return run.id


def _run(trained: Trained) -> Run:
    with read_session(get_settings().resolved_database_url) as session:
        run = session.get(Run, trained.run_id)
        assert run is not None
        session.expunge_all()
        return run


def _split(trained: Trained) -> dict[str, Any]:
    with read_session(get_settings().resolved_database_url) as session:
        run = session.get(Run, trained.run_id)
        assert run is not None
        return deepcopy(run.split)


def _beside(api: Api, *ids: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/runs/side-by-side", run=list(ids))
    return found


def _differing(found: dict[str, Any]) -> dict[str, list[Any]]:
    return {row["name"]: row["values"] for row in found["settings"] if row["differs"]}


def test_only_settings_that_differ_are_marked_with_the_words_of_each(trained_api: Api, trained: Trained) -> None:
    settings = deepcopy(_run(trained).settings)
    settings["training"] |= {"optimizer": "sgd", "learning_rate": None}
    settings["preprocessing"] |= {"preset": "paper", "baseline_ms": 200.0}
    other = _another(trained, "Other", settings=settings)
    found = _beside(trained_api, trained.run_id, other)
    assert _differing(found) == {
        "preprocessing.preset": ["clinical", "paper"],
        "preprocessing.baseline_ms": [None, 200.0],
        "training.learning_rate": [0.005, None],
        "training.optimizer": ["adamw", "sgd"],
    }
    rows = {row["name"]: row for row in found["settings"]}
    assert rows["training.learning_rate"]["words"] == [None, "automatic (learning rate range test)"]
    assert rows["training.optimizer"]["words"] == ["AdamW", "SGD with momentum"]
    assert rows["labels"]["values"][0] == _run(trained).facts["labels"]  # all are there, to be shown on demand
    assert [run["name"] for run in found["runs"]] == ["Tiny", "Other"]


def test_tables_and_base_models_of_one_name_are_told_apart(trained_api: Api, trained: Trained) -> None:
    facts = deepcopy(_run(trained).facts)
    one = _another(trained, "One", facts=facts | {"base": {"id": "a" * 32, "name": "Same"}})
    two = _another(trained, "Two", facts=facts | {"base": {"id": "b" * 32, "name": "Same"}})
    found = _beside(trained_api, trained.run_id, one, two)
    rows = {row["name"]: row for row in found["settings"]}
    assert rows["base"]["values"] == [None, "Same", "Same (bbbbbbbb)"]
    assert rows["base"]["words"] == ["None: a fresh network", None, None]


def test_what_an_earlier_version_did_not_keep_is_said_and_marked(trained_api: Api, trained: Trained) -> None:
    settings = deepcopy(_run(trained).settings)
    del settings["training"]["mixup"]
    found = _beside(trained_api, trained.run_id, _another(trained, "Old", settings=settings))
    (row,) = (row for row in found["settings"] if row["differs"])
    assert (row["name"], row["words"]) == ("training.mixup", [None, "Not kept by the version that trained it"])


def test_every_value_of_a_preprocessing_has_a_title() -> None:
    named = {one.name.removeprefix("preprocessing.") for one in PREPROCESSING}
    assert named == {one.name for one in fields(Preprocessing)} - {"version"}


def test_figures_stand_with_their_intervals_and_of_the_same_recordings_it_is_said(
    trained_api: Api, trained: Trained
) -> None:
    other = _another(trained, "Other")
    found = _beside(trained_api, trained.run_id, other)
    results = trained_api.get(f"/models/{trained.model_id}")["evaluation"]
    figures = {(one["measure"], one["label"]): one["estimates"] for one in found["figures"]}
    assert figures["macro_auroc", None] == [results["macro_auroc"]] * 2
    for one in results["classes"]:
        assert figures["auroc", one["label"]][0] == one["auroc"]
        assert figures["f1", one["label"]][0] == one["f1"]
    assert found["tested"] == "same"
    assert found["text"][0] == f"All were tested on the same {results['n']} recordings."
    assert found["runs"][0]["n_tested"] == results["n"] == len(_split(trained)["test"])


def test_figures_of_other_recordings_tables_and_labels_must_not_be_compared(trained_api: Api, trained: Trained) -> None:
    split = _split(trained)
    split["test"], split["train"] = [*split["test"][1:], split["train"][0]], [split["test"][0], *split["train"][1:]]
    facts = deepcopy(_run(trained).facts) | {"labels": ["NORM"], "dataset": "Another"}
    other = _another(trained, "Other", split=split, facts=facts, dataset_id=None)
    found = _beside(trained_api, trained.run_id, other)
    n = len(split["test"])
    assert found["tested"] == "different"
    assert f"of {n + 1} recordings in all, {n - 1} are common to them" in found["text"][0]
    assert any("different labels" in text for text in found["text"])
    assert any("different label tables" in text for text in found["text"])


def test_recordings_that_were_deleted_since_make_it_unknown_who_tested(trained_api: Api, trained: Trained) -> None:
    split = _split(trained)
    split["test"] = split["test"][1:]  # as erasing a patient leaves it
    found = _beside(trained_api, _another(trained, "One", split=split), _another(trained, "Two", split=split))
    assert found["tested"] == "not_known"
    assert "no longer known" in found["text"][0]


def test_a_cross_validation_tested_all_that_it_learned_from(trained_api: Api, trained: Trained) -> None:
    split = _split(trained)
    everybody = [one for part in ("train", "validation", "test") for one in split[part]]
    facts = deepcopy(_run(trained).facts)
    facts["how_tested"] = {"method": "cross_validation", "folds": 5, "repeats": 1}
    facts["counts"] = {"train": {"n": len(everybody), "labels": {}}}
    crossed = {"train": everybody, "validation": [], "test": [], "folds": [[0]], "groups": [[0]]}
    of_all = {"evaluation": {"n": len(everybody)}}
    one = _another(trained, "One", split=crossed, facts=facts, **of_all)
    two = _another(trained, "Two", split=crossed | {"train": everybody[::-1]}, facts=facts, **of_all)
    found = _beside(trained_api, one, two)
    assert found["tested"] == "same"
    assert [run["cross_validated"] for run in found["runs"]] == [True, True]
    assert found["runs"][0]["no_epochs"].startswith("A cross-validation is many trainings")
    mixed = _beside(trained_api, trained.run_id, one)
    assert mixed["tested"] == "different"
    rows = {row["name"]: row["values"] for row in mixed["settings"]}
    assert rows["tested.test"] == [len(split["test"]), len(everybody)]
    assert rows["tested.folds"] == [None, 5]


def test_values_and_labels_side_by_side_have_figures_of_their_own(trained_api: Api, trained: Trained) -> None:
    facts = deepcopy(_run(trained).facts) | {"task": "regression", "labels": ["EF"]}
    no = {"value": None, "low": None, "high": None, "withheld": None}
    said = {"value": 0.5, "low": 0.4, "high": 0.6, "withheld": None}
    target = {"label": "EF", "mae": said, "r2": no, "n_patients": 7}
    n = len(_split(trained)["test"])
    values = {"task": "regression", "n": n, "drawn_by": "patient", "targets": [target], "macro_r2": said}
    other = _another(trained, "Values", facts=facts, evaluation=values)
    found = _beside(trained_api, trained.run_id, other)
    figures = {(one["regression"], one["measure"], one["label"]): one["estimates"] for one in found["figures"]}
    assert figures[True, "macro_r2", None] == [None, said]
    assert figures[True, "mae", "EF"] == [None, said]
    assert figures[False, "macro_auroc", None][1] is None
    assert any("estimate values" in text for text in found["text"])
    assert found["runs"][1]["n_patients"] == 7


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("running", "The training is still going on."), ("queued", "The training is still going on."),
        ("failed", "The training has failed. The disk is full."), ("cancelled", "The training was cancelled."),
        ("done", "Its model has been deleted."),
    ],
)  # fmt: skip
def test_a_training_without_figures_says_why(trained_api: Api, trained: Trained, status: str, said: str) -> None:
    found = _beside(trained_api, trained.run_id, _another(trained, "Other", status, model=False))
    assert found["runs"][1]["no_figures"] == said
    assert found["runs"][1]["job"]["status"] == status
    assert found["runs"][0]["no_figures"] == ""
    assert found["tested"] is None


def test_curves_are_the_epochs_told_each_once(trained_api: Api, trained: Trained) -> None:
    other = _another(trained, "Other", "running")
    with write_session(get_settings().resolved_database_url) as session:
        run = session.get(Run, other)
        assert run is not None
        told = [event.payload for event in jobs.events(session, _run(trained).job_id) if event.kind == "epoch"]
        for payload in (*told, told[0] | {"train_loss": 9.0}):  # the last as a training that was taken up again tells
            jobs.add_event(session, run.job_id, "epoch", payload)
    found = _beside(trained_api, trained.run_id, other)
    assert [epoch["epoch"] for epoch in found["runs"][0]["epochs"]] == [1, 2]
    assert [epoch["train_loss"] for epoch in found["runs"][1]["epochs"]] == [9.0, told[1]["train_loss"]]
    assert found["runs"][1]["no_epochs"] == ""


def test_trainings_that_are_gone_or_of_another_project_are_named_as_gone(trained_api: Api, trained: Trained) -> None:
    found = _beside(trained_api, "gone", trained.run_id)
    assert (found["gone"], [run["id"] for run in found["runs"]]) == (["gone"], [trained.run_id])
    trained_api.project = trained_api.new_project(name="Other")
    hidden = _beside(trained_api, trained.run_id, "gone")
    assert (hidden["runs"], hidden["gone"]) == ([], [trained.run_id, "gone"])
    assert (hidden["settings"], hidden["figures"]) == ([], [])


def test_one_training_or_six_are_refused(trained_api: Api, trained: Trained) -> None:
    for ids in ([trained.run_id], [trained.run_id] * 3, list("abcdef")):
        answer = trained_api.client.get(trained_api.url("/runs/side-by-side"), params={"run": ids})
        refusal(answer, 422, "InvalidInputError")
