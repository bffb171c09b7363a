"""Federated rounds against pooled training, and against poisoned sites; writes the tables of docs/exchange.md.

    python -m bench.federated [--only NAME …] [--page]

Simulated: 1,500 ECGs of PTB-XL (folds 1 to 7) at three sites with different mixes of labels, 300 ECGs of fold 8 at the
coordinator, fold 9 is the test. Real: 1,500 ECGs of PTB-XL, the Chinese and the American part of the challenge mix;
LUDB and Chapman are the test. Everybody starts from fresh weights and trains ten rounds of two epochs (five rounds with
a poisoned site or noise); pooled training makes as many passes over the same ECGs in one place. Each run is kept in
docs/federated.json and not made again.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import federated_sites as parts  # sets the number of threads before anything loads numpy

# isort: split
import numpy as np

from backend.ml.federated import delta as deltas
from backend.ml.federated.privacy import composed, epsilon_at
from backend.ml.federated.rules import Rules
from bench.federated_data import Ecgs, real_sites, simulated_sites
from bench.federated_page import write_page

RESULTS = Path(__file__).parents[1] / "docs" / "federated.json"
ROUNDS, SHORT = 10, 5
CLIP = 6.0
LOOSE = Rules(clip_norm=1e6, leave_out_odd=False, fewest_sites=1)
CLIPPED = Rules(clip_norm=CLIP, leave_out_odd=False, fewest_sites=1)
GUARDED = Rules(clip_norm=CLIP, leave_out_odd=True, fewest_sites=1)
SCALED, FLIPPED = {"scale": 100.0}, {"flip": True}
NOISY = {f"noise {z:g}": replace(CLIPPED, noise=z) for z in (0.001, 0.01)}

RUNS: dict[str, dict[str, Any]] = {
    "simulated pooled": {},
    "simulated federated": {"rules": LOOSE},
    "simulated guarded": {"rules": GUARDED, "judged": True},
    "flipped undefended": {"rules": LOOSE, "poison": FLIPPED, "rounds": SHORT},
    "flipped clipped": {"rules": CLIPPED, "poison": FLIPPED, "rounds": SHORT},
    "flipped guarded": {"rules": GUARDED, "poison": FLIPPED, "rounds": SHORT, "judged": True},
    "scaled undefended": {"rules": LOOSE, "poison": SCALED, "rounds": SHORT},
    "scaled clipped": {"rules": CLIPPED, "poison": SCALED, "rounds": SHORT},
    "scaled guarded": {"rules": GUARDED, "poison": SCALED, "rounds": SHORT, "judged": True},
    "real pooled": {},
    "real federated": {"rules": replace(LOOSE, largest_share=0.6)},
    "real alone": {"alone": True},
    "simulated alone": {"alone": True},
    **{name: {"rules": rules, "rounds": SHORT} for name, rules in NOISY.items()},
}
SEEDS: dict[str, int] = {}


def run(name: str, seed: int, what: dict[str, Any]) -> dict[str, Any]:
    """Make one run and return what the page tells of it."""
    began = time.process_time()
    given = real_sites(seed) if name.startswith("real") else simulated_sites(seed)
    sites = [parts.Site(site, ecgs) for site, ecgs in given.sites.items()]
    if "poison" in what:
        sites[-1] = replace(sites[-1], **what["poison"])
    spec = parts.spec_of(given.labels)
    found: dict[str, Any] = {"name": name, "seed": seed, "sites": {site.name: mix(site.ecgs) for site in sites}}
    curve: list[dict[str, Any]] = []

    def measure(weights: bytes, number: int) -> None:
        tests = {test: parts.scores(weights, spec, given.validation, ecgs) for test, ecgs in given.tests.items()}
        curve.append({"round": number} | {test: [round(float(x), 4) for x in both] for test, both in tests.items()})
        print(name, seed, curve[-1], f"{time.process_time() - began:.0f} s", flush=True)

    weights = parts.fresh(spec, seed)
    if "rules" in what:
        fates = []
        last = what.get("rounds", ROUNDS)
        for number in range(1, last + 1):
            judge = given.validation.at(np.arange(150)) if what.get("judged") else None
            merged = parts.one_round(sites, spec, weights, number, what["rules"], seed, judge)
            weights = deltas.weights_bytes(merged.weights)
            fates.append({site: fate(verdict) for site, verdict in merged.verdicts.items()})
            if number in (SHORT, last):
                measure(weights, number)
        found["fates"] = fates
        rules: Rules = what["rules"]
        if rules.noise:
            found["epsilon"] = epsilon_at(rules.delta, composed([rules.noise] * last))
    else:
        pools = (
            {site.name: site.ecgs for site in sites}
            if what.get("alone")
            else {"": together(list(given.sites.values()))}
        )
        found["alone"] = {}
        for pool, ecgs in pools.items():
            weights = parts.fresh(spec, seed)
            for number in range(1, ROUNDS + 1):
                config = replace(parts.LOCAL, seed=seed * 10_000 + number)
                weights = parts.trained(ecgs, spec, weights, config)
            measure(weights, ROUNDS)
            found["alone"][pool] = curve[-1]
    return found | {"curve": curve, "cpu_seconds": round(time.process_time() - began)}


def fate(verdict: Any) -> dict[str, Any]:
    names = ("share", "norm", "longer", "cosine", "alone", "factor")
    told = {name: getattr(verdict, name) for name in names}
    return {k: None if v is None else float(f"{v:.3g}") for k, v in told.items()} | {"left_out": verdict.left_out}


def mix(ecgs: Ecgs) -> dict[str, Any]:
    return {"n": len(ecgs), "labels": ecgs.y.sum(axis=0).astype(int).tolist()}


def together(all_of_them: list[Ecgs]) -> Ecgs:
    return Ecgs(
        np.concatenate([one.x for one in all_of_them]),
        np.concatenate([one.y for one in all_of_them]),
        tuple(patient for one in all_of_them for patient in one.patients),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--page", action="store_true", help="write the tables from what is there, run nothing")
    options = parser.parse_args()
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name, what in RUNS.items():
        for seed in range(1, SEEDS.get(name, 1) + 1):
            key = f"{name}/{seed}"
            if options.page or key in results or (options.only and name not in options.only):
                continue
            results[key] = run(name, seed, what)
            RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    write_page(results)


if __name__ == "__main__":
    main()
