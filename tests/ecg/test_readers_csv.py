"""Text tables: every dialect reads alike, the units and rate are declared, and bad tables name the line."""

import io
import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import UndeclaredError, UnreadableFileError
from backend.ecg.findings import check
from backend.ecg.leads import LEADS
from backend.ecg.readers import ReadOptions
from backend.ecg.readers.text.numbers import careful_numbers, fast_numbers, sniff
from tests.ecg_tables import ecg, one, table
from tests.samples import microvolts

FORMATS = Path("../shared/data/formats")
real = pytest.mark.skipif(not FORMATS.exists(), reason="the real files of ../shared/data are not here")


@real
def test_the_real_csv_equals_loadtxt_and_the_wfdb_record_it_came_from():
    path = FORMATS / "npy_csv/derived_ptbxl_00001_500hz.csv"
    recording = one(path.read_bytes())
    np.testing.assert_allclose(recording.signal, np.loadtxt(path, delimiter=",", skiprows=1).T, rtol=0, atol=1e-7)
    raw = np.fromfile(FORMATS / "wfdb/00001_hr.dat", "<i2").reshape(-1, 12).T / 1000
    np.testing.assert_allclose(recording.signal, raw, rtol=0, atol=1e-7)
    assert recording.step is not None
    np.testing.assert_allclose(recording.step, 0.001)


@real
def test_real_text_in_blanks_without_names_is_read_as_declared():
    path = FORMATS / "text/tereshchenko_testing_ecg.txt"
    recording = one(path.read_bytes(), ReadOptions(rate=500, units_per_mv=1000))
    expected = np.loadtxt(path, skiprows=6).T / 1000
    np.testing.assert_allclose(recording.signal, expected, rtol=0, atol=1e-6)
    notes = " ".join(recording.notes)
    assert "lines before the table (1)" in notes
    assert "no lead names" in notes


DIALECTS = [
    (separator, decimal)
    for separator, decimal in itertools.product([",", ";", "\t", " ", "  "], ".,")
    if (separator, decimal) != (",", ",")
]


@settings(deadline=None, max_examples=120)
@given(
    dialect=st.sampled_from(DIALECTS),
    header=st.booleans(),
    lying=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
    trailing=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    n=st.integers(14, 30),
    seed=st.integers(0, 99),
)
def test_a_table_in_any_dialect_and_orientation_reads_equal(dialect, header, lying, end, trailing, encoding, n, seed):
    separator, decimal = dialect
    x = ecg(n, seed=seed)
    if lying:
        lines = table(x, None, separator, decimal, "\n").splitlines()
        lines = [lead + separator + line for lead, line in zip(LEADS, lines, strict=True)] if header else lines
    else:
        lines = table(x.T, list(LEADS) if header else None, separator, decimal, "\n").splitlines()
    text = end.join(line + separator * trailing for line in lines) + end
    recording = one(text.encode(encoding))
    np.testing.assert_array_equal(recording.signal, x.astype(np.float32))


@settings(deadline=None, max_examples=60)
@given(
    values=st.lists(st.floats(-1e5, 1e5, allow_subnormal=False), min_size=36, max_size=36),
    form=st.sampled_from(["{!r}", "{:.0f}", "{:+.2e}", "{:.1f}", "{:g}"]),
)
def test_every_spelling_of_a_number_means_what_python_says(values, form):
    cells = [form.format(value) for value in values]
    text = "\n".join(",".join(cells[i : i + 12]) for i in (0, 12, 24)) + "\n"
    expected = np.array([float(cell) for cell in cells]).reshape(3, 12).T
    recording = one(",".join(LEADS) + "\n" + text)
    np.testing.assert_array_equal(recording.signal, expected.astype(np.float32))


def test_the_fast_way_and_the_careful_way_agree_on_pieces_and_ends():
    x = ecg(9000)
    text = table(x.T, None)
    for end in (text, text.rstrip("\n"), text.replace("\n", "\r\n"), text.replace("\n", ",\n")):
        dialect = sniff(end.split("\n", 1)[0], end.encode())
        fast = fast_numbers(end.encode(), dialect, 12, 10**9)
        assert fast is not None
        np.testing.assert_array_equal(fast, careful_numbers(end, dialect, 1, 0, 10**9))
        np.testing.assert_array_equal(fast, x.T)


def test_leads_in_any_order_land_by_name():
    """The original platform inverted the permutation when it reordered leads by header."""
    x = ecg()
    order = np.random.default_rng(1).permutation(12)
    recording = one(table(x[order].T, [LEADS[i] for i in order]))
    np.testing.assert_array_equal(recording.signal, x.astype(np.float32))


@pytest.mark.parametrize("scale", [1.0, 1000.0, 1e6])
def test_the_unit_is_what_is_declared_whatever_the_amplitude(scale):
    """The original platform guessed µV or mV from the largest value."""
    x = ecg() * scale
    np.testing.assert_allclose(one(table(x.T)).signal, x, rtol=1e-6)
    np.testing.assert_allclose(one(table(x.T), ReadOptions(rate=500, units_per_mv=1000)).signal, x / 1000, rtol=1e-6)


def test_microvolt_given_as_mv_and_mv_given_as_microvolt_are_pointed_out():
    high = check(one(table((ecg() * 1000).T)))
    assert any(f.code == "amplitude" and "declare 1000 units per mV" in f.message for f in high)
    low = check(one(table(ecg().T), ReadOptions(rate=500, units_per_mv=1000)))
    assert any(f.code == "amplitude" and "declare 1 unit per mV" in f.message for f in low)


def test_what_a_table_does_not_say_is_asked_for_with_three_likely_answers_each():
    x = microvolts(n=5000, rate=500)
    with pytest.raises(UndeclaredError, match=r"states no sampling rate.*states no unit") as caught:
        one(table(x.T), None)
    assert "500 Hz (10 s, 60 beats a minute)" in str(caught.value)
    rates = [offer["rate"] for offer in caught.value.offers if "rate" in offer]
    assert (rates[0], len(rates)) == (500, 3)
    assert next(offer["units_per_mv"] for offer in caught.value.offers if "units_per_mv" in offer) == 1000
    with pytest.raises(UndeclaredError, match="states no unit") as caught:
        one(table(x.T / 1000), ReadOptions(rate=500))
    assert "sampling rate" not in str(caught.value)
    assert caught.value.offers[0] == {"units_per_mv": 1}
    with pytest.raises(UndeclaredError, match="states no sampling rate") as caught:
        one(table(x.T), ReadOptions(units_per_mv=1000))
    assert "no unit" not in str(caught.value)


def test_arbitrary_units_leave_the_values_as_they_are():
    recording = one(table(ecg().T), ReadOptions(rate=100, unit="arbitrary"))
    assert recording.unit == "arbitrary"
    np.testing.assert_array_equal(recording.signal, ecg().astype(np.float32))


@pytest.mark.parametrize("unit", ["uV", "µV", "μV", "UV", "microvolt"])
def test_units_in_the_header_declare_themselves(unit):
    x = np.round(ecg() * 1000)
    for header in ([f"{lead} ({unit})" for lead in LEADS], [f"{lead}_{unit}" for lead in LEADS]):
        np.testing.assert_allclose(one(table(x.T, header)).signal, x / 1000, rtol=1e-6)
    lines = table(x.T).split("\n", 1)
    recording = one(lines[0] + "\n" + ",".join([unit] * 12) + "\n" + lines[1], ReadOptions(500, 1))
    np.testing.assert_allclose(recording.signal, x / 1000, rtol=1e-6)
    assert any("declared 1 units per mV were not used" in note for note in recording.notes)


def test_a_latin_1_unit_and_a_unit_of_one_lead_alone_are_understood():
    x = ecg()
    header = ["I (µV)", *(f"{lead} (mV)" for lead in LEADS[1:])]
    recording = one(table(x.T, header).encode("latin-1"), ReadOptions(rate=500))
    np.testing.assert_allclose(recording.signal[0], x[0] / 1000, rtol=1e-6)
    np.testing.assert_allclose(recording.signal[1:], x[1:], rtol=1e-6)
    assert recording.step is not None
    np.testing.assert_allclose(recording.step, [1e-6] + [1e-3] * 11)


@pytest.mark.parametrize(
    ("name", "factor", "rate"),
    [("time (s)", 1, 400), ("Time [ms]", 1000, 400), ("t", 1, 250), ("zeit/ms", 1000, 1000), ("sec", 1, 360)],
)
def test_a_time_column_states_the_rate_and_goes_before_a_declared_one(name, factor, rate):
    x = ecg(300)
    times = np.round(np.arange(300) / rate * factor, 6)
    text = (
        ",".join([name, *LEADS])
        + "\n"
        + "\n".join(",".join([f"{t:.6f}", *(f"{v:.3f}" for v in row)]) for t, row in zip(times, x.T, strict=True))
    )
    recording = one(text, ReadOptions(rate=123, units_per_mv=1))
    assert recording.rate == pytest.approx(rate, rel=1e-9)
    np.testing.assert_array_equal(recording.signal, x.astype(np.float32))
    assert any("declared 123 Hz was not used" in note for note in recording.notes)


def test_an_unnamed_thirteenth_column_counting_seconds_states_the_rate():
    x = np.vstack([np.round(np.arange(40) / 250, 3), ecg()])
    assert one(table(x.T, None)).rate == 250
    assert one(table(np.roll(x, -1, axis=0).T, None)).rate == 250


@pytest.mark.parametrize("name", ["", "index", "Unnamed: 0", "sample"])
def test_an_index_column_is_left_out_with_a_note_and_states_no_rate(name):
    x = ecg()
    text = "\n".join([",".join([name, *LEADS])] + [f"{i}," + ",".join(map(str, row)) for i, row in enumerate(x.T)])
    recording = one(text)
    np.testing.assert_array_equal(recording.signal, x.astype(np.float32))
    assert any("counts samples" in note for note in recording.notes)


def test_a_time_column_with_a_gap_is_refused():
    times = np.arange(40) / 500
    times[20:] += 0.5
    with pytest.raises(UnreadableFileError, match=r"a\.csv: the time column 'time' does not rise evenly.*Resample"):
        one(table(np.vstack([times, ecg()]).T, ["time", *LEADS]))


def test_rows_named_by_lead_with_an_index_above_them_are_read():
    x = ecg()
    lines = [",".join(["", *map(str, range(40))])]
    lines += [f"{lead}," + ",".join(map(str, row)) for lead, row in zip(LEADS, x, strict=True)]
    np.testing.assert_array_equal(one("\n".join(lines)).signal, x.astype(np.float32))


def test_a_table_as_r_writes_it_with_row_names_is_read():
    x = ecg()
    lines = [" ".join(f'"{lead}"' for lead in LEADS)]
    lines += [f'"{i}" ' + " ".join(map(str, row)) for i, row in enumerate(x.T, 1)]
    np.testing.assert_array_equal(one("\n".join(lines)).signal, x.astype(np.float32))


def test_a_header_that_only_numbers_the_columns_is_no_sample_and_no_name():
    recording = one(table(ecg().T, [str(i) for i in range(12)]))
    np.testing.assert_array_equal(recording.signal, ecg().astype(np.float32))
    assert any("numbers the columns" in note for note in recording.notes)


def test_comments_before_the_table_may_state_rate_and_unit():
    stream = io.StringIO()
    np.savetxt(stream, ecg().T * 1000, "%.0f", ",", header="Sampling rate: 250 Hz\nUnit: uV\n" + ",".join(LEADS))
    recording = one(stream.getvalue(), None)
    assert recording.rate == 250
    np.testing.assert_allclose(recording.signal, np.round(ecg() * 1000) / 1000, atol=1e-6)
    assert not any("assumed" in note for note in recording.notes)


@pytest.mark.parametrize("spelling", ["", "nan", "NaN", "NA", "null", " ", "-"])
def test_empty_cells_and_spellings_of_nan_become_nan(spelling):
    lines = table(ecg().T).split("\n")
    cells = lines[5].split(",")
    lines[5] = ",".join([*cells[:3], spelling, *cells[4:]])
    recording = one("\n".join(lines))
    assert np.isnan(recording.signal[3, 4])
    assert np.isnan(recording.signal).sum() == 1


@pytest.mark.parametrize(
    ("header", "gap"), [(True, "nan," * 11 + "nan"), (False, "nan," * 11 + "nan"), (True, "," * 11)]
)
def test_a_gap_at_the_very_start_keeps_its_place(header, gap):
    lines = table(ecg().T, list(LEADS) if header else None).split("\n")
    lines[header:header] = [gap, gap]
    recording = one("\n".join(lines))
    assert recording.n_samples == 42
    assert np.isnan(recording.signal[:, :2]).all()
    np.testing.assert_array_equal(recording.signal[:, 2:], ecg().astype(np.float32))


def test_eight_leads_give_twelve_and_say_which_were_derived():
    x = ecg()
    keep = [0, 1, 6, 7, 8, 9, 10, 11]
    recording = one(table(x[keep].T, [LEADS[i] for i in keep]))
    assert recording.derived == ("III", "aVR", "aVL", "aVF")
    np.testing.assert_allclose(recording.signal[2], x[1] - x[0], atol=1e-6)
    np.testing.assert_allclose(recording.signal[3], -(x[0] + x[1]) / 2, atol=1e-6)
    by_position = one(table(x[keep].T, None), ReadOptions(500, 1, leads=tuple(LEADS[i] for i in keep)))
    np.testing.assert_array_equal(by_position.signal, recording.signal)


def test_a_declared_order_places_columns_without_names():
    order = tuple(reversed(LEADS))
    recording = one(table(ecg()[::-1].T, None), ReadOptions(500, 1, leads=order))
    np.testing.assert_array_equal(recording.signal, ecg().astype(np.float32))
    named = one(table(ecg()[::-1].T, [f"ch{i}x" for i in range(12)]), ReadOptions(500, 1, leads=order))
    np.testing.assert_array_equal(named.signal, ecg().astype(np.float32))


@pytest.mark.parametrize("seconds", [3, 60])
def test_short_and_long_tables_are_read_whole(seconds):
    """The original platform stored recordings under 10 s broken."""
    recording = one(table(ecg(seconds * 500).T))
    assert recording.n_samples == seconds * 500
    assert "duration" in [finding.code for finding in check(recording)]
