"""Cells of CSV: nothing that a spreadsheet runs, and numbers that stay numbers."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.services.csv_line import csv_line, exact


def _read(line: str) -> list[str]:
    (cells,) = csv.reader(io.StringIO(line, newline=""))
    return cells


@pytest.mark.parametrize("number", ["-0.5", "+3", "-1e-05", "-.5", "-2,5", "0.25", "-0.000000"])
def test_a_number_keeps_its_sign_and_stays_a_number(number: str) -> None:
    assert _read(csv_line([number])) == [number]


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|' /C calc'!A0", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "-0.5=1", "＝1"]
)
def test_a_formula_is_made_a_text(cell: str) -> None:
    assert _read(csv_line(["a", cell])) == ["a", f"'{cell}"]


@settings(deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2, max_size=5))
def test_cells_come_back_as_they_were_but_for_the_apostrophe(cells: list[str]) -> None:
    for told, cell in zip(_read(csv_line(cells)), cells, strict=True):
        assert told in (cell, f"'{cell}")
        assert not told.startswith(("=", "@"))


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_comes_back(number: float) -> None:
    assert float(_read(csv_line([repr(number), f"{number:.6f}"]))[0]) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_an_exported_number_is_the_number_that_was_kept(value: float) -> None:
    assert float(exact(value)) == value
    assert not exact(value).endswith(".0")
