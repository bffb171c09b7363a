"""What a part of an ECG lacks is missing, lead by lead: a flat line would be read as asystole or a loose electrode."""

import numpy as np
import pytest

from backend.ecg.leads import place_leads
from tests.samples import LEADS, microvolts


@pytest.mark.parametrize(
    ("names", "derived"),
    [
        (("V1", "V2", "II"), ()),
        (("I", "II", "V6"), ("III", "aVR", "aVL", "aVF")),
        (LEADS[:11], ()),
        (("aVR",), ()),
    ],
)
def test_leads_that_are_not_there_are_missing_samples_and_the_others_are_as_measured(names, derived) -> None:
    whole = microvolts(3).astype(np.float64)
    placed = place_leads(whole[[LEADS.index(name) for name in names]], names, partial=True)
    assert placed.derived == derived
    assert placed.missing == tuple(lead for lead in LEADS if lead not in (*names, *derived))
    for lead, row, true in zip(LEADS, placed.signal, whole, strict=True):
        expected = np.full(true.shape, np.nan) if lead in placed.missing else true
        np.testing.assert_allclose(row, expected, atol=0.5)
