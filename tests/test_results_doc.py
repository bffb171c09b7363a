"""docs/results.md is what docs/results.json says, and says of each network of the register how good it is."""

import importlib.util
import json
import sys
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from types import ModuleType

from backend.ml.architectures import ARCHITECTURES, RECOMMENDED

ROOT = Path(__file__).parents[1]
RESULTS = json.loads((ROOT / "docs" / "results.json").read_text())
PAGE = (ROOT / "docs" / "results.md").read_text()


MEASURED = {run["model"] for run in RESULTS["runs"].values() if run["method"] == "scratch"}


def page_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("zoo_page", ROOT / "bench" / "zoo_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault("zoo_page", module)
    spec.loader.exec_module(module)
    return module


def mean(model: str, method: str, test: str) -> float:
    return fmean(
        run["tests"][test]["macro_auroc"][0]
        for run in RESULTS["runs"].values()
        if (run["model"], run["method"]) == (model, method)
    )


def learned(model: str) -> int:
    """Return from how many recordings the runs of a network have learned."""
    (n,) = {
        run["records"][0] for run in RESULTS["runs"].values() if (run["model"], run["method"]) == (model, "scratch")
    }
    return n


def test_the_page_of_results_is_what_the_results_give():
    assert page_module().render(RESULTS) == PAGE


def test_every_network_of_the_register_has_a_result_or_the_page_says_that_it_has_none():
    missing = PAGE.partition("**Not measured yet:**")[2].partition("\n")[0]
    for name, entry in ARCHITECTURES.items():
        assert (name in MEASURED) != (f"{entry.title} (from scratch)" in missing), name


def test_the_table_shows_the_means_over_the_seeds():
    for name, entry in ARCHITECTURES.items():
        if name not in MEASURED:
            continue
        rows = [line for line in PAGE.splitlines() if line.startswith("| ") and entry.title in line.split("|")[1]]
        assert any(f" {mean(name, 'scratch', 'fold_9'):.3f}" in row for row in rows), name
        assert any(f" {mean(name, 'scratch', 'ludb'):.3f}" in row for row in rows), name


def test_the_recommended_network_beats_a_plain_one_at_home_and_elsewhere():
    plain = {"fold_9": 0.926, "ludb": 0.824, "challenge_mix": 0.836}  # a ResNet-1d on as few recordings, three seeds
    assert learned(RECOMMENDED) == 1582, "compare with the reference of the larger set"
    for test, value in plain.items():
        assert mean(RECOMMENDED, "scratch", test) > value, test


def test_the_recommended_network_is_the_best_on_validation():
    validation = defaultdict(list)
    for run in RESULTS["runs"].values():
        if run["method"] == "scratch" and run["records"][0] == learned(RECOMMENDED):
            validation[run["model"]].append(run["validation_macro_auroc"])
    assert max(validation, key=lambda model: fmean(validation[model])) == RECOMMENDED


def test_the_results_of_a_run_are_of_the_recipe_that_the_register_holds():
    for run in RESULTS["runs"].values():
        if run["method"] == "scratch" and not run["shortened"]:
            for name, value in ARCHITECTURES[run["model"]].recipe.items():
                held = run["config"][name]
                assert (held | value if isinstance(value, dict) else value) == held, (run["model"], name)
