"""What comes of readings: labels that stand, as CSV and as a dataset; what to read next; how far readers agree."""

import csv
import io
import json
from uuid import uuid4

import pytest
from sklearn.metrics import cohen_kappa_score

from tests.api_calls import Api, refusal
from tests.label_sets import ANNA, BERT, Readers
from tests.trained import TINY, Trained


def _table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def _disputed(api: Api, **values: object) -> Readers:
    """Read five recordings: agreed, disputed, disputed and adjudicated, read once, taken back."""
    readers = Readers(api, 6, n_readers=2, **values)
    for number, labels in enumerate([("MI", "MI"), ("MI", "NORM"), ("AFIB", "NORM"), ("NORM", None), ("MI", None)]):
        for reader, label in zip((ANNA, BERT), labels, strict=True):
            if label:
                readers.say(reader, number, label)
    readers.say("Dr. C", 2, "AFIB", role="adjudicator")
    readers.say(ANNA, 4, done=False)
    return readers


def test_a_frozen_set_is_a_dataset_of_the_labels_that_stand(api_on_each_database: Api) -> None:
    api = api_on_each_database
    labels = ["NORM", {"name": "AFIB", "code": "I48.9", "system": "ICD-10"}, "MI", "LBBB"]
    readers = _disputed(api, labels=labels)
    assert [one["recording_id"] for one in readers.get("/disagreements")["items"]] == [readers.ids[1]]
    dataset = readers.freeze(fewest_readers=1)
    assert {name: dataset[name] for name in ("name", "task", "labels", "n_matched", "label_set", "choice")} == {
        "name": "Rhythm v1", "task": "single_label", "labels": ["NORM", "AFIB", "MI"], "n_matched": 3, "choice": None,
        "label_set": {"id": readers.set["id"], "name": "Rhythm", "version": 1, "fewest_readers": 1},
    }  # fmt: skip
    assert {one["label"]: (one["n_recordings"], one["code"]) for one in dataset["counts"]} == {
        "NORM": (1, None), "AFIB": (1, "I48.9"), "MI": (1, None),
    }  # fmt: skip
    assert dataset["notes"] == [
        "1 recording left out: readers disagree, and nobody has adjudicated.", "1 recording read by one reader only.",
        "Labels that no recording has: LBBB.",
    ]  # fmt: skip
    shown = {row["id"]: row["labels"] for row in api.recordings()}
    assert [shown[one] for one in readers.ids] == [["MI"], [], ["AFIB"], ["NORM"], [], []]
    strict = readers.freeze(name="Twice")  # read by as many as the set asks for
    assert (strict["name"], strict["n_matched"], strict["label_set"]["version"]) == ("Twice", 2, 2)
    readers.say(ANNA, 0, "NORM")
    assert api.get(f"/datasets/{dataset['id']}") == dataset  # a version stays as it was
    assert readers.get()["n_versions"] == 2


def test_a_set_without_labels_that_stand_is_not_frozen(api: Api) -> None:
    readers = Readers(api, 1, n_readers=2)
    readers.say(ANNA, 0, "MI")
    answer = api.client.post(readers.url("/datasets"), json={"fewest_readers": 2})
    assert "1 for another reader" in refusal(answer, 409, "ConflictError")


def test_the_csv_can_be_attached_as_a_table_and_says_the_same(api: Api) -> None:
    readers = _disputed(api, task="multi_label")
    readers.say(ANNA, 5, "MI", "AFIB")
    text = api.client.get(readers.url("/csv")).text
    rows = _table(text)
    assert [(row["file_name"], row["label"], row["decided_by"], row["readers"]) for row in rows] == [
        ("000.csv", "MI", "agreement", f"{BERT};{ANNA}"), ("002.csv", "AFIB", "adjudication", "Dr. C"),
        ("003.csv", "NORM", "one reader", ANNA), ("005.csv", "AFIB;MI", "one reader", ANNA),
    ]  # fmt: skip
    frozen, attached = readers.freeze(fewest_readers=1), api.dataset(text)
    for name in ("task", "n_matched", "n_unmatched"):
        assert attached[name] == frozen[name], name
    counts = [{one["label"]: one["n_recordings"] for one in table["counts"]} for table in (frozen, attached)]
    assert counts[0] == counts[1] == {"NORM": 1, "AFIB": 2, "MI": 2}


def test_each_reading_is_exported_with_note_and_regions_and_no_formula(api: Api) -> None:
    readers = Readers(api, 1)
    region = {"label": "QRS", "from_ms": 0.0, "to_ms": 100.0, "leads": ["II"]}
    readers.say(ANNA, 0, "MI", note="=1+1", regions=[region])
    readers.say("Dr. C", 0, "NORM", role="adjudicator")
    rows = _table(api.client.get(readers.url("/csv"), params={"each": True}).text)
    assert [(row["reader"], row["role"], row["label"]) for row in rows] == [
        ("Dr. C", "adjudicator", "NORM"), (ANNA, "reader", "MI"),
    ]  # fmt: skip
    assert (rows[1]["note"], json.loads(rows[1]["regions"])) == ("'=1+1", [region])


def test_kappa_is_that_of_scikit_learn_on_what_both_have_read(api: Api) -> None:
    readers = Readers(api, 24, n_readers=3)
    anna = ["NORM", "AFIB", "MI"] * 7
    bert = [*["NORM", "AFIB", "MI"] * 4, *["AFIB", "AFIB", "NORM"] * 3]
    for number, (first, second) in enumerate(zip(anna, bert, strict=True)):
        readers.say(ANNA, number, first)
        readers.say(BERT, number, second)
    readers.say(ANNA, 22, "MI")  # Bert has not read it
    (pair,) = readers.get("/agreement")["pairs"]
    readers_and_n = (pair["first"], pair["second"], pair["n"], pair["n_agreed"])
    assert readers_and_n == (BERT, ANNA, 21, sum(a == b for a, b in zip(anna, bert, strict=True)))
    assert pair["kappa"]["value"] == pytest.approx(cohen_kappa_score(anna, bert))
    assert pair["kappa"]["low"] < pair["kappa"]["value"] < pair["kappa"]["high"]
    for one in pair["labels"]:
        label = one["label"]
        expected = cohen_kappa_score([said == label for said in anna], [said == label for said in bert])
        assert one["kappa"]["value"] == pytest.approx(expected)
        assert (one["n_second"], one["n_first"]) == (anna.count(label), bert.count(label))


def test_of_several_labels_kappa_is_the_mean_of_theirs(api: Api) -> None:
    readers = Readers(api, 20, n_readers=2, task="multi_label", labels=["AFIB", "LBBB", "PVC"])
    first = [[name for bit, name in enumerate(("AFIB", "LBBB")) if number >> bit & 1] for number in range(20)]
    second = [said[:1] if number % 5 == 0 else said for number, said in enumerate(first)]
    for number in range(20):
        readers.say(ANNA, number, *first[number])
        readers.say(BERT, number, *second[number])
    (pair,) = readers.get("/agreement")["pairs"]
    each = [cohen_kappa_score([n in s for s in first], [n in s for s in second]) for n in ("AFIB", "LBBB")]
    assert pair["kappa"]["value"] == pytest.approx(sum(each) / 2)
    assert pair["labels"][2]["kappa"] == {"value": None, "low": None, "high": None, "withheld": None}


def test_what_a_blind_reader_changes_after_a_look_at_the_others_does_not_count_as_agreement(api: Api) -> None:
    readers = Readers(api, 12, n_readers=2, blind=True)
    for number in range(12):
        readers.say(ANNA, number, "MI" if number % 2 else "NORM")
        readers.say(BERT, number, "MI" if number % 3 else "NORM")
    before = readers.get("/agreement")
    for number in range(12):
        api.client.put(readers.url(f"/recordings/{readers.ids[number]}/revealed"), params={"reader": BERT})
        readers.say(BERT, number, "MI" if number % 2 else "NORM")
    after = readers.get("/agreement")
    assert (after["pairs"], after["independent"], after["n_sighted"]) == (before["pairs"], True, 12)
    assert readers.get("/disagreements")["total"] == 0


def test_a_reader_is_given_what_neither_they_nor_enough_others_have_read(api: Api) -> None:
    readers = Readers(api, 4, n_readers=2)
    readers.say(ANNA, 1, "MI")
    readers.say(BERT, 1, "MI")
    readers.say(BERT, 2, "MI")
    assert [readers.queue(one) for one in (ANNA, BERT, "Dr. C")] == [[0, 2, 3], [0, 3], [0, 2, 3]]
    readers.say(ANNA, 2, "MI")
    readers.say(ANNA, 1, done=False)
    assert readers.queue(ANNA) == [0, 1, 3]
    assert readers.queue("Dr. C", limit=1) == [0]


def test_the_least_sure_come_first_and_a_frozen_set_trains_evaluates_and_knows_what_was_seen(
    trained_api: Api, trained: Trained
) -> None:
    from workers import predictions
    from workers.lifecycle import run

    api = trained_api
    made = api.client.post(api.url("/predictions"), json={"model_id": trained.model_id}).json()
    run(made["job"]["id"], predictions.predict)
    results = {one["recording_id"]: one["probabilities"] for one in api.get(
        f"/predictions/{made['id']}/results", size=500)["items"]}  # fmt: skip
    spec_labels = [one["label"] for one in api.get(f"/datasets/{trained.dataset_id}")["counts"]]
    readers = Readers(api, labels=spec_labels)
    queue = readers.get("/queue", reader=ANNA, prediction_id=made["id"], limit=500)
    assert len(queue) == len(results) == 60
    from scipy.stats import entropy

    expected = [entropy(results[one["recording_id"]], base=len(spec_labels)) for one in queue]
    assert [one["uncertainty"] for one in queue] == pytest.approx(expected, abs=1e-5)
    assert expected == sorted(expected, reverse=True)

    known = {one["id"]: one["labels"] for one in api.recordings(size=500)}
    for number, recording_id in enumerate(readers.ids):
        readers.say(ANNA, number, *known[recording_id])
    dataset = readers.freeze()
    asked = {"dataset_id": dataset["id"], "architecture": "inception_time", "architecture_config": TINY}
    queued = api.client.post(api.url("/runs"), json=asked)
    assert queued.status_code == 202, queued.text
    body = {"model_id": trained.model_id, "dataset_id": dataset["id"]}
    evaluation = api.client.post(api.url("/evaluations"), json=body)
    assert evaluation.status_code == 202, evaluation.text
    assert (
        evaluation.json()["n_seen"] == 48
    )  # all but the test part: the model knows the recordings, whoever labelled them
    nobodys = api.client.get(readers.url("/queue"), params={"reader": ANNA, "prediction_id": uuid4().hex})
    refusal(nobodys, 404, "NotFoundError")
