"""A project at a glance, and what the recordings of a table are like: each count is the length of a list."""

from sqlalchemy import update

from backend.db.session import write_session
from backend.db.tables import Evaluation, Job, Recording, Worker, utc_now
from backend.settings import get_settings
from tests.api_calls import Api, refusal
from tests.samples import csv_file
from tests.trained import Trained

TABLE = """file_name,MI,AFIB,NORM,sex,age,patient_id
a.csv,1,1,0,F,59.5,p1
b.csv,0,0,1,M,34,p1
c.csv,1,0,0,,95,p2
d.csv,0,0,0,F,,p3
gone.csv,1,0,0,F,50,p4
"""
FACTS = {  # file -> device, sex, codes of findings
    "a.csv": ("Muse", None, ["flat_lead", "duration"]),
    "b.csv": ("Muse", "F", ["duration"]),  # the file's own word stands before the table's
    "c.csv": (None, None, []),
    "d.csv": ("Schiller", None, ["noise", "flat_lead"]),
    "e.csv": ("Muse", "M", ["noise"]),
}


def _fill(api: Api) -> str:
    """Upload five recordings with known facts, attach a table of four of them, and return its id."""
    report = api.upload({name: csv_file(n) for n, name in enumerate(FACTS)}, rate="100")
    assert report["imported"] == 5
    ids = {row["file_name"]: row["id"] for row in api.recordings()}
    with write_session(get_settings().resolved_database_url) as session:
        for name, (device, sex, codes) in FACTS.items():
            facts = {
                "device": device, "sex": sex, "findings": [{"code": one, "message": f"About {one}."} for one in codes],
            }  # fmt: skip
            session.execute(update(Recording).where(Recording.id == ids[name]).values(**facts))
    dataset_id: str = api.dataset(TABLE, choice='{"labels": ["MI", "AFIB", "NORM"], "sex": "sex", "age": "age"}')["id"]
    return dataset_id


def _total(api: Api, **query: object) -> int:
    total: int = api.get("/recordings", **query)["total"]
    return total


def test_the_statistics_of_a_table_are_those_of_its_rows(api_on_each_database: Api) -> None:
    api = api_on_each_database
    found = api.get(f"/datasets/{_fill(api)}/statistics")
    assert (found["n_recordings"], found["n_patients"], found["n_unlabelled"]) == (4, 3, 1)
    assert found["labels"] == [{"value": "MI", "n": 2}, {"value": "AFIB", "n": 1}, {"value": "NORM", "n": 1}]
    assert found["pairs"] == [{"one": "AFIB", "other": "MI", "n": 1}]
    assert found["sex"] == [{"value": "F", "n": 3}, {"value": "", "n": 1}]
    decades = {one["low"]: (one["high"], one["female"], one["male"], one["unknown"]) for one in found["age"]}
    assert list(decades) == [30, 40, 50, 60, 70, 80, 90]
    assert {low: one for low, one in decades.items() if any(one[1:])} == {
        30: (40, 1, 0, 0), 50: (60, 1, 0, 0), 90: (None, 0, 0, 1),
    }  # fmt: skip
    assert found["n_without_age"] == 1
    assert found["device"] == [{"value": "Muse", "n": 2}, {"value": "", "n": 1}, {"value": "Schiller", "n": 1}]
    assert {one["value"]: one["n"] for one in found["finding"]} == {"flat_lead": 2, "duration": 2, "noise": 1}
    assert (found["n_good"], found["n_doubtful"]) == (2, 2)


def test_each_count_is_the_length_of_the_list_that_it_leads_to(api_on_each_database: Api) -> None:
    api = api_on_each_database
    dataset_id = _fill(api)
    found = api.get(f"/datasets/{dataset_id}/statistics")
    leads = [({}, found["n_recordings"])]
    leads += [({"label": one["value"]}, one["n"]) for one in found["labels"]]
    leads += [({"label": one["one"], "and_label": one["other"]}, one["n"]) for one in found["pairs"]]
    for name in ("sex", "device", "format", "finding"):
        leads += [({name: one["value"]}, one["n"]) for one in found[name] if one["value"]]
    leads += [({"rate": one["hz"]}, one["n"]) for one in found["rate"]]
    leads += [({"quality": "good"}, found["n_good"]), ({"quality": "doubtful"}, found["n_doubtful"])]
    for one in found["age"]:
        of_age = {"age_min": one["low"]} | ({} if one["high"] is None else {"age_max": one["high"] - 1})
        leads += [(of_age | {"sex": "F"}, one["female"]), (of_age | {"sex": "M"}, one["male"])]
    assert len(leads) > 20
    for query, n in leads:
        assert _total(api, dataset_id=dataset_id, **query) == n, query
        assert len(api.recordings(dataset_id=dataset_id, sort="label", **query)) == n, query


def test_a_list_of_a_table_is_not_one_of_the_newest_table(api: Api) -> None:
    older = _fill(api)
    api.dataset("file_name,label\nb.csv,MI\ne.csv,MI\n")
    named = {"MI in the older": {"dataset_id": older, "label": "MI"}, "MI in the newest": {"label": "MI"}}
    names = {what: [row["file_name"] for row in api.recordings(**query)] for what, query in named.items()}
    assert names == {"MI in the older": ["a.csv", "c.csv"], "MI in the newest": ["b.csv", "e.csv"]}
    refusal(api.client.get(api.url("/recordings"), params={"dataset_id": "nobody's"}), 404, "NotFoundError")


def test_recordings_are_found_by_what_a_model_has_learned_from(trained_api: Api, trained: Trained) -> None:
    counts = trained_api.get(f"/runs/{trained.run_id}")["facts"]["counts"]
    for part, seen in (("train", "training"), ("validation", "validation"), ("test", "test")):
        assert _total(trained_api, seen_by=trained.model_id, seen=seen) == counts[part]["n"] > 0, seen
    assert _total(trained_api, seen_by=trained.model_id) == counts["train"]["n"]
    trained_api.upload({"new.csv": csv_file(99)}, rate="100")
    unseen = trained_api.recordings(seen_by=trained.model_id, seen="no")
    assert [row["file_name"] for row in unseen] == ["new.csv"]
    place = trained_api.get(f"/recordings/{unseen[0]['id']}/place", seen_by=trained.model_id, seen="no")
    assert (place["position"], place["total"]) == (1, 1)
    asked = {"seen_by": "nobody's"}
    refusal(trained_api.client.get(trained_api.url("/recordings"), params=asked), 404, "NotFoundError")


def test_a_project_is_told_of_at_a_glance(api_on_each_database: Api) -> None:
    api = api_on_each_database
    found = api.get("/overview")
    assert set(found["counts"].values()) == {0}
    assert (found["newest"], found["unfinished"], found["next_step"]) == ([], [], {"kind": "upload", "id": ""})
    dataset_id = _fill(api)
    sent = api.upload({"short.csv": csv_file(9, n=300), "broken.csv": b"no numbers", "f.csv": csv_file(8)}, rate="100")
    assert (sent["imported"], sent["refused"]) == (2, 1)
    found = api.get("/overview")
    counts = {"n_recordings": 7, "n_with_findings": 5, "n_labelled": 4, "n_datasets": 1, "n_without_patient": 7}
    assert found["counts"] | counts == found["counts"]
    assert [one["kind"] for one in found["newest"]] == ["import", "dataset", "import"]
    opened = {one["kind"]: (one["id"], one["n"], one["total"]) for one in found["unfinished"]}
    import_id = sent["import_id"]
    assert opened == {
        "refused": (import_id, 1, 3), "findings": (import_id, 1, 3), "unmatched": (dataset_id, 1, 5),
    }  # fmt: skip
    assert found["next_step"] == {"kind": "train", "id": ""}
    other = api.new_project()
    assert set(api.client.get(api.url("/overview", other)).json()["counts"].values()) == {0}
    assert api.client.get(api.url(f"/datasets/{dataset_id}/statistics", other)).status_code == 404


def test_what_is_to_be_read_is_unfinished_until_enough_have_read_it(api: Api) -> None:
    api.upload({"a.csv": csv_file(1), "b.csv": csv_file(2)}, rate="100")
    ids = [row["id"] for row in api.recordings()]
    asked = {"name": "Rhythm", "labels": [{"name": "SR"}, {"name": "AFIB"}], "n_readers": 2}
    label_set = api.client.post(api.url("/annotations"), json=asked).json()["id"]
    number = 0

    def read(recording: str, reader: str) -> None:
        nonlocal number
        number += 1
        path = api.url(f"/annotations/{label_set}/readings/{number:032x}")
        body = {"recording_id": recording, "labels": ["SR"]}
        assert api.client.put(path, json=body, params={"reader": reader}).is_success

    def unfinished() -> dict[str, tuple[int, int]]:
        found = api.get("/overview")["unfinished"]
        return {one["kind"]: (one["n"], one["total"]) for one in found if one["id"] == label_set}

    assert unfinished() == {"reading": (0, 2)}
    assert api.get("/overview")["next_step"] == {"kind": "read", "id": label_set}
    for reader in ("Dr. A", "Dr. B"):
        read(ids[0], reader)
    read(ids[1], "Dr. A")
    assert unfinished() == {"reading": (1, 2)}
    read(ids[1], "Dr. B")
    assert unfinished() == {"frozen": (0, 2)}
    assert api.get("/overview")["next_step"] == {"kind": "freeze", "id": label_set}
    made = api.client.post(api.url(f"/annotations/{label_set}/datasets"), json={})
    assert made.is_success, made.text
    assert unfinished() == {}


def test_a_model_is_untested_until_others_than_its_own_recordings_have_tested_it(
    trained_api: Api, trained: Trained
) -> None:
    def untested() -> list[str]:
        return [one["id"] for one in trained_api.get("/overview")["unfinished"] if one["kind"] == "untested"]

    assert untested() == [trained.model_id]
    assert trained_api.get("/overview")["next_step"] == {"kind": "test", "id": trained.model_id}
    asked = {"model_id": trained.model_id, "dataset_id": trained.dataset_id, "include_seen": True}
    answer = trained_api.client.post(trained_api.url("/evaluations"), json=asked)
    assert answer.status_code == 202, answer.text
    url = get_settings().resolved_database_url
    with write_session(url) as session:
        made = session.get_one(Evaluation, answer.json()["id"])
        session.get_one(Job, made.job_id).status = "done"
        made.result, made.facts = {}, made.facts | {"external": False}
    assert untested() == [trained.model_id]  # on its own recordings, which says little
    with write_session(url) as session:
        made = session.get_one(Evaluation, answer.json()["id"])
        made.facts = made.facts | {"external": True}
    assert untested() == []
    assert trained_api.get("/overview")["next_step"] == {"kind": "predict", "id": trained.model_id}


def test_jobs_that_wait_for_a_worker_are_told_of(trained_api: Api, trained: Trained) -> None:
    queued = trained_api.client.post(trained_api.url("/predictions"), json={"model_id": trained.model_id})
    assert queued.status_code == 202
    found = trained_api.get("/overview")
    assert found["health"] == {"has_worker": False, "n_waiting": 1, "n_running": 0, "n_failed": 0}
    assert found["next_step"]["kind"] == "start_worker"
    with write_session(get_settings().resolved_database_url) as session:
        session.add(Worker(name="w", queues=["predict"], heartbeat_at=utc_now()))
    assert trained_api.get("/overview")["health"]["has_worker"]
