"""Which channels of a file are leads, found by name before any samples are decoded."""

from collections.abc import Sequence

import numpy as np

from backend.ecg.leads import LEADS, canonical_lead, place_leads, shown


def lead_rows(names: Sequence[str]) -> tuple[list[int], tuple[str, ...]]:
    """Return the rows of `names` that are one of the twelve leads, and a note on the others.

    Raises MissingLeadsError where there is none, or where a lead is named twice.
    """
    rows = [row for row, name in enumerate(names) if canonical_lead(name) is not None]
    if not 1 <= len(rows) <= len(LEADS):
        place_leads(np.zeros((len(names), 1)), names)  # refuses, and says what is there
    left_out = [name for name in names if canonical_lead(name) is None]
    return rows, (f"Left out, being none of the twelve leads: {shown(left_out)}.",) if left_out else ()
