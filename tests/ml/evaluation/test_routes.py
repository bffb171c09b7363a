"""The report on routes: who sees the ECGs, of which label, and when one expert takes them all."""

import json

import numpy as np
import pytest

from backend.ecg.preprocess import preset
from backend.ml.errors import ModelInvalidError
from backend.ml.evaluation.from_json import read_routes
from backend.ml.evaluation.routes import in_words, report, watch
from backend.ml.spec import ModelSpec

EXPERTS = ("xception_time", "inception_time", "xresnet1d", "transformer")
FOUR = np.array([[0.5, 0, 0.5, 0], [0.1, 0, 0.9, 0], [0, 0.5, 0.5, 0], [0, 0, 0.8, 0.2]])


def spec(architecture: str = "cardx", **config: int) -> ModelSpec:
    return ModelSpec(
        architecture=architecture,
        labels=("a", "b"),
        task="multi_label",
        config=config,
        preprocessing=preset("clinical"),
    )


def test_the_shares_are_of_ecgs_and_not_of_how_much_an_expert_counts_for_one():
    found = report(FOUR, EXPERTS, "xresnet1d", {"sinus": np.array([True, True, False, False])})
    assert found.experts == ("xception_time", "inception_time", "transformer")
    assert found.shares == (0.5, 0.25, 0.25)
    assert [(one.label, one.n, one.shares) for one in found.by_label] == [("sinus", 2, (1.0, 0.0, 0.0))]
    assert found.effective_experts == pytest.approx(2**1.5, abs=1e-3)  # 1.5 bit
    assert found.share_entropy == pytest.approx(1.5 / np.log2(3), abs=1e-4)
    assert found.alarm == ""


def test_an_ecg_is_even_where_its_two_experts_count_alike():
    even = report(FOUR[:1], EXPERTS, "xresnet1d", {})
    one_counts = report(np.array([[1e-9, 0, 1 - 1e-9, 0]]), EXPERTS, "xresnet1d", {})
    assert even.ecg_entropy == pytest.approx(1)
    assert one_counts.ecg_entropy == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(("n_first", "alarms"), [(90, False), (91, True), (100, True)])
def test_one_expert_that_takes_more_than_nine_of_ten_is_an_alarm(n_first: int, alarms: bool):
    weights = np.repeat(FOUR[[0, 2]], [n_first, 100 - n_first], axis=0)
    assert bool(report(weights, EXPERTS, "xresnet1d", {}).alarm) == alarms


def test_two_of_four_that_are_always_the_same_are_an_alarm_too():
    assert report(np.repeat(FOUR[:1], 30, axis=0), EXPERTS, "", {}).alarm
    assert not report(np.tile(FOUR, (10, 1)), EXPERTS, "xresnet1d", {}).alarm


def test_of_a_few_ecgs_nothing_is_alarming():
    assert report(np.repeat(FOUR[:1], 19, axis=0), EXPERTS, "xresnet1d", {}).alarm == ""
    assert report(np.repeat(FOUR[:1], 20, axis=0), EXPERTS, "xresnet1d", {}).alarm


def test_only_sparse_networks_are_watched_and_what_is_no_number_is_left_out():
    weights = np.vstack([FOUR, [[np.nan, 0, 0.5, 0]]])
    have = {"a": np.array([False] * 4 + [True]), "b": np.array([True] + [False] * 4)}
    found = watch(spec(), weights, have)
    assert found is not None
    assert (found.n, [one.label for one in found.by_label], found.always_on) == (4, ["b"], "xresnet1d")
    two_of_four = watch(spec(always_on=0), FOUR, {})
    assert two_of_four is not None
    assert (two_of_four.always_on, two_of_four.experts) == ("", EXPERTS)
    assert watch(spec("xresnet1d18"), weights, have) is None
    assert watch(spec(), weights[4:], {}) is None
    assert watch(spec(), weights[:, :3], {}) is None


def test_a_report_comes_back_from_json_and_one_that_does_not_fit_is_refused():
    found = report(FOUR, EXPERTS, "xresnet1d", {"a": np.array([True] * 4)}).to_dict()
    assert read_routes(json.loads(json.dumps(found))) == json.loads(json.dumps(found))
    for change in ({"shares": [0.5, 0.5]}, {"n": "four"}, {"more": 1}, {"by_label": [{"label": "a"}]}):
        with pytest.raises(ModelInvalidError, match=r"outes"):
            read_routes(found | change)


def test_in_words_the_alarm_comes_first():
    lines = in_words(report(np.repeat(FOUR[:1], 30, axis=0), EXPERTS, "xresnet1d", {"a": np.ones(30, bool)}).to_dict())
    assert lines[0].startswith("The expert xception_time takes 100%")
    assert lines[2].startswith("a (30): xception_time 100%")
