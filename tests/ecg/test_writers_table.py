"""CSV and NPZ out: our readers, pandas and NumPy read back what was written."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from backend.ecg.leads import LEADS
from backend.ecg.recording import Recording
from backend.ecg.writers import write
from tests.written import RATES, Case, arbitrary, assert_same, cases, floats, read_back


def _table(recording: Recording) -> pd.DataFrame:
    (file,) = write(recording, "csv", "written")
    assert file.name == "written.csv"
    return pd.read_csv(io.BytesIO(file.data), comment="#", float_precision="round_trip")


def _arrays(recording: Recording) -> dict[str, np.ndarray]:
    (file,) = write(recording, "npy", "written")
    assert file.name == "written.npz"
    with np.load(io.BytesIO(file.data), allow_pickle=False) as arrays:
        return dict(arrays)


@settings(max_examples=40, deadline=None)
@given(cases(shortest=2))
def test_our_reader_reads_back_the_same_table(case: Case) -> None:
    back = read_back(case.recording, "csv")
    assert_same(back, case.recording)
    assert not back.declared


@settings(max_examples=30, deadline=None)
@given(cases(largest=8_000_000))
def test_our_reader_reads_back_the_same_arrays(case: Case) -> None:
    back = read_back(case.recording, "npy")
    assert_same(back, case.recording)
    assert not back.declared
    assert back.step is not None


@settings(max_examples=20, deadline=None)
@given(cases())
def test_pandas_reads_the_source_values(case: Case) -> None:
    table = _table(case.recording)
    unit = table.columns[-1].split()[1]
    factor = {"(mV)": 1, "(uV)": 1000}[unit]
    for lead in case.names:
        np.testing.assert_allclose(table[f"{lead} {unit}"] / factor, case.millivolts(lead), rtol=1e-6, atol=1e-9)
    times = table["time (s)"].to_numpy()
    np.testing.assert_allclose(times, np.arange(times.size) / case.recording.rate, atol=6e-10)


@settings(max_examples=20, deadline=None)
@given(cases())
def test_numpy_reads_the_source_values(case: Case) -> None:
    arrays = _arrays(case.recording)
    leads = arrays["leads"].tolist()
    assert leads == [lead for lead in LEADS if lead not in case.recording.missing]
    for lead in case.names:
        row = arrays["x"][leads.index(lead)].astype(float) * arrays["unit_mv"]
        np.testing.assert_allclose(row, case.millivolts(lead), rtol=1e-12)
    assert arrays["fs"] == case.recording.rate


@pytest.mark.parametrize("rate", RATES)
def test_a_whole_rate_needs_no_line_before_the_table(rate: float) -> None:
    made = Recording(floats().signal, rate, "a", "x")
    (file,) = write(made, "csv", "written")
    assert file.data.startswith(b"time (s),I (mV),II (mV),")
    assert read_back(made, "csv").rate == rate


def test_a_single_sample_states_its_rate_before_the_table() -> None:
    made = Recording(np.ones((12, 1), np.float32), 500.0, "a", "x", step=np.full(12, 0.001))
    assert_same(read_back(made, "csv"), made)


def test_whole_numbers_are_stored_as_such() -> None:
    counts = np.random.default_rng(0).integers(-3000, 3000, (12, 40))
    step = np.array([0.005] * 3 + [0.0025] * 3 + [0.005] * 6)
    made = Recording((counts * step[:, None]).astype(np.float32), 500.0, "a", "x", step=step)
    arrays = _arrays(made)
    assert arrays["x"].dtype == np.int16
    assert arrays["unit_mv"] == 0.0025
    np.testing.assert_array_equal(arrays["x"][3:6], counts[3:6])
    np.testing.assert_array_equal(arrays["x"][0], 2 * counts[0])


@pytest.mark.parametrize(("largest", "kind"), [(32_767, np.int16), (32_768, np.int32), (40_000, np.int32)])
def test_the_narrowest_integers_that_hold_the_samples_are_taken(largest: int, kind: type) -> None:
    counts = np.zeros((12, 20), np.int64)
    counts[3, 5] = largest
    made = Recording(counts.astype(np.float32), 500.0, "a", "x", step=np.ones(12))
    assert _arrays(made)["x"].dtype == kind
    assert_same(read_back(made, "npy"), made)


def test_the_decimals_of_a_table_are_those_of_the_step() -> None:
    step = np.full(12, 0.005)
    counts = np.arange(12 * 40).reshape(12, 40)
    (file,) = write(Recording((counts * 0.005).astype(np.float32), 500.0, "a", "x", step=step), "csv", "written")
    assert file.data.split(b"\n")[2].startswith(b"0.002,0.005,0.205,")


@pytest.mark.parametrize("name", ["csv", "npy"])
@pytest.mark.parametrize("largest", [1e-4, 3.0, 5000.0])
def test_floats_come_back_bit_by_bit(name: str, largest: float) -> None:
    made = floats(largest=largest)
    made.signal[3, 5:9] = np.nan
    np.testing.assert_array_equal(read_back(made, name).signal, made.signal)


@pytest.mark.parametrize("name", ["csv", "npy"])
def test_data_without_a_scale_come_back_where_they_are_declared_so(name: str) -> None:
    made = arbitrary()
    back = read_back(made, name, unit="arbitrary")
    np.testing.assert_array_equal(back.signal, made.signal)
    assert back.unit == "arbitrary"


def test_data_without_a_scale_are_not_taken_for_microvolts() -> None:
    with pytest.raises(Exception, match="arbitrary"):
        read_back(arbitrary(), "npy")
    assert list(_table(arbitrary()).columns) == ["time (s)", *LEADS]


def test_a_long_recording_is_one_table() -> None:
    counts = np.random.default_rng(0).integers(-3000, 3000, (12, 70_000))
    made = Recording((counts / 1000).astype(np.float32), 1000.0, "a", "x", step=np.full(12, 0.001))
    table = _table(made)
    np.testing.assert_array_equal(table["V6 (mV)"], counts[11] / 1000)
    np.testing.assert_array_equal(table["time (s)"], np.arange(70_000) / 1000)


def test_a_lead_that_is_missing_throughout_is_still_a_column() -> None:
    made = floats()
    made.signal[6] = np.nan  # a chest lead: one of the limb could be derived
    back = read_back(made, "csv")
    np.testing.assert_array_equal(back.signal, made.signal)
    assert _table(made)["V1 (mV)"].isna().all()
