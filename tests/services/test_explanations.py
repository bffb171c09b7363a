"""Explanations as they are asked for, made by a worker, kept and shown over the API."""

from typing import Any

import pytest
from sqlalchemy import select

from backend.db.session import read_session, write_session
from backend.db.tables import Explanation, Job, Recording
from backend.services import explanations, jobs
from backend.settings import get_settings
from tests.api_calls import Api, refusal
from tests.samples import csv_file
from tests.trained import Trained


def _ask(api: Api, trained: Trained, **more: Any) -> dict[str, Any]:
    wanted = {"model_id": trained.model_id, "recording_id": api.recordings()[0]["id"]} | more
    answer = api.client.post(api.url("/explanations"), json=wanted)
    assert answer.status_code == 202, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == api.url(f"/explanations/{made['id']}")
    return made


def _made(api: Api, trained: Trained, **more: Any) -> dict[str, Any]:
    from workers.explanations import explain
    from workers.lifecycle import run

    row = _ask(api, trained, **more)
    run(row["job"]["id"], explain)
    found: dict[str, Any] = api.get(f"/explanations/{row['id']}")
    assert found["job"]["status"] == "done", found["job"]
    return found


def test_all_ways_of_looking_are_answered_or_say_why_not(trained_api: Api, trained: Trained) -> None:
    before = _ask(trained_api, trained)
    assert trained_api.get(f"/explanations/{before['id']}")["result"] is None
    found = _made(trained_api, trained)["result"]
    assert [one["method"] for one in found["maps"]] == ["leads", "waves", "gradients"]
    assert set(found["missing"]) == {"weights"}
    assert 0 <= found["output"] <= 1
    for one in found["maps"]:
        assert bool(one["text"]) == one["control"]["evidence"]  # what is no evidence is not told in words
        assert one["control"]["n_networks"] >= 18
        assert len(one["cells"] or one["totals"]) == 12
    assert len(found["beat"]["signal"]) == 12
    assert {span["wave"] for span in found["spans"]} <= {"P", "QRS", "ST", "T", "rest"}
    assert found["spans"][0]["from_ms"] == 0
    listed = trained_api.get("/explanations")
    assert listed["total"] == 2
    assert trained_api.get("/explanations", recording_id="nothing")["total"] == 0


def test_the_nearest_ecgs_are_training_ecgs_of_the_project_and_not_the_ecg_itself(
    trained_api: Api, trained: Trained
) -> None:
    from backend.db.tables import Run

    with read_session(get_settings().resolved_database_url) as session:
        run = session.get_one(Run, trained.run_id)
        own, others = run.split["train"][0], set(run.split["train"][1:])
    found = _made(trained_api, trained, recording_id=own, ways=["nearest"])["result"]["nearest"]
    near = [one["recording_id"] for one in found["recordings"]]
    assert len(near) == explanations.SHOWN
    assert own not in near
    assert set(near) <= others
    assert found["n_compared"] <= len(others)
    assert [one["similarity"] for one in found["recordings"]] == sorted(
        (one["similarity"] for one in found["recordings"]), reverse=True
    )
    assert all(one["known"] for one in found["recordings"])


def test_a_model_that_was_trained_elsewhere_has_no_nearest_ecgs_here(trained_api: Api, trained: Trained) -> None:
    trained_api.project = trained_api.new_project(name="Other")
    trained_api.upload({"a.csv": csv_file()}, rate="500")
    found = _made(trained_api, trained, ways=["nearest"])["result"]
    assert found["nearest"]["recordings"] == []
    assert found["nearest"]["why_not"] == explanations.NOT_OFFERED


@pytest.mark.parametrize(
    ("wrong", "status", "error"),
    [
        ({"label": "UNKNOWN"}, 422, "SettingError"),
        ({"model_id": "nobody's"}, 404, "NotFoundError"),
        ({"recording_id": "nobody's"}, 404, "NotFoundError"),
        ({"ways": []}, 422, "InvalidInputError"),
    ],
)
def test_what_cannot_be_explained_is_refused_at_once(
    trained_api: Api, trained: Trained, wrong: dict[str, Any], status: int, error: str
) -> None:
    wanted = {"model_id": trained.model_id, "recording_id": trained_api.recordings()[0]["id"]} | wrong
    refusal(trained_api.client.post(trained_api.url("/explanations"), json=wanted), status, error)


def test_an_explanation_goes_on_until_it_is_cancelled_and_is_then_deleted(trained_api: Api, trained: Trained) -> None:
    from workers.explanations import explain
    from workers.lifecycle import JobCancelledError, RunningJob

    row = _ask(trained_api, trained, ways=["occlusion"])
    address = trained_api.url(f"/explanations/{row['id']}")
    refusal(trained_api.client.delete(address), 409, "ConflictError")
    settings = get_settings()
    with write_session(settings.resolved_database_url) as session:
        job = jobs.claim(session, row["job"]["id"], "here", 60)
        assert job is not None
        running = RunningJob(job, settings)
    running._cancelled.set()  # as its heartbeat does, once a person has asked
    with pytest.raises(JobCancelledError):
        explain(running)
    with write_session(settings.resolved_database_url) as session:
        jobs.finish(session, session.get_one(Job, row["job"]["id"]), "cancelled")
    assert trained_api.client.delete(address).status_code == 204
    refusal(trained_api.client.get(address), 404, "NotFoundError")


def test_an_erased_recording_takes_its_explanations_and_its_place_among_the_nearest(
    trained_api: Api, trained: Trained
) -> None:
    from backend.services.erasure_names import Names
    from backend.services.erasure_rules import RULES, Erased
    from backend.services.erasure_scrub import Scrubber

    kept, gone = (_ask(trained_api, trained, recording_id=trained_api.recordings()[n]["id"]) for n in (0, 1))
    near = [{"recording_id": gone["recording_id"], "similarity": 0.5}, {"recording_id": "x" * 32, "similarity": 0.4}]
    with write_session(get_settings().resolved_database_url) as session:
        session.get_one(Explanation, kept["id"]).result = {"nearest": {"recordings": near}}
    nobody = Scrubber(Names(frozenset(), frozenset(), frozenset()))
    what = Erased(trained.project_id, [gone["recording_id"]], [], [], nobody, None)  # type: ignore[arg-type]
    with write_session(get_settings().resolved_database_url) as session:
        rule = RULES["explanations"]
        assert not isinstance(rule, str)
        assert rule(session, what) == 2
    with read_session(get_settings().resolved_database_url) as session:
        rows = session.scalars(select(Explanation)).all()
        assert [row.id for row in rows] == [kept["id"]]
        assert rows[0].result is not None
        assert [one["recording_id"] for one in rows[0].result["nearest"]["recordings"]] == ["x" * 32]
        assert session.get(Recording, gone["recording_id"]) is not None  # that is another rule's
