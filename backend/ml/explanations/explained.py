"""What a model looked at in one ECG: all maps that can be made of it, their controls, and the beat to draw them on.

As one value that is JSON: the API, the shell and Python tell the same.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UserError
from backend.ecg.leads import LEADS
from backend.ml.errors import SettingError
from backend.ml.explanations.beat import AverageBeat, average_beat, on_beat
from backend.ml.explanations.control import DRAWS
from backend.ml.explanations.maps import LINEAR, Map, Method, OnStep, Question, occlusion, weights
from backend.ml.explanations.score import score
from backend.ml.explanations.waves import SEGMENTS, Laid, lay, spans
from backend.ml.explanations.words import sentence
from backend.ml.inference.answers import check_leads
from backend.ml.inference.decisions import decide
from backend.ml.inference.predictor import Predictor, to_outputs
from backend.ml.spec import ModelSpec

Way: TypeAlias = Literal["occlusion", "gradients", "weights"]
WAYS: Final[tuple[Way, ...]] = get_args(Way)
Gradients: TypeAlias = Callable[[Question, OnStep], Map]
NO_TORCH: Final = "Integrated gradients need PyTorch, which is not installed here (pip install 'exchangeai[train]')."
NOT_LINEAR: Final = f"Only a linear model of aligned beats ({LINEAR}) has weights that can be drawn on a beat."


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """What was found; `missing` says why a way of looking was left out, `probability` is None for a regression."""

    label: str
    label_name: str
    score: float
    output: float
    regression: bool
    waves: list[str]
    maps: list[Map]
    laid: Laid
    beat: AverageBeat | None
    spans: list[tuple[float, float, int]]
    beats: Mapping[Method, NDArray[np.float64]]  # by method, (12, N) on the average beat
    notes: list[str] = field(default_factory=list)
    missing: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "label": self.label,
            "label_name": self.label_name,
            "score": _short(self.score),
            "output": _short(self.output),
            "regression": self.regression,
            "leads": list(LEADS),
            "waves": self.waves,
            "maps": [self._map(one) for one in self.maps],
            "beat": None if self.beat is None else {
                "signal": _short(self.beat.signal),
                "waves": [SEGMENTS[code] if code >= 0 else "" for code in self.beat.codes],
                "n_beats": self.beat.n_beats,
            },
            "spans": [
                {"from_ms": round(1000 * begin), "to_ms": round(1000 * end), "wave": SEGMENTS[code]}
                for begin, end, code in self.spans
            ],
            "notes": self.notes,
            "missing": dict(self.missing),
        }  # fmt: skip

    def _map(self, one: Map) -> dict[str, Any]:
        said = one.control
        drawn = self.beats.get(one.method)
        lead, wave = one.place
        return {
            "method": one.method,
            "text": sentence(one, self.waves, self.label_name, self.output, self.regression) if said.evidence else "",
            "control": {
                "evidence": said.evidence, "stands_out": _short(said.stands_out), "strongest": _short(said.strongest),
                "n_networks": said.n_networks, "n_as_strong": said.n_as_strong, "text": said.text,
            },
            "lead": None if lead is None else LEADS[lead],
            "wave": None if wave is None else self.waves[wave],
            "totals": _short(one.totals),
            "cells": None if one.cells is None else _short(one.cells),
            "outputs": None if one.outputs is None else _short(one.outputs),
            "cell_outputs": None if one.cell_outputs is None else _short(one.cell_outputs),
            "on_beat": None if drawn is None else _short(drawn),
            "gap": None if one.gap is None else _short(one.gap),
        }  # fmt: skip


def check_label(spec: ModelSpec, label: str | None) -> None:
    """Raise SettingError for a label that the model does not know."""
    if label is not None and label not in spec.labels:
        raise SettingError(f"The model has no label “{label[:80]}”; it has {', '.join(spec.labels[:50])}.")


def explain(
    predictor: Predictor,
    onnx: bytes,
    signal: NDArray[np.float32],
    rate: float,
    *,
    label: str | None = None,
    ways: Collection[Way] = WAYS,
    patient: NDArray[np.float32] | None = None,
    missing: Collection[str] = (),
    gradients: Gradients | str = NO_TORCH,
    draws: int = DRAWS,
    on_step: OnStep = lambda _: None,
) -> Explained:
    """Explain what a model says of a recording (12, n) in mV at `rate` Hz, for a label: by default the one it tells.

    `onnx` is the file of the predictor. `gradients` makes the map of that name, or is the reason why nobody can.
    `missing` are the leads that the recording lacks. `on_step` is told how much is done, and may raise to stop.
    Raises SettingError for an unknown label, MissingLeadsError and PreprocessingError as an answer does,
    ModelInvalidError where the network cannot be run.
    """
    spec = predictor.spec
    check_label(spec, label)
    check_leads(sorted(missing))
    laid = lay(signal, rate, spec.preprocessing)
    logits = predictor.logits(laid.x[np.newaxis], None if patient is None else patient[np.newaxis])
    outputs = to_outputs(logits, spec.task, spec.calibration)[0]
    place = _usual(spec, outputs) if label is None else spec.labels.index(label)
    question = Question(laid, place, patient if spec.takes_patient else None)
    linear = spec.architecture == LINEAR
    why_not: dict[str, str] = {}
    if "weights" in ways and not linear:
        why_not["weights"] = NOT_LINEAR
    if "gradients" in ways and isinstance(gradients, str):
        why_not["gradients"] = gradients
    todo = [way for way in WAYS if way in ways and way not in why_not]
    maps: list[Map] = []
    for done, way in enumerate(todo):

        def step(share: float, done: int = done) -> None:
            on_step((done + share) / len(todo))

        if way == "occlusion":
            maps += occlusion(predictor, onnx, question, draws=draws, on_step=step)
        elif way == "weights" and not laid.reason:
            maps.append(weights(predictor, onnx, question, draws=draws, on_step=step))
        elif way == "gradients" and not isinstance(gradients, str) and not laid.reason:
            maps.append(gradients(question, step))
    beat = None if laid.reason else average_beat(signal, rate, laid, spec.preprocessing)
    drawn = {
        one.method: on_beat(one.samples, laid, beat, spec.preprocessing)
        for one in maps
        if one.samples is not None and beat is not None
    }
    notes = [f"No waves are known: {laid.reason} Only whole leads can be taken out."] if laid.reason else []
    if beat is None and not laid.reason:
        notes.append("The beats could not be aligned, so that there is no average beat to draw on.")
    return Explained(
        label=spec.labels[place], label_name=spec.label_names[place],
        score=float(score(logits, spec.task, place)[0]), output=float(outputs[place]),
        regression=spec.task == "regression", waves=[SEGMENTS[code] for code in laid.present], maps=maps, laid=laid,
        beat=beat, spans=spans(laid, rate), beats=drawn, notes=notes, missing=why_not,
    )  # fmt: skip


def or_reason(make: Callable[[], Gradients]) -> Gradients | str:
    """Return what `make` does, or in words why it cannot."""
    try:
        return make()
    except ModuleNotFoundError:
        return NO_TORCH
    except UserError as problem:
        return str(problem)


def _usual(spec: ModelSpec, outputs: NDArray[np.float32]) -> int:
    """Return the place of the label that the model tells; of several, or none, the most probable."""
    if spec.task == "regression":
        return 0
    told = [spec.labels.index(label) for label in decide(spec, outputs)]
    return max(told or range(len(spec.labels)), key=lambda place: float(outputs[place]))


def _short(value: Any) -> Any:
    """Return numbers with four digits, as lists; what is no number is None, since JSON knows no NaN."""
    if isinstance(value, np.ndarray):
        return [_short(one) for one in value] if value.ndim > 1 else [_short(one) for one in value.tolist()]
    return float(f"{value:.4g}") if np.isfinite(value) else None
