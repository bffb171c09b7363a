"""Thresholds by rules that a model keeps from its training, and what is said where it keeps none; abstention."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from backend.ecg.preprocess import preset
from backend.errors import InvalidInputError
from backend.ml.abstention import Abstention
from backend.ml.evaluation import scores
from backend.ml.evaluation.classification import evaluate
from backend.ml.evaluation.intervals import wilson
from backend.ml.evaluation.thresholds import RULES, best_thresholds
from backend.ml.spec import ModelSpec
from backend.services import evaluation_rows, evaluation_thresholds
from backend.services.evaluation_results import result_of
from backend.services.evaluation_rows import Columns

LABELS = ("A", "B")
SPEC = ModelSpec(
    architecture="x", labels=LABELS, task="multi_label", preprocessing=preset("clinical"), thresholds=(0.3, 0.6)
)
RANDOM = np.random.default_rng(8)


def _drawn(n: int) -> tuple[np.ndarray, np.ndarray]:
    truth = RANDOM.random((n, 2)) < (0.3, 0.1)
    return truth, np.clip(RANDOM.normal(0.3, 0.15, (n, 2)) + 0.3 * truth, 0, 1)


def _model(**changes: Any) -> Any:
    """A model as its training leaves it: thresholds of each rule beside the results of the test part."""
    points = {rule: best_thresholds(*_drawn(400), rule) for rule in RULES}
    result = evaluate(*_drawn(200), LABELS, "multi_label", (0.3, 0.6), operating_points=points)
    return SimpleNamespace(
        **(
            {"spec": SPEC.to_dict() | {"training": {"seed": 1}}, "evaluation": result.to_dict(), "points": points}
            | changes
        )
    )


def test_each_rule_gives_the_thresholds_that_were_chosen_on_validation_recordings() -> None:
    model = _model()
    assert set(evaluation_thresholds.kept(model)) == set(RULES) == set(evaluation_thresholds.WORDS)
    for rule, chosen in model.points.items():
        assert evaluation_thresholds.of_model(model, rule) == chosen
        told = evaluation_thresholds.told(model, rule)
        assert "validation" in told
        assert evaluation_thresholds.WORDS[rule] in told
    assert evaluation_thresholds.of_model(model, "own") == (0.3, 0.6)
    assert evaluation_thresholds.of_model(model, "half") == (0.5, 0.5)


def test_by_which_outputs_thresholds_were_chosen_is_said() -> None:
    foreign = _model(evaluation={}, spec=SPEC.to_dict())
    with pytest.raises(InvalidInputError, match=r"came from elsewhere or from an earlier version.*own or half"):
        evaluation_thresholds.of_model(foreign, "youden")
    assert "how they were chosen is not known" in evaluation_thresholds.told(foreign, "own")
    assert "chosen on its validation recordings" in evaluation_thresholds.told(_model(), "own")
    folds = _model(evaluation={**_model().evaluation, "cross_validation": {"folds": 5, "repeats": 1}})
    assert "chosen on its out-of-fold outputs" in evaluation_thresholds.told(folds, "own")
    assert "chosen on its out-of-fold outputs" in evaluation_thresholds.told(folds, "youden")
    single = _model(spec=replace(SPEC, task="single_label").to_dict())
    with pytest.raises(InvalidInputError, match="several labels at once"):
        evaluation_thresholds.of_model(single, "youden")
    without_costs = _model()
    for one in without_costs.evaluation["classes"]:
        one["operating_points"] = [point for point in one["operating_points"] if point["rule"] != "costs"]
    with pytest.raises(InvalidInputError, match="it keeps f1, fmax, youden, sensitivity_90, specificity_90"):
        evaluation_thresholds.of_model(without_costs, "costs")


def test_fmax_has_one_threshold_at_which_f_is_as_high_as_anywhere() -> None:
    truth, p = _drawn(300)
    (one, other) = best_thresholds(truth, p, "fmax")
    called = p >= one
    precision = np.mean([t[c].mean() for t, c in zip(truth, called, strict=True) if c.any()])
    recall = np.mean([c[t].mean() for t, c in zip(truth, called, strict=True) if t.any()])
    assert one == other
    assert 2 * precision * recall / (precision + recall) == pytest.approx(scores.fmax(truth, p))


def test_what_is_left_open_is_counted_and_the_others_are_measured_by_themselves() -> None:
    n = 300
    truth, outputs = _drawn(n)
    found = Columns([str(k) for k in range(n)], outputs, truth.astype(float), [None] * n, np.zeros(n, bool))
    spec = replace(SPEC, abstention=Abstention(error=0.1, lows=(0.25, 0.5), highs=(0.5, 0.65)))
    model = SimpleNamespace(spec=spec.to_dict(), evaluation={})
    settings = {"threshold_rule": "own", "label_map": {"A": "A", "B": "B"}}
    row: Any = SimpleNamespace(model=model, settings=settings, facts={"thresholds": [0.3, 0.6]})
    result = result_of(row, found, {}, [])
    unsure = (outputs >= (0.25, 0.5)) & (outputs <= (0.5, 0.65))
    assert result.abstention is not None
    assert result.abstention.n_open == int(unsure.any(axis=1).sum()) > 0
    whole: Any = result.evaluation
    for i, one in enumerate(result.abstention.labels):
        answered, has, told = ~unsure[:, i], truth[:, i], outputs[:, i] >= SPEC.thresholds[i]
        assert (one.n, one.n_open) == (n, unsure[:, i].sum())
        assert one.coverage.value == pytest.approx(answered.mean())
        assert (one.coverage.low, one.coverage.high) == pytest.approx(wilson(answered.mean(), n))
        for measured, hits, among in (
            (one.recall, told, has), (one.specificity, ~told, ~has), (one.precision, has, told), (one.npv, ~has, ~told),
        ):  # fmt: skip
            assert measured.value == pytest.approx(hits[answered & among].mean())
        assert whole.classes[i].recall.value == pytest.approx(told[has].mean())  # as if it always answered
    named = evaluation_rows.left_open(row, outputs)
    assert named == [[label for label, yes in zip(LABELS, line, strict=True) if yes] for line in unsure]
    model.spec = SPEC.to_dict()
    assert result_of(row, found, {}, []).abstention is None
