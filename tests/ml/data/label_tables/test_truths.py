"""What says yes and no, in which spelling ever, and what says neither; lists and dictionaries of zeros and ones."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ml.data.label_tables.truths import truths
from backend.ml.errors import LabelChoiceError, LabelTableError
from tests.label_tables import as_csv, parse, proposed

SPELLINGS = [
    ("1", "0"), ("1.0", "0.0"), ("1,0", "0,0"), ("1.00", "0.00"), ("True", "False"), ("TRUE", "FALSE"), ("T", "F"),
    ("yes", "no"), ("Y", "N"), ("ja", "nein"), ("J", "N"), ("WAHR", "FALSCH"), ("x", ""), ("X", "-"), ("+", "-"),
    ("✓", "-"), ("✓", "✗"), ("positive", "negative"), ("pos", "neg"), ("present", "absent"), ("oui", "non"),
]  # fmt: skip
BITS = st.lists(st.lists(st.booleans(), min_size=2, max_size=2), min_size=2, max_size=8).filter(
    lambda bits: all({row[place] for row in bits} == {True, False} for place in (0, 1))
)
LABELS = ["AF", "SR"]


@settings(deadline=None, max_examples=120)
@given(BITS, st.sampled_from(SPELLINGS), st.sampled_from(",;\t"))
def test_yes_and_no_are_read_back_in_every_spelling(bits, spelling, delimiter):
    yes, no = spelling
    rows = [["file_name", *LABELS], *([f"r{n}", *(yes if one else no for one in row)] for n, row in enumerate(bits))]
    table = parse(as_csv(rows, delimiter))
    expected = [{label for label, one in zip(LABELS, row, strict=True) if one} for row in bits]
    assert [set(row.labels) for row in table.rows] == expected
    assert list(table.labels) == LABELS


@settings(deadline=None, max_examples=80)
@given(BITS, st.sampled_from(["-1", "99", "?", "unknown", "unsure", "unklar", "", "nan", "NULL", "#REF!"]))
def test_what_nobody_knows_is_neither_yes_nor_no(bits, unsure):
    rows = [["file_name", *LABELS], *([f"r{n}", *(str(int(one)) for one in row)] for n, row in enumerate(bits))]
    rows.append(["open", "1", unsure])
    table = parse(as_csv(rows), labels=LABELS)
    assert [row.file_name for row in table.rows] == [row[0] for row in rows[1:-1]]
    assert "1 rows say of a label neither yes nor no and were left out." in table.notes
    if unsure in ("-1", "99", "?", "unknown", "unsure", "unklar"):
        with pytest.raises(LabelChoiceError):  # whether -1 is a class or unknown is asked
            parse(as_csv(rows))


@pytest.mark.parametrize(
    "cells", [["1", "2"], ["0", "1", "2"], ["F"], ["M", "F"], ["1", "-1"], ["yes", "often"], ["-"], ["+"], []]
)
def test_what_may_mean_something_else_is_no_yes_and_no(cells):
    assert truths(cells) is None


@pytest.mark.parametrize("cell", ["0.9", "0,25", "1.5e-1"])
def test_probabilities_are_no_labels(cell):
    with pytest.raises(LabelTableError, match="which are no labels"):
        parse(as_csv([["file_name", "AF"], ["a", cell], ["b", "0.1"]], ";"), labels=["AF"])


def test_numbers_among_columns_of_yes_and_no_are_refused():
    table = as_csv([["file_name", "AF", "grade"], ["a", 1, 3], ["b", 0, 2]])
    with pytest.raises(LabelTableError, match="attach it as a table of its own"):
        parse(table, labels=["AF", "grade"])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from(["0", "1", "2", "7"]), min_size=2, max_size=9), st.sampled_from(["", ".0", ",0", ".00"])
)
def test_classes_in_decimals_are_the_same_classes(classes, ending):
    rows = [["file_name", "label"], *([f"r{n}", one + (ending if n % 2 else "")] for n, one in enumerate(classes))]
    table = parse(as_csv(rows, ";"))
    assert [row.labels for row in table.rows] == [(one,) for one in classes]


@settings(deadline=None, max_examples=60)
@given(BITS, st.sampled_from(["dictionary", "list", "numpy", "tuple", "set", "true"]))
def test_each_writing_of_several_labels_in_a_cell_is_read_back(bits, form):
    def cell(row: list[bool]) -> str:
        names = [label for label, one in zip(LABELS, row, strict=True) if one]
        return {
            "dictionary": json.dumps({label: int(one) for label, one in zip(LABELS, row, strict=True)}),
            "true": json.dumps(dict(zip(LABELS, row, strict=True))),
            "list": str(names),
            "numpy": f"array({names}, dtype=object)",
            "tuple": str(tuple(names)),
            "set": str(set(names)),
        }[form]

    rows = [["file_name", "d"], *([f"r{n}", cell(row)] for n, row in enumerate(bits))]
    table = parse(as_csv(rows), labels=["d"])
    expected = {f"r{n}": {label for label, one in zip(LABELS, row, strict=True) if one} for n, row in enumerate(bits)}
    found = {row.file_name: set(row.labels) for row in table.rows}
    if form in ("dictionary", "true"):  # 0 and False say no, so that none at all is an answer
        assert found == expected
    else:
        assert found == {name: labels for name, labels in expected.items() if labels}


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 5), st.data(), st.sampled_from([", ", " "]))
def test_lists_of_zeros_and_ones_say_yes_and_no_by_their_place(width, data, joint):
    row = st.lists(st.sampled_from([0, 1]), min_size=width, max_size=width)
    bits = data.draw(st.lists(row, min_size=2, max_size=8).filter(lambda rows: {b for r in rows for b in r} == {0, 1}))
    rows = [["file_name", "y"], *([f"r{n}", "[" + joint.join(map(str, one)) + "]"] for n, one in enumerate(bits))]
    table = parse(as_csv(rows), labels=["y"])
    assert list(table.labels) == [f"y {place}" for place in range(width)]
    assert [[f"y {place}" in row.labels for place in range(width)] for row in table.rows] == [
        list(map(bool, one)) for one in bits
    ]


def test_likelihoods_from_0_to_1_need_a_threshold():
    table = as_csv([["file_name", "d"], ["a", '{"AF": 0.97, "SR": 0.03}'], ["b", '{"AF": 0.2, "SR": 0.8}']])
    with pytest.raises(LabelTableError, match="from which on a code counts"):
        parse(table, labels=["d"])
    assert [row.labels for row in parse(table, labels=["d"], threshold=0.5).rows] == [("AF",), ("SR",)]


def test_a_likelihood_of_zero_that_is_not_stated_stays_a_label():
    table = as_csv([["file_name", "d"], ["a", "{'NORM': 100.0, 'SR': 0.0}"]])
    assert parse(table, labels=["d"]).rows[0].labels == ("NORM", "SR")


def test_labels_that_may_be_one_or_several_are_told():
    notes = " ".join(parse(b"file_name,label\na,AF\nb,af\nc,AF+LBBB\nd,LBBB\n").notes)
    assert "capitals only were not joined: AF, af" in notes
    assert "'AF+LBBB' was read as one" in notes


def test_numbers_to_be_learned_are_suggested_as_values():
    (first, *_) = proposed(b"file_name,label\na,0.5\nb,1.25\n").suggestions
    assert first.choice.values == ("label",)


@pytest.mark.parametrize("cells", [["1.234", "561"], ["1,234", "12"], ["12.050", "7"]])
def test_a_mark_that_may_part_thousands_is_refused(cells):
    table = as_csv([["file_name", "v"], *([f"r{n}", cell] for n, cell in enumerate(cells))], ";")
    with pytest.raises(LabelTableError, match="thousands or decimals"):
        parse(table, values=["v"])


def test_decimals_of_three_places_are_decimals():
    table = parse(b"file_name;v\na;1.234\nb;0.561\nc;2\n", values=["v"])
    assert [row.values for row in table.rows] == [(1.234,), (0.561,), (2.0,)]
