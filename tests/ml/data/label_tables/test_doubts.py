"""What in a table may be read in two ways is refused, or told in the notes; identifiers are whole or refused."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from backend.ml.data.label_tables.columns import patient_columns
from backend.ml.errors import LabelTableError
from tests.label_tables import as_csv, as_parquet, parse, proposed

TRUTHS = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(st.booleans(), min_size=width, max_size=width), min_size=2, max_size=6)
)


@settings(deadline=None, max_examples=40)
@given(TRUTHS, st.sampled_from([str, lambda row: str(list(map(np.bool_, row))), lambda row: str(row).lower(),
                               lambda row: str(np.array(row)), lambda row: str(list(map(np.int64, row)))]))  # fmt: skip
def test_lists_of_truths_say_yes_and_no_by_their_place(rows: list[list[bool]], write) -> None:
    if "int64" in write([True]) and len({bit for row in rows for bit in row}) == 1:
        return  # numbers that never differ are classes
    table = parse(as_csv([["file_name", "y"], *[[f"r{n}", write(row)] for n, row in enumerate(rows)]]), labels=["y"])
    assert [row.labels for row in table.rows] == [
        tuple(f"y {place}" for place, bit in enumerate(row) if bit) for row in rows
    ]


def test_lists_of_truths_in_parquet_are_read_alike_and_uneven_ones_refused() -> None:
    table = parse(as_parquet({"file_name": ["a", "b"], "label": [[True, False], [False, True]]}))
    assert [row.labels for row in table.rows] == [("label 0",), ("label 1",)]
    with pytest.raises(LabelTableError, match="not as many in each row"):
        parse(b'file_name,label\na,"[True, False]"\nb,[True]\n')


@pytest.mark.parametrize("cells", [["1,0,0", "0,1,1"], ["1 0 0", "0 1 1"], ["1|0|0", "0|1|1"]])
def test_figures_in_a_cell_are_lists(cells: list[str]) -> None:
    table = parse(as_csv([["file_name", "label"], ["a", cells[0]], ["b", cells[1]]]))
    assert [row.labels for row in table.rows] == [("label 0",), ("label 1", "label 2")]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=8), st.sampled_from([1, 100, True]))
def test_dictionaries_with_the_same_codes_in_each_row_say_no_by_0(bits, yes) -> None:
    no = False if yes is True else 0
    if any(len({row[place] for row in bits}) < 2 for place in (0, 1)):
        return
    cells = [str({"AF": yes if af else no, "SR": yes if sr else no}) for af, sr in bits]
    table = parse(as_csv([["file_name", "d"], *[[f"r{n}", cell] for n, cell in enumerate(cells)]]), labels=["d"])
    assert [row.labels for row in table.rows] == [("AF",) * af + ("SR",) * sr for af, sr in bits]


def test_likelihoods_as_ptb_xl_writes_them_stay_as_they_are_and_zeros_alone_are_asked_about() -> None:
    rows = ["{'NORM': 100.0, 'SR': 0.0}", "{'IMI': 80.0, 'SR': 0.0, 'LVOLT': 0.0}", "{'SR': 0.0}"]
    table = parse(as_csv([["file_name", "d"], *[[f"r{n}", cell] for n, cell in enumerate(rows)]]), labels=["d"])
    assert [row.labels for row in table.rows] == [("NORM", "SR"), ("IMI", "SR", "LVOLT"), ("SR",)]
    numpy = as_csv([["file_name", "d"], ["a", "{'NORM': np.float64(100.0), 'SR': np.float64(0.0)}"]])
    assert parse(numpy, labels=["d"]).rows[0].labels == ("NORM", "SR")
    with pytest.raises(LabelTableError, match="nothing but 0"):
        parse(b"file_name,d\na,{'AF': 0}\nb,{'SR': 0}\n", labels=["d"])


@pytest.mark.parametrize(
    ("cells", "odd"),
    [(["nein", "ja, intermittierend", "nein"], "ja, intermittierend"), (["ja", "keine", "nein"], "keine"),
     (["0", "1*", "0"], "1*"), (["pos", "neg", "positiv"], "positiv"), (["yes", "no", "no", "often"], "often")],
)  # fmt: skip
def test_one_odd_cell_among_yes_and_no_is_refused_with_its_row(cells: list[str], odd: str) -> None:
    rows = [["file_name", "AFIB", "LBBB"], *[[f"r{n}", n % 2, cell] for n, cell in enumerate(cells)]]
    with pytest.raises(LabelTableError, match=f"Row {cells.index(odd) + 1} of the table"):
        parse(as_csv(rows), labels=["AFIB", "LBBB"])


def test_beats_called_n_are_no_answers() -> None:
    table = parse(b"file_name,AFIB,beat\na,1,N\nb,0,V\nc,0,N\n", labels=["AFIB", "beat"])
    assert [row.labels for row in table.rows] == [("AFIB", "N"), ("V",), ("N",)]


@settings(deadline=None, max_examples=60)
@given(st.integers(10**16, 10**18), st.sampled_from(["{:.6g}", "{:.5E}", "{!r}", "{:.0E}"]), st.booleans())
def test_an_identifier_whose_digits_were_cut_is_refused(number: int, form: str, of_patient: bool) -> None:
    cell = form.format(float(number))
    row = ["a", "AF", cell] if of_patient else [cell, "AF", "p"]
    with pytest.raises(LabelTableError, match="cut its digits"):
        parse(as_csv([["file_name", "label", "patient_id"], row]))


@pytest.mark.parametrize("whole", ["12e45", "1E-b", "0012345e", "40689238123456789", "e12", "2020.12"])
def test_identifiers_that_only_look_a_little_like_cut_ones_stay(whole: str) -> None:
    assert parse(as_csv([["file_name", "label", "patient_id"], ["a", "AF", whole]])).rows[0].patient_id == whole


PATIENTS = [
    "Patient-Nr.", "Pat.-Nr.", "Patient No.", "Patienten Nr.", "PatNr", "Patient's ID", "Patientennr.", "PatientIDs",
    "patient_uid", "Pseudonym", "eid", "Subject No", "patientid", "PATIENT ID", "Probanden-ID", "subject", "MRN",
]  # fmt: skip


@pytest.mark.parametrize("name", PATIENTS)
def test_patients_are_known_however_their_column_is_spelled(name: str) -> None:
    table = parse(as_csv([["file_name", name, "label"], ["a", 4711, "AF"], ["b", 4711, "SR"]], ";"))
    assert [row.patient_id for row in table.rows] == ["4711", "4711"]


@pytest.mark.parametrize("name", ["patient_age", "patient_sex", "pattern", "person", "participation", "pathology"])
def test_what_is_said_of_a_patient_is_no_patient(name: str) -> None:
    assert patient_columns([name]) == []


@pytest.mark.parametrize("name", ["hadm_id", "Fallnummer", "Nachname", "patient_name", "encounter_id"])
def test_a_column_that_may_tell_patients_apart_is_told_where_it_repeats_itself(name: str) -> None:
    table = as_csv([["file_name", name, "label"], ["a", 1, "AF"], ["b", 1, "SR"], ["c", 2, "SR"]])
    assert any(repr(name) in note and "tell the patients apart" in note for note in parse(table).notes)
    assert not any("patients" in note for note in parse(table, patient=name).notes)
    aged = as_csv([["file_name", "PatientAge", "label"], ["a", 61, "AF"], ["b", 61, "SR"]])
    assert not any("patients" in note for note in parse(aged).notes)
    once = as_csv([["file_name", name, "label"], ["a", 1, "AF"], ["b", 2, "SR"]])
    assert not any("patients" in note for note in parse(once).notes)


@pytest.mark.parametrize(
    "cells", [["1.234", "3.456", "12.345"], ["1,234", "12,345"], ["1.234", "12345", "3.500"], ["1.234", "561"]]
)
def test_numbers_of_the_form_of_thousands_are_refused_until_they_are_plain(cells: list[str]) -> None:
    table = as_csv([["file_name", "v"], *[[f"r{n}", cell] for n, cell in enumerate(cells)]], ";")
    with pytest.raises(LabelTableError, match="thousands or decimals"):
        parse(table, values=["v"])
    plain = as_csv([["file_name", "v"], *[[f"r{n}", cell] for n, cell in enumerate([*cells, cells[0] + "0"])]], ";")
    assert parse(plain, values=["v"]).rows[0].values == (1.234,)


def test_values_that_stand_for_nothing_are_told() -> None:
    notes = parse(b"file_name,value\na,55\nb,-1\nc,999\nd,60\n").notes
    assert [note.split(" in ")[0] for note in notes] == ["1 rows have -1", "1 rows have 999"]
    assert parse(b"file_name,value\na,-3\nb,-1\nc,2\nd,1200\ne,999\n").notes == []


@pytest.mark.parametrize(("shown", "value"), [("0%", 55.0), ("0.0 %", 55.0), ("0.00", 0.55), ('0.00 "% of max"', 0.55)])
def test_per_cent_are_read_as_they_are_shown(shown: str, value: float) -> None:
    workbook = Workbook()
    workbook.active.append(["file_name", "value:LVEF"])
    workbook.active.append(["a", 0.55])
    workbook.active["B2"].number_format = shown
    buffer = io.BytesIO()
    workbook.save(buffer)
    assert parse(buffer.getvalue()).rows[0].values == (value,)


@pytest.mark.parametrize(
    ("name", "cell", "years"),
    [("age_days", "3652.5", 10), ("Alter (Monate)", "18", 1.5), ("ageWeeks", "0", 0), ("age", "18", 18),
     ("age_months", "6", 0.5), ("Alter in Tagen", "365,25", 1), ("age_m", "18", 18)],
)  # fmt: skip
def test_the_unit_of_an_age_stands_in_the_name_of_its_column(name: str, cell: str, years: float) -> None:
    table = parse(as_csv([["file_name", "label", name], ["a", "AF", cell]], ";"), age=name)
    assert table.rows[0].age == years


@pytest.mark.parametrize("nothing", ["unknown", "k.A.", "nicht befundet", "-", "--", "n/a", "None", "0", "TODO"])
def test_labels_that_say_that_there_is_none_are_told(nothing: str) -> None:
    notes = parse(as_csv([["file_name", "label"], ["a", nothing], ["b", "AFIB"]])).notes
    assert f"Counted as labels of their own: {nothing} (1)" in " ".join(notes)
    assert not parse(b"file_name,label\na,0\nb,1\nc,2\n").notes


@pytest.mark.parametrize("other", ["sinus\u00a0rhythm", "sinus  rhythm", "sinus\u2009rhythm"])
def test_one_label_in_two_spellings_of_its_blanks_or_accents_is_one(other: str) -> None:
    assert parse(as_csv([["file_name", "label"], ["a", "sinus rhythm"], ["b", other]])).labels == ("sinus rhythm",)
    assert len(parse("file_name,label\na,blo\u0308cke\nb,blöcke\n".encode()).labels) == 1


def test_a_line_break_divides_labels() -> None:
    table = parse(b'file_name,label\na,"AFIB\nLBBB"\nb,AFIB\n')
    assert [row.labels for row in table.rows] == [("AFIB", "LBBB"), ("AFIB",)]


@pytest.mark.parametrize("cells", [["AFIB, LBBB", "AFIB, RBBB"], ["AFIB + LBBB", "LBBB + AFIB"], ["A B", "A", "B"]])
def test_parts_that_come_again_are_told(cells: list[str]) -> None:
    notes = parse(as_csv([["file_name", "label"], *[[f"r{n}", cell] for n, cell in enumerate(cells)]])).notes
    assert f"The label '{cells[0]}' was read as one" in " ".join(notes)


def test_several_codes_of_one_label_are_told() -> None:
    table = parse(b"file_name,ICD-10,label\na,I48.0,VHF\nb,I48.1,VHF\n")
    assert "Labels with several codes, of which the first was kept: VHF (I48.0, I48.1)." in table.notes


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(st.integers(10**5, 10**17).map(str), min_size=1, max_size=3, unique=True), min_size=2),
       st.sampled_from([",", ", ", ";", " "]))  # fmt: skip
def test_whole_numbers_of_the_length_of_codes_are_codes(rows: list[list[str]], mark: str) -> None:
    data = as_csv([["file_name", "dx"], *[[f"r{n}", mark.join(row)] for n, row in enumerate(rows)]])
    assert [list(row.labels) for row in parse(data).rows] == rows
    assert not any(one.choice.values for one in proposed(data).suggestions)


def test_two_codes_with_a_comma_are_no_decimals() -> None:
    table = parse(b'file_name,dx\na,"426177001,164934002"\nb,426783006\n')
    assert [row.labels for row in table.rows] == [("426177001", "164934002"), ("426783006",)]


def test_the_first_second_and_third_label_go_together() -> None:
    data = b"Recording,First_label,Second_label,Third_label\na,1,,\nb,5,8,\nc,2,,\n"
    choice = proposed(data).suggestions[0].choice
    assert choice.labels == ("First_label", "Second_label", "Third_label")
    assert [row.labels for row in parse(data, labels=list(choice.labels)).rows] == [("1",), ("5", "8"), ("2",)]


@pytest.mark.parametrize(
    ("data", "said"),
    [(b'[{"file_name": "a", "label": "AF"}]', "JSON"), (b"| file_name | label |\n|---|---|\n| a | AF |\n", "Markdown"),
     (b"file_name,label\na,AF\n\nQuelle: Klinik\n", "Row 3 of the table has only 'Quelle: Klinik'")],
)  # fmt: skip
def test_what_is_no_csv_is_named(data: bytes, said: str) -> None:
    with pytest.raises(LabelTableError, match=said):
        parse(data)


def test_the_bar_may_divide_and_a_comma_stand_in_names_and_numbers() -> None:
    assert parse(b"file_name|label\na|AFIB\nb|NORM\n").labels == ("AFIB", "NORM")
    table = parse(b"Datei;LVEF, %;Alter, Jahre\na;55,5;61,0\nb;44,5;70,0\n", values=["LVEF, %"])
    assert [row.values for row in table.rows] == [(55.5,), (44.5,)]


def test_groups_of_columns_above_their_names_are_passed_over() -> None:
    table = parse(b"EKG,,Befund,\nDatei,Datum,AFIB,LSB\na,2020-01-01,1,0\nb,2020-01-02,0,1\n")
    assert [row.labels for row in table.rows] == [("AFIB",), ("LSB",)]
    assert table.notes == []
