"""The tables of docs/exchange.md on federated rounds are those of docs/federated.json, and say what they should."""

import json
from pathlib import Path

from bench.federated_page import BEGIN, END, PAGE, render

RESULTS = json.loads((Path(__file__).parents[1] / "docs" / "federated.json").read_text())


def f1(name: str, test: str = "fold 9") -> float:
    value: float = RESULTS[f"{name}/1"]["curve"][-1][test][0]
    return value


def test_the_tables_are_what_the_results_give() -> None:
    text = PAGE.read_text()
    assert text.partition(BEGIN)[2].partition(END)[0] == render(RESULTS)


def test_federated_training_reaches_95_per_cent_of_pooled_training_in_ten_rounds() -> None:
    assert RESULTS["simulated federated/1"]["curve"][-1]["round"] <= 10
    assert f1("simulated federated") >= 0.95 * f1("simulated pooled")
    assert f1("simulated guarded") >= 0.95 * f1("simulated pooled")


def test_poisoned_sites_are_caught_and_honest_ones_are_not() -> None:
    for poison in ("scaled", "flipped"):
        fates = RESULTS[f"{poison} guarded/1"]["fates"]
        assert all(fate["C"]["left_out"] for fate in fates)
        assert not any(fate[site]["left_out"] for fate in fates for site in ("A", "B"))
        assert f1(f"{poison} guarded") > f1(f"{poison} undefended") + 0.05
    assert not any(one["left_out"] for fate in RESULTS["simulated guarded/1"]["fates"] for one in fate.values())
