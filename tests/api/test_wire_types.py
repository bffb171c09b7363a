"""Results, descriptions of models and events of jobs have a form on the wire, the one that they are written in."""

import json
from typing import Any

import pytest
from fastapi import FastAPI

from backend.db.session import read_session, write_session
from backend.db.tables import JobEvent, Model
from backend.ml.spec import ModelSpec
from backend.services import job_events, jobs, runs
from backend.settings import get_settings
from tests.api_calls import Api
from tests.trained import Trained

PAYLOADS: dict[str, dict[str, Any]] = {
    "status": {"status": "queued"},
    "log": {"text": "a line"},
    "note": {"text": "a note"},
    "learning_rate": {"learning_rate": 0.01, "curve": [[0.001, 2.0], [0.01, 1.5]]},
    "epoch": {
        "epoch": 1, "train_loss": 1.5, "val_loss": 1.25, "macro_auroc": None, "macro_f1": 0.5, "learning_rate": 0.01,
        "seconds": 2.0, "best": True, "macro_r2": None, "max_epochs": 2, "seconds_left": 2.0,
    },
    "fold": {
        "repeat": 1, "fold": 2, "repeats": 10, "folds": 5, "n_train": 40, "n_validation": 0, "n_test": 10,
        "best_epoch": 4, "epochs": 4, "strength": 0, "seconds": 1.5, "seconds_left": 70.0,
    },
    "pretraining": {
        "steps": 10, "passes": 320, "seconds": 2.0, "learning_rate": 0.001, "losses": {"rlign": 0.9},
        "held_out": {"rlign": 0.95}, "used": (0.5, 0.5),
    },
    "result": {"model_id": "m", "run_id": "r"},
}  # fmt: skip
OPTIONAL = {"epoch": {"macro_r2"}, "result": {"model_id", "run_id"}}


@pytest.fixture
def forms(application: FastAPI) -> dict[str, Any]:
    """The forms of the API by name."""
    return application.openapi()["components"]["schemas"]


def _names(form: dict[str, Any]) -> set[str]:
    """Return the names of the forms that a value may have, and its basic types."""
    either = form.get("anyOf", form.get("oneOf"))
    if either is not None:
        return set().union(*map(_names, either))
    return {form["$ref"].rpartition("/")[2]} if "$ref" in form else {form["type"]}


def test_results_are_told_apart_by_task_and_events_by_kind(forms: dict[str, Any]) -> None:
    model, prediction = (forms[name]["properties"]["evaluation"] for name in ("Model", "Prediction"))
    assert _names(model) == {"Evaluation", "RegressionEvaluation", "NoResults"}
    assert _names(prediction) == {"Evaluation", "RegressionEvaluation", "null"}
    assert _names(forms["Model"]["properties"]["spec"]) == {"ModelSpec"}
    event = forms["JobEvent"]
    assert event["discriminator"]["propertyName"] == "kind"
    assert set(event["discriminator"]["mapping"]) == set(job_events.PAYLOADS) == set(PAYLOADS)
    assert {name for name in _names(event) if "additionalProperties" in forms[name]["properties"]["payload"]} == set()


def test_only_what_old_models_lack_may_be_missing_from_a_description(forms: dict[str, Any]) -> None:
    missing = {
        name: set(forms[name]["properties"]) - set(forms[name]["required"])
        for name in ("ModelSpec", "TrainingFacts", "Preprocessing", "Evaluation", "ClassResult", "Estimate", "Epoch")
    }
    assert missing == {
        "ModelSpec": {"codes", "window_s", "takes_patient", "calibration", "abstention"},
        "TrainingFacts": {"base"},
        "Preprocessing": {"resampling", "edges", "high_pass", "notch", "baseline", "align"},
        "Evaluation": set(),
        "ClassResult": set(),
        "Estimate": set(),
        "Epoch": set(),
    }


def test_what_a_training_has_written_is_served_as_it_is_stored(trained_api: Api, trained: Trained) -> None:
    with read_session(get_settings().resolved_database_url) as session:
        model = session.get_one(Model, trained.model_id)
        job_id = runs.get(session, trained.project_id, trained.run_id).job_id
        events = list(jobs.events(session, job_id))
    shown = trained_api.get(f"/models/{trained.model_id}")
    assert (shown["spec"], shown["evaluation"]) == (model.spec, json.loads(json.dumps(model.evaluation)))
    assert ModelSpec.from_json(shown["spec"]).to_dict() == model.spec
    assert {event.kind for event in events} >= {"status", "log", "epoch", "learning_rate", "result"}
    served = trained_api.events(job_id)
    for event, one in zip(events, served, strict=True):
        job_events.check(event.kind, event.payload)
        assert (one["number"], one["kind"]) == (event.number, event.kind)
        assert one["payload"] == event.payload


@pytest.mark.parametrize("kind", PAYLOADS)
def test_an_event_without_one_of_its_fields_or_with_a_strange_one_is_refused(kind: str) -> None:
    payload = PAYLOADS[kind]
    job_events.check(kind, payload)
    for name in payload:
        rest = {key: value for key, value in payload.items() if key != name}
        if name in OPTIONAL.get(kind, ()):
            job_events.check(kind, rest)
            continue
        with pytest.raises(ValueError, match=name):
            job_events.check(kind, rest)
        with pytest.raises(ValueError, match=name):
            job_events.check(kind, payload | {name: {"x": "y"}})
    with pytest.raises(ValueError, match="has no colour"):
        job_events.check(kind, payload | {"colour": "red"})


def test_an_event_of_an_unknown_kind_is_not_written(trained: Trained) -> None:
    with write_session(get_settings().resolved_database_url) as session:
        job_id = runs.get(session, trained.project_id, trained.run_id).job_id
        with pytest.raises(ValueError, match="smell is no kind of event; there are status, log, note"):
            jobs.add_event(session, job_id, "smell", {})


def test_rows_of_the_first_version_are_served_without_what_it_did_not_know(trained_api: Api, trained: Trained) -> None:
    with write_session(get_settings().resolved_database_url) as session:
        model = session.get_one(Model, trained.model_id)
        old = json.loads(json.dumps(model.spec)) | {"schema_version": 1}
        for name in ("codes", "window_s", "takes_patient", "calibration", "abstention"):
            old.pop(name, None)
        del old["training"]["base"]
        model.spec, model.evaluation = old, {}
        job_id = runs.get(session, trained.project_id, trained.run_id).job_id
        payload = {name: value for name, value in PAYLOADS["epoch"].items() if name != "macro_r2"}
        session.add(JobEvent(job_id=job_id, number=1000, kind="epoch", payload=payload))
    assert old["preprocessing"].keys() & {"align", "notch"} == set()
    (shown,) = trained_api.get("/models")
    assert (shown["spec"], shown["evaluation"]) == (old, {})
    assert trained_api.events(job_id)[-1]["payload"] == payload | {"macro_r2": None}
