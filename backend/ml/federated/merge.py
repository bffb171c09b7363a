"""One round: from the base and what the sites sent to the next version, and what was made of each contribution."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.ml.errors import ContributionError
from backend.ml.federated import delta as deltas
from backend.ml.federated.agreement import agreements
from backend.ml.federated.average import average, site_weights
from backend.ml.federated.delta import Change, Delta, Weights
from backend.ml.federated.rules import Rules


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of a contribution: its share of the mean, 0 with the reason where it was left out."""

    recordings: int
    share: float
    norm: float
    longer: float | None
    cosine: float | None
    alone: float | None  # macro-AUROC of the base with it alone, on the coordinator's recordings
    factor: float  # by which it was shortened here; 1 for one that came as agreed
    remark: str = ""
    left_out: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Merged:
    """The next version's weights, how far they are from the base, and a verdict on each site."""

    weights: Weights
    norm: float
    verdicts: Mapping[str, Verdict]


def prepared(base: Weights, trained: Weights, rules: Rules, random: np.random.Generator) -> tuple[Change, float, float]:
    """Return what a site sends (clipped, with noise where the rules ask sites for it), its length before, the factor.

    Raises ContributionError where the trained model does not come from the base.
    """
    change = deltas.delta_of(base, trained)
    length = deltas.norm(change, base)
    if length == 0:
        raise ContributionError(
            "The model has the weights of the base model of this round: there is nothing to contribute. Fine-tune it, "
            "all layers, on your recordings."
        )
    short, factor = deltas.clipped(change, base, rules.clip_norm)
    return deltas.with_noise(short, base, rules.deviation if rules.noise_at == "site" else 0.0, random), length, factor


def merge(
    base: Weights,
    contributions: Mapping[str, tuple[Delta, int]],
    rules: Rules,
    random: np.random.Generator,
    *,
    left_out: Mapping[str, str] | None = None,
    keep_odd: Sequence[str] = (),
    trial: Callable[[Weights], float | None] | None = None,
) -> Merged:
    """Average contributions, each a delta and its number of recordings, and add the mean to the base.

    `left_out` are sites that a person leaves out, with the reason; an odd contribution (`agreement`) is left out unless
    its site is among `keep_odd`, or noise is added only here, which hides whose contribution it was. `trial` returns
    the macro-AUROC of weights on recordings of the coordinator; it is not asked where there is noise. Whatever is
    longer than agreed is shortened to what was agreed. Raises ContributionError where fewer sites than the rules ask
    for remain.
    """
    names = sorted(contributions)
    vectors = {name: deltas.measured(contributions[name][0], base) for name in names}
    most = rules.longest(len(next(iter(vectors.values())))) if vectors else 0.0
    short, factors = {}, {}
    for name in names:
        short[name], factors[name] = deltas.clipped(contributions[name][0], base, most)
    asked = trial if not rules.noise else None
    alone = [asked(deltas.applied(base, short[name])) for name in names] if asked else []
    of_base = asked(base) if asked else None
    judged = dict(zip(names, agreements([vectors[name] for name in names], alone, of_base), strict=True))
    reasons = dict(left_out or {})
    if rules.leave_out_odd and not (rules.noise and rules.noise_at == "coordinator"):
        reasons |= {
            name: one.odd for name, one in judged.items() if one.odd and name not in keep_odd and name not in reasons
        }
    kept = [name for name in names if name not in reasons]
    if len(kept) < rules.fewest_sites:
        told = "; ".join(f"{name}: {reason}" for name, reason in sorted(reasons.items()) if name in names)
        raise ContributionError(
            f"{len(kept)} of {len(names)} contributions are left, and the round asks for at least {rules.fewest_sites}."
            f"{f' Left out: {told}.' if told else ''} Wait for more sites, or undo the round."
        )
    shares = site_weights([contributions[name][1] for name in kept], rules.largest_share)
    change = average(base, [short[name] for name in kept], shares, pooled=not rules.noise)
    if rules.noise and rules.noise_at == "coordinator":
        change = deltas.with_noise(change, base, rules.deviation * float(shares.max()), random)
    of = dict(zip(kept, shares.tolist(), strict=True))
    return Merged(
        weights=deltas.applied(base, change),
        norm=deltas.norm(change, base),
        verdicts={
            name: Verdict(
                recordings=contributions[name][1],
                share=of.get(name, 0.0),
                norm=judged[name].norm,
                longer=judged[name].longer,
                cosine=judged[name].cosine,
                alone=judged[name].alone,
                factor=factors[name],
                remark=judged[name].remark,
                left_out=reasons.get(name, ""),
            )
            for name in names
        },
    )
