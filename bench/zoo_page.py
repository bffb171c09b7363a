"""docs/results.md, written from docs/results.json. Only the standard library."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import mean, pstdev
from typing import Any

from backend.ml.architectures import ARCHITECTURES, RECOMMENDED

TESTS = {"fold_9": "PTB-XL fold 9", "ludb": "LUDB", "challenge_mix": "challenge mix"}
MEASURES = {"macro_auroc": "macro-AUROC", "macro_f1": "macro-F1", "weighted_f1": "weighted F1"}
BASES = {
    "simulated": f"{ARCHITECTURES[RECOMMENDED].title}, pre-trained on simulated ECGs",
    "xc_super_pretrained": "XceptionTime of the original platform (foreign ONNX)",
}
METHODS = {"scratch": "from scratch", "head": "head only", "all": "all layers", "head_then_all": "head, then all"}
REFERENCE = {"fold_9": 0.926, "ludb": 0.824, "challenge_mix": 0.836}

INTRODUCTION = """# Results

How good the networks of the register are, each trained as its recipe says (`recipe` in
`backend/ml/architectures/__init__.py`), on the same recordings. `make bench-zoo` makes the runs that
[results.json](results.json) does not hold and writes this page from it; nothing here is typed by hand.
"""


def render(results: Mapping[str, Any]) -> str:
    """Return the page."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for run in results["runs"].values():
        groups[run["model"], run["method"]].append(run)
    ordered = {key: groups[key] for key in sorted(groups, key=lambda key: rank(*key))}
    parts = [INTRODUCTION, internal(ordered), elsewhere(ordered), notes(ordered), how(ordered)]
    return "\n".join(part for part in parts if part)


def rank(model: str, method: str) -> tuple[int, int]:
    """Return the place of a row: the recommended network, the register, then the base models."""
    models = [RECOMMENDED, *ARCHITECTURES, *BASES]
    return models.index(model) if model in models else len(models), list(METHODS).index(method)


def title(model: str) -> str:
    name = ARCHITECTURES[model].title if model in ARCHITECTURES else BASES[model]
    return f"**{name}** (recommended)" if model == RECOMMENDED else name


def internal(groups: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]) -> str:
    """Return the table of the internal test."""
    lines = [
        "## Internal test: PTB-XL fold 9 (256 recordings)\n",
        f"| network | training | parameters | {' | '.join(MEASURES.values())} | seeds | epochs | CPU-s |",
        "|" + "---|" * (6 + len(MEASURES)),
        f"| ResNet-1d, plain (reference) | from scratch | | {REFERENCE['fold_9']:.3f} | | | 3 | 30 | |",
    ]
    for (model, method), runs in groups.items():
        values = " | ".join(interval(runs, "fold_9", measure) for measure in MEASURES)
        epochs = "–" if linear(runs[0]) else f"{mean(run['epochs'] for run in runs):.0f}"
        lines.append(
            f"| {title(model)}{'' if not marks(runs) else ' ' + marks(runs)} | {METHODS[method]} | {runs[0]['parameters']:,} "
            f"| {values} | {len(runs)} | {epochs} | {mean(run['cpu_seconds'] for run in runs):.0f} |"
        )
    return "\n".join(lines) + "\n"


def elsewhere(groups: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]) -> str:
    """Return the table of the external tests."""
    names = [name for name in TESTS if name != "fold_9"]
    lines = [
        "## External tests: other countries and devices\n",
        "NORM, MI, STTC and CD; hypertrophy is recorded otherwise in these sets and is left out.\n",
        "| network | training | " + " | ".join(f"{TESTS[name]}: macro-AUROC | macro-F1" for name in names) + " |",
        "|" + "---|" * (2 + 2 * len(names)),
        "| ResNet-1d, plain (reference) | from scratch | "
        + " | ".join(f"{REFERENCE[name]:.3f} |" for name in names)
        + " |",
    ]
    for (model, method), runs in groups.items():
        values = " | ".join(interval(runs, name, measure) for name in names for measure in ("macro_auroc", "macro_f1"))
        lines.append(f"| {title(model)}{'' if not marks(runs) else ' ' + marks(runs)} | {METHODS[method]} | {values} |")
    return "\n".join(lines) + "\n"


def interval(runs: Sequence[Mapping[str, Any]], test: str, measure: str) -> str:
    """Return the mean of the runs, their standard deviation, and the means of the bounds of their intervals."""
    values = [run["tests"][test][measure] for run in runs]
    middle, low, high = (mean(value[i] for value in values) for i in range(3))
    spread = f" ± {pstdev(value[0] for value in values):.3f}" if len(values) > 1 else ""
    return f"{middle:.3f}{spread} ({low:.3f}–{high:.3f})"


def linear(run: Mapping[str, Any]) -> bool:
    return run["method"] == "head" or (run["model"] in ARCHITECTURES and ARCHITECTURES[run["model"]].convex)


def marks(runs: Sequence[Mapping[str, Any]]) -> str:
    return "¹" if any(run["shortened"] for run in runs) else ""


def notes(groups: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]) -> str:
    """Return what one has to know of single rows."""
    found = [
        "- ± is the standard deviation over the seeds; in brackets, the 95 % bootstrap interval of the test recordings "
        "(drawn by patient in PTB-XL, by recording elsewhere; 1,000 resamples; the means, over the seeds, of its two bounds).",
        "- CPU-s are the processor seconds of training and its validation on one thread, without export and tests.",
    ]
    for (model, _), runs in groups.items():
        if marks(runs):
            changed = ", ".join(f"{name} {value}" for name, value in runs[0]["shortened"].items())
            found.append(f"- ¹ {title(model)}: not its recipe but {changed}, for want of time: a sign that it works, "
                         "not what it can do.")  # fmt: skip
    return "\n".join(dict.fromkeys(found)) + "\n"


def how(groups: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]) -> str:
    """Return how the runs were made."""
    runs = [run for group in groups.values() for run in group]
    if not runs:
        return ""
    first = runs[0]
    versions = sorted({", ".join(f"{name} {value}" for name, value in sorted(run["versions"].items())) for run in runs})
    learnt, chose = first["records"]
    return HOW.format(learnt=f"{learnt:,}", chose=chose, versions="; or ".join(versions), threads=first["threads"])


HOW = """## How they were made

TO COME
{learnt} {chose} {versions} {threads}
"""
