"""How a training is tested: as was asked, as the table says, or by the rule for few recordings, with its reason."""

from typing import Any

import pytest

from tests.api_calls import Api, refusal
from tests.samples import csv_file
from tests.trained import TINY

NETWORK = {"architecture": "inception_time", "architecture_config": TINY}


def _dataset(api: Api, n: int = 40, positives: int = 9, column: str = "") -> str:
    names = [f"{number}.csv" for number in range(n)]
    api.upload({name: csv_file(number, n=500) for number, name in enumerate(names)}, rate="100")
    header = "file_name,MI,WPW" + (f",{column}" if column else "")
    rows = [
        f"{name},{int(number < positives)},{int(number % 2)}" + (f",{number % 5}" if column else "")
        for number, name in enumerate(names)
    ]
    dataset_id: str = api.dataset("\n".join([header, *rows]) + "\n")["id"]
    return dataset_id


def _ask(api: Api, dataset: str, path: str = "/runs/estimate", **values: Any) -> Any:
    return api.client.post(api.url(path), json={"dataset_id": dataset} | NETWORK | values)


def _how(api: Api, dataset: str, **values: Any) -> dict[str, Any]:
    answer = _ask(api, dataset, **values)
    assert answer.status_code == 200, answer.text
    how: dict[str, Any] = answer.json()["how_tested"]
    return how


def test_few_recordings_are_cross_validated_and_the_reason_counts_them(api: Api) -> None:
    dataset = _dataset(api)
    how = _how(api, dataset)
    assert (how["method"], how["folds"], how["repeats"], how["automatic"]) == ("cross_validation", 5, 1, True)
    assert how["reason"].startswith("With 40 ECGs, 9 of them with “MI”, one test part would hold ")
    assert "too few to say how good a model is" in how["reason"]
    assert "5 parts" in how["reason"]
    head = _how(api, dataset, architecture="rlign_logistic", architecture_config={})
    assert (head["repeats"], "2 times" in head["reason"] or "twice" in head["reason"]) == (2, True)


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ({"method": "holdout"}, ("holdout", 0, 0)),
        ({"method": "cross_validation", "folds": 3, "repeats": 4}, ("cross_validation", 3, 4)),
        ({"method": "auto", "folds": 4}, ("cross_validation", 4, 1)),
        ({"train": 0.6, "validation": 0.2, "test": 0.2}, ("holdout", 0, 0)),  # as clients of 0.1.0 ask
        ({"kind": "random"}, ("cross_validation", 5, 1)),
    ],
)
def test_what_was_asked_for_is_done(api: Api, split: dict[str, Any], expected: tuple[str, int, int]) -> None:
    dataset = _dataset(api)
    how = _how(api, dataset, split=split)
    assert (how["method"], how["folds"], how["repeats"]) == expected
    run = _ask(api, dataset, "/runs", split=split).json()
    assert run["how_tested"] == how
    assert run["settings"]["split"]["method"] == expected[0]


def test_the_column_of_a_table_says_who_tests_unless_the_user_chooses_otherwise(api: Api) -> None:
    dataset = _dataset(api, column="fold")
    how = _how(api, dataset)
    assert (how["method"], how["automatic"]) == ("holdout", True)
    assert "The column “fold” of the table says which ECGs test" in how["reason"]
    assert 5 <= _ask(api, dataset).json()["parts"]["test"] <= 8  # some made-up ECGs are copies of others
    assert _how(api, dataset, split={"method": "cross_validation"})["method"] == "cross_validation"
    assert _how(api, dataset, split={"kind": "random"})["method"] == "cross_validation"


@pytest.mark.parametrize("split", [{"folds": 2}, {"folds": 21}, {"repeats": 0}, {"repeats": 101}, {"method": "magic"}])
def test_impossible_numbers_are_refused(api: Api, split: dict[str, Any]) -> None:
    refusal(_ask(api, _dataset(api), split={"method": "cross_validation"} | split), 422, "InvalidInputError")


def test_more_folds_than_patients_are_refused_with_both_numbers(api: Api) -> None:
    names = [f"{number}.csv" for number in range(12)]
    api.upload({name: csv_file(number, n=500) for number, name in enumerate(names)}, rate="100")
    rows = [f"{name},{'AB'[number % 2]},p{number % 4}" for number, name in enumerate(names)]
    dataset = api.dataset("\n".join(["file_name,label,patient_id", *rows]) + "\n")["id"]
    text = refusal(_ask(api, dataset, split={"method": "cross_validation"}), 422, "SplitError")
    assert "4 patients" in text
    assert "5 folds" in text


def test_before_it_is_done_there_are_no_out_of_fold_outputs(api: Api) -> None:
    run = _ask(api, _dataset(api), "/runs").json()
    refusal(api.client.get(api.url(f"/runs/{run['id']}/out_of_fold.csv")), 404, "NotFoundError")
