"""A training says where one patient stands for far more recordings than any other: the device may not have known."""

import pytest

from backend.ml.data.seen_list import Identity
from backend.services.division import Grouped
from backend.services.examples import Example


def grouped(patients: list[str]) -> Grouped:
    known = {f"r{n}": Identity(f"r{n}", f"s{n}", "0" * 64, (one,) if one else ()) for n, one in enumerate(patients)}
    labelled = [
        Example(one, one, known[one].signal_key, 500.0, "mV", (), ("AF",), (), None, None, None, None) for one in known
    ]
    return Grouped("project", labelled, known, list(known), [], {}, 1)


@pytest.mark.parametrize(("many", "each", "is_told"), [(25, 1, True), (19, 1, False), (25, 6, False), (60, 6, True)])
def test_one_patient_of_very_many_recordings_is_told(many: int, each: int, is_told: bool) -> None:
    said = grouped(["p-many"] * many + [f"p-{n}" for n in range(8) for _ in range(each)] + ["", ""]).not_checked()
    told = f"whether p-many is one patient: it stands for {many} recordings, any other for at most {each}."
    assert any(text.startswith(told) for text in said) is is_told
