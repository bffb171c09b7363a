"""The result of an experiment as Markdown: a table a question, with the spread over seeds and over other hospitals."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean, stdev
from typing import Any

import numpy as np

from backend.counted import counted
from backend.ml.experiments.material import INTERNAL
from backend.ml.experiments.register import Experiment

Line = Mapping[str, Any]
Estimated = tuple[float, float | None, float, float]
_TOTALS = {"macro_auroc": "macro-AUROC", "weighted_f1": "weighted F1", "macro_f1": "macro-F1"}
EXPLAINED = (
    "± is the standard deviation over the seeds. In brackets are the means, over the seeds, of the two bounds of the "
    "95 % interval over the patients (or ECGs) tested. IQR and CV are of the F1 of every label in every external test: "
    "third less first quartile, and standard deviation by mean; mean over the seeds. Small ones are robust."
)


def markdown(about: Experiment, lines: Sequence[Line], made: Sequence[str] = ()) -> str:
    """Return the tables of the runs of one experiment; `made` are sentences on how they were made."""
    n_seeds = len({line["seed"] for line in lines})
    parts = [f"## {about.title}", about.question]
    parts += ["\n".join(_table(lines))]
    if about.by_label:
        parts += ["AUROC of each label, internal test:", "\n".join(_by_label(lines))]
    seconds = sum(line["seconds"] for line in lines)
    parts.append(
        f"{counted(len(lines), 'run')}, {counted(n_seeds, 'seed')}, {seconds / 60:.0f} minutes. " + " ".join(made)
    )
    return "\n\n".join(parts) + "\n"


def groups(lines: Sequence[Line]) -> dict[tuple[int, str], list[Line]]:
    """Return the runs that differ in nothing but the seed, by number of ECGs and arm, in the order they came in."""
    found: dict[tuple[int, str], list[Line]] = {}
    for line in lines:
        found.setdefault((line["n"], line["arm"]), []).append(line)
    return dict(sorted(found.items(), key=lambda item: item[0][0]))


def estimate(lines: Sequence[Line], test: str, total: str) -> Estimated | None:
    """Return mean and deviation over seeds, and the mean bounds of the interval; None where a test defines none.

    One seed has no deviation.
    """
    found = [line["tests"][test][total] for line in lines if test in line["tests"]]
    found = [three for three in found if three[0] is not None]
    if not found:
        return None
    values = [three[0] for three in found]
    low, high = (mean(three[i] if three[i] is not None else three[0] for three in found) for i in (1, 2))
    return mean(values), stdev(values) if len(values) > 1 else None, low, high


def spread(line: Line) -> tuple[float, float] | None:
    """Return IQR and CV of the F1 of each label in each external test of a run; None with fewer than two."""
    cells = [
        of["f1"]
        for test, found in line["tests"].items()
        if test != INTERNAL
        for of in found["labels"].values()
        if of["f1"] is not None
    ]
    if len(cells) < 2 or not np.mean(cells):
        return None
    first, third = np.quantile(cells, [0.25, 0.75])
    return float(third - first), float(np.std(cells) / np.mean(cells))


def _table(lines: Sequence[Line]) -> Iterator[str]:
    tests = list(lines[0]["tests"]) if lines else []
    columns = [(test, total) for test in tests for total in ("macro_auroc", "weighted_f1")]
    more = ["IQR", "CV"] if len(tests) > 1 else []
    head = ["labelled ECGs", "arm", "seeds", *(f"{test}: {_TOTALS[total]}" for test, total in columns), *more]
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for (n, arm), some in groups(lines).items():
        cells = [_cell(estimate(some, test, total)) for test, total in columns]
        over = [one for one in map(spread, some) if one is not None]
        wide = [f"{mean(one[i] for one in over):.3f}" if over else "–" for i in (0, 1)] if more else []
        yield "| " + " | ".join([f"{n:,}" if n else "all", arm, str(len(some)), *cells, *wide]) + " |"


def _by_label(lines: Sequence[Line]) -> Iterator[str]:
    labels = lines[0]["tests"][INTERNAL]["labels"]
    yield "| arm | " + " | ".join(f"{label} ({of['n']})" for label, of in labels.items()) + " |"
    yield "|" + "---|" * (len(labels) + 1)
    for (_, arm), some in groups(lines).items():
        cells = []
        for label in labels:
            values = [line["tests"][INTERNAL]["labels"][label]["auroc"] for line in some]
            known = [value for value in values if value is not None]
            cells.append(f"{mean(known):.3f}" if known else "–")
        yield f"| {arm} | " + " | ".join(cells) + " |"


def _cell(found: Estimated | None) -> str:
    if found is None:
        return "–"
    value, deviation, low, high = found
    return f"{value:.3f}{'' if deviation is None else f' ± {deviation:.3f}'} ({low:.3f}–{high:.3f})"
