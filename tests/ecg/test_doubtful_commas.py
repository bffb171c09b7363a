"""Commas and points in numbers: a decimal comma cuts no sample in two, a mark between thousands makes none small."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import LEADS
from backend.ecg.readers import ReadOptions
from backend.ecg.readers.number_list import numbers
from tests.ecg_tables import MV, one

SLOW = settings(deadline=None, max_examples=60)


def wave(n: int, seed: int, offset: float = 0.0) -> np.ndarray:
    """Samples (n,) that move as those of an ECG do, in steps of 0.001."""
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    return np.round(
        offset + 0.4 * np.sin(t / 9) + 1.2 * np.exp(-(((t % 70) - 30) ** 2) / 8) + rng.normal(0, 0.02, n), 3
    )


def comma(value: float, places: int) -> str:
    return f"{value:.{places}f}".replace(".", ",")


@SLOW
@given(
    seed=st.integers(0, 99), places=st.integers(1, 3), scale=st.sampled_from([1.0, 100.0, 1000.0]),
    between=st.sampled_from([", ", " ", "\n", "\t"]), drop=st.booleans(),
)  # fmt: skip
def test_lists_whose_numbers_have_decimal_commas_have_as_many_samples(seed, places, scale, between, drop):
    values = np.round(wave(200, seed) * scale, places)
    texts = [comma(value, places) for value in values]
    if drop:
        texts = [text.removesuffix("," + "0" * places) for text in texts]
    np.testing.assert_allclose(np.asarray(numbers(between.join(texts), 1000), np.float64), values)


@SLOW
@given(seed=st.integers(0, 99), places=st.integers(1, 3), scale=st.sampled_from([1.0, 100.0, 1000.0]))
def test_lists_with_commas_for_both_are_refused(seed, places, scale):
    values = np.round(wave(200, seed) * scale, places)
    with pytest.raises(UnreadableFileError, match="decimal points"):
        numbers(",".join(comma(value, places) for value in values), 1000)


@SLOW
@given(
    seed=st.integers(0, 99), between=st.sampled_from([",", ", ", " ,", ",\n", " ", "\n"]),
    offset=st.sampled_from([0.0, 2.048, -3.0, 32.0]),
)  # fmt: skip
def test_lists_of_whole_numbers_are_what_they_are_whatever_separates(seed, between, offset):
    values = np.rint(wave(300, seed, offset) * 1000).astype(int)
    np.testing.assert_array_equal(numbers(between.join(map(str, values)), 1000), values)


def test_a_list_of_some_numbers_with_commas_within_is_refused():
    with pytest.raises(UnreadableFileError, match="may be decimal or may separate"):
        numbers("12, 13,5, 14, 15, 16, 17", 100)


def ecg(n: int = 240, scale: float = 1.0) -> np.ndarray:
    return np.stack([wave(n, seed) * (0.5 + seed / 10) * (-1) ** seed for seed in range(12)]) * scale


@pytest.mark.parametrize("places", [1, 3])
def test_a_table_with_commas_and_blanks_between_and_decimal_commas_is_read(places):
    x = np.round(ecg(scale=100), places)
    lines = [f"{lead}, " + ", ".join(comma(v, places) for v in row) for lead, row in zip(LEADS, x, strict=True)]
    np.testing.assert_allclose(one("\n".join(lines) + "\n").signal, x, atol=1e-5)
    columns = [", ".join(LEADS)] + [", ".join(comma(v, places) for v in row) for row in x.T]
    np.testing.assert_allclose(one("\n".join(columns) + "\n").signal, x, atol=1e-5)


def test_a_line_of_words_with_a_decimal_comma_above_a_table_changes_nothing_in_it():
    x = np.rint(ecg(scale=1000)).astype(int)
    text = "Low pass, 0,5\n" + ", ".join(LEADS) + "\n" + "\n".join(", ".join(map(str, row)) for row in x.T) + "\n"
    np.testing.assert_allclose(one(text).signal, x, atol=1e-3)


@pytest.mark.parametrize("kind", ["rows", "named rows", "six leads"])
def test_a_table_with_commas_between_and_within_its_numbers_is_refused(kind):
    x = ecg()
    rows = [",".join(comma(v, 3) for v in row) for row in (x[:6].T if kind == "six leads" else x)]
    if kind == "named rows":
        rows = [f"{lead},{row}" for lead, row in zip(LEADS, rows, strict=True)]
    with pytest.raises(UnreadableFileError, match="decimal commas between separating commas"):
        one("\n".join(rows) + "\n")


@pytest.mark.parametrize("offset", [0, 2048])
@pytest.mark.parametrize("kind", ["rows", "columns", "named rows"])
def test_a_table_of_whole_numbers_between_commas_is_read(kind, offset):
    x = np.rint(ecg(scale=1000)).astype(int) + offset
    rows = [",".join(map(str, row)) for row in (x.T if kind == "columns" else x)]
    if kind == "named rows":
        rows = [f"{lead},{row}" for lead, row in zip(LEADS, rows, strict=True)]
    np.testing.assert_allclose(one("\n".join(rows) + "\n").signal, x, atol=1e-3)


@pytest.mark.parametrize(("separator", "mark"), [(";", "."), (";", ","), ("\t", "."), ("\t", ","), (",", ".")])
def test_marks_between_thousands_are_refused_in_plain_cells_as_in_quoted_ones(separator, mark):
    x = np.rint(ecg(scale=3000)).astype(int)
    assert np.abs(x).max() > 1000
    lines = [separator.join(LEADS)] + [separator.join(f"{v:,}".replace(",", mark) for v in row) for row in x.T]
    with pytest.raises(UnreadableFileError, match="between thousands"):
        one("\n".join(lines) + "\n", ReadOptions(rate=500, units_per_mv=1000))


@pytest.mark.parametrize(("separator", "mark"), [(";", "."), (";", ","), ("\t", ","), (",", ".")])
@pytest.mark.parametrize("scale", [1.0, 300.0])
def test_numbers_of_three_decimals_are_decimals_also_beside_a_counter(separator, mark, scale):
    x = np.round(ecg(scale=scale), 3)
    lines = [separator.join(["sample", *LEADS])]
    lines += [separator.join([str(i), *(f"{v:.3f}".replace(".", mark) for v in row)]) for i, row in enumerate(x.T)]
    np.testing.assert_allclose(one("\n".join(lines) + "\n", MV).signal, x, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        ("Unit: uV, scale factor 2.44", True), ("Unit: uV; Resolution: 4.88 uV/bit", True),
        ("Einheit: uV, Faktor 2,5", True), ("Unit: uV", False), ("Unit: uV; Gain: 10 mm/mV", False),
        ("Unit: uV; Resolution: 16 bit", False), ("Unit: uV; scale factor 1", False),
    ],
)  # fmt: skip
def test_a_step_stated_above_whole_numbers_leaves_their_unit_open(line, asks):
    x = np.rint(ecg(scale=1000)).astype(int)
    text = f"{line}\n{','.join(LEADS)}\n" + "\n".join(",".join(map(str, row)) for row in x.T) + "\n"
    recording = one(text, ReadOptions(rate=500, units_per_mv=77))
    np.testing.assert_allclose(recording.signal, x / (77 if asks else 1000), rtol=1e-5)
    assert ("unit" in recording.declared) is asks
