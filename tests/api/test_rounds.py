"""Federated rounds over the API: started, joined, contributed to, merged, undone; what is refused says why."""

from datetime import datetime
from typing import Any

from backend.db.session import write_session
from backend.services import runs
from backend.settings import get_settings
from tests.api.test_exchanges import EXCHANGES, _add, _ok, _publish
from tests.api_calls import Api, refusal
from tests.shared_folder import SharedFolder
from tests.trained import Trained
from workers import rounds as worker
from workers import runs as training
from workers.lifecycle import run

RULES = {"fewest_sites": 1, "clip_norm": 5.0}


def _start(api: Api, exchange_id: str, **changes: Any) -> Any:
    body = {"item": "tiny/1", "coordinator": "Ward 3", "rules": RULES, "training": {"max_epochs": 1}} | changes
    return _ok(api.client.post(f"{EXCHANGES}/{exchange_id}/rounds", json=body), 201)


def _fine_tuned(trained: Trained) -> str:
    """Fine-tune the base as a site does; return the id of the model."""
    url = get_settings().resolved_database_url
    settings = {"method": "all", "max_epochs": 1, "learning_rate": 0.003, "batch_size": 16, "threads": 1}
    split = {"method": "holdout"}
    request = runs.Request(trained.dataset_id, "Mine", base_model_id=trained.model_id, training=settings, split=split)
    with write_session(url) as session:
        row = runs.create(session, trained.project_id, request)
        job_id, run_id = row.job_id, row.id
    run(job_id, training.train)
    with write_session(url) as session:
        return runs.model_ids(session, [run_id])[run_id]


def test_a_round_goes_from_its_start_to_a_version_and_back(
    trained_api: Api, trained: Trained, shared: SharedFolder
) -> None:
    api, client = trained_api, trained_api.client
    exchange_id = _add(api, shared)["id"]
    _publish(api, trained, exchange_id)
    _ok(client.post(f"{EXCHANGES}/{exchange_id}/listing"))
    started = _start(api, exchange_id)
    assert (started["slug"], started["number"], started["state"], started["own"]) == ("tiny", 1, "open", True)
    assert started["base"]["held_by"] == trained.model_id
    assert started["training"]["max_epochs"] == 1
    at = f"{EXCHANGES}/{exchange_id}/rounds/tiny/1"
    inside = api.url(f"/exchanges/{exchange_id}/rounds/tiny/1")
    joined = _ok(client.post(f"{at}/join", json={"site": "Ward 3"}))
    assert [(site["name"], site["own"], site["has_contributed"]) for site in joined["sites"]] == [
        ("Ward 3", True, False)
    ]

    model_id = _fine_tuned(trained)
    begun = _ok(client.post(f"{inside}/contribution", json={"model_id": model_id}), 202)["job"]
    run(begun["id"], worker.contribute)
    (site,) = _ok(client.get(at))["sites"]
    assert site["has_contributed"]
    assert site["recordings"] > 5
    assert all(count is None or count == 0 or count >= 5 for count in site["labels"].values())

    begun = _ok(client.post(f"{inside}/merge", json={"model_id": model_id, "publisher": "Ward 3"}), 202)["job"]
    run(begun["id"], worker.merge)
    job = api.get(f"/jobs/{begun['id']}")
    assert job["status"] == "done", job
    merged = _ok(client.get(at))
    assert (merged["state"], merged["merged"]) == ("merged", "tiny/2")
    assert merged["sites"][0]["fate"]["share"] == 1
    made = next(one for one in api.get("/models") if one["origin"] == "merged")
    assert made["lineage"][0]["name"] == "Tiny"
    late = client.post(f"{at}/join", json={"site": "Late"})
    assert late.status_code == 409
    assert "it has been merged" in late.json()["detail"]

    undone = _ok(client.post(f"{at}/undo", json={"reason": "wrong labels"}))
    assert (undone["state"], undone["undone"]) == ("undone", "wrong labels")
    listed = _ok(client.get(f"{EXCHANGES}/{exchange_id}/rounds"))
    assert [(one["number"], one["state"]) for one in listed["rounds"]] == [(1, "undone")]


def test_a_budget_becomes_noise_that_keeps_to_it(trained_api: Api, trained: Trained, shared: SharedFolder) -> None:
    exchange_id = _add(trained_api, shared)["id"]
    _publish(trained_api, trained, exchange_id, slug="private")
    _ok(trained_api.client.post(f"{EXCHANGES}/{exchange_id}/listing"))
    one = _start(trained_api, exchange_id, item="private/1", epsilon=8.0, rounds=10)
    assert one["rules"]["noise"] > 1
    assert 0 < one["epsilon_a_round"] < 8 / 3


def test_what_cannot_be_started_says_why(trained_api: Api, trained: Trained, shared: SharedFolder) -> None:
    api = trained_api
    exchange_id = _add(api, shared)["id"]
    _publish(api, trained, exchange_id, slug="third")
    _ok(api.client.post(f"{EXCHANGES}/{exchange_id}/listing"))

    def said(**changes: Any) -> str:
        body = {"item": "third/1", "coordinator": "W", "rules": RULES} | changes
        answer = api.client.post(f"{EXCHANGES}/{exchange_id}/rounds", json=body)
        assert answer.status_code in (404, 409, 422), answer.text
        return str(answer.json()["detail"])

    assert "no 'nothing'" in said(item="nothing")
    assert "clip_norm" in said(rules={"clip_norm": -1})
    assert "no training setting “epochs”" in said(training={"epochs": 3})
    assert "all or head" in said(training={"method": "head_then_all"})
    assert "passed" in said(deadline="2020-01-01")
    assert "no date" in said(deadline="soon")
    read_only = _add(api, shared, name="Looking", access="read")["id"]
    answer = api.client.post(f"{EXCHANGES}/{read_only}/rounds", json={"item": "third/1"})
    refusal(answer, 409, "ConflictError")


def test_a_day_as_a_deadline_counts_to_its_end() -> None:
    from backend.services.round_start import _deadline

    local = datetime.fromisoformat(_deadline("2099-01-31")).astimezone()
    assert (local.day, local.hour, local.minute) == (31, 23, 59)
    assert datetime.fromisoformat(_deadline("2099-01-31T18:00")).astimezone().hour == 18
    assert _deadline("") == ""
