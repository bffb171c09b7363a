"""Before a training: a recording that cannot be prepared is left out, and all that goes with the others moves along."""

import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.db.session import read_session
from backend.ecg.errors import PreprocessingError
from backend.ecg.preprocess import Preprocessing
from backend.ecg.signal_file import decode_signal
from backend.ml.data.split import PARTS, Split
from backend.ml.data.training_data import TrainingData
from backend.ml.training import train as training
from backend.services import runs
from backend.settings import get_settings
from backend.storage import storage_of
from tests.api_calls import Api
from tests.trained import QUICK, TINY, Trained
from workers import runs as worker
from workers.lifecycle import run
from workers.prepare import Prepared


@st.composite
def divided(draw: st.DrawFn) -> tuple[Split, list[int]]:
    """A division of some recordings, and those of them that could be prepared."""
    parts = draw(st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=30))
    kept = [row for row in range(len(parts)) if draw(st.booleans())]
    order = draw(st.permutations(range(len(parts))))
    rows = [np.array([row for row in order if parts[row] == number], np.intp) for number in range(3)]
    return Split(*rows, notes=("a note",)), kept


@given(divided())
@settings(deadline=None)
def test_a_part_names_the_same_recordings_after_some_are_left_out(drawn: tuple[Split, list[int]]) -> None:
    whole, kept = drawn
    n = sum(len(getattr(whole, name)) for name in PARTS)
    signals = np.arange(n, dtype=np.float32)  # each recording is known by its number
    prepared = Prepared(signals[kept][:, None, None], np.array(kept, np.intp), Counter())
    part = prepared.part(whole, n)
    for name in PARTS:
        expected = [row for row in getattr(whole, name) if row in kept]
        assert prepared.x[getattr(part, name), 0, 0].tolist() == expected
    assert part.notes == whole.notes


def test_a_training_learns_each_label_with_its_own_signal_where_recordings_are_left_out(
    trained_api: Api, trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 60 recordings every seventh cannot be prepared; what the network is given is compared with the database."""
    prepare, calls = Preprocessing.__call__, []

    def refusing(self: Preprocessing, signal: np.ndarray, rate: float) -> np.ndarray:
        calls.append(rate)
        if len(calls) % 7 == 1:
            raise PreprocessingError("It cannot be prepared.")
        return prepare(self, signal, rate)

    given_to: list[TrainingData] = []
    train_network = training.train

    def listening(data: TrainingData, *args: object, **values: object):
        given_to.append(data)
        yield from train_network(data, *args, **values)

    monkeypatch.setattr(Preprocessing, "__call__", refusing)
    monkeypatch.setattr(training, "train", listening)
    monkeypatch.setattr(worker, "_finish", lambda *_: "no model")  # the export is tested elsewhere
    body = {
        "dataset_id": trained.dataset_id, "architecture": "inception_time", "architecture_config": TINY,
        "training": QUICK | {"max_epochs": 1}, "split": {"method": "holdout"},
    }  # fmt: skip
    asked = trained_api.client.post(trained_api.url("/runs"), json=body).json()
    run(asked["job"]["id"], worker.train)
    monkeypatch.setattr(Preprocessing, "__call__", prepare)

    assert trained_api.get(f"/jobs/{asked['job']['id']}")["status"] == "done"
    notes = [event["payload"]["text"] for event in trained_api.events(asked["job"]["id"], "note")]
    assert "9 recordings were left out: It cannot be prepared." in notes
    (data,) = given_to
    assert len(data.x) == len(data.y) == len(data.patients or ()) == 51
    assert sorted(np.concatenate([getattr(data.split, name) for name in PARTS])) == list(range(51))
    with read_session(get_settings().resolved_database_url) as session:
        row = runs.get(session, trained_api.project, asked["id"])
        examples, whole = runs.split_examples(session, row)
        labels, preprocessing = row.facts["labels"], Preprocessing.from_json(json.dumps(row.settings["preprocessing"]))
    storage = storage_of(get_settings())
    for name in PARTS:
        expected = [number for number in getattr(whole, name) if number % 7 != 0]
        for number, place in zip(expected, getattr(data.split, name), strict=True):
            example = examples[number]
            assert data.y[place].tolist() == [float(label in example.labels) for label in labels]
            assert data.patients is not None
            assert data.patients[place] == example.patient_id
            np.testing.assert_array_equal(data.x[place], preprocessing(*decode_signal(storage.get(example.signal_key))))


def test_reasons_are_told_with_their_number_the_most_frequent_first() -> None:
    refused = Counter({"It is short.": 1, "It has gaps.": 12})
    assert Prepared(np.empty((0, 12, 1), np.float32), np.empty(0, np.intp), refused).notes == [
        "12 recordings were left out: It has gaps.", "1 recording was left out: It is short."
    ]  # fmt: skip
