import numpy as np
import pytest
from scipy.stats import pearsonr
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from backend.ml.data.split import Split, split, value_groups
from backend.ml.data.training_data import TrainingData, check_parts, check_trainable
from backend.ml.errors import TrainingImpossibleError
from backend.ml.evaluation.regression import evaluate_regression, macro_r2


def values(n: int = 200, seed: int = 0):
    random = np.random.default_rng(seed)
    truth = random.normal([60, 1000], [10, 0.5], (n, 2))  # an ejection fraction; a large mean with little spread
    return truth, truth + random.normal([2, 0.1], [5, 0.3], (n, 2))


def test_each_score_is_that_of_scikit_learn_and_scipy():
    truth, predicted = values()
    result = evaluate_regression(truth, predicted, ("LVEF", "other"))
    for i, target in enumerate(result.targets):
        y, p = truth[:, i], predicted[:, i]
        assert target.mae.value == pytest.approx(mean_absolute_error(y, p), rel=1e-9)
        assert target.rmse.value == pytest.approx(root_mean_squared_error(y, p), rel=1e-9)
        assert target.r2.value == pytest.approx(r2_score(y, p), rel=1e-6)
        assert target.pearson.value == pytest.approx(pearsonr(y, p).statistic, rel=1e-6)
        assert target.bias.value == pytest.approx((p - y).mean(), rel=1e-9)
        assert target.mae.low < target.mae.value < target.mae.high
    assert result.macro_r2.value == pytest.approx(r2_score(truth, predicted), rel=1e-6)


def test_the_r2_of_an_epoch_is_that_of_scikit_learn_and_leaves_out_what_is_not_defined():
    truth, predicted = values()
    assert macro_r2(truth, predicted) == pytest.approx(r2_score(truth, predicted), rel=1e-6)
    truth[:, 1] = np.nan
    assert macro_r2(truth, predicted) == pytest.approx(r2_score(truth[:, 0], predicted[:, 0]), rel=1e-6)
    assert macro_r2(np.full((3, 1), np.nan), np.zeros((3, 1))) is None


def test_an_unknown_value_counts_for_nothing():
    truth, predicted = values()
    hidden = truth.copy()
    hidden[::3, 0] = np.nan
    predicted[::3, 0] = 1e6
    result = evaluate_regression(hidden, predicted, ("LVEF", "other"))
    known = ~np.isnan(hidden[:, 0])
    assert result.targets[0].support == known.sum()
    assert result.targets[0].mae.value == pytest.approx(mean_absolute_error(truth[known, 0], predicted[known, 0]))
    assert result.targets[1].support == len(truth)


def test_what_the_records_do_not_define_is_none_and_noted():
    result = evaluate_regression(np.array([[1.0, np.nan]] * 5), np.zeros((5, 2)), ("flat", "unknown"))
    flat, unknown = result.targets
    assert (flat.r2.value, flat.pearson.value, flat.mae.value) == (None, None, 1.0)
    assert (unknown.mae.value, unknown.mean, unknown.support) == (None, None, 0)
    assert any("“unknown” is known of no test recording" in note for note in result.notes)


def test_the_interval_is_wider_when_few_patients_have_many_records():
    truth, predicted = values(200)
    error = np.repeat(np.random.default_rng(1).normal(0, 5, 10), 20)  # one error a patient
    predicted[:, 0] = truth[:, 0] + error
    patients = [f"p{i // 20}" for i in range(200)]
    by_patient = evaluate_regression(truth, predicted, ("a", "b"), patients).targets[0].mae
    by_record = evaluate_regression(truth, predicted, ("a", "b")).targets[0].mae
    assert by_patient.high - by_patient.low > 2 * (by_record.high - by_record.low)


def test_the_parts_of_a_split_have_like_values():
    truth, _ = values(400)
    parts = split(value_groups(truth), [None] * 400, seed=1)
    means = [truth[getattr(parts, name), 0].mean() for name in ("train", "validation", "test")]
    assert max(means) - min(means) < 5  # of a standard deviation of 10, of 40 records in the smallest part
    assert value_groups(np.array([[np.nan], [1.0], [2.0]]))[0].sum() == 0


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.full((20, 1), np.nan), "known of all records for 0"),
        (np.full((20, 1), 5.0), "is 5 of all records"),
        (np.r_[np.arange(9.0), np.full(11, np.nan)][:, None], "known of all records for 9"),
    ],
)
def test_values_that_cannot_be_learned_are_refused(y, message):
    with pytest.raises(TrainingImpossibleError, match=message):
        check_trainable(y, ("LVEF",), "regression")


def test_a_training_part_without_spread_is_refused():
    y = np.r_[np.full(20, 3.0), np.arange(20.0)][:, None].astype(np.float32)
    parts = Split(np.arange(20), np.arange(20, 30), np.arange(30, 40))
    with pytest.raises(TrainingImpossibleError, match="is 3 of the training records"):
        check_parts(TrainingData(np.zeros((40, 12, 5), np.float32), y, parts), ("LVEF",), "regression")


def test_the_points_to_be_drawn_are_truth_against_prediction():
    truth, predicted = np.array([[50.0], [np.nan], [70.0]]), np.array([[55.0], [1.0], [60.0]])
    (target,) = evaluate_regression(truth, predicted, ["LVEF"]).targets
    assert target.points == ((50.0, 55.0), (70.0, 60.0))
