"""What a model looks at in an ECG, as values for statistics and plots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.ecg.leads import LEADS
from backend.ml.explanations.explained import Explained
from backend.ml.explanations.words import sentence

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ExplanationMap:
    """A map in log-odds of the label (of a regression in its unit); positive speaks for it.

    `leads` {lead: effect} of a map by lead, else `waves` {wave: effect in all leads at once} and `cells`
    {(lead, wave): effect}. `evidence` is False where a network with random weights gives as strong a map: then it shows
    nothing about this ECG. `control` says so in words, `text` names the strongest place of a map that is evidence.
    """

    method: str
    evidence: bool
    control: str
    text: str
    leads: Mapping[str, float]
    waves: Mapping[str, float]
    cells: Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What a model looks at in one recording: a hint about the model, never a finding about the patient.

    `beat` (12, 200) is the average of the beats that it sees in mV, aligned by Rlign, and `beat_waves` the wave of each
    of its samples; None and empty where the beats could not be aligned. `missing` says which maps could not be made.
    """

    name: str
    label: str
    output: float
    maps: Sequence[ExplanationMap]
    beat: NDArray[np.float32] | None
    beat_waves: Sequence[str]
    notes: Sequence[str]
    missing: Mapping[str, str]

    @property
    def evidence(self) -> Sequence[ExplanationMap]:
        """The maps that pass their control."""
        return [one for one in self.maps if one.evidence]


def from_explained(found: Explained, name: str) -> Explanation:
    """Return what was found of the recording of this name."""
    said = found.to_dict()
    maps = []
    for one in found.maps:
        cells = one.cells
        totals = one.totals.tolist()
        maps.append(
            ExplanationMap(
                method=one.method,
                evidence=one.control.evidence,
                control=one.control.text,
                text=sentence(one, found.waves, found.label_name, found.output, found.regression)
                if one.control.evidence
                else "",
                leads=dict(zip(LEADS, totals, strict=True)) if cells is None else {},
                waves={} if cells is None else dict(zip(found.waves, totals, strict=True)),
                cells={}
                if cells is None
                else {
                    (lead, wave): float(cells[row, column])
                    for row, lead in enumerate(LEADS)
                    for column, wave in enumerate(found.waves)
                },
            )
        )
    return Explanation(
        name=name, label=found.label, output=found.output, maps=maps,
        beat=None if found.beat is None else found.beat.signal,
        beat_waves=[] if said["beat"] is None else said["beat"]["waves"], notes=found.notes, missing=found.missing,
    )  # fmt: skip
