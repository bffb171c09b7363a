"""Lists that lead: what is filtered and sorted is paged through one by one, in its own order, and nothing else."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from backend.db.session import read_session, write_session
from backend.db.tables import Prediction, PredictionResult, Recording
from backend.settings import get_settings
from tests.api_calls import Api, refusal
from tests.samples import csv_file
from tests.trained import Trained
from workers.lifecycle import run
from workers.predictions import predict

FACTS = {  # file -> device, sex, age, day of the recording, codes of findings
    "a.csv": ("Muse", "F", 34.0, 1, ["flat_lead"]),
    "b.csv": ("Muse", "M", None, 2, []),
    "c.csv": ("Schiller", "F", 71.0, None, ["amplitude", "flat_lead"]),
    "d.csv": (None, None, 71.0, 2, []),
    "e.csv": ("Muse", "M", 55.5, 3, ["rate"]),
}
SORTS = (
    "file_name", "created_at", "recorded_at", "rate", "duration", "age", "sex", "patient_id", "device", "label",
    "format",
)  # fmt: skip


def _fill(api: Api) -> dict[str, str]:
    """Upload five recordings with known facts and labels; return their ids by name."""
    files = {name: csv_file(n, n=1000 + 10 * (n % 3)) for n, name in enumerate(FACTS)}
    api.upload(files, rate="100")
    ids = {row["file_name"]: row["id"] for row in api.recordings()}
    with write_session(get_settings().resolved_database_url) as session:
        for name, (device, sex, age, day, codes) in FACTS.items():
            facts = {
                "device": device, "sex": sex, "age": age,
                "recorded_at": day and datetime(2026, 5, day, 23, 30, tzinfo=UTC),
                "findings": [{"code": code, "message": f"About {code}."} for code in codes],
            }  # fmt: skip
            session.execute(update(Recording).where(Recording.id == ids[name]).values(**facts))
    api.dataset("file_name,label\na.csv,MI\nb.csv,NORM\nc.csv,MI\nd.csv,MI\n")
    return ids


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"device": "Muse"}, "abe"),
        ({"sex": "F"}, "ac"),
        ({"age_min": 55.5}, "cde"),
        ({"age_min": 40, "age_max": 60}, "e"),
        ({"recorded_from": "2026-05-02"}, "bde"),
        ({"recorded_until": "2026-05-02"}, "abd"),
        ({"recorded_from": "2026-05-02", "recorded_until": "2026-05-02"}, "bd"),
        ({"finding": "flat_lead"}, "ac"),
        ({"finding": "flat"}, ""),
        ({"findings_only": True}, "ace"),
        ({"label": "MI", "sex": "F"}, "ac"),
        ({"format": "csv", "label": "NORM"}, "b"),
        ({"format": "dicom"}, ""),
        ({"search": "Schiller"}, "c"),
        ({"quality": "doubtful"}, "ac"),
        ({"quality": "good"}, "bde"),
        ({"rate": 100}, "abcde"),
        ({"rate": 100.5}, ""),
        ({"age_max": 55}, "ae"),
        ({"age_max": 55.4}, "a"),
        ({"label": "MI", "and_label": "NORM"}, ""),
    ],
)
def test_each_filter_keeps_those_it_names_and_no_others(
    api_on_each_database: Api, query: dict[str, object], names: str
) -> None:
    _fill(api_on_each_database)
    found = api_on_each_database.get("/recordings", **query)
    assert "".join(row["file_name"][0] for row in found["items"]) == names
    assert found["total"] == len(names)


def test_one_by_one_is_the_order_of_the_list_whatever_it_is_sorted_by(api_on_each_database: Api) -> None:
    api = api_on_each_database
    _fill(api)
    for sort in SORTS:
        for order in ("asc", "desc"):
            query = {"sort": sort, "order": order}
            listed = [row["id"] for row in api.recordings(**query)]
            places = [api.get(f"/recordings/{one}/place", **query) for one in listed]
            assert [place["position"] for place in places] == [1, 2, 3, 4, 5], query
            assert [place["previous_id"] for place in places] == [None, *listed[:-1]], query
            assert [place["next_id"] for place in places] == [*listed[1:], None], query


def test_what_is_not_known_comes_last_whichever_way_one_sorts(api_on_each_database: Api) -> None:
    api = api_on_each_database
    _fill(api)
    for sort, lacking in (("age", ["b.csv"]), ("device", ["d.csv"]), ("recorded_at", ["c.csv"]), ("label", ["e.csv"])):
        for order in ("asc", "desc"):
            assert [row["file_name"] for row in api.recordings(sort=sort, order=order)][-1:] == lacking, (sort, order)
    assert [row["age"] for row in api.recordings(sort="age", order="desc")] == [71, 71, 55.5, 34, None]


def test_the_place_of_a_filtered_list_passes_over_the_others(api: Api) -> None:
    ids = _fill(api)
    query = {"label": "MI", "sort": "age", "order": "desc"}
    place = api.get(f"/recordings/{ids['a.csv']}/place", **query)
    assert place == {"position": 3, "total": 3, "previous_id": place["previous_id"], "next_id": None, "about": False}
    assert place["previous_id"] in (ids["c.csv"], ids["d.csv"])
    outside = api.get(f"/recordings/{ids['b.csv']}/place", **query)
    assert outside == {"position": None, "total": 3, "previous_id": None, "next_id": None, "about": False}


def test_a_list_of_an_import_follows_its_report(api_on_each_database: Api) -> None:
    api = api_on_each_database
    ids = _fill(api)
    flat = "\n".join([csv_file(2).decode().splitlines()[0], *["0," * 11 + "0"] * 1000]).encode()
    report = api.upload([("z.csv", csv_file(50)), ("flat.csv", flat), ("b.csv", csv_file(1, n=1010))], rate="100")
    sent = {"import_id": report["import_id"], "sort": "import"}
    outcomes = api.get(f"/imports/{report['import_id']}/outcomes")["items"]
    order = [recording for outcome in outcomes for recording in outcome["recording_ids"]]
    assert [row["id"] for row in api.recordings(**sent)] == order
    assert ids["b.csv"] in order  # a duplicate is shown as what it is one of
    assert [row["file_name"] for row in api.recordings(**sent, findings_only=True)] == ["flat.csv"]
    assert [row["id"] for row in api.recordings(**sent, import_status="duplicate")] == [ids["b.csv"]]
    assert api.get(f"/recordings/{order[1]}/place", **sent)["position"] == 2
    refusal(api.client.get(api.url("/recordings"), params={"import_id": "0" * 32}), 404, "NotFoundError")
    answer = api.client.get(api.url("/recordings"), params={"sort": "import"})
    assert "import" in refusal(answer, 422, "InvalidInputError")


def test_disagreements_are_those_whose_known_labels_differ_from_the_predicted(
    trained_api: Api, trained: Trained
) -> None:
    asked = {"model_id": trained.model_id, "dataset_id": trained.dataset_id}
    prediction = trained_api.client.post(trained_api.url("/predictions"), json=asked).json()
    run(prediction["job"]["id"], predict)
    at = f"/predictions/{prediction['id']}"
    with write_session(get_settings().resolved_database_url) as session:  # a few are turned to certain mistakes
        known = trained_api.get(f"{at}/results", size=500)["items"]
        for row in known[:3]:
            wrong = next(label for label in ("NORM", "AFIB") if [label] != row["known"])
            of_row = (
                PredictionResult.recording_id == row["recording_id"],
                PredictionResult.prediction_id == prediction["id"],
            )
            session.execute(update(PredictionResult).where(*of_row).values(predicted=[wrong]))
    rows = trained_api.get(f"{at}/results", size=500)["items"]
    differing = [row["recording_id"] for row in rows if row["predicted"] != row["known"]]
    assert 3 <= len(differing) < len(rows)
    query = {"prediction_id": prediction["id"], "size": 500}
    assert [row["id"] for row in trained_api.recordings(**query, disagreement=True)] == differing
    assert trained_api.get("/recordings", **query)["total"] == len(rows)
    kept = trained_api.get(f"{at}/results", disagreement=True, size=2)
    assert ([row["recording_id"] for row in kept["items"]], kept["total"]) == (differing[:2], len(differing))
    told = rows[0]["predicted"][0]
    with_label = [row["recording_id"] for row in rows if told in row["predicted"]]
    assert [row["id"] for row in trained_api.recordings(**query, predicted=told)] == with_label
    place = trained_api.get(f"/recordings/{differing[1]}/place", **query, disagreement=True)
    assert (place["position"], place["total"], place["previous_id"]) == (2, len(differing), differing[0])


def test_disagreement_does_not_depend_on_the_order_of_labels(trained_api: Api, trained: Trained) -> None:
    asked = {"model_id": trained.model_id, "dataset_id": None}
    prediction = trained_api.client.post(trained_api.url("/predictions"), json=asked).json()["id"]
    first, second = trained_api.recordings()[:2]
    said = {first["id"]: ["AFIB", "NORM"], second["id"]: ["AFIB"]}
    with write_session(get_settings().resolved_database_url) as session:
        for recording_id, labels in said.items():
            row = {"prediction_id": prediction, "recording_id": recording_id, "predicted": labels, "probabilities": []}
            session.add(PredictionResult(**row))
    table = f"file_name,label\n{first['file_name']},NORM;AFIB\n{second['file_name']},NORM;AFIB\n"
    trained_api.dataset(table, choice=json.dumps({"labels": ["label"], "separators": ";"}))
    with read_session(get_settings().resolved_database_url) as session:
        assert session.get(Prediction, prediction) is not None
    found = trained_api.recordings(prediction_id=prediction, disagreement=True)
    assert [row["id"] for row in found] == [second["id"]]


def test_facets_name_what_occurs_and_how_often(api_on_each_database: Api) -> None:
    api = api_on_each_database
    _fill(api)
    facets = api.get("/recordings/facets")
    counts = {name: {one["value"]: one["n"] for one in facets[name]} for name in ("format", "device", "sex", "finding")}
    assert counts == {
        "format": {"csv": 5}, "device": {"Muse": 3, "Schiller": 1}, "sex": {"F": 2, "M": 2},
        "finding": {"flat_lead": 2, "amplitude": 1, "rate": 1},
    }  # fmt: skip
    assert set(facets["labels"]) == {"MI", "NORM"}
    assert facets["age"] == {"low": 34, "high": 71}
    assert (facets["recorded"]["first"][:10], facets["recorded"]["last"][:10]) == ("2026-05-01", "2026-05-03")
    api.project = api.new_project()
    assert api.get("/recordings/facets") == {
        "format": [], "device": [], "sex": [], "finding": [], "labels": [], "age": None, "recorded": None,
        "counted_at": None,
    }  # fmt: skip
