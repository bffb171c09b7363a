"""docs/results.md, written from docs/results.json and the text in zoo_page.md."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any, TypeAlias

from backend.ml.architectures import ARCHITECTURES, RECOMMENDED
from bench.zoo_tables import TESTS, by_source, paired, spread, stress, tasks

MEASURES = {"macro_auroc": "macro-AUROC", "macro_f1": "macro-F1", "weighted_f1": "weighted F1"}
BASES = {
    "simulated": f"{ARCHITECTURES[RECOMMENDED].title}, pre-trained on simulated ECGs",
    "xc_super_pretrained": "XceptionTime of the original platform (foreign ONNX)",
    "cardx_shipped": "CardX",
}
CARDX = "cardx_shipped"
METHODS = {"scratch": "from scratch", "head": "head only", "all": "all layers", "head_then_all": "head, then all"}
PLAIN = "ResNet-1d, plain (reference)"
EARLIER = {"fold_9": 0.926, "ludb": 0.824, "challenge_mix": 0.836}  # of the plain network, with fewer recordings

PROBE_TESTS = {"f9": "fold 9", "ludb": "LUDB", "cmix": "challenge mix"}
PROBED = {"100": "100", "250": "250", "500": "500", "all": "2000"}  # labelled ECGs: what the page calls them -> the key
PROBE_TEXT = """## CardX: linear probes of frozen embeddings

A logistic regression on the 512 frozen numbers tells the superclasses; macro-AUROC with so many labelled ECGs of PTB-XL
folds 1 to 8 (5, 5, 4 and 1 draws, the same for every embedding; all: 2,000). The external sets are without hypertrophy.
± is the deviation over seeds where there are several. `bench/cardx_probe.py`; what the figures are worth is in
[cardx.md](cardx.md). Where labels of PTB-XL were seen in pre-training, those of folds 1 to 8 are among them: the
labels of the probe are then not new to the embedding.
The row marked * is of an earlier experiment, drawn from 1,788 of these ECGs and tested on 256 of fold 9.
"""

CALIBRATION_TEXT = """## Are the probabilities right?

The expected calibration error (ECE, ten bins, all five labels together) of {model} on fold 9, in per cent, before and
after the calibration that is fitted on fold 8, with and without weights of rare labels in the loss; mean ± deviation
over {seeds}. {learnt:,} recordings to learn from, {chose:,} of fold 8, {tested:,} of fold 9: all that is at hand, more
than in the tables above. *By chance* is what right probabilities would give with so few recordings
([statistics.md](statistics.md)). `bench/zoo_calibration.py`
"""

HOME = "## Internal test: PTB-XL fold 9"
AWAY = """## External tests: other countries and devices

NORM, MI, STTC and CD; hypertrophy is recorded otherwise in these sets and is left out."""
ERRORS_TEXT = """## Calibration before and after

The expected calibration error (ECE, ten bins, all labels together), in per cent, before and after the calibration that
is fitted on fold 8; right probabilities would give {chance} on fold 9 by chance. Mean ± deviation over the seeds.
"""
EARLIER_TEXT = """## Earlier runs, with fewer recordings

Not made again yet: these learned from {learnt} recordings of folds 1 to 7, chose by {chose} of fold 8 and were tested
on {tested} of fold 9, with rare labels weighted more in the loss. They are not to be compared with the tables above.
"""

Groups: TypeAlias = Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]

TEXT = Path(__file__).with_suffix(".md").read_text()  # how to read the tables, then how they were made
INTRODUCTION = """# Results

How good the networks of the register are, each trained as its recipe says (`recipe` in
`backend/ml/architectures/register.py`), on the same recordings. `make bench-zoo` makes the runs that
[results.json](results.json) does not hold yet and writes this page; its tables are never typed by hand.
"""


def render(results: Mapping[str, Any]) -> str:
    """Return the page."""
    runs = results["runs"].values()
    most = max((run["records"][0] for run in runs), default=0)
    now, before = (ordered(run for run in runs if (run["records"][0] == most) == whole) for whole in (True, False))
    before = {key: found for key, found in before.items() if key not in now}
    reference = {name: _reference(results.get("reference", ()), name) for name in TESTS}
    parts = [INTRODUCTION, missing(now, before), internal(now, reference), elsewhere(now, reference), notes(now)]
    parts += [paired(results.get("paired", {}), title), by_source(results.get("by_source", {}), title)]
    parts += [tasks(results.get("tasks", {}), title)]
    parts += [stress(results.get("stress", {}), title), errors(now), calibration(results.get("calibration", ()))]
    parts += [probes(results.get("probes", ())), earlier(before), how(now)]
    return "\n".join(part for part in parts if part)


def ordered(runs: Iterable[Mapping[str, Any]]) -> Groups:
    """Return the runs of each model and method, in the order of the page."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for run in runs:
        groups[run["model"], run["method"]].append(run)
    return {key: groups[key] for key in sorted(groups, key=lambda key: rank(*key))}


def _reference(found: Sequence[Mapping[str, Any]], test: str) -> str:
    return interval(found, test, "macro_auroc") if found else ""


def missing(now: Groups, before: Groups) -> str:
    """Return which runs were made neither with these recordings nor with fewer; "" where none is missing."""
    wanted = [(name, "scratch") for name in ARCHITECTURES]
    wanted += [(base, method) for base in BASES for method in ("head", "head_then_all" if base == CARDX else "all")]
    names = [
        f"{ARCHITECTURES[model].title if model in ARCHITECTURES else BASES[model]} ({METHODS[method]})"
        for model, method in wanted
        if (model, method) not in now and (model, method) not in before
    ]
    return f"**Not measured yet:** {', '.join(names)}.\n" if names else ""


def rank(model: str, method: str) -> tuple[int, int]:
    """Return the place of a row: the recommended network, the register, then the base models."""
    models = [RECOMMENDED, *ARCHITECTURES, *BASES]
    return models.index(model) if model in models else len(models), list(METHODS).index(method)


def title(model: str) -> str:
    name = ARCHITECTURES[model].title if model in ARCHITECTURES else BASES[model]
    return f"**{name}** (recommended)" if model == RECOMMENDED else name


def internal(groups: Groups, reference: Mapping[str, str], heading: str = HOME) -> str:
    """Return the table of the internal test."""
    lines = [
        f"{heading}\n",
        f"| network | training | parameters | {' | '.join(MEASURES.values())} | fold 8 | seeds | epochs | CPU-s |",
        "|" + "---|" * (7 + len(MEASURES)),
        f"| {PLAIN} | from scratch | | {reference['fold_9']} | | | | 3 | 30 | |",
    ]
    for (model, method), runs in groups.items():
        values = " | ".join(interval(runs, "fold_9", measure) for measure in MEASURES)
        epochs = "–" if linear(runs[0]) else f"{mean(run['epochs'] for run in runs):.0f}"
        seconds = mean(run["cpu_seconds"] for run in runs)
        name = f"{title(model)}{mark(runs)} | {METHODS[method]} | {runs[0]['parameters']:,}"
        validation = mean(run["validation_macro_auroc"] for run in runs)
        lines.append(f"| {name} | {values} | {validation:.3f} | {len(runs)} | {epochs} | {seconds:.0f} |")
    return "\n".join(lines) + "\n"


def elsewhere(groups: Groups, reference: Mapping[str, str], heading: str = AWAY) -> str:
    """Return the table of the external tests."""
    names = [name for name in TESTS if name != "fold_9"]
    measures = " | ".join(MEASURES.values())
    plain = " | ".join(f"{reference[name]} | |" for name in names)
    lines = [
        f"{heading}\n",
        f"| network | training | {' | '.join(f'{TESTS[name]}: {measures}' for name in names)} |",
        "|" + "---|" * (2 + len(MEASURES) * len(names)),
        f"| {PLAIN} | from scratch | {plain} |",
    ]
    for (model, method), runs in groups.items():
        values = " | ".join(interval(runs, name, measure) for name in names for measure in MEASURES)
        lines.append(f"| {title(model)}{mark(runs)} | {METHODS[method]} | {values} |")
    return "\n".join(lines) + "\n"


def probes(found: Sequence[Mapping[str, Any]]) -> str:
    """Return the table of what linear probes of frozen embeddings tell; "" where none was made."""
    if not found:
        return ""
    head = " | ".join(f"{title} {' / '.join(PROBED)}" for title in PROBE_TESTS.values())
    lines = [f"{PROBE_TEXT}", f"| embedding | labels seen | passes | {head} |", "|" + "---|" * (3 + len(PROBE_TESTS))]
    names = list(dict.fromkeys(one["name"] for one in found))
    for name in names:
        runs = [one for one in found if one["name"] == name]
        cells = []
        for test in PROBE_TESTS:
            figures = []
            for n in PROBED.values():
                values = [mean(run["probe"][test][n]) for run in runs if n in run["probe"].get(test, {})]
                figures.append(spread(values).replace(" ", "") if values else "–")
            cells.append(" / ".join(figures))
        seeds = f" ({len(runs)} seeds)" if len(runs) > 1 else ""
        one = runs[0]
        lines.append(f"| {name}{seeds} | {one['labels']} | {one['passes']:,} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def errors(groups: Groups) -> str:
    """Return the calibration error of each network, before and after calibration; "" where none was measured."""
    told = {key: runs for key, runs in groups.items() if all("ece" in run["tests"]["fold_9"] for run in runs)}
    if not told:
        return ""
    names = " | ".join(f"{name}: before | after" for name in TESTS.values())
    chance = mean(run["tests"]["fold_9"]["ece"][2] for runs in told.values() for run in runs)
    lines = [ERRORS_TEXT.format(chance=f"{100 * chance:.1f}"), f"| network | training | {names} |"]
    lines.append("|" + "---|" * (2 + 2 * len(TESTS)))
    for (model, method), runs in told.items():
        cells = [spread([run["tests"][name]["ece"][i] for run in runs], 100, 1) for name in TESTS for i in (0, 1)]
        lines.append(f"| {title(model)} | {METHODS[method]} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def earlier(groups: Groups) -> str:
    """Return the tables of runs that were made with fewer recordings, and not again; "" where there are none."""
    if not groups:
        return ""
    reference = {name: f"{value:.3f}" for name, value in EARLIER.items()}
    runs = next(iter(groups.values()))
    learnt, chose = runs[0]["records"]
    text = EARLIER_TEXT.format(learnt=f"{learnt:,}", chose=chose, tested=runs[0]["tests"]["fold_9"]["n"])
    tables = internal(groups, reference, "### PTB-XL fold 9"), elsewhere(groups, reference, "### Elsewhere")
    return "\n".join([text, *tables, marks(groups)])


def calibration(found: Sequence[Mapping[str, Any]]) -> str:
    """Return the table of calibration errors; "" where none were measured."""
    if not found:
        return ""
    seeds = len({run["seed"] for run in found})
    learnt, chose, tested = found[0]["records"]
    text = CALIBRATION_TEXT.format(
        model=title(found[0]["model"]), seeds=f"{seeds} seed{'' if seeds == 1 else 's'}", learnt=learnt, chose=chose,
        tested=tested,
    )  # fmt: skip
    head = ["rare labels", "macro-AUROC", "ECE before", "ECE after", "by chance"]
    head += [f"{TESTS[name]}: ECE after" for name in found[0]["elsewhere"]]
    lines = [text, f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for weights, name in ((True, "weighted more"), (False, "not weighted (default)")):
        runs = [run for run in found if run["class_weights"] == weights]
        if runs:
            values = [[run[key] for run in runs] for key in ("before", "after", "chance")]
            values += [[run["elsewhere"][other] for run in runs] for other in runs[0]["elsewhere"]]
            auroc = spread([run["macro_auroc"] for run in runs], 1, 3)
            lines.append(f"| {' | '.join([name, auroc, *(spread(each, 100, 1) for each in values)])} |")
    return "\n".join(lines) + "\n"


def interval(runs: Sequence[Mapping[str, Any]], test: str, measure: str) -> str:
    """Return the mean of the runs, their standard deviation, and the means of the bounds of their intervals."""
    values = [run["tests"][test][measure] for run in runs]
    low, high = (mean(value[i] for value in values) for i in (1, 2))
    return f"{spread([value[0] for value in values])} ({low:.3f}–{high:.3f})"


def linear(run: Mapping[str, Any]) -> bool:
    return run["method"] == "head" or (run["model"] in ARCHITECTURES and ARCHITECTURES[run["model"]].convex)


def mark(runs: Sequence[Mapping[str, Any]]) -> str:
    return " ¹" if any(run["shortened"] for run in runs) else ""


def notes(groups: Groups) -> str:
    """Return what one has to know of the tables, and of single rows."""
    return "\n".join(one for one in (TEXT.partition("\n\n")[0], marks(groups)) if one) + "\n"


def marks(groups: Groups) -> str:
    """Return which rows were shortened, and how."""
    found = []
    for (model, _), runs in groups.items():
        if mark(runs):
            run = next(run for run in runs if run["shortened"])
            usual = dict(ARCHITECTURES[model].recipe) if model in ARCHITECTURES else {}
            changed = ", ".join(
                f"`{name}` {value} ({f'instead of {usual[name]}' if name in usual else 'not the default'})"
                for name, value in run["shortened"].items()
            )
            found.append(f"- ¹ {title(model)}: {changed}, for want of time. It could do better.")
    return "\n".join(dict.fromkeys(found)) + ("\n" if found else "")


def how(groups: Groups) -> str:
    """Return how the runs were made."""
    runs = [run for group in groups.values() for run in group]
    if not runs:
        return ""
    learnt, chose = runs[0]["records"]
    versions = {json.dumps(run["versions"], sort_keys=True) for run in runs}
    libraries = "; or ".join(
        ", ".join(f"{name} {version}" for name, version in json.loads(text).items()) for text in sorted(versions)
    )
    threads = " or ".join(str(number) for number in sorted({run["threads"] for run in runs}))
    sizes = {name: runs[0]["tests"][name]["n"] for name in TESTS}
    return TEXT.partition("\n\n")[2].format(
        learnt=f"{learnt:,}", chose=chose, libraries=libraries, threads=threads, **sizes
    )
