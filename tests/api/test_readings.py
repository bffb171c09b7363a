"""Readings: each is kept, none covers another, and a blind reader sees neither machine nor colleague."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.accounts import House
from tests.api_calls import Api, refusal
from tests.label_sets import ANNA, BERT, Readers

REGION = {"label": "QRS", "from_ms": 120.0, "to_ms": 260.5, "leads": ["V1", "V2"]}


def test_what_was_said_comes_back_with_who_and_when(api: Api) -> None:
    readers = Readers(api, 1)
    said = readers.say(ANNA, 0, "AFIB", note=" irregular ", regions=[REGION], made_at="2026-01-02T03:04:05Z")
    assert {name: said[name] for name in ("reader", "labels", "done", "note", "regions", "number", "role")} == {
        "reader": ANNA, "labels": ["AFIB"], "done": True, "note": "irregular", "regions": [REGION], "number": 1,
        "role": "reader",
    }  # fmt: skip
    assert readers.seen_by(ANNA, 0)["mine"] == said
    assert readers.seen_by(BERT, 0)["others"] == [said]


def test_a_reading_sent_again_is_kept_once_and_its_id_belongs_to_it(api: Api) -> None:
    readers = Readers(api, 1)
    one = {"id": uuid4().hex, "note": "sure"}
    first = readers.send(ANNA, readers.ids[0], ["MI"], **one)
    again = readers.send(ANNA, readers.ids[0], ["MI"], **one)
    assert (again.status_code, again.json()) == (200, first.json())
    assert readers.get("/readings", reader=ANNA)["total"] == 1
    for change in ({"note": "not so sure"}, {"regions": [REGION]}, {"done": False}):
        refusal(readers.send(ANNA, readers.ids[0], ["MI"], **one | change), 409, "ConflictError")
    refusal(readers.send(BERT, readers.ids[0], ["MI"], **one), 409, "ConflictError")


def test_a_late_reading_does_not_cover_what_was_said_since(api: Api) -> None:
    readers = Readers(api, 1)
    first = readers.say(ANNA, 0, "NORM")
    newer = readers.say(ANNA, 0, "AFIB")
    late = readers.send(ANNA, readers.ids[0], ["MI"], replaces=first["id"])
    assert "another window in the meantime: AFIB" in refusal(late, 409, "ConflictError")
    refusal(readers.send(ANNA, readers.ids[0], ["MI"]), 409, "ConflictError")
    assert readers.seen_by(ANNA, 0)["mine"] == newer
    taken_back = readers.say(ANNA, 0, done=False)
    history = readers.get("/readings", reader=ANNA)["items"]
    assert [one["id"] for one in history] == [taken_back["id"], newer["id"], first["id"]]
    assert readers.get(reader=ANNA)["progress"]["n_mine"] == 0


@pytest.mark.parametrize(
    ("labels", "values", "says"),
    [
        (["LBBB"], {}, "no label of Rhythm"), ([], {}, "one label; 0"), (["MI", "NORM"], {}, "one label; 2"),
        (["MI"], {"role": "adjudicator", "done": False}, "adjudication"),
        (["MI"], {"regions": [REGION | {"label": "Z"}]}, "no class"),
        (["MI"], {"regions": [REGION | {"to_ms": 100}]}, "does not lie"),
        (["MI"], {"regions": [REGION | {"to_ms": 1002}]}, "lasts 1000 ms"),
        (["MI"], {"regions": [REGION | {"leads": ["V7"]}]}, "leads out of"),
        (["MI"], {"regions": [REGION | {"leads": ["V1", "V1"]}]}, "each once"),
    ],
)  # fmt: skip
def test_what_is_no_reading_is_refused_and_nothing_is_kept(
    api: Api, labels: list[str], values: dict[str, object], says: str
) -> None:
    readers = Readers(api, 1)
    assert says in refusal(readers.send(ANNA, readers.ids[0], labels, **values), 422, "InvalidInputError")
    assert "reader" in refusal(readers.send(" ", readers.ids[0], ["MI"]), 422, "InvalidInputError")
    assert readers.seen_by(ANNA, 0)["mine"] is None


def test_readers_at_the_same_time_all_keep_what_they_say(api_on_each_database: Api) -> None:
    readers = Readers(api_on_each_database, 4)

    def read(reader: str) -> None:
        for number in range(4):
            readers.say(reader, number, "NORM")
            readers.say(reader, number, "AFIB" if number % 2 else "MI")

    names = [f"Reader {number}" for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(read, names))
    for number in range(4):
        said = readers.seen_by("", number)["others"]
        assert [(one["reader"], one["number"]) for one in said] == [(name, 2) for name in names]
        assert {tuple(one["labels"]) for one in said} == {("AFIB",) if number % 2 else ("MI",)}


def test_of_two_windows_at_the_same_time_one_is_told(api_on_each_database: Api) -> None:
    readers = Readers(api_on_each_database, 1)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: readers.send(ANNA, readers.ids[0], ["MI"]).status_code, range(6)))
    assert sorted(answers) == [200, *[409] * 5]
    assert readers.get("/readings", reader=ANNA)["total"] == 1


def test_a_blind_reader_sees_only_what_they_said_until_they_ask(api: Api) -> None:
    readers = Readers(api, 2, blind=True, n_readers=2)
    readers.say(ANNA, 0, "MI", note="Q waves")
    hidden = readers.seen_by(BERT, 0)
    assert (hidden["hidden"], hidden["others"], hidden["suggestions"], hidden["n_readers"]) == (True, [], [], 1)
    readers.say(BERT, 0, "NORM")
    (waiting,) = readers.get("/disagreements")["items"]
    assert waiting == {"recording_id": readers.ids[0], "file_name": "", "n_readers": 2, "adjudicated": False}
    address = readers.url(f"/recordings/{readers.ids[0]}/revealed")
    shown = api.client.put(address, params={"reader": BERT}).json()
    assert (shown["hidden"], shown["others"][0]["labels"]) == (False, ["MI"])
    assert readers.seen_by("Dr. C", 0)["hidden"] is True
    assert readers.say(BERT, 0, "MI")["sighted"] is True
    assert readers.say(BERT, 1, "MI")["sighted"] is False  # nothing was revealed of this one


def test_two_adjudicators_do_not_cover_each_other(api: Api) -> None:
    readers = Readers(api, 1)
    readers.say(ANNA, 0, "MI")
    readers.say(BERT, 0, "NORM")
    readers.say("Dr. C", 0, "MI", role="adjudicator")
    late = readers.send("Dr. D", readers.ids[0], ["NORM"], role="adjudicator")
    assert "Dr. C has adjudicated it in the meantime: MI" in refusal(late, 409, "ConflictError")
    assert readers.get("/disagreements")["total"] == 0
    (closed,) = readers.get("/disagreements", adjudicated=True)["items"]
    assert (closed["file_name"], closed["adjudicated"]) == ("000.csv", True)


def test_statements_of_the_device_are_suggested_by_code_and_by_name(api: Api) -> None:
    from tests.samples import wfdb_pair

    header, samples = wfdb_pair("a")
    api.upload({"a.hea": header + b"# Dx: 164889003,426783006\n", "a.dat": samples})
    labels = [{"name": "AFib", "code": "164889003", "system": "SNOMED-CT"}, {"name": "Normal"}]
    readers = Readers(api, labels=labels)
    told = [(one["text"], one["label"]) for one in readers.seen_by(ANNA, 0)["suggestions"]]
    assert told == [("atrial fibrillation", "AFib"), ("sinus rhythm", None)]


def test_where_people_sign_in_an_adjudication_takes_a_trainer(house: House) -> None:
    """It stands above all readers: a reader must not overrule the others without having seen what they say."""
    ward = house.project()
    anna, bert, tom = (
        house.user(name, **{ward: role})
        for name, role in (("anna", "annotator"), ("bert", "annotator"), ("tom", "trainer"))
    )
    with house.client(house.by_session(tom)) as api:
        api.project = ward
        readers = Readers(api, 1, n_readers=2)
    for user, label in ((anna, "MI"), (bert, "NORM")):
        with house.client(house.by_session(user)) as readers.api:
            readers.api.project = ward
            readers.say(user, 0, label)
            answer = readers.send("", readers.ids[0], [label], role="adjudicator")
            assert "“trainer”" in refusal(answer, 403, "ForbiddenError")
    with house.client(house.by_session(tom)) as readers.api:
        readers.api.project = ward
        assert len(readers.get("/disagreements")["items"]) == 1
        assert readers.say("tom", 0, "AFIB", role="adjudicator")["reader"] == "tom"
        assert readers.freeze()["labels"] == ["AFIB"]
