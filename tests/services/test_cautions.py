"""What is to be said beside figures: each rule where it holds, and silence where it does not."""

import pytest

from backend.pseudonym import normal_form, spelling
from backend.services import cautions


def _kinds(found) -> list[str]:
    return [one.kind for one in found]


def test_few_events_are_told_by_label_also_where_a_label_is_nearly_everywhere() -> None:
    (one,) = cautions.few_events({"MI": 29, "NORM": 50, "AF": 95}, 100)
    assert one.kind == "few_events"
    assert "MI (29 with)" in one.text
    assert "AF (5 without)" in one.text
    assert "NORM" not in one.text
    assert cautions.few_events({"MI": 30}, 60) == []


def test_a_result_on_what_was_learned_from_is_said_to_be_none() -> None:
    (one,) = cautions.of_seen({"training": 400, "test": 100})
    assert one.text.startswith("400 of 500 recordings are known to the model")
    assert "this is no result" in one.text
    assert "All of them" in cautions.of_seen({"training": 3})[0].text
    assert cautions.of_seen({"no": 10, "test": 3}) == []
    assert "not known" in cautions.of_seen({"not known": 2, "no": 1})[0].text


def test_recordings_without_patient_and_many_windows_of_few_patients_are_told() -> None:
    assert _kinds(cautions.of_patients([None, "", "a"])) == ["no_patients"]
    assert _kinds(cautions.of_patients(["a"] * 9 + ["b"])) == ["windows"]
    assert cautions.of_patients(list("abcdef")) == []


@pytest.mark.parametrize(
    ("label", "name", "told"),
    [("HYP", "HYP", True), ("LVH", "", True), ("x", "Left ventricular hypertrophy", True), ("LAO/LAE", "", True),
     ("LVOLT", "low voltage", True), ("NORM", "Normal ECG", False), ("CLVHX", "", False)],
)  # fmt: skip
def test_labels_told_by_amplitude_are_named_where_it_is_standardised_away(label: str, name: str, told: bool) -> None:
    assert bool(cautions.of_amplitude([label], [name], "lead")) == told
    assert cautions.of_amplitude([label], [name], "none") == []


def test_a_good_result_at_home_and_a_bad_one_elsewhere_are_told() -> None:
    assert _kinds(cautions.of_elsewhere(0.9, 0.4)) == ["elsewhere"]
    for pair in ((0.8, 0.4), (0.9, 0.6), (None, 0.4), (0.9, None)):
        assert cautions.of_elsewhere(*pair) == []


def test_spellings_of_an_identifier_have_one_normal_form_and_other_identifiers_others() -> None:
    assert len({normal_form(one) for one in ("P001", "p001 ", "P-001", "p_1", "P 001", "Ｐ001")}) == 1
    assert normal_form("12.0") == normal_form("0012") == "12"
    assert len({normal_form(one) for one in ("1-23", "12-3", "123", "P12", "P1-2", "ü", "-", "--")}) == 8


def test_how_an_identifier_is_written_tells_nothing_of_it() -> None:
    assert spelling("P-001") == "capital letters, “-”, zeros in front"
    assert spelling("p 1") == "small letters, blanks between"
    assert spelling("12") == "plain number"
    assert spelling("MEYER-77") == spelling("ABCDE-12")
