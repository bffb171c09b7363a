"""Tables of docs/results.md that are not of single runs: paired tests, one source left out, ECGs made worse."""

from collections.abc import Callable, Mapping, Sequence
from statistics import mean, stdev
from typing import Any, TypeAlias

from backend.ecg.disturb import STEPS, step_words

Title: TypeAlias = Callable[[str], str]
TESTS = {"fold_9": "PTB-XL fold 9", "ludb": "LUDB", "challenge_mix": "challenge mix"}
REFERENCE = "reference"
SMALL = 1e-4  # what twenty thousand draws tell no smaller

PAIRED_TEXT = """## Better than the reference?

The difference in macro-AUROC to the plain ResNet-1d on the same recordings, mean over the seeds of either, with
intervals and p that hold for all pairs of a test together (`backend.ml.evaluation.paired`: DeLong's influences by
patient, max-t). A p from 0.05 on says that the recordings cannot tell the two apart. `bench/zoo_after.py`
"""
SOURCES_TEXT = """## One source left out

PTB-XL, LUDB and the sets of the challenge mix together; each source is tested by a network that has learned from all
others, by the platform's own folds by source. Macro-AUROC over those of NORM, MI, STTC and CD that enough patients of
the source have and lack, with the 95 % interval over its recordings; mean over the seeds. Where PTB-XL is left out,
few recordings are left to learn from. `bench/zoo_sources.py`
"""
STRESS_TEXT = """## ECGs that are made worse

Macro-AUROC of one run of each on {n} ECGs of fold 9 that are in mV, one a patient, as they are and disturbed as the
page's stress test does it (`backend.ecg.disturb`). `bench/zoo_after.py`
"""
TASKS_TEXT = """## Two tasks with few ECGs

Out-of-fold AUROC of five folds, mean over {repeats} divisions; behind it the difference to the best, with intervals and
p that hold for all pairs (as in a comparison on the page). Brugada's pattern: Brugada-HUCA, Spain. Chagas disease:
CODE-15 and SaMi-Trop, Brazil, whose patients are not known; CardX has learned from these labels and is left out.
`bench/zoo_tasks.py`
"""


def spread(values: Sequence[float], times: float = 1, digits: int = 3) -> str:
    """Return the mean of values and, of several, their sample standard deviation."""
    each = [times * value for value in values]
    deviation = f" ± {stdev(each):.{digits}f}" if len(each) > 1 else ""
    return f"{mean(each):.{digits}f}{deviation}"


def paired(found: Mapping[str, Any], title: Title) -> str:
    """Return by how much each candidate is above the reference on each test; "" where nothing was compared."""
    if not found or REFERENCE not in found["fold_9"]["candidates"]:
        return ""
    lines = [PAIRED_TEXT, f"| network | training | {' | '.join(TESTS.values())} |"]
    lines.append("|" + "---|" * (2 + len(TESTS)))
    candidates = [one for one in found["fold_9"]["candidates"] if one != REFERENCE]
    for candidate in sorted(candidates, key=lambda one: -_above(found["fold_9"], one)[0]):
        cells = [_cell(*_above(test, candidate)) for test in (found[name] for name in TESTS)]
        model, _, method = candidate.partition("/")
        lines.append(f"| {title(model)} | {method.replace('_', ' ')} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _above(test: Mapping[str, Any], candidate: str) -> tuple[float, float, float, float]:
    """Return by how much a candidate is above the reference: the difference, its interval, and p."""
    for first, second, value, low, high, p in test["differences"]:
        if (first, second) == (candidate, REFERENCE):
            return value, low, high, p
        if (first, second) == (REFERENCE, candidate):
            return -value, -high, -low, p
    raise KeyError(candidate)


def _cell(value: float, low: float, high: float, p: float) -> str:
    said = "p < 0.0001" if p <= SMALL else f"p {p:.2f}" if p >= 0.01 else f"p {p:.4f}"
    told = f"{value:+.3f} ({low:+.3f} to {high:+.3f}), {said}"
    return f"**{told}**" if p < 0.05 else told


def by_source(found: Mapping[str, Any], title: Title) -> str:
    """Return what each network tells of a source that it has not learned from; "" where none was left out."""
    if not found:
        return ""
    models = list(dict.fromkeys(run["model"] for run in found.values()))
    first = next(iter(found.values()))["sources"]
    lines = [SOURCES_TEXT, f"| source | tested | learned from | labels | {' | '.join(map(title, models))} |"]
    lines.append("|" + "---|" * (4 + len(models)))
    for place, one in enumerate(first):
        cells = []
        for model in models:
            each = [run["sources"][place]["macro_auroc"] for run in found.values() if run["model"] == model]
            cells.append(_interval(each) if all(value[0] is not None for value in each) else "too few")
        name = one["source"] or "smaller ones"
        lines.append(
            f"| {name} | {one['n']:,} | {one['learned_from']:,} | {', '.join(one['labels'])} | {' | '.join(cells)} |"
        )
    return "\n".join(lines) + "\n"


def _interval(each: Sequence[Sequence[float]]) -> str:
    low, high = (mean(value[i] for value in each) for i in (1, 2))
    return f"{spread([value[0] for value in each])} ({low:.3f}–{high:.3f})"


def stress(found: Mapping[str, Any], title: Title) -> str:
    """Return how each network stands each step of each disturbance; "" where none was tried."""
    if not found:
        return ""
    names = list(found)
    heads = [f"{title(name.partition('/')[0])}, {name.partition('/')[2].replace('_', ' ')}" for name in names]
    n = next(iter(found.values()))["n"]
    lines = [STRESS_TEXT.format(n=n), f"| disturbance | {' | '.join(heads)} |", "|" + "---|" * (1 + len(names))]
    cells = [f"{found[name]['unchanged']:.3f}" for name in names]
    lines.append(f"| as they are | {' | '.join(cells)} |")
    for kind, about in STEPS.items():
        for place, step in enumerate(about.steps):
            cells = [f"{found[name][kind][place][1]:.3f}" for name in names]
            lines.append(f"| {about.title}: {step_words(kind, step)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def tasks(found: Mapping[str, Any], title: Title) -> str:
    """Return how well each candidate tells the tasks of few ECGs; "" where none was tried."""
    if not found:
        return ""
    repeats = next(iter(found.values()))["repeats"]
    lines = [TASKS_TEXT.format(repeats=repeats), "| task | ECGs | candidate | AUROC | to the best |", "|" + "---|" * 5]
    for one in found.values():
        order = sorted(range(len(one["candidates"])), key=lambda place: -one["scores"][place])
        pairs = {(a, b): told for a, b, *told in one["differences"]}
        for place in order:
            model, _, method = one["candidates"][place].partition("/")
            best = order[0]
            if place == best:
                told = "the best"
            elif (place, best) in pairs:
                told = _cell(*pairs[place, best])
            else:
                value, low, high, p = pairs[best, place]
                told = _cell(-value, -high, -low, p)
            name = f"{title(model)}, {method.replace('_', ' ')}"
            ecgs = f"{one['n']} ({one['positive']} with it)"
            lines.append(f"| {one['label']} | {ecgs} | {name} | {one['scores'][place]:.3f} | {told} |")
    return "\n".join(lines) + "\n"
