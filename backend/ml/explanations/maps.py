"""Maps of one ECG: by occlusion of leads and waves, and the weights of a linear model, each beside its control.

numpy and onnxruntime alone: all is found from the answers of the ONNX file. Gradients need torch (`gradients`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from backend.ecg.leads import LEADS
from backend.ecg.preprocess import Preprocessing
from backend.ml.errors import ModelInvalidError
from backend.ml.explanations.control import (
    DRAWS,
    NO_SPREAD,
    Control,
    control,
    control_of,
    no_control,
    references,
    spread_of,
)  # fmt: skip
from backend.ml.explanations.redraw import redrawn
from backend.ml.explanations.score import score
from backend.ml.explanations.usual import usual
from backend.ml.explanations.waves import Laid, without_lead, without_wave
from backend.ml.inference.predictor import Predictor, session_of, to_outputs

Method: TypeAlias = Literal["leads", "waves", "gradients", "weights"]
Instead: TypeAlias = Literal["nothing", "usual"]
"""What stands in the place of what is taken out: lines, as if there was no wave; or usual waves."""
INSTEAD: Final[tuple[Instead, ...]] = get_args(Instead)
Float = NDArray[np.float64]
OnStep: TypeAlias = Callable[[float], None]
"""Told how much is done, 0 to 1; may raise to stop."""
LINEAR: Final = "rlign_logistic"
NO_GRADIENTS: Final = (
    "Integrated gradients need the weights of the network by name. Of this model only its graph is known, as of every "
    "ONNX file from elsewhere; occlusion works with any model."
)


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """What a method found in one ECG, in log-odds of the label (of a regression in its unit); + speaks for it.

    `cells` (12, s) are by lead and wave, the waves of `Laid.present`; `totals` are of each lead (12,) for "leads", else
    of each wave in all leads at once (s,). `outputs` are the probabilities (or values) that the model gives with that
    lead or wave taken out, of the same shapes as `totals` and `cells`; None where nothing is taken out. `samples`
    (12, n) are by sample of the input, for the average beat; None for occlusion. `instead` is what the ECG is compared
    with. Of leads against usual ones the effect is what a lead adds alone, the others being usual.
    """

    method: Method
    cells: Float | None
    totals: Float
    control: Control
    outputs: Float | None = None
    cell_outputs: Float | None = None
    samples: Float | None = None
    gap: float | None = None
    """Of gradients: by how much their sum misses the difference that they take apart, as a share of it."""
    instead: Instead = "nothing"

    @property
    def place(self) -> tuple[int | None, int | None]:
        """Lead and wave of the strongest place; a wave of None is the whole lead.

        A lead of None is all leads together: where no single one has half the effect of the wave in all of them.
        """
        if self.cells is None:
            return int(np.abs(self.totals).argmax()), None
        lead, wave = np.unravel_index(np.abs(self.cells).argmax(), self.cells.shape)
        together = int(np.abs(self.totals).argmax())
        if abs(self.totals[together]) > 2 * abs(self.cells[lead, wave]):
            return None, together
        return int(lead), int(wave)


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """What one network says: by lead (12,), by wave (s,) and by both (12, s), each by what stands in their place.

    `spread` is that of its score, `logits` are all its answers.
    """

    leads: Sequence[Float]
    waves: Sequence[Float]
    cells: Sequence[Float]
    spread: float | None
    logits: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Which label of which ECG is explained; `patient` (4,) is for networks that take age and sex."""

    laid: Laid
    place: int
    patient: NDArray[np.float32] | None = None


def occlusion(
    predictor: Predictor, onnx: bytes, question: Question, *, draws: int = DRAWS, on_step: OnStep = lambda _: None
) -> list[Map]:
    """Return the maps "leads" and, where the waves are known, "waves". Raises ModelInvalidError as the predictor."""
    laid, spec = question.laid, predictor.spec
    x, batch = _taken_out(laid, spec.preprocessing), references(spec.preprocessing)
    own = _effects(predictor, x, batch, question)
    others: list[Effects] = []
    reason = "" if own.spread else NO_SPREAD
    try:
        for done, redraw in enumerate(_redrawn(predictor, onnx, draws)):
            on_step((done + 1) / (draws + 1))
            found = _effects(redraw, x, batch, question)
            if found.spread is not None:
                others.append(found)
    except ModelInvalidError as problem:
        reason = str(problem)
    outputs = to_outputs(own.logits, spec.task, spec.calibration)[:, question.place].astype(np.float64)
    at, said = _judged(own, others, reason, _of_leads)
    # What a lead adds alone is no answer to an ECG without it.
    without = outputs[1 : 1 + len(LEADS)] if INSTEAD[at] == "nothing" else None
    maps = [Map("leads", None, own.leads[at], said, outputs=without, instead=INSTEAD[at])]
    s = len(laid.present)
    if s:
        at, said = _judged(own, others, reason, _of_waves)
        without = outputs[2 + 2 * len(LEADS) :].reshape(len(INSTEAD), -1)[at]
        maps.append(
            Map(
                "waves", own.cells[at], own.waves[at], said, outputs=without[:s],
                cell_outputs=without[s:].reshape(len(LEADS), s), instead=INSTEAD[at],
            )
        )  # fmt: skip
    return maps


def weights(
    predictor: Predictor, onnx: bytes, question: Question, *, draws: int = DRAWS, on_step: OnStep = lambda _: None
) -> Map:
    """Return what each sample of the aligned beat weighs, and by lead and wave what those of this ECG add.

    Raises ModelInvalidError for a network that is not linear.
    """
    batch = references(predictor.spec.preprocessing)
    own, of_own = linear_weights(predictor, question.place), _spread(predictor, batch, question)
    cells = by_cell(own * (question.laid.x - question.laid.flat), question.laid)
    others: list[tuple[Float, float]] = []
    reason = "" if of_own else NO_SPREAD
    try:
        for done, redraw in enumerate(_redrawn(predictor, onnx, draws)):
            on_step((done + 1) / (draws + 1))
            drawn, spread = linear_weights(redraw, question.place), _spread(redraw, batch, question)
            if spread is not None:
                others.append((by_cell(drawn * (question.laid.x - question.laid.flat), question.laid), spread))
    except ModelInvalidError as problem:
        reason = str(problem)
    said = no_control(reason) if reason else compare(cells, of_own or 1.0, others)
    return Map("weights", cells, cells.sum(axis=0), said, samples=own)


def compare(cells: Float, spread: float, others: Sequence[tuple[Float, float]]) -> Control:
    """Return the control of (12, s) cells and of their sums over the leads, given those of other networks."""
    return control(places(cells, spread), [places(one, of) for one, of in others])


def places(cells: Float, spread: float) -> Float:
    """Return the (12, s) cells and their sums over the leads, in standard deviations of the network's score."""
    return np.concatenate([cells.ravel(), cells.sum(axis=0)]) / spread


def linear_weights(predictor: Predictor, place: int) -> Float:
    """Return the weight (12, n) of each sample in the logit of a label, from the network's answers to single samples.

    Of labels of which one applies it is the weight beyond the mean of all labels: softmax knows no other.
    Raises ModelInvalidError for a network that is not linear.
    """
    n = predictor.spec.n_samples
    unit = np.eye(len(LEADS) * n, dtype=np.float32).reshape(-1, len(LEADS), n)
    bias = predictor.logits(np.zeros((1, len(LEADS), n), np.float32))[0].astype(np.float64)
    found = predictor.logits(unit).astype(np.float64) - bias
    probe = np.random.default_rng(0).normal(size=(1, len(LEADS), n)).astype(np.float32)
    expected = probe.reshape(1, -1).astype(np.float64) @ found + bias
    if not np.allclose(predictor.logits(probe), expected, rtol=1e-3, atol=1e-3 * float(np.abs(expected).max() + 1)):
        raise ModelInvalidError("The weights of this network cannot be drawn on a beat: it is not linear.")
    own = found[:, place]
    if predictor.spec.task == "single_label":
        own = own - found.mean(axis=1)
    return np.asarray(own.reshape(len(LEADS), n))


def by_cell(samples: Float, laid: Laid) -> Float:
    """Return the sums (12, s) of values by sample (12, n) over the waves that are present."""
    return np.stack([samples[:, laid.codes == code].sum(axis=1) for code in laid.present], axis=1)


def _taken_out(laid: Laid, preprocessing: Preprocessing) -> NDArray[np.float32]:
    """Return the input as it is; without each lead; with usual leads, all and all but one; and without each wave and
    each wave of each lead, by what stands in its place."""
    every, known = list(range(len(LEADS))), usual(laid, preprocessing)
    variants = [laid.x, *(without_lead(laid, lead) for lead in every), known.leads]
    variants += [np.where(np.arange(len(LEADS))[:, np.newaxis] == lead, laid.x, known.leads) for lead in every]
    for instead in (None, known.waves):
        variants += [without_wave(laid, code, every, instead) for code in laid.present]
        variants += [without_wave(laid, code, [lead], instead) for lead in every for code in laid.present]
    return np.stack(variants)


def _effects(predictor: Predictor, x: NDArray[np.float32], batch: NDArray[np.float32], asked: Question) -> Effects:
    patient = None if asked.patient is None else np.repeat(asked.patient[np.newaxis], len(x), axis=0)
    logits = predictor.logits(x, patient)
    scores = score(logits, predictor.spec.task, asked.place)
    k, s = len(LEADS), len(asked.laid.present)
    leads = (scores[0] - scores[1 : 1 + k], scores[2 + k : 2 + 2 * k] - scores[1 + k])
    lost = (scores[0] - scores[2 + 2 * k :]).reshape(len(INSTEAD), -1)
    spread = _spread(predictor, batch, asked) if np.isfinite(scores).all() else None
    return Effects(leads, list(lost[:, :s]), list(lost[:, s:].reshape(len(INSTEAD), k, s)), spread, logits)


def _spread(predictor: Predictor, batch: NDArray[np.float32], asked: Question) -> float | None:
    patient = None if asked.patient is None else np.repeat(asked.patient[np.newaxis], len(batch), axis=0)
    return spread_of(score(predictor.logits(batch, patient), predictor.spec.task, asked.place))


def _redrawn(predictor: Predictor, onnx: bytes, draws: int) -> Iterator[Predictor]:
    for seed in range(draws):
        yield Predictor(session_of(redrawn(onnx, seed), 1), predictor.spec)


def _of_leads(one: Effects) -> Sequence[Float]:
    return one.leads


def _of_waves(one: Effects) -> Sequence[Float]:
    return [np.concatenate([cells.ravel(), waves]) for cells, waves in zip(one.cells, one.waves, strict=True)]


def _judged(
    own: Effects, others: Sequence[Effects], reason: str, of: Callable[[Effects], Sequence[Float]]
) -> tuple[int, Control]:
    """Return which of INSTEAD the map is made with, and the control of the places that `of` takes."""
    if reason or own.spread is None:
        return 0, no_control(reason)
    effects = [[of(one)[at] / one.spread for one in (own, *others) if one.spread] for at in range(len(INSTEAD))]
    special, said = control_of(*effects)
    return int(special), said
