"""Every network of the register on the same data: trained, exported as ONNX, and the exported file tested.

    make bench-zoo      or      python bench/zoo.py [--only xresnet1d18/scratch …] [--seeds 3] [--jobs 2] [--fresh]
                                                    [--keep FOLDER]

Each finished run is stored in docs/results.json, from which docs/results.md is written: a sweep that was interrupted
goes on where it was. Runs that learned from fewer recordings than others count as not there. `--only` takes the starts
of model/method, `--fresh` runs again what is there, `--keep` is where the exported models stay, which
`bench/zoo_after.py` looks into, and `--page` writes the page and runs nothing.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch loads: as in a worker

from bench.zoo_page import render

RESULTS = Path(__file__).parents[1] / "docs" / "results.json"
PAGE = RESULTS.with_suffix(".md")
BASES = ("simulated", "xc_super_pretrained")
CARDX = "cardx_shipped"
METHODS = ("head", "all")
SHORTENED: Mapping[str, Mapping[str, Any]] = {
    "ecg_fm": {"max_epochs": 1},
    "xc_super_pretrained": {"max_epochs": 6},
    "transformer": {"max_epochs": 20},
    "s4": {"max_epochs": 20},
}
"""Settings other than the recipe's, for networks that take too long."""


def jobs(seeds: int) -> Iterator[tuple[str, str, int, Mapping[str, Any]]]:
    """Yield model, method, seed and the settings that save time; the recommended network and quick ones first."""
    from backend.ml.architectures import ARCHITECTURES, RECOMMENDED

    order = [RECOMMENDED, *sorted(ARCHITECTURES, key=lambda name: ARCHITECTURES[name].epoch_ms)]
    order = [*(name for name in order if name not in SHORTENED), *(name for name in order if name in SHORTENED)]
    pairs = [(name, "scratch") for name in dict.fromkeys(order)]
    pairs[1:1] = [(BASES[0], method) for method in METHODS]
    pairs[1:1] = [(CARDX, "head"), (CARDX, "head_then_all")]
    pairs[-1:-1] = [(BASES[1], method) for method in METHODS]
    for model, method in pairs:
        for seed in range(1, 1 + seeds):
            yield model, method, seed, {} if method == "head" else SHORTENED.get(model, {})


def work(
    model: str, method: str, seed: int, shortened: Mapping[str, Any], bases: str, threads: int, keep: str
) -> dict[str, Any]:  # fmt: skip
    """Make one run, in a process of its own."""
    from bench import zoo_runs

    return zoo_runs.run(zoo_runs.Job(model, method, seed, shortened), Path(bases), threads, Path(keep))


def stored() -> dict[str, Any]:
    """Return the results so far."""
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {"runs": {}}


def store(results: dict[str, Any]) -> None:
    """Write results and page."""
    write(RESULTS, json.dumps(results, indent=1, sort_keys=True) + "\n")
    write(PAGE, render(results))


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text)
    fresh.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[""], metavar="MODEL/METHOD")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2, help="runs at once")
    parser.add_argument("--threads", type=int, default=1, help="of each run")
    parser.add_argument("--bases", type=Path, default=Path(tempfile.gettempdir()) / "exchangeai-zoo")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "exchangeai-zoo" / "models")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--page", action="store_true")
    given = parser.parse_args()
    results = stored()
    if given.page:
        write(PAGE, render(results))
        return
    most = max((run["records"][0] for run in results["runs"].values()), default=0)
    there = {key for key, run in results["runs"].items() if run["records"][0] == most}
    todo = [
        job for job in jobs(given.seeds)
        if any(f"{job[0]}/{job[1]}".startswith(start) for start in given.only)
        and (given.fresh or "/".join(map(str, job[:3])) not in there)
    ]  # fmt: skip
    print(f"{len(todo)} runs to make", flush=True)
    os.environ["OMP_NUM_THREADS"] = str(given.threads)  # of the processes that are started below
    if any(job[0] == BASES[0] for job in todo):
        from bench import zoo_bases

        zoo_bases.base_of(BASES[0], given.bases)  # trained once, before several runs ask for it
    failed = 0
    # A process a run: what one leaves in memory does not meet the next.
    with ProcessPoolExecutor(given.jobs, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
        running = {
            pool.submit(work, *job, str(given.bases), given.threads, str(given.keep)): "/".join(map(str, job[:3]))
            for job in todo
        }
        for done in as_completed(running):
            key = running[done]
            if done.exception() is not None:
                failed += 1
                print(f"{key}: {type(done.exception()).__name__}: {done.exception()}", flush=True)
                continue
            found = done.result()
            results = stored()  # to which another sweep may have added
            results["runs"][key] = found
            store(results)
            tests = "   ".join(f"{name} {test['macro_auroc'][0]:.3f}" for name, test in found["tests"].items())
            print(f"{key:32} {tests}   {found['epochs']} epochs, {found['cpu_seconds']:.0f} CPU-s", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
