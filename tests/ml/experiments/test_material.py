"""What experiments draw: no patient on both sides, the same for a seed, every label where that can be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ml.data.split import Split
from backend.ml.errors import SettingError, TrainingImpossibleError
from backend.ml.experiments.conduct import mark
from backend.ml.experiments.material import Cohort, Material, Settings, drawn

NOBODY = np.zeros(0, np.intp)


def material(y: np.ndarray, patients: list[str | None], **parts: np.ndarray) -> Material:
    cohort = Cohort(
        "internal", y.astype(np.float32), tuple(patients), lambda _: np.zeros((len(y), 12, 1000), np.float32)
    )
    split = Split(parts.get("train", np.arange(len(y))), NOBODY, NOBODY)
    return Material(("a", "b")[: y.shape[1]], "multi_label", cohort, split)


@given(
    seed=st.integers(0, 2**16),
    n=st.integers(20, 60),
    patients=st.lists(st.sampled_from(["p1", "p2", "p3", "p4", "p5", "p6", "p7", None]), min_size=60, max_size=60),
)
@settings(max_examples=60)
def test_no_patient_learns_and_validates_and_about_a_fifth_validates(
    seed: int, n: int, patients: list[str | None]
) -> None:
    y = np.stack([np.arange(60) % 2, np.arange(60) // 2 % 2], axis=1)
    one = material(y, patients)
    try:
        learn, validate = drawn(one, np.arange(60), n, seed)
    except TrainingImpossibleError:
        return  # one patient has nearly all
    assert len(learn) + len(validate) == n
    assert len(np.unique(np.concatenate([learn, validate]))) == n
    assert len(validate) >= n // 5
    known = ({patients[row] for row in part} - {None} for part in (learn, validate))
    assert not set.intersection(*known)
    again = drawn(one, np.arange(60), n, seed)
    assert [part.tolist() for part in again] == [learn.tolist(), validate.tolist()]
    learned = y[learn].sum(axis=0)
    assert ((learned > 0) & (learned < len(learn))).all()


def test_only_the_pool_is_drawn_from_and_seeds_draw_others() -> None:
    y = np.stack([np.arange(200) % 2, np.arange(200) // 2 % 2], axis=1)
    one, pool = material(y, [None] * 200), np.arange(50, 150)
    draws = [np.concatenate(drawn(one, pool, 40, seed)) for seed in (1, 2)]
    assert all(np.isin(draw, pool).all() for draw in draws)
    assert set(draws[0].tolist()) != set(draws[1].tolist())
    assert len(np.concatenate(drawn(one, pool, None, 1))) == 100


def test_too_many_ecgs_and_a_label_that_nobody_has_are_refused() -> None:
    y = np.stack([np.arange(40) % 2, np.zeros(40)], axis=1)
    with pytest.raises(TrainingImpossibleError, match="there are 40"):
        drawn(material(y, [None] * 40), np.arange(40), 41, 1)
    with pytest.raises(TrainingImpossibleError, match="have every label"):
        drawn(material(y, [None] * 40), np.arange(40), 20, 1)


@pytest.mark.parametrize("wrong", [{"seeds": 0}, {"sizes": (5,)}, {"passes": 1}, {"epochs": 0}])
def test_impossible_settings_are_refused(wrong: dict) -> None:
    with pytest.raises(SettingError):
        Settings(**wrong)


def test_results_of_other_data_or_settings_do_not_share_a_mark() -> None:
    y = np.stack([np.arange(40) % 2, np.arange(40) // 2 % 2], axis=1)
    one, usual = material(y, [None] * 40), Settings()
    marks = {mark(one, usual), mark(material(1 - y, [None] * 40), usual), mark(one, Settings(epochs=3)),
             mark(material(y, [None] * 40, train=np.arange(30)), usual), mark(one, Settings(passes=64))}  # fmt: skip
    assert len(marks) == 5
    assert mark(one, Settings(seeds=9, sizes=(20,), threads=2, arms=("a",))) == mark(one, usual)
