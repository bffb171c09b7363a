"""What a dataset knows of a model's labels, and results against it: one builder for training and prediction."""

import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import f1_score, mean_absolute_error

from backend.ecg.preprocess import preset
from backend.ml.errors import ModelInvalidError
from backend.ml.evaluation import evaluate
from backend.ml.evaluation.regression import RegressionEvaluation
from backend.ml.evaluation.results import Evaluation
from backend.ml.spec import ModelSpec
from backend.services.known_truth import against_dataset, truth

SPEC = ModelSpec(architecture="x", labels=("MI", "NORM"), task="single_label", preprocessing=preset("clinical"))
MULTI = replace(SPEC, task="multi_label", thresholds=(0.3, 0.6))
VALUES = replace(SPEC, task="regression", labels=("age", "ef"), label_names=("Age", "EF"), thresholds=())
RANDOM = np.random.default_rng(1)


def _row(*labels: str, values: tuple[float | None, ...] = ()) -> SimpleNamespace:
    return SimpleNamespace(labels=labels, values=values)


def test_truth_has_a_column_a_label_in_the_order_of_the_model() -> None:
    rows = [_row("NORM"), _row("MI", "STTC"), _row()]
    assert truth(rows, ["MI", "NORM"], ["NORM", "MI", "STTC"], "multi_label").tolist() == [[0, 1], [1, 0], [0, 0]]


def test_a_value_that_is_not_known_is_nan_also_where_the_dataset_has_no_such_column() -> None:
    rows = [_row(values=(61.0, None)), _row(values=(40.0, 55.0))]
    found = truth(rows, ["ef", "age", "height"], ["age", "ef"], "regression")
    np.testing.assert_array_equal(found, [[np.nan, 61, np.nan], [55, 40, np.nan]])
    assert truth([], ["ef"], ["ef"], "regression").shape == (0, 1)


def test_the_task_of_a_model_decides_how_it_is_evaluated() -> None:
    y = np.eye(2)[RANDOM.integers(0, 2, 40)]
    p = RANDOM.random((40, 2))
    single, multi, values = (evaluate(spec, y, p) for spec in (SPEC, MULTI, VALUES))
    assert isinstance(single, Evaluation)
    assert isinstance(multi, Evaluation)
    assert isinstance(values, RegressionEvaluation)
    assert (single.task, multi.task, values.task) == ("single_label", "multi_label", "regression")
    assert single.macro_f1.value == pytest.approx(f1_score(y.argmax(1), p.argmax(1), average="macro"))
    assert multi.macro_f1.value == pytest.approx(f1_score(y, p >= [0.3, 0.6], average="macro"))
    assert values.targets[1].mae.value == pytest.approx(mean_absolute_error(y[:, 1], p[:, 1]))


def test_only_rows_that_tell_what_the_model_should_answer_count() -> None:
    rows = [_row("MI"), _row("NORM"), _row("MI", "NORM"), _row("STTC"), _row(values=(1.0,)), _row("NORM", "STTC")]
    outputs = np.array([[0.9, 0.1], [0.2, 0.8], [0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.7, 0.3]])
    patients = ["a", "a", "b", None, None, None]
    single = against_dataset(SPEC, rows, outputs, patients, ["MI", "NORM", "STTC"])
    assert single is not None
    assert (single["n"], single["drawn_by"], single["confusion"]) == (3, "patient", ((1, 0), (1, 1)))
    multi = against_dataset(MULTI, rows, outputs, patients, ["MI", "NORM", "STTC"])
    assert multi is not None
    assert (multi["n"], multi["thresholds"]) == (5, (0.3, 0.6))
    of_values = against_dataset(VALUES, rows, outputs, patients, ["age"])
    assert of_values is not None
    assert (of_values["n"], of_values["targets"][0]["mae"]["withheld"]) == (1, "too few to say: 1")


def test_rows_without_a_label_of_the_model_are_counted_and_their_labels_named() -> None:
    rows = [_row("MI"), _row("NORM"), *[_row("AFIB")] * 3, _row("AFIB", "PVC"), _row(), _row("MI", "NORM")]
    found = against_dataset(SPEC, rows, np.full((8, 2), 0.5), [None] * 8, ["MI", "NORM", "AFIB", "PVC"])
    assert found is not None
    assert (found["n"], found["drawn_by"]) == (2, "record")
    notes = " ".join(found["notes"])
    assert "5 records with no label of the model are left out: AFIB (4), PVC (1)." in notes
    assert "1 record with several labels of the model is left out" in notes


def test_a_label_that_the_dataset_does_not_have_is_unknown_and_not_absent() -> None:
    rows = [_row("NORM"), _row()] * 20
    np.testing.assert_array_equal(truth(rows[:2], ["MI", "NORM"], ["NORM"], "multi_label"), [[np.nan, 1], [np.nan, 0]])
    outputs = np.tile([[0.9, 0.9], [0.9, 0.1]], (20, 1))
    found = against_dataset(MULTI, rows, outputs, [None] * 40, ["NORM"])
    assert found is not None
    mi, norm = found["classes"]
    assert (mi["known"], mi["support"], mi["predicted"], mi["specificity"]["value"]) == (0, 0, 0, None)
    assert (norm["known"], found["accuracy"]["value"], found["macro_f1"]["value"]) == (40, 1, 1)
    assert any("Of no recording it is known whether it has “MI”" in note for note in found["notes"])


def test_outputs_that_are_no_numbers_are_refused() -> None:
    outputs = np.full((4, 2), 0.5)
    outputs[1, 0] = np.nan
    for spec, row, columns in ((MULTI, _row("MI"), ["MI", "NORM"]), (VALUES, _row(values=(1.0,)), ["age"])):
        with pytest.raises(ModelInvalidError, match="1 of 4 records with values that are no numbers"):
            against_dataset(spec, [row] * 4, outputs, [None] * 4, columns)


def test_a_dataset_that_knows_nothing_of_the_labels_gives_no_results() -> None:
    assert against_dataset(SPEC, [_row("STTC")], [[0.5, 0.5]], [None], ["STTC"]) is None
    assert against_dataset(VALUES, [_row(values=(7.0,))], [[0.5, 0.5]], [None], ["weight"]) is None
    assert against_dataset(MULTI, [], [], [], ["MI"]) is None


def test_one_part_of_the_room_of_evaluation_does_not_load_the_others() -> None:
    code = (
        "import sys; import backend.ml.evaluation.scores; "
        "print(sorted(name for name in sys.modules if name.startswith('backend.ml')))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "['backend.ml', 'backend.ml.evaluation', 'backend.ml.evaluation.scores']"
