"""Scores of each source apart, beside scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import r2_score, roc_auc_score

from backend.ml.evaluation.by_source import by_source
from backend.ml.evaluation.out_of_fold import OutOfFold, ranking

LABELS = ("MI", "AFIB")


def _made(seed: int = 1, n: int = 240):
    random = np.random.default_rng(seed)
    sources = np.array(["A", "B", "C"])[random.integers(0, 3, n)]
    y = (random.random((n, 2)) < 0.4).astype(float)
    noise = np.where(sources == "C", 4.0, 0.5)[:, None]
    outputs = [y + noise * random.normal(size=y.shape), y + random.normal(size=y.shape)]
    return list(sources), y, outputs, [f"p{row // 2}" for row in range(n)]


def test_each_source_has_the_mean_auroc_that_scikit_learn_finds_in_it():
    sources, y, outputs, patients = _made()
    found = by_source(sources, y, outputs, LABELS, "multi_label", patients)
    assert sorted(one.name for one in found) == ["A", "B", "C"]
    assert [one.n for one in found] == sorted((one.n for one in found), reverse=True)
    for one in found:
        mine = np.array(sources) == one.name
        assert (one.n, one.labels, one.n_sources) == (mine.sum(), LABELS, 1)
        assert one.n_patients == len({patient for patient, here in zip(patients, mine, strict=True) if here})
        for score, output in zip(one.scores, outputs, strict=True):
            assert score.value == pytest.approx(roc_auc_score(y[mine], output[mine], average="macro"))
            assert score.low < score.value < score.high
    worst = min(found, key=lambda one: one.scores[0].value)
    assert worst.name == "C"


def test_small_sources_are_told_together_without_names_and_unknown_ones_not_at_all():
    sources, y, outputs, patients = _made()
    sources = [f"small {row % 4}" if row < 14 else None if row < 30 else name for row, name in enumerate(sources)]
    found = by_source(sources, y, outputs, LABELS, "multi_label", patients)
    assert sum(one.n for one in found) == 210 + 14
    assert (found[-1].name, found[-1].n_sources, found[-1].n) == (None, 4, 14)


def test_a_label_that_a_source_lacks_is_left_out_there_alone():
    sources, y, outputs, patients = _made()
    y[np.array(sources) == "B", 1] = 0
    y[np.flatnonzero(np.array(sources) == "A")[:9], 0] = np.nan
    found = {one.name: one for one in by_source(sources, y, outputs, LABELS, "multi_label", patients)}
    assert (found["A"].labels, found["B"].labels) == (LABELS, ("MI",))
    b = np.array(sources) == "B"
    assert found["B"].scores[0].value == pytest.approx(roc_auc_score(y[b, 0], outputs[0][b, 0]))
    y[b] = 0
    nothing = next(one for one in by_source(sources, y, outputs, LABELS, "multi_label", patients) if one.name == "B")
    assert (nothing.labels, nothing.scores[0].value) == ((), None)
    assert nothing.scores[0].withheld


def test_of_values_it_is_the_mean_r2():
    sources, _, _, patients = _made()
    random = np.random.default_rng(5)
    y = random.normal(size=(240, 2))
    output = y + random.normal(size=y.shape)
    for one in by_source(sources, y, [output], LABELS, "regression", patients):
        mine = np.array(sources) == one.name
        assert one.scores[0].value == pytest.approx(r2_score(y[mine], output[mine]))


def test_the_interval_holds_the_true_value_as_often_as_it_says():
    truth, held = 0.7602499, 0  # Φ(1 / √2), of scores N(0, 1) and N(1, 1)
    for seed in range(300):
        random = np.random.default_rng(seed)
        y = (np.arange(160) % 2).astype(float)[:, None]
        score = y + random.normal(size=y.shape)
        (one, _) = by_source(["A", "B"] * 40 + ["B", "A"] * 40, y, [score], ("MI",), "multi_label", None)
        held += one.scores[0].low <= truth <= one.scores[0].high
    assert 278 <= held <= 297


def test_what_a_softmax_does_not_tell_does_not_rank_records() -> None:
    random = np.random.default_rng(0)
    truth = random.integers(0, 3, 200)
    logits = np.eye(3)[truth] + random.normal(0, 1, (200, 3))
    shifted = logits + random.normal(0, 6, (200, 1))  # all logits of a record by the same: a softmax is what it was
    told, same = (
        ranking(OutOfFold(np.arange(200), np.zeros((1, 200), np.intp), one[None].astype(np.float32)), "single_label")
        for one in (logits, shifted)
    )
    assert same == pytest.approx(told, abs=1e-4)
    assert np.exp(told).sum(axis=2) == pytest.approx(np.ones((1, 200)))
