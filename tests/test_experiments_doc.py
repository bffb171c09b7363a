"""docs/experiments.md is what docs/experiments.json says; what the page of a new training advises rests on it."""

import json
import re
from pathlib import Path
from statistics import fmean

from bench.experiments_page import PLOTS, once, render

ROOT = Path(__file__).parents[1]
LINES = json.loads((ROOT / "docs" / "experiments.json").read_text())
ADVICE = (ROOT / "frontend" / "src" / "features" / "runs" / "StartAdvice.tsx").read_text()


def mean(arm: str, n: int, test: str) -> float:
    return fmean(
        line["tests"][test]["macro_auroc"][0]
        for line in LINES
        if (line["experiment"], line["arm"], line["n"]) == ("few_labels", arm, n)
    )


def test_the_page_of_experiments_is_what_the_results_give() -> None:
    assert render(LINES) == (ROOT / "docs" / "experiments.md").read_text()
    assert {line["experiment"] for line in LINES} == {
        path.stem.removeprefix("experiment_") for path in PLOTS.glob("experiment_*.svg")
    }


def test_the_foundation_model_is_advised_only_where_it_was_measured_to_be_as_good() -> None:
    found = re.search(r"FEW_LABELS = (\d+)", ADVICE)
    assert found is not None
    most = int(found[1])
    sizes = sorted({line["n"] for line in LINES if line["experiment"] == "few_labels"})
    assert most in sizes
    for n in (size for size in sizes if size <= most):
        for test in ("internal", "ludb", "challenge_mix"):
            head, scratch = (mean(arm, n, test) for arm in ("pre-trained: head only", "XResNet1d-18 from scratch"))
            assert head > scratch - 0.015, (n, test)
        assert mean("pre-trained: head only", n, "internal") > mean("random weights: head only", n, "internal") + 0.05


def test_a_run_that_two_folders_hold_counts_once() -> None:
    def run(arm: str, seed: int, seconds: float) -> dict[str, object]:
        return {"experiment": "mixture", "of": "a", "arm": arm, "n": 500, "seed": seed, "seconds": seconds}

    known, new, again = run("learned", 1, 3.0), run("learned", 2, 4.0), run("learned", 2, 9.0)
    assert once([known, new, again, known]) == [known, new]
