"""The drift check: quiet where nothing differs, and each kind of difference found and named."""

import numpy as np
import pytest

from backend.ecg.signal_statistics import NUMBERS
from backend.ml.evaluation.drift.check import Checked, check
from backend.ml.evaluation.drift.profile import Measured, Profile, make
from tests.ml.evaluation.drift.ecgs import HASH, measured


@pytest.fixture(scope="module")
def training() -> Measured:
    return measured(1, 300)


@pytest.fixture(scope="module")
def profile(training: Measured) -> Profile:
    made = make(training, HASH)
    assert made is not None
    return made


def _kinds(found: Checked) -> set[str]:
    return {one.kind for one in found.findings}


def test_ecgs_of_the_same_hospital_are_alike_in_nearly_all_of_forty_tries() -> None:
    said = []
    for seed in range(40):
        known = make(measured(1000 + seed, 120), HASH)
        assert known is not None
        said.append(check(known, measured(seed, 60)).verdict)
    assert set(said) <= {"alike", "different"}
    assert said.count("different") <= 4  # 1.4 expected at most; more than 4 in 1 of 100 such tests


def test_embeddings_moved_a_little_are_found_as_a_whole(profile: Profile, training: Measured) -> None:
    new = measured(3, 200, shift=0.5)
    for found in (check(profile, new), check(profile, new, training)):
        assert "whole" in _kinds(found)
        assert found.p is not None
        assert found.p < 0.01


def test_embeddings_far_off_are_very_different_and_stick_out(profile: Profile) -> None:
    found = check(profile, measured(3, 100, shift=9.0))
    assert found.verdict == "very different"
    assert {"whole", "distance"} <= _kinds(found)
    assert found.beyond is not None
    assert found.beyond > 0.9
    assert "evaluate it on some of them" in found.text


@pytest.mark.parametrize("name", ["noise", "amplitude_V2", "bandwidth"])
def test_a_statistic_that_differs_is_named(profile: Profile, name: str) -> None:
    found = check(profile, measured(3, 150, numbers={name: 1.5}))
    assert found.verdict == "different"
    assert _kinds(found) == {"statistic"}
    (finding,) = found.findings
    shift = next(one for one in found.shifts if one.name == name)
    assert shift.here / shift.usual == pytest.approx(1.5, rel=0.15)
    assert {"noise": "Noise", "amplitude_V2": "Amplitude in V2", "bandwidth": "Bandwidth"}[name] in finding.text


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.25, 2.0])
def test_heart_rate_and_bandwidth_that_change_together_are_a_rate_declared_wrongly(
    profile: Profile, factor: float
) -> None:
    found = check(profile, measured(3, 150, numbers={"heart_rate": factor, "bandwidth": factor}))
    assert found.verdict == "very different"
    assert found.findings[0].kind == "rate"
    assert "declared wrongly" in found.findings[0].text


def test_heart_rate_and_bandwidth_that_change_apart_are_none(profile: Profile) -> None:
    found = check(profile, measured(3, 150, numbers={"heart_rate": 0.7, "bandwidth": 1.5}))
    assert _kinds(found) == {"statistic"}


def test_swapped_limb_leads_are_found_though_few_have_them_and_each_is_listed(profile: Profile) -> None:
    new = measured(3, 200, flags={"limb_swap": 0.1})
    found = check(profile, new)
    assert _kinds(found) == {"flag"}
    assert "seem interchanged" in found.findings[0].text
    told = {one.place for one in found.odd if any("seem interchanged" in text for text in one.reasons)}
    assert told == set(np.flatnonzero(new.flags[:, 1]).tolist())
    assert check(profile, measured(3, 200, flags={"limb_swap": 0.6})).verdict == "very different"


def test_fewer_faults_than_in_training_are_no_alarm(training: Measured) -> None:
    many = make(measured(5, 300, flags={"flat_lead": 0.5}), HASH)
    assert many is not None
    assert check(many, measured(4, 200, flags={"flat_lead": 0.0})).verdict == "alike"


def test_labels_more_frequent_are_found_and_slightly_more_frequent_ones_are_not(profile: Profile) -> None:
    there = [("MI", 100, 1000), ("NORM", 500, 1000)]
    new = measured(3, 200)
    found = check(profile, new, labels=(there, [("MI", 90, 200), ("NORM", 104, 200)]))
    assert [one.text.partition(":")[0] for one in found.findings] == ["MI"]
    assert "45%" in found.findings[0].text
    assert not check(profile, new, labels=(there, [("MI", 22, 200), ("NORM", 98, 200)])).findings


def test_what_is_wrong_with_the_experts_is_a_finding(profile: Profile) -> None:
    found = check(profile, measured(3, 100), routes="The expert rhythm takes 97% of the ECGs.")
    assert found.verdict == "different"
    assert _kinds(found) == {"router"}


def test_of_few_patients_each_ecg_is_judged_by_itself(profile: Profile) -> None:
    found = check(profile, measured(3, 19))
    assert found.verdict == "too few"
    assert found.p is None
    assert found.beyond is None
    odd = measured(3, 15, shift=15.0)
    assert len(check(profile, odd).odd) >= 10


def test_many_ecgs_of_one_patient_count_as_one(profile: Profile) -> None:
    windows = measured(3, 400, per_patient=40)
    assert check(profile, windows).n_patients == 10
    assert check(profile, windows).verdict == "too few"
    said = [check(profile, measured(seed, 600, per_patient=10)).verdict for seed in range(100, 110)]
    assert said.count("alike") >= 8


def test_recordings_without_an_embedding_are_left_out_of_the_whole_and_judged_by_their_signal(
    profile: Profile,
) -> None:
    new = measured(3, 60)
    new.embeddings[:5] = np.nan
    new.numbers[0, NUMBERS.index("noise")] *= 100
    found = check(profile, new)
    assert found.n == 60
    assert found.n_patients == 55
    assert found.odd[0].place == 0
    assert found.odd[0].distance is None
