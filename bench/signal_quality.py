"""Findings and quality index on real recordings: false alarms, and what is found of faults put in.

    OMP_NUM_THREADS=1 python bench/signal_quality.py [--data ../shared/data]

For each set: what `check` says of the recordings as they are; how many are usable; how often limb electrodes that were
interchanged here are named rightly (the right leg is taken as the left leg with 2 % and 5 µV of difference). For the
first set also the median milliseconds of a check and of an assessment.
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np

from backend.ecg.findings import check
from backend.ecg.limb_swap import LA_RL, RA_LA, RA_LL, RA_RL, suspected_swap
from backend.ecg.recording import Recording
from backend.ecg.signal_quality import assess
from bench.preprocess import medians

SETS = (("ptbxl/ptbxl_raw", 500), ("ptbxl/ptbxl_raw", 100), ("ludb/ludb", 500), ("challenge_mix/challenge_mix", 500),
        ("code15/code15", 100), ("zzu_pediatric/zzu_pediatric", 500))  # fmt: skip


def interchanged(x: np.ndarray, which: str, rng: np.random.Generator) -> np.ndarray:
    ra = -(x[0] + x[1]) / 3
    la, ll = x[0] + ra, x[1] + ra
    rl = ll * (1 + 0.02 * rng.normal()) + 0.005 * rng.normal(size=ll.shape)
    ra, la, ll = {RA_LA: (la, ra, ll), RA_LL: (ll, la, ra), RA_RL: (rl, la, ll), LA_RL: (ra, rl, ll)}[which]
    limbs = [la - ra, ll - ra, ll - la, ra - (la + ll) / 2, la - (ra + ll) / 2, ll - (ra + la) / 2]
    return np.concatenate([np.stack(limbs), x[6:]]).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    data, rng = parser.parse_args().data, np.random.default_rng(0)
    for name, rate in SETS:
        with np.load(data / f"{name}_{rate}hz.npz") as z:
            signals = (z["x"] * float(z["unit_mv"])).astype(np.float32)
        recordings = [Recording(signal=x, rate=rate, name="a", format="x") for x in signals]
        print(f"{name}, {rate} Hz, {len(signals)} recordings")
        print("    findings ", dict(Counter(finding.code for one in recordings for finding in check(one))))
        print("    assessed ", dict(Counter(assess(x, rate).overall for x in signals)))
        for which in (RA_LA, RA_LL, RA_RL, LA_RL):
            named = [suspected_swap(interchanged(x, which, rng), rate) == which for x in signals]
            print(f"    named     {100 * np.mean(named):3.0f} %  {which}")
        if name.startswith("ptbxl") and rate == 500:
            open_facts = Recording(signal=signals[0], rate=rate, name="a", format="x", declared=("rate", "unit"))
            checked, assessed = medians(2.0, lambda one=open_facts: check(one), lambda x=signals[0]: assess(x, 500))
            print(f"    check {checked:.2f} ms, assess {assessed:.2f} ms")


if __name__ == "__main__":
    main()
