"""Facts beside samples: those of the leads agree or are refused; a scale beside a unit leaves the unit open."""

import io

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import UndeclaredError, UnreadableFileError
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, read

TRUTH = np.round(np.random.default_rng(6).normal(0, 0.7, (12, 300)), 3)
STEPS = np.rint(TRUTH * 200).astype("i2")


def npz(options: ReadOptions | None = None, **arrays: object):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    (recording,) = read(FileSet((SourceFile("a.npz", stream.getvalue()),)), options)
    return recording


def vectors(options: ReadOptions | None = None, **facts: tuple[object, object]):
    """A dataset a lead; each fact is an attribute of the limb leads and of the chest leads."""
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        for place, lead in enumerate(LEADS):
            data = file.create_dataset(lead, data=STEPS[place] / 200)
            for name, both in facts.items():
                data.attrs[name] = both[place > 5]
    (recording,) = read(FileSet((SourceFile("a.h5", stream.getvalue()),)), options)
    return recording


@pytest.mark.parametrize(
    "name",
    [
        "scale_factor", "amplitude_resolution", "uv_per_bit", "adc_resolution", "conversion_factor", "multiplier",
        "factor", "sensitivity", "mv_per_lsb", "scaling", "calibration", "gain", "offset", "baseline", "adc_zero",
    ],
)  # fmt: skip
def test_a_number_beside_whole_samples_that_may_be_their_scale_leaves_the_unit_open(name):
    with pytest.raises(UndeclaredError, match="states no unit"):
        npz(x=STEPS, fs=500, unit="uV", **{name: 4.88})
    with pytest.raises(UndeclaredError, match="states no unit"):
        npz(x=STEPS.astype("f8"), fs=500, unit="uV", **{name: 4.88})
    neutral = 0 if name in ("offset", "baseline", "adc_zero") else 1
    np.testing.assert_allclose(npz(x=STEPS, fs=500, unit="uV", **{name: neutral}).signal, STEPS / 1000, rtol=1e-6)


@pytest.mark.parametrize("name", ["resampling_factor", "fs_original", "time_resolution", "age"])
def test_other_numbers_beside_the_samples_leave_the_unit_as_it_is(name):
    np.testing.assert_allclose(npz(x=STEPS, fs=500, unit="uV", **{name: 2}).signal, STEPS / 1000, rtol=1e-6)


@settings(deadline=None, max_examples=25)
@given(zero=st.integers(-2000, 2000), each=st.booleans(), name=st.sampled_from(["baseline", "adc_zero", "baselines"]))
def test_a_baseline_in_steps_is_subtracted_where_the_steps_of_a_mv_are_stated(zero, each, name):
    zeros = zero + np.arange(12) if each else np.array(zero)
    stored = STEPS + (zeros[:, None] if each else zeros)
    recording = npz(x=stored.astype("i2"), fs=500, adc_gain=200, **{name: zeros})
    np.testing.assert_allclose(recording.signal, STEPS / 200, atol=1e-6)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"fs": (500, 250), "unit": ("mV", "mV")}, r"states 500 and 250 as 'fs'"),
        ({"fs": (500, 500), "units_per_mv": (1, 2)}, r"states 1 and 2 as 'units_per_mv'"),
        ({"fs": (500, 500), "unit": ("mV", "uV")}, "differing units"),
    ],
)
def test_leads_of_differing_facts_are_refused(facts, says):
    with pytest.raises(UnreadableFileError, match=says):
        vectors(**facts)


@pytest.mark.parametrize("other", ["", "NU", "adu", "z-score"])
def test_a_unit_that_is_none_beside_one_that_is_leaves_the_unit_open(other):
    with pytest.raises(UndeclaredError, match="states no unit"):
        vectors(fs=(500, 500), unit=("mV", other))
    with pytest.raises(UndeclaredError, match="states no unit"):
        npz(x=TRUTH, fs=500, units=np.array(["mV"] * 6 + [other] * 6))
    assert npz(x=TRUTH, fs=500, units=np.array(["mV"] * 12 + ["s"])).declared == ("leads",)


def test_a_rate_that_may_be_of_a_heart_is_asked_for_and_a_clear_one_goes_first():
    with pytest.raises(UndeclaredError, match="states no sampling rate"):
        npz(x=TRUTH, rate=72, unit_mv=1)
    assert npz(x=TRUTH, rate=72, fs=500, unit_mv=1).rate == 500
    assert npz(x=TRUTH, rate=257, unit_mv=1).rate == 257
    assert npz(x=TRUTH, fs="0.5 kHz", unit_mv=1).rate == 500


@pytest.mark.parametrize(("step", "rate"), [(0.002, 500), (2, 500), (2000, 500), (0.004, 250), (1 / 360, 360)])
def test_a_step_between_samples_states_the_rate_in_the_unit_that_an_ecg_can_have(step, rate):
    assert npz(x=TRUTH, dt=step, unit_mv=1).rate == pytest.approx(rate)
    assert npz(x=TRUTH, dt=step, fs=400, unit_mv=1).rate == 400
    for unclear in (0.03, 1):  # of no ECG in any unit; a counter as well as a ms
        with pytest.raises(UndeclaredError, match="states no sampling rate"):
            npz(x=TRUTH, dt=unclear, unit_mv=1)


def test_the_rate_of_an_array_goes_before_that_of_its_group():
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file.create_dataset("study/ecg", data=TRUTH).attrs["fs"] = 250
        file["study"].attrs.update({"fs": 500, "unit": "mV"})
    (recording,) = read(FileSet((SourceFile("a.h5", stream.getvalue()),)))
    assert recording.rate == 250


def test_a_rhythm_and_a_median_beat_are_two_signals_and_no_labels():
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file["rhythm"], file["median"] = TRUTH, TRUTH[:, :120]
    with pytest.raises(UnreadableFileError, match=r"2 arrays that may be signals \(median, rhythm\)"):
        read(FileSet((SourceFile("a.h5", stream.getvalue()),)), ReadOptions(500, 1))


def test_a_stack_with_the_samples_first_is_refused_with_its_axes():
    stream = io.BytesIO()
    np.save(stream, np.stack([TRUTH.T] * 3, axis=2))
    with pytest.raises(UnreadableFileError, match=r"300 recordings of 3 samples.*\(samples, leads, recordings\)"):
        read(FileSet((SourceFile("a.npy", stream.getvalue()),)), ReadOptions(500, 1))
