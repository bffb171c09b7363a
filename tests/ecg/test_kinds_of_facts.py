"""Lists of digits, XML and facts of the kinds that went wrong once, generated, against independent oracles."""

import re
from datetime import datetime
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from backend.ecg.errors import UnreadableFileError
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, read
from backend.ecg.readers.facts import age_of, measurements, moment
from backend.ecg.readers.number_list import numbers
from backend.ecg.readers.wfdb.comments import patient
from backend.ecg.readers.xml.tree import parse_xml, text
from tests.ecg.aecg_files import aecg, clock, lead, sequences
from tests.samples import LEADS, microvolts

SLOW = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
QUICK = settings(deadline=None, max_examples=150)


def many(name: str, data: bytes, options: ReadOptions | None = None):
    return read(FileSet((SourceFile(name, data),)), options)


# --- lists of digits -------------------------------------------------------------------------------------------------


@QUICK
@given(
    values=st.lists(st.decimals(-5000, 5000, places=1, allow_nan=False), min_size=2, max_size=40),
    blank=st.sampled_from([" ", "\n", "  ", "\t"]),
)
def test_decimal_commas_between_blanks_are_decimals(values, blank):
    assume(any("," in str(v).replace(".", ",") for v in values))
    found = numbers(blank.join(str(value).replace(".", ",") for value in values), 100)
    np.testing.assert_array_equal(np.asarray(found, np.float64), [float(value) for value in values])


@QUICK
@given(st.lists(st.integers(-30000, 30000), min_size=3, max_size=40), st.sampled_from([",", ", ", ",\n", " ,"]))
def test_commas_that_separate_stay_separators(values, separator):
    found = numbers(separator.join(map(str, values)), 100)
    np.testing.assert_array_equal(found, values)


@SLOW
@given(seed=st.integers(0, 99), places=st.integers(1, 3))
def test_an_aecg_with_decimal_commas_has_as_many_samples_as_it_was_given(seed, places):
    x = microvolts(seed, 120)
    parts = [
        lead(name, " ".join(f"{value:.{places}f}".replace(".", ",") for value in row))
        for name, row in zip(LEADS, x, strict=True)
    ]
    (recording,) = many("a.xml", aecg(sequences(clock(), *parts)).encode())
    np.testing.assert_allclose(recording.signal, x / 1000, rtol=0, atol=1e-6)


# --- XML -------------------------------------------------------------------------------------------------------------


@QUICK
@given(st.text(st.sampled_from("ab &;#\x01\x0bäx3"), max_size=30))
def test_what_people_typed_into_a_name_never_spoils_the_samples(name):
    escaped = "".join(c for c in name if c not in "\x01\x0b").replace("&", "&amp;")
    oracle = ElementTree.fromstring(f"<r><name>{escaped}</name><s>1 2 3</s></r>")
    root = parse_xml(f"<r><name>{name}</name><s>1 2 3</s></r>".encode(), "a.xml")
    assert text(root, "s") == "1 2 3"
    if not re.search(r"&#x?[0-9a-f]+;", name):  # a reference that is one is resolved
        assert text(root, "name") == ((oracle.findtext("name") or "").strip() or None)


@QUICK
@given(
    st.one_of(
        st.integers(0, 40), st.integers(0xD7F0, 0xE010), st.integers(0xFFF0, 0x10010), st.integers(0x10FFF0, 0xFFFFFF)
    ),
    st.booleans(),
)
def test_a_reference_to_a_character_that_xml_has_not_is_passed_over_like_a_control_character(code, as_hex):
    reference = f"&#x{code:x};" if as_hex else f"&#{min(code, 9_999_999)};"
    root = parse_xml(f"<r><name>a{reference}b</name><s>1 2 3</s></r>".encode(), "a.xml")
    assert text(root, "s") == "1 2 3"
    try:
        expected = ElementTree.fromstring(f"<name>a{reference}b</name>").text
    except ElementTree.ParseError:
        expected = "ab"
    assert root.findtext("name") == expected


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("<r><name>a < b</name></r>", r"line 1, column 1\d\): a '.' stands where none may"),
        ("<r><s>1 2", "ends at line 1.*before its last element is closed"),
    ],
)
def test_other_damage_says_what_stands_where(xml, words):
    with pytest.raises(UnreadableFileError, match=words):
        parse_xml(xml.encode(), "a.xml")


# --- facts -----------------------------------------------------------------------------------------------------------

YEARS = {
    "years": 1.0,
    "y": 1.0,
    "months": 1 / 12,
    "mo": 1 / 12,
    "weeks": 7 / 365.25,
    "days": 1 / 365.25,
    "d": 1 / 365.25,
}


@QUICK
@given(st.integers(0, 99), st.sampled_from(sorted(YEARS)), st.sampled_from(["{} {}", "{}{}", "{}-{}"]))
def test_ages_with_a_unit_are_years(value, unit, form):
    age = age_of(form.format(value, unit))
    assert age == pytest.approx(value * YEARS[unit], abs=0.006)


@pytest.mark.parametrize(
    ("written", "age"), [("300", 90), ("307", 90), (">89", 90), ("90+", 90), ("-4", None), ("199", None)]
)
def test_ages_that_hide_the_oldest_are_90_and_impossible_ones_unknown(written, age):
    assert age_of(written) == age


@QUICK
@given(
    age=st.integers(1, 89),
    sex=st.sampled_from(["M", "F"]),
    form=st.sampled_from([
        "# <age>: {age}  <sex>: {sex}", "#Age: {age}\n#Sex: {sex}", "# age: {age} sex: {sex}",
        "#Sex: {sex}; Age: {age} years",
        "# {age} {sex} 1085 1629 x1", "#<sex>:{sex} <age>:{age} <diagnoses>: none", "#Gender: {sex}, Age: {age}",
    ]),
)  # fmt: skip
def test_age_and_sex_are_found_however_the_comments_of_a_header_are_laid_out(age, sex, form):
    found = patient(form.format(age=age, sex=sex).splitlines())
    assert (found.age, found.sex) == (age, sex)


@QUICK
@given(
    st.datetimes(datetime(1950, 1, 1), datetime(2049, 12, 31)),
    st.sampled_from([
        "%Y-%m-%dT%H:%M:%S", "%Y%m%d%H%M%S", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d-%b-%Y %H:%M:%S",
        "%d %b %Y %H:%M:%S", "%Y-%m-%d %I:%M:%S %p",
    ]),
)  # fmt: skip
def test_no_date_is_lost_or_turned(when, form):
    assert moment(when.strftime(form)) == when.replace(microsecond=0)


@QUICK
@given(st.dates(), st.booleans())
def test_a_date_of_which_day_and_month_cannot_be_told_is_not_guessed(day, month_first):
    written = f"{day:%m/%d}/{day.year:04}" if month_first else f"{day:%d/%m}/{day.year:04}"
    found = moment(written)
    ambiguous = day.day <= 12 and day.day != day.month
    assert (found is None) == ambiguous
    if not ambiguous:
        assert found is not None
        assert found.date() == day
    assert moment(written, month_first=month_first) == datetime.combine(day, datetime.min.time())


@QUICK
@given(st.integers(30, 220), st.sampled_from([1.0, 4.0, 2.0, 1000.0]), st.floats(0.97, 1.03))
def test_an_rr_beside_a_heart_rate_is_in_ms_or_not_there(rate, unit, off):
    rr = 60_000 / rate * off / unit
    kept = measurements({"heart_rate": rate, "rr": rr})
    assert kept["heart_rate"] == rate
    assert "rr" not in kept or abs(kept["rr"] - 60_000 / rate) < 0.65 * 60_000 / rate
    if unit in (1.0, 4.0):
        assert kept["rr"] == pytest.approx(rr * unit)


@QUICK
@given(st.integers(30, 220), st.floats(5, 5000))
def test_no_rr_contradicts_its_heart_rate(rate, rr):
    kept = measurements({"heart_rate": rate, "rr": rr})
    assert "rr" not in kept or 0.55 < kept["rr"] * rate / 60_000 < 1.65
