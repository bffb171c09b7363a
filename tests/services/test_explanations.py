"""Explanations as they are asked for, made by a worker, kept and shown over the API."""

from typing import Any

import pytest

from backend.db.session import read_session, write_session
from backend.db.tables import Explanation
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
    return made


def _made(api: Api, trained: Trained, **more: Any) -> dict[str, Any]:
    from workers.explanations import explain
    from workers.lifecycle import run

    row = _ask(api, trained, **more)
    run(row["job"]["id"], explain)
    found: dict[str, Any] = api.get(f"/explanations/{row['id']}")
    assert found["job"]["status"] == "done", found["job"]
    return found


@pytest.fixture(scope="module")
def whole(trained_api: Api, trained: Trained) -> dict[str, Any]:
    return _made(trained_api, trained)


def test_all_ways_of_looking_are_answered_or_say_why_not(whole: dict[str, Any]) -> None:
    found = whole["result"]
    assert [one["method"] for one in found["maps"]] == ["leads", "waves", "gradients"]
    assert set(found["missing"]) == {"weights"}
    assert 0 <= found["output"] <= 1
    waves = len(found["waves"])
    assert all(len(one["cells"]) == 12 and len(one["cells"][0]) == waves for one in found["maps"] if one["cells"])
