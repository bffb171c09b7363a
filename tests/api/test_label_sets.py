"""Label sets: what they may hold, and that they never change what readers have said."""

import pytest

from tests.api_calls import Api, refusal
from tests.label_sets import ANNA, BERT, Readers


def test_labels_without_a_key_get_the_digits_that_are_free(api: Api) -> None:
    readers = Readers(api, labels=["NORM", {"name": "AFIB", "key": "2"}, {"name": "MI", "key": "x"}, "LBBB"])
    assert [one["key"] for one in readers.set["labels"]] == ["1", "2", "x", "3"]
    assert (readers.set["created_by"], readers.set["progress"]["n_recordings"]) == (ANNA, 0)


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (["A", "a"], "twice"), (["A;B"], "';'"), ([" "], "at least 1"),
        (["A", {"name": "B", "key": "u"}], "'u' cannot"), ([{"name": "A", "key": "Ä"}], "digit"),
        ([{"name": "A", "key": "1"}, {"name": "B", "key": "1"}], "two labels"),
    ],
)  # fmt: skip
def test_labels_and_keys_that_cannot_be_used_are_refused_with_the_remedy(
    api: Api, labels: list[str | dict[str, str]], says: str
) -> None:
    body = {"name": "Set", "labels": [one if isinstance(one, dict) else {"name": one} for one in labels]}
    answer = api.client.post(api.url("/annotations"), json=body)
    assert says in refusal(answer, 422, answer.json()["error"])


def test_a_label_in_use_is_neither_removed_nor_renamed_but_others_may_come_and_go(api: Api) -> None:
    readers = Readers(api, 2)
    region = {"label": "QRS", "from_ms": 0, "to_ms": 100, "leads": ["II"]}
    readers.say(ANNA, 0, "AFIB", regions=[region])

    def change(*names: str, **more: object) -> object:
        body = {"name": "Rhythm 2", "labels": [{"name": name} for name in names]} | more
        return api.client.put(readers.url(), json=body)

    assert "AFIB (1)" in refusal(change("NORM", "Fibrillation"), 409, "ConflictError")  # type: ignore[arg-type]
    assert "QRS (1)" in refusal(change("AFIB", region_classes=["Artefact"]), 409, "ConflictError")  # type: ignore[arg-type]
    assert "cannot change" in refusal(change("AFIB", task="multi_label"), 409, "ConflictError")  # type: ignore[arg-type]
    assert change("AFIB", "Flutter", region_classes=["QRS"]).status_code == 200  # type: ignore[attr-defined]
    shown = readers.get()
    assert (shown["name"], [one["name"] for one in shown["labels"]]) == ("Rhythm 2", ["AFIB", "Flutter"])
    readers.say(ANNA, 0, "Flutter")
    assert change("Flutter").status_code == 200  # type: ignore[attr-defined]  # nobody says AFIB any more


def test_the_progress_is_counted_for_the_reader_who_asks(api: Api) -> None:
    readers = Readers(api, 4, n_readers=2)
    for number, labels in enumerate([("NORM", "NORM"), ("AFIB", "MI"), ("MI", None)]):
        for reader, label in zip((ANNA, BERT), labels, strict=True):
            if label:
                readers.say(reader, number, label)
    expected = {"n_recordings": 4, "n_read": 3, "n_read_twice": 2, "n_disagreements": 1, "n_adjudicated": 0}
    for reader, mine, left in ((ANNA, 3, 1), (BERT, 2, 2), ("Dr. C", 0, 2), ("", 0, 2)):
        assert readers.get(reader=reader)["progress"] == expected | {"n_mine": mine, "n_left": left}
    readers.say("Dr. C", 1, "MI", role="adjudicator")
    assert readers.get()["progress"] == expected | {
        "n_mine": 0, "n_left": 2, "n_disagreements": 0, "n_adjudicated": 1,
    }  # fmt: skip


def test_a_deleted_set_takes_its_readings_and_leaves_its_datasets(api: Api) -> None:
    readers = Readers(api, 1)
    readers.say(ANNA, 0, "MI")
    dataset = readers.freeze()
    assert api.client.delete(readers.url()).status_code == 204
    refusal(api.client.get(readers.url()), 404, "NotFoundError")
    assert api.get(f"/datasets/{dataset['id']}")["n_matched"] == 1


def test_codes_are_found_by_code_word_and_abbreviation(api: Api) -> None:
    def found(words: str) -> list[tuple[str, str]]:
        answer = api.client.get("/api/v1/codes", params={"words": words, "limit": 12})
        return [(one["system"], one["code"]) for one in answer.json()["codes"]]

    assert set(found("atrial fibrillation")[:2]) == {("SCP-ECG", "AFIB"), ("SNOMED-CT", "164889003")}
    assert {("ICD-10", "I48.9"), ("SNOMED-CT", "164889003")} <= set(found("AF"))
    assert found("i48.9") == [("ICD-10", "I48.9")]
    assert found("AFIB")[0] == ("SCP-ECG", "AFIB")
    assert ("SNOMED-CT", "426434006") in found("ischemia anterior")
    assert found("no such thing") == []
    assert len(found("")) == 12
