"""The pre-training of CardX that made the shipped weights (docs/cardx.md): self-supervised, then with labels.

python -m bench.cardx_pretrain POOL.npz CHECKPOINT [--minutes M | --passes N] [--objective NAME=WEIGHT ...]
    [--from CHECKPOINT] [--seed S] [--always-on 0|1] [--threads T]
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

from backend.ml.architectures import architecture
from backend.ml.architectures.network import Network
from backend.ml.pretraining.config import PretrainingConfig
from backend.ml.pretraining.data import PretrainingData, median_beats
from backend.ml.pretraining.events import Aligning, Ended, Measured, Step
from backend.ml.pretraining.pretrain import pretrain
from backend.ml.pretraining.state import load


def stored_pool(path: Path) -> PretrainingData:
    """Return what `cardx_data` wrote, with the beats, which are aligned once and kept beside it."""
    with np.load(path) as z:
        arrays = {name: z[name] for name in z.files}
    kept = path.with_name(path.stem + "_beats.npz")
    if not kept.exists():
        beats, rr = zip(*median_beats(arrays["x"], 100.0), strict=True)
        np.savez(kept, beats=np.concatenate(beats), rr=np.concatenate(rr))
    with np.load(kept) as z:
        beats_of, rr_of = z["beats"], z["rr"]
    return PretrainingData(
        arrays["x"], 100.0, tuple(arrays["labels"].tolist()), arrays["y"], tuple(arrays["value_names"].tolist()),
        arrays["values"], arrays["source"], beats_of, rr_of,
    )  # fmt: skip


def main() -> None:
    """Pre-train and print a line a minute, and at each checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pool", type=Path)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--passes", type=int)
    parser.add_argument("--objective", action="append", default=[])
    parser.add_argument("--from", dest="base", type=Path)
    parser.add_argument("--new-router", action="store_true", help="leave the router of --from out")
    parser.add_argument("--architecture", default="cardx")
    parser.add_argument("--set", action="append", default=[], help="a setting of the pre-training, NAME=NUMBER")
    parser.add_argument("--always-on", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    data = stored_pool(options.pool)
    config = {"always_on": options.always_on} if options.architecture == "cardx" else {}
    network: Network = architecture(options.architecture).build(12, 1000, 2, config, seed=options.seed)
    if options.base and not options.checkpoint.exists():
        base = load(options.base)
        assert base is not None
        own = network.state_dict()
        body = {name: value for name, value in base.network.items() if not (options.new_router and "router" in name)}
        network.load_state_dict(own | body)
    objectives = dict(part.split("=") for part in options.objective) or {"rlign": "1"}
    settings = {name: json.loads(value) for name, value in (part.split("=") for part in options.set)}
    chosen = PretrainingConfig(
        objectives={name: float(weight) for name, weight in objectives.items()}, minutes=options.minutes,
        passes=options.passes, seed=options.seed, threads=options.threads, **settings,
    )  # fmt: skip
    start = told = time.time()
    first = None
    for event in pretrain(network, data, chosen, options.checkpoint):
        if isinstance(event, Step):
            first = event if first is None else first
            if time.time() - told > 60:
                told = time.time()
                speed = (event.passes - first.passes) / (told - start)
                print(f"{time.strftime('%H:%M:%S')} {event.passes} {event.fraction:.3f} {speed:.0f}/s "
                      f"{ {name: round(loss, 4) for name, loss in event.losses.items()} }", flush=True)  # fmt: skip
        elif isinstance(event, Measured | Ended) or not isinstance(event, Aligning):
            print(time.strftime("%H:%M:%S"), event, flush=True)
    print("seconds", time.time() - start, "torch", torch.__version__)


if __name__ == "__main__":
    main()
