"""Is a map more than what the same network shows with random weights? A rank among networks whose weights were redrawn.

After Adebayo et al. 2018 (arXiv:1810.03292): a map that does not depend on what a network has learned explains nothing
of it. Effects are counted in standard deviations of the network's own score over reference ECGs, so that networks of
any size of output can be compared, and a place counts by how far it stands out from the other networks' effects there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import PreprocessingError
from backend.ecg.preprocess import Preprocessing
from backend.ecg.synthesize import CLASSES, simulate

DRAWS: Final = 21
"""Networks with random weights beside the explained one; a third drawn in each way."""
MARGIN: Final = 1.25
"""A map is evidence if it stands out by so many times what the strongest of them does."""
SPECIAL: Final = 1 / 3
"""An ECG is compared with usual waves where they change the answer by this share of what taking waves out does."""
_TOO_FEW: Final = "Fewer than two networks with random weights gave a score that depends on the ECG."
NO_SPREAD: Final = "The score of this network does not depend on the ECG."
_FLOOR: Final = 0.5  # of the usual spread: no place counts for that no network notices it
_PER_CLASS = 5
_SIMULATED_HZ = 250.0


@dataclass(frozen=True, slots=True)
class Control:
    """How a map compares with those of networks whose weights were drawn anew.

    `stands_out` is by how many standard deviations one of its places lies above what the other networks have there, the
    most of all places; `strongest` the same of the random network that stands out most, `n_as_strong` how many of them
    stand out as much as the map. Without networks to compare with, `reason` says why, and there is no evidence.
    """

    n_networks: int
    stands_out: float
    strongest: float
    n_as_strong: int
    evidence: bool
    reason: str = ""

    @property
    def text(self) -> str:
        """The same in plain words."""
        if self.reason:
            return f"There is no control for this map, so that it is not shown as evidence. {self.reason}"
        if self.evidence:
            return (
                f"The map stands out from those of {self.n_networks} networks with random weights "
                f"({self.stands_out:.1f}; the strongest of them {self.strongest:.1f}): it shows something that this "
                "network has learned. It is a hint about the model, never a finding about the patient."
            )
        return (
            "This network with random weights gives as strong a map, so it shows nothing about this ECG "
            f"({self.stands_out:.1f}; the strongest of {self.n_networks} networks with random weights "
            f"{self.strongest:.1f}, and {MARGIN:g} times that is needed)."
        )


def no_control(reason: str) -> Control:
    """Return what is said where there is nothing to compare with."""
    return Control(0, 0.0, 0.0, 0, evidence=False, reason=reason)


def control(explained: NDArray[np.floating], others: Sequence[NDArray[np.floating]]) -> Control:
    """Compare the effects of each place (p,) of the explained network with those of the others.

    All are in standard deviations of the score of their own network. Each network is held against all the rest, the
    explained one among them: were it one of the random ones, it would stand out most once in so many networks.
    """
    return _ranked(_stands_out([explained, *others])) if len(others) > 1 else no_control(_TOO_FEW)


def control_of(
    taken_out: Sequence[NDArray[np.floating]], beside_usual: Sequence[NDArray[np.floating]]
) -> tuple[bool, Control]:
    """Return whether the ECG is compared with a usual one, and the control of the map that is shown then.

    Both are effects (p,) of the explained network and then of the others: of what is taken out, and of what is
    special. The question is chosen by each network for itself, by one rule: so one that was among the random ones would
    still stand out most once in so many.
    """
    special = [matters(usual, lost) for lost, usual in zip(taken_out, beside_usual, strict=True)]
    if len(taken_out) < 3:
        return special[0], no_control(_TOO_FEW)
    return special[0], _ranked(np.where(special, _stands_out(beside_usual), _stands_out(taken_out)))


def matters(beside_usual: NDArray[np.floating], taken_out: NDArray[np.floating]) -> bool:
    """Return whether what is special about an ECG has a third of the effect of its waves, in the strongest places."""
    return bool(np.abs(beside_usual).max() > SPECIAL * np.abs(taken_out).max())


def _ranked(out: NDArray[np.float64]) -> Control:
    strongest = float(out[1:].max())
    return Control(
        n_networks=len(out) - 1, stands_out=float(out[0]), strongest=strongest,
        n_as_strong=int((out[1:] >= out[0]).sum()), evidence=bool(out[0] > MARGIN * max(strongest, 0.0)),
    )  # fmt: skip


def _stands_out(networks: Sequence[NDArray[np.floating]]) -> NDArray[np.float64]:
    """Return by how many standard deviations some place of each network lies above all the rest, the most of all."""
    effects = np.abs(np.stack(networks).astype(np.float64))
    out = np.empty(len(effects))
    for one in range(len(effects)):
        rest = np.delete(effects, one, axis=0)
        spread = rest.std(axis=0, ddof=1)
        usual = float(np.sqrt(np.mean(spread**2)))
        by_place = (effects[one] - rest.mean(axis=0)) / np.maximum(spread, max(_FLOOR * usual, 1e-12))
        out[one] = by_place.max()
    return out


@lru_cache(maxsize=4)
def references(preprocessing: Preprocessing) -> NDArray[np.float32]:
    """Return simulated ECGs of all classes as a network gets them (r, 12, n): over them its score is to vary."""
    found = []
    for label in CLASSES:
        for seed in range(_PER_CLASS):
            ecg = simulate(label, 1000 + seed, _SIMULATED_HZ, float(np.clip(preprocessing.window_s, 1, 60))).recording
            try:
                found.append(preprocessing(ecg.signal, ecg.rate))
            except PreprocessingError:  # no beats to align
                continue
    return np.stack(found)


def spread_of(scores: NDArray[np.floating]) -> float | None:
    """Return the standard deviation of a network's score over ECGs; None where it does not depend on them."""
    if not np.isfinite(scores).all():
        return None
    spread = float(np.std(scores, ddof=1))
    return spread if spread > 1e-6 * (float(np.abs(scores).max()) + 1e-12) else None
