"""Sex and age of a table stand in for those that recordings lack, and contradictions are told."""

import json

from backend.db.session import read_session, write_session
from backend.db.tables import Recording
from backend.services import evaluation_groups
from backend.settings import get_settings
from tests.api_calls import Api
from tests.trained import Trained
from workers.evaluations import evaluate
from workers.lifecycle import run


def test_groups_go_by_the_table_where_recordings_say_nothing(trained_api: Api, trained: Trained) -> None:
    api, url = trained_api, get_settings().resolved_database_url
    recordings = api.recordings(size=100)
    silent = {one["id"] for one in recordings[:20]}
    odd = [one for one in recordings[20:] if one["sex"] == "F"][:3]
    with write_session(url) as session:
        for one in silent:
            row = session.get_one(Recording, one)
            row.sex = row.age = None
    said = {one["id"]: ("M" if one in odd else one["sex"], one["age"]) for one in recordings}
    lines = [f"{one['file_name']};{'NORM' if n % 2 else 'AFIB'};{said[one['id']][0]};{said[one['id']][1]}"
             for n, one in enumerate(recordings)]  # fmt: skip
    choice = {"labels": ["dx"], "sex": "person_sex", "age": "person_age"}
    table = api.dataset("\n".join(["file_name;dx;person_sex;person_age", *lines]), choice=json.dumps(choice))
    assert table["choice"] == table["choice"] | {"sex": "person_sex", "age": "person_age"}
    asked = {"model_id": trained.model_id, "dataset_id": table["id"], "include_seen": True}
    queued = api.client.post(api.url("/evaluations"), json=asked)
    assert queued.status_code == 202, queued.text
    run(queued.json()["job"]["id"], evaluate)
    shown = api.get(f"/evaluations/{queued.json()['id']}")
    result = shown["result"]
    # Of those that say it, their own sex counts: the table's only fills in.
    wanted = [said[one["id"]][0] if one["id"] in silent else one["sex"] for one in recordings]
    sexes = {group["group"]: group["n"] for group in result["groups"] if group["kind"] == "sex"}
    assert sexes == {"female": wanted.count("F"), "male": wanted.count("M")}
    ages = {group["group"]: group["n"] for group in result["groups"] if group["kind"] == "age"}
    assert sum(ages.values()) == result["n"]
    assert evaluation_groups.NOT_STATED not in ages
    assert result["contradictions"]["sex"] == len(odd) == 3
    assert "age" not in result["contradictions"]
    texts = [one["text"] for one in shown["cautions"] if one["kind"] == "persons"]
    assert any("3 recordings the table says another sex" in text for text in texts)
    with read_session(url) as session:
        assert evaluation_groups.persons_in_table(session, trained.dataset_id) == {}


def test_a_patient_of_both_sexes_and_tables_that_number_alike_are_told(trained_api: Api) -> None:
    api = trained_api
    recordings = api.recordings(size=100)
    half = len(recordings) // 2

    def table(some: list[dict], name: str) -> dict:
        lines = [f"{one['file_name']};{'AB'[n % 2]};{n}" for n, one in enumerate(some)]
        return api.dataset("\n".join(["file_name;label;patient_id", *lines]), name=name)

    first = table(recordings[:half], "First")
    assert not [note for note in first["notes"] if "called like" in note]
    (said,) = [note for note in table(recordings[half:], "Second")["notes"] if "called like" in note]
    assert said.startswith(f"{half} patients of this table are called like some of “First” with other recordings")
    assert "attach it again" in said
    again = table(recordings[:half], "First again")
    assert [note.count("“First”") for note in again["notes"] if "called like" in note] == [0]
    with read_session(get_settings().resolved_database_url) as session:
        ids = [one["id"] for one in recordings]
        patients = [str(n // 2) for n in range(len(ids))]
        found = evaluation_groups.contradictions(session, ids, patients, None)
    sexes = [one["sex"] for one in recordings]
    both = sum(len(set(sexes[n : n + 2])) == 2 for n in range(0, len(ids) - 1, 2))
    assert found.get("patients", 0) == both > 0
