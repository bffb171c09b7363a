"""What a WFDB header says: which file holds which signals, what a gain of 0 means, and how old the patient is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import IncompleteSetError
from backend.ecg.leads import LEADS
from backend.ecg.readers import SourceFile, group, read
from backend.ecg.readers.facts import age_of, measurements

STEPS = np.random.default_rng(8).integers(-900, 900, (12, 60)).astype("<i2")


def record(files: tuple[str, str], held: dict[str, bytes], gain: str = "1000/mV", comments: str = ""):
    """A record whose limb leads are in the first of `files` and whose chest leads are in the second."""
    lines = ["a 12 500 60"]
    lines += [f"{files[i > 5]} 16 {gain} 16 0 {STEPS[i, 0]} 0 0 {lead}" for i, lead in enumerate(LEADS)]
    header = ("\n".join(lines) + "\n" + comments).encode()
    (files_,) = group([SourceFile("d/a.hea", header), *(SourceFile(f"d/{name}", data) for name, data in held.items())])
    (recording,) = read(files_)
    return recording


LIMBS, CHEST = STEPS[:6].T.tobytes(), STEPS[6:].T.tobytes()


@pytest.mark.parametrize("first", ["limb", "chest"])
def test_files_of_one_name_in_two_folders_are_two_files(first):
    both = {"limb/sig.dat": LIMBS, "chest/sig.dat": CHEST}
    held = {name: both[name] for name in sorted(both, reverse=first == "limb")}
    recording = record(("limb/sig.dat", "chest/sig.dat"), held)
    np.testing.assert_allclose(recording.signal, STEPS / 1000, atol=1e-6)


def test_one_file_is_never_read_for_two_of_its_name():
    with pytest.raises(IncompleteSetError, match=r"names chest/sig\.dat and limb/sig\.dat, and only one"):
        record(("limb/sig.dat", "chest/sig.dat"), {"sig.dat": STEPS.T.tobytes()})


def test_a_folder_in_the_name_does_no_harm_where_the_file_lies_beside_the_header():
    recording = record(("records/sig.dat", "records/sig.dat"), {"sig.dat": STEPS.T.tobytes()})
    np.testing.assert_allclose(recording.signal, STEPS / 1000, atol=1e-6)


@pytest.mark.parametrize("unit", ["mV", "uV", "V"])
def test_a_gain_of_zero_is_two_hundred_steps_a_mv_whatever_unit_stands_behind_it(unit):
    recording = record(("a.dat", "a.dat"), {"a.dat": STEPS.T.tobytes()}, gain=f"0/{unit}")
    np.testing.assert_allclose(recording.signal, STEPS / 200, atol=1e-6)
    assert "unit" in recording.declared


@pytest.mark.parametrize(
    ("comment", "age", "sex"),
    [
        ("#Age: 45 M", 45, "M"), ("#Age: 45 F", 45, "F"), ("#Age: 45 m", 3.75, None), ("#Age: 45", 45, None),
        ("#Age: 60-69", None, None), ("#Age: 60 - 69 years", None, None), ("#Age: 60 to 69", None, None),
        ("#Age: 6/12", None, None), ("#Gestational age: 32 weeks", None, None), ("# Mother's age: 31", None, None),
        ("# age: 45 sex: F", 45, "F"), ("# <age>: 25  <sex>: M", 25, "M"), ("# sex: F age: 45", 45, "F"),
        ("# Sex: female age: 45", 45, "F"), ("#Age: 90+\n#Sex: Female", 90, "F"), ("# 69 M 1085", 69, "M"),
        ("#Age: 45 F\n#Sex: Male", 45, "M"), ("#Age: 2 years 3 months", 2, None),
    ],
)  # fmt: skip
def test_ages_are_those_of_the_patient_in_years(comment, age, sex):
    recording = record(("a.dat", "a.dat"), {"a.dat": STEPS.T.tobytes()}, comments=comment + "\n")
    assert recording.patient.age == age
    assert recording.patient.sex == sex


@settings(deadline=None)
@given(low=st.integers(0, 99), high=st.integers(0, 99), mark=st.sampled_from(["-", " - ", "–", "/", " to ", " bis "]))
def test_a_range_is_never_an_age(low, high, mark):
    assert age_of(f"{low}{mark}{high}") is None
    assert age_of(f"{low} years") == low


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        ({"qrs": 22, "qt": 96, "pr": 40, "heart_rate": 72}, {"heart_rate": 72}),
        ({"qrs": 90, "qt": 384, "pr": 160}, {"qrs": 90, "qt": 384, "pr": 160}),
        ({"qrs": 90, "qt": 0}, {"qrs": 90}),
    ],
)
def test_intervals_that_no_heart_can_have_are_in_another_unit_and_not_kept(found, kept):
    assert measurements(found) == kept
