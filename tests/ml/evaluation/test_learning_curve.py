"""What twice the data would bring: planted curves that grow, are flat or fall, beside independent oracles."""

import numpy as np
import pytest
from sklearn.metrics import r2_score, roc_auc_score

from backend.ml.evaluation.learning_curve import SMALL, learning_curve
from backend.ml.evaluation.paired import compare
from tests.ml.evaluation.learning_tasks import LABELS, simulated

SHARES = (0.25, 0.5, 1.0)


def _planted(noise: tuple[float, ...], n: int = 400, seed: int = 0) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the truth and outputs that tell it under so much noise, the same hard records for all."""
    random = np.random.default_rng(seed)
    truth = (random.random((n, 1)) < 0.5).astype(float)
    hard = random.normal(size=(1, n, 1))
    return truth, [truth[None] + 0.7 * hard + one * random.normal(size=(1, n, 1)) for one in noise]


def _judged(noise: tuple[float, ...], n: int = 400, seed: int = 0):
    truth, outputs = _planted(noise, n, seed)
    return learning_curve(truth, outputs, SHARES, LABELS, "multi_label", None, 5), truth, outputs


def test_a_curve_that_grows_is_said_to_grow_by_what_scikit_learn_says_of_all_minus_half() -> None:
    found, truth, outputs = _judged((3.0, 1.5, 0.3))
    areas = [roc_auc_score(truth[:, 0], one[0, :, 0]) for one in outputs]
    assert areas[0] < areas[1] < areas[2]
    assert [one.value for one in found.scores] == pytest.approx(areas)
    assert found.verdict == "gain"
    assert found.last.value == pytest.approx(areas[2] - areas[1])
    assert 0 < found.last.low < found.last.value < found.last.high
    assert found.ahead is not None
    assert found.ahead.value == pytest.approx(found.last.value)


def test_no_score_is_promised_above_1() -> None:
    found, truth, outputs = _judged((3.0, 1.5, 0.3))
    truth, outputs = truth, [*outputs[:2], truth[None] * 9 + outputs[2]]
    found = learning_curve(truth, outputs, SHARES, LABELS, "multi_label", None, 5)
    assert found.scores[-1].value == pytest.approx(1)
    assert found.verdict == "gain"
    assert (found.ahead.value, found.ahead.high) == (pytest.approx(0), pytest.approx(0))


def test_a_curve_that_falls_is_said_to_fall_and_nothing_is_extrapolated() -> None:
    found, *_ = _judged((0.3, 0.3, 2.5))
    assert (found.verdict, found.ahead) == ("loss", None)
    assert found.last.high < 0


def test_a_flat_curve_of_many_has_no_gain_and_of_few_is_too_uncertain_to_say() -> None:
    truth, (one,) = _planted((0.5,), n=4000)
    near = one + 0.01 * np.random.default_rng(1).normal(size=one.shape)
    many = learning_curve(truth, [one, near, one], SHARES, LABELS, "multi_label", None, 5)
    assert many.verdict == "no_gain"
    assert 0 < many.last.high < SMALL
    few, *_ = _judged((1.0, 1.0, 1.0), n=60, seed=3)
    assert few.verdict == "uncertain"
    assert few.last.high > SMALL


def test_of_too_few_patients_nothing_is_said() -> None:
    truth, outputs = _planted((1.0, 1.0, 1.0), n=40)
    truth[:] = (np.arange(40) < 4)[:, None]
    found = learning_curve(truth, outputs, SHARES, LABELS, "multi_label", None, 5)
    assert (found.verdict, found.last.withheld, found.ahead) == ("withheld", "too few to say: 4", None)


def test_values_are_scored_by_r2_and_may_be_below_0() -> None:
    random = np.random.default_rng(2)
    truth = random.normal(60, 12, (300, 1))
    outputs = [truth[None] + random.normal(0, sd, (1, 300, 1)) for sd in (25, 12, 4)]
    found = learning_curve(truth, outputs, SHARES, ("age",), "regression", None, 5)
    told = [one.value for one in found.scores]
    assert told == pytest.approx([r2_score(truth[:, 0], one[0, :, 0]) for one in outputs])
    assert told[0] < 0
    assert found.verdict == "gain"
    assert all(one.low < one.value < one.high <= 1 for one in found.scores)


def test_the_same_patient_twice_makes_nothing_surer() -> None:
    truth, outputs = _planted((2.0, 1.0, 0.5), n=120)
    patients = [f"p{row}" for row in range(120)]
    once = learning_curve(truth, outputs, SHARES, LABELS, "multi_label", patients, 5)
    twice = learning_curve(
        np.tile(truth, (2, 1)), [np.tile(one, (1, 2, 1)) for one in outputs], SHARES, LABELS, "multi_label",
        patients * 2, 5,
    )  # fmt: skip
    assert (twice.last.low, twice.last.high) == pytest.approx((once.last.low, once.last.high))
    assert twice.scores[0].low == pytest.approx(once.scores[0].low)


def test_a_score_has_the_interval_of_drawing_patients_anew_but_for_the_widening() -> None:
    truth, outputs = _planted((1.0, 1.0), n=400)
    (one, _) = compare(truth, outputs, LABELS, "multi_label", None, 5).estimates
    random = np.random.default_rng(1)
    drawn = [roc_auc_score(truth[rows, 0], outputs[0][0, rows, 0]) for rows in random.integers(0, 400, (400, 400))]
    assert one.high - one.low == pytest.approx(2 * 1.96 * np.std(drawn) * np.sqrt(1 + 5 / 4), rel=0.15)


def test_truly_cross_validated_a_curve_with_much_to_learn_grows_and_one_without_never_gains_by_chance() -> None:
    growing = [simulated(seed, features=60, n=500, signal=4.0) for seed in range(4)]
    assert [one.verdict for one in growing].count("gain") >= 3
    assert all(one.last.value > 0 for one in growing)
    for one in growing:
        assert one.scores[0].value < one.scores[1].value < one.scores[2].value
    flat = [simulated(seed, features=2) for seed in range(8)]
    assert "gain" not in [one.verdict for one in flat]
    assert "loss" not in [one.verdict for one in flat]


def test_shares_that_do_not_end_with_half_and_all_are_no_learning_curve() -> None:
    truth, outputs = _planted((1.0, 1.0))
    with pytest.raises(ValueError, match="ends with half and all"):
        learning_curve(truth, outputs, (0.25, 1.0), LABELS, "multi_label", None, 5)
