"""Tables and plots of experiments: numbers by hand, and names that are shown as they are."""

from xml.etree import ElementTree

import pytest

from backend.ml.errors import SettingError
from backend.ml.experiments.plot import svg
from backend.ml.experiments.register import EXPERIMENTS, experiment
from backend.ml.experiments.report import estimate, markdown, spread


def line(arm: str, seed: int, auroc: float | None, f1: tuple[float | None, ...] = (0.2, 0.4), n: int = 100) -> dict:
    total = [auroc, None if auroc is None else auroc - 0.1, None if auroc is None else auroc + 0.1]
    labels = {f"l{i}": {"auroc": auroc, "f1": one, "n": 7} for i, one in enumerate(f1)}
    found = {"macro_auroc": total, "macro_f1": total, "weighted_f1": total, "labels": labels}
    return {"experiment": "few_labels", "of": "x", "arm": arm, "n": n, "seed": seed, "seconds": 60.0,
            "tests": {"internal": found, "far": found}}  # fmt: skip


def test_mean_deviation_and_bounds_are_over_the_seeds() -> None:
    found = estimate([line("a", 1, 0.8), line("a", 2, 0.6), line("a", 3, None)], "internal", "macro_auroc")
    assert found == pytest.approx((0.7, 0.1414, 0.6, 0.8), abs=1e-4)
    assert estimate([line("a", 1, None)], "far", "macro_auroc") is None
    assert estimate([line("a", 1, 0.8)], "nowhere", "macro_auroc") is None


def test_the_spread_is_that_of_the_external_cells_alone() -> None:
    one = line("a", 1, 0.8, (0.1, 0.2, 0.3, 0.4, None))
    one["tests"]["internal"] = line("a", 1, 0.8, (9.0, 0.0))["tests"]["internal"]
    iqr, cv = spread(one)  # quartiles of .1 .2 .3 .4 are .175 and .325, mean .25, deviation .1118
    assert iqr == pytest.approx(0.15)
    assert cv == pytest.approx(0.4472, abs=1e-4)
    assert spread(line("a", 1, 0.8, (0.5,))) is None


def test_a_table_has_a_row_an_arm_and_size_and_says_how_much_was_run() -> None:
    text = markdown(
        EXPERIMENTS["few_labels"], [line("b", 1, 0.8, n=250), line("a", 1, 0.8), line("a", 2, 0.6)], ["So."]
    )
    rows = [row for row in text.splitlines() if row.startswith(("| 100", "| 250"))]
    assert rows[0].startswith("| 100 | a | 2 | 0.700 ± 0.141 (0.600–0.800)")
    assert rows[1].startswith("| 250 | b | 1 | 0.800 (0.700–0.900)")
    assert "3 runs, 2 seeds, 3 minutes. So." in text
    by_label = markdown(EXPERIMENTS["rate_and_alignment"], [line("a", 1, 0.8)])
    assert "| a | 0.800 | 0.800 |" in by_label


@pytest.mark.parametrize("sizes", [(100,), (100, 500)])
def test_the_plot_is_sound_svg_also_with_names_from_elsewhere_and_numbers_that_are_not_there(sizes: tuple) -> None:
    rows = [line("<script>&", seed, value, n=n) for n in sizes for seed, value in ((1, 0.8), (2, None))]
    root = ElementTree.fromstring(svg(rows, 'A "title" & more'))
    assert len(root.findall(".//{*}circle")) == 2 * len(sizes) + 1
    assert not root.findall(".//{*}script")
    ElementTree.fromstring(svg([line("a", 1, None)], "nothing"))


def test_an_unknown_experiment_is_told_the_known_ones() -> None:
    with pytest.raises(SettingError, match="few_labels"):
        experiment("dreams")
