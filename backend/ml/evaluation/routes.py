"""What the router of a sparse network does with ECGs: which experts see them, and whether one of them takes all."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from backend.language.sentence import Sentence
from backend.ml.architectures import ARCHITECTURES
from backend.ml.spec import ModelSpec
from backend.ml.strict_json import ALL_SERVED

ALARM: Final = 0.9
"""Share of the ECGs from which on one routed expert has taken over."""
FEWEST: Final = 20  # ECGs; of fewer, nothing is alarming

Weights = NDArray[np.floating]


@dataclass(frozen=True, kw_only=True)
class LabelRoutes:
    """The shares of the experts among the ECGs with one label."""

    label: str
    n: int
    shares: tuple[float, ...]

    __pydantic_config__: ClassVar = ALL_SERVED


@dataclass(frozen=True, kw_only=True)
class RouterReport:
    """The routes of n ECGs; `always_on` is the expert that sees every one, empty where there is none.

    `shares` are those of the `experts` that the router may choose, mean over ECGs. `ecg_entropy` says how evenly the
    experts of one ECG count (0: one of them alone, 1: all alike), `share_entropy` how even the shares are, and
    `effective_experts` is the exponential of the latter: 3.0 for three that are chosen alike. `alarm` is empty or says
    what is wrong.
    """

    n: int
    always_on: str
    experts: tuple[str, ...]
    shares: tuple[float, ...]
    by_label: tuple[LabelRoutes, ...]
    ecg_entropy: float
    share_entropy: float
    effective_experts: float
    alarm: Sentence

    __pydantic_config__: ClassVar = ALL_SERVED

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON object."""
        return asdict(self)


def watch(spec: ModelSpec, weights: Weights, rows: Mapping[str, NDArray[np.bool_]]) -> RouterReport | None:
    """Report on the routes (n, e) with which a model of `spec` answered n ECGs; None without ECGs or experts.

    `rows` says for each label which ECGs have it. ECGs whose routes are no numbers are left out.
    """
    known = ARCHITECTURES.get(spec.architecture)
    if known is None or not known.experts or weights.ndim != 2 or weights.shape[1] != len(known.experts):
        return None
    sound = np.asarray((np.isfinite(weights) & (weights >= 0)).all(axis=1))
    if not sound.any():
        return None
    always = known.always_on if spec.config.get("always_on", 1) else ""
    return report(weights[sound], known.experts, always, {label: have[sound] for label, have in rows.items()})


def report(
    weights: Weights, experts: Sequence[str], always_on: str, rows: Mapping[str, NDArray[np.bool_]]
) -> RouterReport:
    """Return the report of routes: in which share (n, e) each expert counts for an ECG, 0 where it does not see it.

    Of an average over windows the shares are means. One expert has taken over where it counts alone among those that
    may be chosen, or, where two are, as much as it can.
    """
    free = [i for i, name in enumerate(experts) if name != always_on]
    routed = weights[:, free] / np.clip(weights[:, free].sum(axis=1, keepdims=True), 1e-12, None)
    shares = routed.mean(axis=0)
    first = int(np.argmax(shares))
    taken = min(1.0, float(shares[first]) * (1 if always_on else 2))
    alarm = ""
    if taken > ALARM and len(weights) >= FEWEST:
        alarm = f"The expert {experts[free[first]]} takes {taken:.0%} of the ECGs: the router chooses no more."
    used = (weights > 0).sum(axis=1)
    most = np.log(np.maximum(2, used))
    spread = float(_entropy(shares))
    return RouterReport(
        n=len(weights),
        always_on=always_on,
        experts=tuple(experts[i] for i in free),
        shares=_rounded(shares),
        by_label=tuple(
            LabelRoutes(label=label, n=int(have.sum()), shares=_rounded(routed[have].mean(axis=0)))
            for label, have in rows.items()
            if have.any()
        ),
        ecg_entropy=round(float((_entropy(weights) / most).mean()), 4),
        share_entropy=round(spread / np.log(len(free)), 4),
        effective_experts=round(float(np.exp(spread)), 3),
        alarm=alarm,
    )


def in_words(report: Mapping[str, Any]) -> list[str]:
    """Return a report, as `to_dict` gives it, as lines for people; the alarm is the first where there is one."""

    def told(shares: Sequence[float]) -> str:
        return ", ".join(f"{name} {share:.0%}" for name, share in zip(report["experts"], shares, strict=True))

    beside = f" beside {report['always_on']}, which sees all" if report["always_on"] else ""
    return [
        *([report["alarm"]] if report["alarm"] else []),
        f"Experts that see the ECGs{beside}: {told(report['shares'])}; {report['effective_experts']:.1f} count.",
        *(f"{one['label']} ({one['n']}): {told(one['shares'])}" for one in report["by_label"]),
    ]


def _rounded(shares: NDArray[np.floating]) -> tuple[float, ...]:
    return tuple(round(float(share), 4) for share in shares)


def _entropy(p: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(-(p * np.log(np.clip(p, 1e-12, None))).sum(axis=-1))
