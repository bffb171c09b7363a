"""A map in one sentence: its strongest place, as a text beside the colours."""

from typing import Final

import numpy as np

from backend.ecg.leads import LEADS
from backend.ml.explanations.maps import Float, Map

NAMES: Final = {
    "P": "the P wave", "QRS": "the QRS complex", "ST": "the ST segment", "T": "the T wave",
    "rest": "what lies between the waves",
}  # fmt: skip


def sentence(one: Map, waves: list[str], label: str, output: float, regression: bool) -> str:
    """Return what that place does to the answer; `output` is the model's probability of `label`, or value."""
    lead, wave = one.place
    effect = float(_at(one.totals, one.cells, lead, wave))
    which = "all leads" if lead is None else f"lead {LEADS[lead]}"
    where = which if wave is None else f"{NAMES[waves[wave]]} in {which}"
    after = None if one.outputs is None else float(_at(one.outputs, one.cell_outputs, lead, wave))
    if after is not None:
        said = f"{_said(after, regression)}."
        if one.instead == "usual":
            return (
                f"With a usual form of {where} {_what(label, regression)} goes from {_said(output, regression)} to "
                + said
            )
        return f"Without {where} {_what(label, regression)} goes from {_said(output, regression)} to " + said
    unit = "the value" if regression else "the log-odds"
    does = f"adds {effect:.2g} to" if effect > 0 else f"takes {-effect:.2g} from"
    return f"{where[0].upper()}{where[1:]} {does} {unit} of {label}."


def _at(totals: Float, cells: Float | None, lead: int | None, wave: int | None) -> np.float64:
    """Return the value of a place: of a lead, of a wave in all leads, or of both."""
    if cells is None or wave is None:
        return np.float64(totals[lead or 0])
    return np.float64(totals[wave] if lead is None else cells[lead, wave])


def _what(label: str, regression: bool) -> str:
    return f"the value of {label}" if regression else f"the probability of {label}"


def _said(value: float, regression: bool) -> str:
    return f"{value:.4g}" if regression else f"{100 * value:.0f} %"
