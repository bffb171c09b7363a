"""Kinds of tables of samples, each generated in many forms: times, identifiers, quotes, empty leads, what is asked."""

import csv
import io
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, MissingLeadsError, UndeclaredError
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, read
from tests.ecg_tables import ecg, one
from tests.samples import microvolts

MV = ReadOptions(units_per_mv=1)
HEADER = [f"{lead} [mV]" for lead in LEADS]
DERIVABLE = ("I", "II", "III", "aVR", "aVL", "aVF")
RATES = st.sampled_from([100, 125, 200, 250, 400, 500, 1000])


def rows(*columns, header=None) -> str:
    """A CSV as Python's own writer makes it, with `columns` of texts or numbers before the leads."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*(name for name, _ in columns), *(header or HEADER)])
    x = ecg(len(columns[0][1])) if columns else ecg()
    for i, sample in enumerate(x.T):
        writer.writerow([*(values[i] for _, values in columns), *(f"{value:.3f}" for value in sample)])
    return out.getvalue()


def clock(form: str, seconds: float) -> str:
    ms = round(seconds * 1000)
    moment = datetime(2020, 1, 2, 23, 59, 58) + timedelta(milliseconds=ms)
    return {
        "m:s": f"{ms // 60000}:{ms // 1000 % 60:02}.{ms % 1000:03}",
        "h:m:s": f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}",
        "german": f"{moment:%d.%m.%Y %H:%M:%S}.{moment.microsecond // 1000:03}",
        "iso": moment.isoformat(timespec="milliseconds"),
        "iso with zone": moment.isoformat(timespec="milliseconds") + "Z",
        "time of day": f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03}",
        "physionet": f"[{moment:%H:%M:%S}.{moment.microsecond // 1000:03} {moment:%d/%m/%Y}]",
    }[form]


@settings(deadline=None, max_examples=60)
@given(
    form=st.sampled_from(["m:s", "h:m:s", "german", "iso", "iso with zone", "time of day", "physionet"]),
    rate=RATES,
    name=st.sampled_from(["Elapsed time", "time", "Zeit", "timestamp", "recorded at"]),
    n=st.integers(300, 900),
)
def test_times_as_they_are_written_give_the_rate_also_over_midnight(form, rate, name, n):
    recording = one(rows((name, [clock(form, i / rate) for i in range(n)])), None)
    assert recording.rate == pytest.approx(rate, rel=1e-3)
    assert recording.declared == ()
    np.testing.assert_array_equal(recording.signal, ecg(n).astype(np.float32))
    if form in ("german", "iso", "iso with zone"):
        assert recording.start == datetime(2020, 1, 2, 23, 59, 58)


@settings(deadline=None, max_examples=30)
@given(rate=RATES, first=st.integers(0, 90), n=st.integers(3100, 4000))
def test_a_column_of_whole_seconds_gives_the_rate_by_how_often_each_stands_there(rate, first, n):
    times = [f"10:00:{(first + i) // rate:02}" if (first + i) // rate < 60 else "" for i in range(n)]
    assume("" not in times)
    assert one(rows(("time", times)), None).rate == rate


@settings(deadline=None, max_examples=60)
@given(
    rate=RATES,
    unit=st.sampled_from([1.0, 1e3, 1e6]),
    since=st.sampled_from([0.0, 1_577_959_872.0]),
    name=st.sampled_from(["timestamp", "time", "t", "Epoch"]),
)
def test_numbers_of_time_without_a_unit_have_the_one_unit_an_ecg_can_have(rate, unit, since, name):
    step = unit / rate
    assume(step != 1 or since)  # steps of 1 may count samples
    times = [f"{since * unit + i * step:.6f}".rstrip("0").rstrip(".") for i in range(400)]
    recording = one(rows((name, times)), None)
    assert recording.rate == pytest.approx(rate, rel=1e-3)
    assert recording.declared == ()


@pytest.mark.parametrize("name", ["time", "sample", "index", "nr"])
def test_a_column_that_may_count_samples_states_no_rate(name):
    with pytest.raises(UndeclaredError, match="states no sampling rate"):
        one(rows((name, list(range(400)))), None)


@settings(deadline=None, max_examples=60)
@given(
    name=st.sampled_from(
        ["ecg_id", "record", "Record-ID", "exam_id", "study_id", "filename", "patient_id", "Aufnahme"]
    ),
    ids=st.lists(st.text("abcXYZ019_", min_size=1, max_size=6), min_size=1, max_size=5, unique=True),
    length=st.integers(20, 80),
    label=st.booleans(),
)
def test_each_identifier_of_a_column_is_a_recording_of_its_own(name, ids, length, label):
    columns = [(name, [one for one in ids for _ in range(length)])]
    if label:
        columns.append(("diagnosis", [f"class {i % 2}" for i in range(len(ids)) for _ in range(length)]))
    found = many(rows(*columns), ReadOptions(rate=100))
    assert len(found) == len(ids)
    whole = ecg(len(ids) * length).astype(np.float32)
    for i, recording in enumerate(found):
        np.testing.assert_array_equal(recording.signal, whole[:, i * length : (i + 1) * length])
        if name == "patient_id":
            # What has no letter of a name may stand for nobody: __, XXX, 000.
            assert recording.patient.id == ids[i] or (recording.patient.id is None and not set("abc") & set(ids[i]))
        else:
            assert recording.record_id == ids[i]  # as written: 007 is not 7
        assert recording.labels == ({"diagnosis": f"class {i % 2}"} if label else {})


def test_one_identifier_in_several_places_is_refused():
    ids = ["a"] * 30 + ["b"] * 30 + ["a"] * 30
    with pytest.raises(EcgError, match=r"in several places\. Sort it by 'ecg_id'"):
        many(rows(("ecg_id", ids)), ReadOptions(rate=100))


def test_equal_blocks_of_an_unknown_column_are_recordings_and_the_marks_of_one_are_not():
    blocks = many(rows(("trace", [1] * 200 + [2] * 200 + [7] * 200)), ReadOptions(rate=100))
    assert [(one.n_samples, one.record_id) for one in blocks] == [(200, "1"), (200, "2"), (200, "7")]
    uneven = many(rows(("trace", [3] * 200 + [2] * 300)), ReadOptions(rate=100))
    assert [(one.n_samples, one.record_id) for one in uneven] == [(200, "3"), (300, "2")]
    named = many(rows(("proband", ["Anna"] * 200 + ["Bert"] * 300)), ReadOptions(rate=100))
    assert [(one.n_samples, one.record_id) for one in named] == [(200, None), (300, None)]
    switched = many(rows(("stimulus", [0] * 200 + [1] * 300)), ReadOptions(rate=100))
    assert [one.n_samples for one in switched] == [500]
    marked = many(rows(("beat", [0] * 250 + [1] * 100 + [0] * 250)), ReadOptions(rate=100))
    assert [one.n_samples for one in marked] == [600]


@settings(deadline=None, max_examples=60)
@given(
    separator=st.sampled_from([",", ";", "\t"]),
    decimals=st.integers(1, 4),
    quoted_header=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_quoted_cells_with_decimal_commas_are_those_that_the_csv_module_reads(separator, decimals, quoted_header, end):
    x = ecg(60, decimals)
    mark = '"' if quoted_header else ""
    lines = [separator.join(f"{mark}{lead} (mV){mark}" for lead in LEADS)]
    lines += [separator.join('"' + f"{value:.{decimals}f}".replace(".", ",") + '"' for value in row) for row in x.T]
    text = end.join(lines) + end
    theirs = list(csv.reader(io.StringIO(text), delimiter=separator))[1:]
    expected = np.array([[float(cell.replace(",", ".")) for cell in row] for row in theirs]).T
    recording = one(text, ReadOptions(rate=500))
    np.testing.assert_array_equal(recording.signal, expected.astype(np.float32))


def test_a_comma_between_thousands_is_never_taken_for_a_decimal_comma():
    row = ",".join(['"1,234"'] * 12)
    with pytest.raises(EcgError, match="decimal comma or a comma between thousands"):
        one(",".join(LEADS) + "\n" + "\n".join([row] * 50))


def test_unquoted_decimal_commas_between_commas_are_refused_as_such():
    row = ",".join(["0,123"] * 12)
    with pytest.raises(EcgError, match="decimal commas between separating commas"):
        one(",".join(HEADER) + "\n" + "\n".join([row] * 50))


@settings(deadline=None, max_examples=60)
@given(empty=st.sets(st.sampled_from(LEADS), min_size=1, max_size=4), word=st.sampled_from(["", "nan", "NA", "-"]))
def test_a_lead_without_any_sample_is_not_there(empty, word):
    x = microvolts(n=200) / 1000
    names = list(LEADS)
    text = ",".join(HEADER) + "\n"
    for sample in x.T:
        text += ",".join(word if name in empty else f"{v:.3f}" for name, v in zip(names, sample, strict=True)) + "\n"
    left = set(LEADS) - empty
    complete = set(LEADS[6:]) <= left and len(left & {"I", "II", "III"}) >= 2
    options = ReadOptions(rate=100)
    if complete:
        recording = one(text, options)
        assert set(recording.derived) == empty
        np.testing.assert_allclose(recording.signal, x, rtol=0, atol=1.1e-3)
        assert any("Without any sample" in note for note in recording.notes)
    else:
        with pytest.raises(MissingLeadsError, match="it has the name and no sample") as caught:
            one(text, options)
        assert {"partial": True} in caught.value.offers
        partial = one(text, ReadOptions(rate=100, partial=True))
        assert set(partial.missing) <= empty
        assert not np.isnan(partial.signal[[lead not in partial.missing for lead in LEADS]]).any()


@settings(deadline=None, max_examples=40)
@given(
    rate=st.sampled_from([100, 250, 400, 500, 1000]),
    seconds=st.sampled_from([10, 30]),
    units=st.sampled_from([1, 1000]),
    seed=st.integers(0, 50),
)
def test_the_true_rate_and_unit_are_among_the_likely_answers(rate, seconds, units, seed):
    x = microvolts(seed, rate * seconds, rate) / (1000 / units)
    text = ",".join(LEADS) + "\n" + "\n".join(",".join(f"{v:.3f}" for v in row) for row in x.T)
    with pytest.raises(UndeclaredError) as caught:
        one(text, None)
    offers = caught.value.offers
    assert {"rate": rate} in offers
    assert offers[3] == {"units_per_mv": units}
    assert len([offer for offer in offers if "rate" in offer]) == 3


def many(text: str, options: ReadOptions) -> list:
    return read(FileSet((SourceFile("d/a.csv", text.encode()),)), options)


@pytest.mark.parametrize("unit", ["NU", "adu", "a.u."])
def test_a_unit_in_the_header_that_is_no_voltage_asks_for_one(unit):
    x = ecg(200)
    text = ",".join(f"{lead} [{unit}]" for lead in LEADS) + "\n"
    text += "\n".join(",".join(f"{v:.3f}" for v in row) for row in x.T)
    with pytest.raises(UndeclaredError, match="states no unit") as caught:
        one(text, ReadOptions(rate=500))
    assert {"unit": "arbitrary"} in caught.value.offers
    recording = one(text, ReadOptions(rate=500, unit="arbitrary"))
    np.testing.assert_array_equal(recording.signal, x.astype(np.float32))
