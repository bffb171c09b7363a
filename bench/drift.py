"""How often the drift check finds another device, another rate or swapped leads, and how often what is not there.

    python -m bench.drift [--rounds 200] [--training 500] [--new 200]

Real ECGs in mV (../shared/data/README.md): each round draws patients of PTB-XL (folds 1 to 9) as the training and
others as the new ECGs, which stay as they are, are changed, or are replaced by those of another source. All are
embedded once. The new ECGs are held against the kept profile alone, and against the training's ECGs themselves.
"""

import argparse
import os
from collections import Counter
from collections.abc import Callable
from functools import partial

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from backend.ecg.leads import LEADS
from backend.ecg.signal_statistics import FLAGS, NUMBERS, measure
from backend.errors import UserError
from backend.ml.evaluation.drift.check import check
from backend.ml.evaluation.drift.profile import Measured, make
from bench.cardx_data import ptbxl_as_stored, rows_of, stored
from exchangeai.computing import shipped

HASH = "0" * 64
RATE = 100.0
CHANGED = 400  # ECGs of which every changed kind is embedded
SOURCES = ("ludb", "challenge_mix", "code15", "chapman_denoised", "zzu_pediatric")
Float = NDArray[np.float32]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--training", type=int, default=500, help="patients")
    parser.add_argument("--new", type=int, default=200, help="patients")
    options = parser.parse_args()
    signals, in_mv, rows = ptbxl_as_stored(folds=range(1, 10))
    signals, rows = signals[in_mv], [row for row, yes in zip(rows, in_mv, strict=True) if yes]
    patients = [row["patient_id"] or f"ecg {row['ecg_id']}" for row in rows]
    home = measured(signals, RATE, patients)
    people = np.unique(patients)
    print(f"PTB-XL: {len(rows)} ECGs of {len(people)} patients; {options.rounds} rounds, {options.training} patients")
    print(f"learned from, {options.new} new.\n")
    print("| new ECGs | ECGs | alike | different | very different | by what |\n|---|---|---|---|---|---|")

    def told(name: str, new: Callable[[NDArray[np.str_], np.random.Generator], Measured], *, at_hand: bool) -> None:
        said, kinds, n, odd = Counter[str](), Counter[str](), [], []
        for seed in range(options.rounds):
            random = np.random.default_rng(seed)
            order = random.permutation(people)
            train = home.some(np.flatnonzero(np.isin(patients, order[: options.training])))
            profile = make(train, HASH)
            assert profile is not None
            found = check(profile, new(order[options.training :], random), train if at_hand else None)
            said[found.verdict] += 1
            kinds.update({one.kind for one in found.findings})
            n.append(found.n)
            odd.append(len(found.odd) / found.n)
        shares = " | ".join(f"{said[word] / options.rounds:.1%}" for word in ("alike", "different", "very different"))
        how = ", ".join(f"{kind} {count / options.rounds:.0%}" for kind, count in kinds.most_common())
        print(f"| {name} | {np.mean(n):.0f} | {shares} | {how}; {np.mean(odd):.0%} stick out |", flush=True)

    def clean(others: NDArray[np.str_], _random: np.random.Generator, n: int) -> Measured:
        return home.some(np.flatnonzero(np.isin(patients, others[:n])))

    for n in (options.new, 50):
        for at_hand in (True, False):
            told(f"same source, by {'lot' if at_hand else 'covariance'}", partial(clean, n=n), at_hand=at_hand)
    for name in SOURCES:
        away = external(name)
        told(name, lambda _others, random, away=away: drawn(away, random, options.new), at_hand=False)
    some = np.random.default_rng(0).permutation(len(rows))[:CHANGED]
    for name, (changed, rate) in changes(signals[some]).items():
        other = measured(changed, rate, [patients[i] for i in some])
        for share in (1.0, 0.1) if rate == RATE else (1.0,):
            new = partial(mixed, home.some(some), other, share=share, n=options.new)
            told(f"{name}, {share:.0%} of them", new, at_hand=False)


def measured(signals: Float, rate: float, patients: list[str]) -> Measured:
    """Embed and measure ECGs (n, 12, m) in mV; those that cannot be embedded have NaN."""
    embedder = shipped("cardx")
    embeddings = np.full((len(signals), len(embedder.spec.labels)), np.nan)
    numbers, flags = np.empty((len(signals), len(NUMBERS))), np.empty((len(signals), len(FLAGS)), bool)
    for place, signal in enumerate(signals):
        numbers[place], flags[place] = measure(signal, rate)
        try:
            embeddings[place] = embedder.probabilities(signal[None], rate)[0]
        except UserError:
            continue
    return Measured(embeddings, numbers, flags, [rate] * len(signals), patients)


def external(name: str) -> Measured:
    signals = stored(name, None, "unit_mv")
    rows = sorted(rows_of(name), key=lambda row: int(row["row"]))
    lengths = [int(float(row.get("valid_samples_100hz") or signals.shape[2])) for row in rows]
    parts = [measured(signals[i : i + 1, :, :n], RATE, [f"{name} {i}"]) for i, n in enumerate(lengths)]
    return Measured(
        np.concatenate([one.embeddings for one in parts]), np.concatenate([one.numbers for one in parts]),
        np.concatenate([one.flags for one in parts]), [RATE] * len(parts), [one.patients[0] for one in parts],
    )  # fmt: skip


def drawn(away: Measured, random: np.random.Generator, n: int) -> Measured:
    return away.some(np.sort(random.permutation(len(away.patients))[:n]))


def mixed(
    plain: Measured, other: Measured, others: NDArray[np.str_], random: np.random.Generator, share: float, n: int
) -> Measured:
    """Return ECGs of new patients, of which a share is changed."""
    places = random.permutation(np.flatnonzero(np.isin(plain.patients, others)))[:n]
    k = round(share * len(places))
    one, two = other.some(places[:k]), plain.some(places[k:])
    return Measured(
        np.concatenate([one.embeddings, two.embeddings]), np.concatenate([one.numbers, two.numbers]),
        np.concatenate([one.flags, two.flags]), [*one.rates, *two.rates], [*one.patients, *two.patients],
    )  # fmt: skip


def changes(x: Float) -> dict[str, tuple[Float, float]]:
    """Return what may have gone wrong with ECGs (n, 12, m), and the rate at which they are declared."""
    arms = x.copy()
    at = {lead: place for place, lead in enumerate(LEADS)}
    arms[:, at["I"]], arms[:, at["II"]], arms[:, at["III"]] = -x[:, at["I"]], x[:, at["III"]], x[:, at["II"]]
    arms[:, at["aVR"]], arms[:, at["aVL"]] = x[:, at["aVL"]], x[:, at["aVR"]]

    def swapped(a: str, b: str) -> Float:
        y = x.copy()
        y[:, [at[a], at[b]]] = x[:, [at[b], at[a]]]
        return y

    rates = {f"declared at {rate:g} Hz instead of 100": (x, rate) for rate in (50.0, 110.0, 125.0, 200.0)}
    return rates | {
        "arms interchanged": (arms, RATE), "columns I and II interchanged": (swapped("I", "II"), RATE),
        "V1 and V2 interchanged": (swapped("V1", "V2"), RATE), "V3 and V4 interchanged": (swapped("V3", "V4"), RATE),
        "amplitude times 1.25": (1.25 * x, RATE),
    }  # fmt: skip


if __name__ == "__main__":
    main()
