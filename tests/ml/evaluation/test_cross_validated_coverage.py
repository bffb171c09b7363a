"""Cross-validated figures on fresh records: a small version of `bench/cross_validation.py`."""

import numpy as np

from backend.ml.data.folds import divide_into_folds
from backend.ml.evaluation import scores
from backend.ml.evaluation.intervals import auroc
from backend.ml.evaluation.patients import patients_of
from bench.cross_validation import FOLDS, by_linear, draw, judged

TABLES = 40


def _tables(n: int, share: float, signal: float, repeats: int, per: int = 1):
    for seed in range(TABLES):
        table = draw(np.random.default_rng([n, per, seed]), n, share, signal, per)
        names = table.patients or [None] * len(table.y)
        folds = divide_into_folds(table.y, names, seed=seed, folds=FOLDS, repeats=repeats)
        logits, fresh = by_linear(table, folds)
        yield table, folds, logits, float(scores.auroc(table.fresh_y[:, 0] > 0.5, fresh))


def test_the_interval_holds_what_the_kept_model_reaches_and_repeats_taken_for_patients_would_not():
    held, naive = [], []
    for table, folds, logits, true in _tables(60, 0.4, 1.8, repeats=4):
        told = judged(table, folds, logits)
        held.append(told.low <= true <= told.high)
        every = np.tile(table.y[:, 0] > 0.5, 4)
        wrong = auroc(every, logits[:, :, 0].ravel().astype(float), patients_of(len(every), None)).estimate
        naive.append(wrong.low <= true <= wrong.high)
    assert np.mean(held) >= 0.9  # of 40 tables; 0.93 to 0.98 of many
    assert np.mean(naive) < 0.75


def test_labels_by_lot_reach_no_more_than_chance_and_not_much_less():
    values = [judged(table, folds, logits).value for table, folds, logits, _ in _tables(60, 0.3, 0.0, repeats=1)]
    assert 0.45 < np.mean(values) < 0.55


def test_a_patient_on_both_sides_would_be_remembered():
    """Labels by lot, three records a patient: by record the AUROC is far above chance, by patient it is not."""
    by_patient, by_record = [], []
    for table, folds, logits, _ in _tables(60, 0.4, 0.0, repeats=1, per=3):
        by_patient.append(judged(table, folds, logits).value)
        parted = divide_into_folds(table.y, [None] * len(table.y), seed=1, folds=FOLDS)
        by_record.append(judged(table, parted, by_linear(table, parted)[0]).value)
    assert np.mean(by_record) > 0.6
    assert np.mean(by_patient) < 0.55
