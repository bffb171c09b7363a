"""What is kept of a training: aggregates, the same when read again, and nothing else is read."""

import json

import numpy as np
import pytest

from backend.ml.errors import ModelInvalidError
from backend.ml.evaluation.drift.check import check
from backend.ml.evaluation.drift.profile import FEW, FEWEST, LEVELS, Profile, kept_levels, make
from tests.ml.evaluation.drift.ecgs import HASH, measured


def _profile(n: int = 200) -> Profile:
    made = make(measured(1, n), HASH)
    assert made is not None
    return made


def test_a_profile_that_is_read_again_says_the_same() -> None:
    profile = _profile()
    data = profile.to_bytes()
    again = Profile.from_bytes(data)
    assert again.to_bytes() == data
    new = measured(3, 100, shift=1.0)
    assert check(again, new).verdict == check(profile, new).verdict
    assert check(again, new).beyond == check(profile, new).beyond


def test_of_few_patients_nothing_is_kept() -> None:
    assert make(measured(1, FEWEST - 1), HASH) is None
    assert make(measured(1, 5 * FEWEST, per_patient=6), HASH) is None  # 34 patients
    assert make(measured(1, FEWEST), HASH) is not None


def test_beyond_each_quantile_there_are_five_patients_at_least() -> None:
    training = measured(1, 60)
    profile = make(training, HASH)
    assert profile is not None
    assert kept_levels(1000) == pytest.approx(LEVELS)
    for place, values in enumerate(profile.quantiles.values()):
        own = training.numbers[:, place]
        for value in values:
            assert min((own < value).sum(), (own > value).sum()) >= FEW - 1
            assert not (np.abs(own - value) < 1e-9).any()  # no value of one patient
    assert min((own < values[0]).sum(), (own > values[-1]).sum()) == FEW


def test_nothing_of_a_profile_is_as_long_as_the_training() -> None:
    profile = _profile(333)
    assert json.loads(profile.to_bytes())["n"] == 333
    lengths: list[int] = []

    def count(value: object) -> None:
        if isinstance(value, list):
            lengths.append(len(value))
        for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            count(one)

    count(json.loads(profile.to_bytes()))
    assert lengths
    assert 333 not in lengths


@pytest.mark.parametrize(
    "change",
    [
        {"n": FEWEST - 1}, {"embedder": "trained on Mr. Smith's ECGs"}, {"patients": ["p-1"]},
        {"quantiles": {"age": [1.0]}},
        {"shares": {"flat_lead": 2}}, {"rates": {"often": 0.5}}, {"mean": [1.0]}, {"mean": []}, {"directions": []},
        {"scale": [0.0] * 48}, {"version": 99}, {"far": "x"}, {"quantiles": {"noise": [1.0] * 1000}},
    ],
)  # fmt: skip
def test_what_is_no_profile_is_refused_with_a_reason(change: dict[str, object]) -> None:
    data = json.loads(_profile().to_bytes()) | change
    with pytest.raises(ModelInvalidError, match="profile"):
        Profile.from_bytes(json.dumps(data).encode())


def test_bytes_that_are_no_json_are_refused() -> None:
    for data in (b"", b"[]", b"\xff", b"{", b'{"version": NaN}'):
        with pytest.raises(ModelInvalidError):
            Profile.from_bytes(data)
