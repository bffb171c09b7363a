"""`exchangeai annotations`: what readers have said on the page, in the shell."""

import csv
from pathlib import Path

from tests.api_calls import Api
from tests.label_sets import ANNA, BERT, Readers
from tests.shell_calls import fault, run, run_json


def _read(api: Api) -> Readers:
    readers = Readers(api, 12, n_readers=2)
    for number in range(11):
        readers.say(ANNA, number, "MI" if number % 2 else "NORM")
        readers.say(BERT, number, "MI" if number % 2 or number == 4 else "NORM")
    readers.say(ANNA, 11, "AFIB")
    return readers


def test_readings_are_listed_exported_compared_and_frozen(api: Api, tmp_path: Path) -> None:
    readers = _read(api)
    (listed,) = run_json("annotations", "list", "-p", "Test")
    assert (listed["name"], listed["n_read"], listed["n_disagreements"]) == ("Rhythm", 12, 1)
    assert (
        "12 of 12 recordings read, 11 by several, 1 disagreement open."
        in run("annotations", "list", "-p", "Test").stdout
    )
    path = tmp_path / "labels.csv"
    assert run("annotations", "export", "Rhythm", "-p", "Test", "--out", path).exit_code == 0
    printed = run("annotations", "export", "-p", "Test").stdout
    assert path.read_bytes() == api.client.get(readers.url("/csv")).content
    assert printed.splitlines() == path.read_text().splitlines()
    assert len(list(csv.DictReader(run("annotations", "export", "-p", "Test", "--each").stdout.splitlines()))) == 23
    compared = run_json("annotations", "kappa", "-p", "Test")
    assert isinstance(compared, dict)
    assert compared == readers.get("/agreement")
    text = run("annotations", "kappa", "-p", "Test").stdout
    assert f"{BERT} and {ANNA}: 10 of 11 recordings alike, kappa 0.82 (" in text
    assert "not blind" in text
    frozen = run_json("annotations", "freeze", "-p", "Test")
    assert isinstance(frozen, dict)
    assert (frozen["name"], frozen["n_matched"]) == ("Rhythm v1", 10)
    assert (
        "Dataset Rhythm v2 (single-label): 11 rows"
        in run("annotations", "freeze", "-p", "Test", "--fewest-readers", "1").stdout
    )


def test_what_is_not_there_is_said_in_one_line(api: Api, tmp_path: Path) -> None:
    api.url()
    assert "no label set yet" in fault("annotations", "kappa", "-p", "Test")
    assert "no label set yet" in run("annotations", "list", "-p", "Test").stdout
    Readers(api)
    assert "there is Rhythm" in fault("annotations", "export", "Nothing", "-p", "Test")
    assert "Make the folder" in fault("annotations", "export", "-p", "Test", "--out", tmp_path / "no" / "a.csv")
    assert "Label some first" in fault("annotations", "freeze", "-p", "Test")
    assert "No two readers" in run("annotations", "kappa", "-p", "Test").stdout
