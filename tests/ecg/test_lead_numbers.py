"""Numbers of leads by the standards: EN 1064 (SCP-ECG) section 3, ISO/IEEE 11073-10101; 65 is aVR turned round."""

import pytest

from backend.ecg.leads import LEADS, canonical_lead
from backend.ecg.readers.lead_numbers import LEAD_NUMBERS, mdc_lead, numbered_lead

NUMBERS = (1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8)


def test_the_twelve_leads_have_the_numbers_of_the_standard_and_no_other_number_is_one_of_them() -> None:
    assert tuple(LEAD_NUMBERS[number] for number in NUMBERS) == LEADS
    others = [name for number, name in LEAD_NUMBERS.items() if number not in NUMBERS]
    assert [name for name in others if canonical_lead(name) is not None] == []


@pytest.mark.parametrize("code", ["131137", "2:65", "131393", "2:321"])
def test_minus_avr_is_none_of_the_twelve(code: str) -> None:
    assert mdc_lead(code) == numbered_lead(65) == "-aVR"
    assert canonical_lead("-aVR") is None


def test_codes_are_of_partition_2_as_leads_or_as_potentials() -> None:
    assert [mdc_lead(code) for code in ("131073", "2:1", "131329", "2:257")] == ["I"] * 4
    assert [mdc_lead(code) for code in ("1", "61", "3:1", "2:9999", "")] == [None] * 5
