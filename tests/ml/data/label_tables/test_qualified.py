"""Doubts, exclusions and histories are never the finding: they are labels of their own, and told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.terminology import CODES
from backend.ml.data.label_tables.qualified import is_qualified
from tests.label_tables import as_csv, parse

FORMS = (
    "V.a. {}", "V. a. {}", "Va. {}", "Verdacht auf {}", "Z.n. {}", "Z. n. {}", "Zustand nach {}", "possible {}",
    "?{}", "{}?", "{} ?", "{} (?)", "no {}", "No {}", "kein {}", "keine {}", "ohne {}", "DD {}", "DD: {}",
    "D.D. {}", "r/o {}", "R/O {}", "rule out {}", "{} ausgeschlossen", "{} nicht ausgeschlossen", "{} fraglich",
    "fragliches {}", "mögliches {}", "suspected {}", "probable {}", "history of {}", "h/o {}", "s/p {}",
    "status post {}", "{} unlikely", "without {}", "not {}", "cannot rule out {}", "pas de {}", "suspicion de {}",
    "sin {}", "sospecha de {}", "sospetto {}", "senza {}", "sem {}", "geen {}", "a.e. {}", "am ehesten {}",
    "{} vs. LBBB", "{}, wahrscheinlich", "consider {}",
)  # fmt: skip
FINDINGS = ("AFIB", "MI", "LBBB", "Vorhofflimmern", "atrial fibrillation", "Linksschenkelblock", "WPW")


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(FORMS), st.sampled_from(FINDINGS))
def test_a_qualified_finding_is_neither_the_finding_nor_silent(form, finding):
    label = form.format(finding)
    table = parse(as_csv([["file_name", "label"], ["a", label], ["b", finding], ["c", "SR"]]))
    assert [row.labels for row in table.rows] == [(label,), (finding,), ("SR",)]
    assert (
        f"1 labels say a doubt, an exclusion or a history and were kept as labels of their own, such as {label} (1)."
        in " ".join(table.notes)
    )


@pytest.mark.parametrize("form", ["{}; V.a. MI", "V.a. MI|{}"])
def test_it_is_told_among_several_labels_too(form):
    table = parse(as_csv([["file_name", "label"], ["a", form.format("AF")], ["b", "SR"]]))
    assert "kept as labels of their own, such as V.a. MI (1)." in " ".join(table.notes)


def test_columns_of_yes_and_no_that_are_named_so_are_told():
    notes = parse(b"file_name,AFIB,possible MI\na,1,0\nb,0,1\n", labels=["AFIB", "possible MI"]).notes
    assert "kept as labels of their own, such as possible MI (1)." in " ".join(notes)


@pytest.mark.parametrize(
    "label",
    ["AFIB", "NSTEMI", "NORM", "VA", "DD", "old MI", "Nodal rhythm", "no", "SVT", "Sinus", "VAT", "sine", "N", "No 1",
     "nonspecific ST changes", "Sinusrhythmus", "Schenkelblock", "NOS", "kontinuierlich", "hx", "A?B"],
)  # fmt: skip
def test_plain_labels_are_not(label):
    assert not is_qualified(label)


def test_the_wording_of_a_code_is_a_finding_as_a_whole():
    assert not [one.text for one in CODES if is_qualified(one.text)]
