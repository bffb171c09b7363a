"""Counted things in sentences."""

from backend.counted import counted


def test_a_number_and_its_noun_agree() -> None:
    assert [counted(n, "recording") for n in (0, 1, 2, 1204)] == [
        "0 recordings", "1 recording", "2 recordings", "1,204 recordings",
    ]  # fmt: skip
    assert counted(1, "patient has", "patients have") == "1 patient has"
    assert counted(3, "patient has", "patients have") == "3 patients have"
