"""What states a sampling rate and what does not: words above a table, times with gaps, counters of samples."""

import io

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import UndeclaredError, UnreadableFileError
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, read
from backend.ecg.readers.number_list import numbers
from backend.ecg.readers.rate_in_words import stated_rate
from tests.ecg_tables import ecg, one
from tests.samples import microvolts

AT_500 = ReadOptions(rate=500)


def rows(*columns) -> str:
    """A table with columns of texts before the leads in mV."""
    x = ecg(len(columns[0][1]))
    lines = [",".join([*(name for name, _ in columns), *(f"{lead} [mV]" for lead in LEADS)])]
    lines += [
        ",".join([*(str(values[i]) for _, values in columns), *(f"{value:.3f}" for value in sample)])
        for i, sample in enumerate(x.T)
    ]
    return "\n".join(lines) + "\n"


def many(text: str) -> list:
    return read(FileSet((SourceFile("a.csv", text.encode()),)), AT_500)


OTHERS = st.sampled_from([
    "Heart rate", "Ventricular rate", "Rate", "HR", "Filter frequency", "Line frequency", "Notch freq", "Baud rate",
    "Lowpass frequency", "Refresh rate", "Respiratory rate", "Herzfrequenz", "Grenzfrequenz", "Paper rate",
    "Filter rate",
])  # fmt: skip
SAMPLING = st.sampled_from([
    "Sampling rate", "sampling_rate", "Sample Rate", "SampleRate", "fs", "Fs", "SAMPLING_FREQUENCY", "Sampling freq",
    "Abtastrate", "Abtastfrequenz", "Sampled at",
])  # fmt: skip
JOINTS = st.sampled_from([": ", "=", " = ", ";", ",", "\t", " "])


@settings(deadline=None, max_examples=80)
@given(OTHERS, JOINTS, st.integers(20, 99), st.sampled_from(["", " Hz", " bpm", " /min"]))
def test_the_rate_of_a_heart_or_a_filter_is_no_sampling_rate(what, joint, value, unit):
    assert stated_rate((f"{what}{joint}{value}{unit}",)) is None


@settings(deadline=None, max_examples=80)
@given(SAMPLING, JOINTS, st.sampled_from([100, 128.5, 250, 360, 500, 1000]), st.sampled_from(["", " Hz", "Hz"]),
       st.booleans(), OTHERS)  # fmt: skip
def test_a_sampling_rate_is_found_beside_other_rates_also_with_a_decimal_comma(what, joint, rate, unit, comma, other):
    written = f"{rate:g}".replace(".", ",") if comma else f"{rate:g}"
    lines = (f"{other}: 72", f"{what}{joint}{written}{unit}", f"{other} 50 Hz")
    assert stated_rate(lines) == rate


@pytest.mark.parametrize(
    ("line", "rate"),
    [
        ("Sampling frequency (Hz): 250", 250), ("Sampling rate (kHz): 0.5", 500), ("sampling rate 0.5 kHz", 500),
        ("Sampling rate: 1,000 Hz", 1000), ("Sampling interval: 4 ms", 250), ("Sample period = 2000 us", 500),
        ("Device sampling rate: 1000 Hz, resampled rate: 250 Hz", None), ("Rate = 250 samples/s", 250),
        ("Sampling rate: 3", None), ("sampling filter 40 Hz", None),
    ],
)  # fmt: skip
def test_units_and_two_answers(line, rate):
    assert stated_rate((line,)) == rate


def test_a_heart_rate_above_a_table_leaves_the_rate_open():
    text = "Heart rate: 72 bpm\n" + rows(("sample", list(range(300))))
    with pytest.raises(UndeclaredError, match="states no sampling rate"):
        one(text, None)


def test_facts_in_cells_above_the_names_do_not_make_a_table_of_labels():
    head = "Abtastrate;250;Hz\nPatient;unbekannt;\n"
    text = head + rows(("Zeile", list(range(300)))).replace(",", ";").replace(".", ",").replace("Zeile", "nr")
    assert one(text, None).rate == 250


@settings(deadline=None, max_examples=60)
@given(
    rate=st.sampled_from([100, 128, 250, 360, 500]),
    at=st.integers(20, 280),
    shift=st.sampled_from([-1, 1, 2, 25]),
    unit=st.sampled_from([("time", 1.0), ("time (s)", 1.0), ("t [ms]", 1e3)]),
)
def test_a_sample_left_out_or_doubled_is_never_another_rate(rate, at, shift, unit):
    name, scale = unit
    times = [f"{(i if i < at else i + shift) / rate * scale:.4f}" for i in range(300)]
    with pytest.raises(UnreadableFileError, match="does not rise evenly"):
        one(rows((name, times)), None)


@settings(deadline=None, max_examples=40)
@given(rate=st.sampled_from([100, 128, 250, 360, 500]), seed=st.integers(0, 99))
def test_a_clock_that_trembles_still_gives_the_rate(rate, seed):
    tremble = np.random.default_rng(seed).uniform(-0.15, 0.15, 400)
    times = [f"{(i + tremble[i]) / rate:.6f}" for i in range(400)]
    assert one(rows(("time", times)), None).rate == rate


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(["sample", "index", "nr"]), st.integers(60, 240), st.sampled_from([-120, -1, 1, 50]))
def test_a_counter_that_leaves_samples_out_or_begins_anew_is_refused(name, at, shift):
    counts = [i if i < at else i + shift for i in range(300)]
    with pytest.raises(UnreadableFileError, match="counts samples and leaves some out"):
        one(rows((name, counts)), AT_500)


def test_times_go_before_a_counter_of_samples():
    assert one(rows(("sample", list(range(400))), ("time", [f"{i / 250:.3f}" for i in range(400)])), None).rate == 250


def test_date_and_time_of_day_in_two_columns_are_one_start():
    times = [f"12:30:{i // 250:02}.{i % 250 * 4:03}" for i in range(400)]
    recording = one(rows(("date", ["2020-01-02"] * 400), ("time", times)), None)
    assert recording.rate == 250
    assert f"{recording.start}" == "2020-01-02 12:30:00"


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 4), st.integers(20, 60), st.sampled_from(["ecg_id", "exam_id", "patient_id", "record"]))
def test_rows_that_go_from_one_recording_to_the_next_and_back_are_never_one(k, each, name):
    with pytest.raises(UnreadableFileError, match=f"in several places. Sort it by '{name}'"):
        many(rows((name, [f"r{i % k}" for i in range(k * each)])))


@settings(deadline=None, max_examples=40)
@given(patients=st.integers(1, 3), records=st.integers(1, 3), each=st.integers(20, 50))
def test_a_recording_is_of_one_patient_also_where_numbers_begin_anew_with_each(patients, records, each):
    of = [(f"p{p}", f"{r}") for p in range(patients) for r in range(records) for _ in range(each)]
    found = many(rows(("patient_id", [p for p, _ in of]), ("ecg_id", [r for _, r in of])))
    assert [one.n_samples for one in found] == [each] * (patients * records)
    assert [one.patient.id for one in found] == [f"p{p}" for p in range(patients) for _ in range(records)]
    whole = ecg(len(of)).astype(np.float32)
    np.testing.assert_array_equal(np.concatenate([one.signal for one in found], axis=1), whole)


def test_age_and_sex_in_words_stand_beside_the_samples():
    n = 300
    (found,) = many(rows(("ecg_id", ["7"] * n), ("age", [63] * n), ("sex", ["F"] * n), ("label", ["AF"] * n)))
    assert (found.record_id, found.patient.age, found.patient.sex, found.labels) == ("7", 63, "F", {"label": "AF"})


@settings(deadline=None, max_examples=80)
@given(st.lists(st.integers(-30000, 30000), min_size=4, max_size=40), st.data())
def test_points_and_commas_between_blanks_are_both_decimals(values, data):
    marks = data.draw(st.lists(st.sampled_from(",."), min_size=len(values), max_size=len(values)))
    words = [f"{value / 10:.1f}".replace(".", mark) for value, mark in zip(values, marks, strict=True)]
    np.testing.assert_allclose(np.asarray(numbers(" ".join(words), 100), np.float64), np.array(values) / 10)


def packed(stored: np.ndarray, **attributes: object) -> bytes:
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file["ecg"] = stored
        file.attrs["fs"] = 500
        file["ecg"].attrs["unit"] = "mV"
        for name, value in attributes.items():
            file["ecg"].attrs[name] = value
    return stream.getvalue()


@settings(deadline=None, max_examples=30)
@given(scale=st.sampled_from([0.001, 0.005, 0.00488]), offset=st.sampled_from([0.0, 0.5, -1.0]), hole=st.booleans())
def test_packed_arrays_are_unpacked_as_their_attributes_say(scale, offset, hole):
    stored = microvolts(1, 400).astype(np.int16)
    expected = stored * scale + offset
    if hole:
        stored = stored.copy()
        stored[3, 10:20] = -9999
        expected[3, 10:20] = np.nan
    data = packed(stored, scale_factor=scale, add_offset=offset, _FillValue=np.int16(-9999))
    (recording,) = read(FileSet((SourceFile("a.h5", data),)), None)
    np.testing.assert_allclose(recording.signal, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", ["scale", "gain", "resolution", "baseline", "offset"])
def test_a_unit_beside_a_scale_of_unknown_meaning_is_asked(name):
    with pytest.raises(UndeclaredError, match="states no unit"):
        read(FileSet((SourceFile("a.h5", packed(microvolts(1, 400).astype(np.int16), **{name: 5.0})),)), None)


@pytest.mark.parametrize("kind", ["npy", "csv"])
def test_the_least_number_of_16_bits_far_from_all_others_is_a_missing_sample(kind):
    x = microvolts(2, 600).astype(np.int16)
    x[4, 100:150] = -32768
    data = _written(x, kind)
    (recording,) = read(FileSet((SourceFile(f"a.{kind}", data),)), ReadOptions(rate=100, units_per_mv=1000))
    assert np.isnan(recording.signal[4, 100:150]).all()
    assert np.isnan(recording.signal).sum() == 50
    clipped = np.maximum(microvolts(2, 600).astype(np.int64) * 60, -32768).astype(np.int16)
    clipped[4, 100:150] = np.r_[np.linspace(0, -32768, 25), np.full(25, -32768)].astype(np.int16)
    (kept,) = read(
        FileSet((SourceFile(f"a.{kind}", _written(clipped, kind)),)), ReadOptions(rate=100, units_per_mv=1e4)
    )
    assert not np.isnan(kept.signal).any()


def _written(x: np.ndarray, kind: str) -> bytes:
    stream = io.BytesIO()
    if kind == "npy":
        np.save(stream, x)
        return stream.getvalue()
    return (",".join(LEADS) + "\n" + "\n".join(",".join(map(str, row)) for row in x.T)).encode()
