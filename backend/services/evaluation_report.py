"""The report of an evaluation: one HTML file that needs nothing else, to be printed or put beside a paper.

Sections carry the numbers of the items of TRIPOD+AI (Collins et al., BMJ 2024;385:e078378) that they answer; what the
platform cannot know is listed at the end for the authors.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from html import escape
from importlib.metadata import version
from typing import Any

from sqlalchemy.orm import object_session

from backend.counted import counted
from backend.db.tables import Evaluation
from backend.ecg.preprocess.description import describe
from backend.ml.evaluation.at_thresholds import STEPS
from backend.ml.evaluation.estimate import FEW, Estimate
from backend.ml.evaluation.prevalence import predictive_values
from backend.ml.spec import ModelSpec
from backend.services import evaluation_cautions, evaluation_thresholds, stress_tests
from backend.services.evaluation_drawings import curves, outputs
from backend.services.evaluation_groups import GROUPINGS
from backend.services.evaluation_numbers import decimals, estimate, number, per_cent

BARS = 40
_FOR_AUTHORS = (
    ("3", "Health-care context, target population, known inequalities."),
    ("5, 6", "Where, when and from whom the ECGs were recorded; who was eligible; treatments."),
    ("8", "How the labels were made, by whom, and whether they knew of the prediction."),
    ("10", "Why this many patients suffice."),
    (
        "17 to 19",
        "Ethics approval, funding, protocol and registration, sharing of data and code, involvement of patients.",
    ),
    ("25 to 27", "Interpretation, limitations, use in care, next steps."),
)
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #1d252c; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; border-bottom: 1px solid #c6ced4; }
h2 small { font-weight: 400; color: #47525c; } table { border-collapse: collapse; margin: .6rem 0; font-size: .87rem; }
th, td { border-bottom: 1px solid #dde3e7; padding: .25rem .6rem; text-align: left; vertical-align: top; }
td + td, th + th { text-align: right; } table.words td, table.words th { text-align: left; }
td { font-variant-numeric: tabular-nums; } .warn { border-left: 4px solid #b5651d; padding: .3rem .8rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem; } figure { margin: 0; width: 21rem; }
svg text { font-size: 11px; }
.frame { fill: none; stroke: #8b98a3; } .grid { stroke: #e3e8eb; } .chance { stroke: #8b98a3; stroke-dasharray: 2 3; }
.threshold { stroke: #0c6f7d; stroke-width: 2; }
ul.names { list-style: none; padding: 0 0 0 2.6rem; font-size: .8rem; }
figcaption { font-size: .8rem; color: #47525c; } .wide { overflow-x: auto; }
@media print { body { margin: 0; max-width: none; } h2, figure, tr { break-inside: avoid; } h2 { break-after: avoid; } }
"""


def html(row: Evaluation) -> str:
    """Return the report of an evaluation that has a result."""
    result: dict[str, Any] = row.result or {}
    spec = ModelSpec.from_json(row.model.spec)
    title = f"Evaluation of “{row.model.name}” on “{row.facts['dataset']}”"
    body = "".join(
        (
            f"<h1>{escape(title)}</h1><p>ExChanGeAI {version('exchangeai')}, {row.created_at:%d %B %Y}, {row.id}. "
            "For research use only.</p>",
            _with_care(row),
            _participants(row, result),
            _methods(row, spec),
            _performance(result, dict(zip(spec.labels, evaluation_thresholds.of_evaluation(row), strict=True)), row),
            _groups(result),
            _stress(row),
            _section("Items for the authors", "", _table(("Item", "To be told"), _FOR_AUTHORS, words=True)),
        )
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    )


def _participants(row: Evaluation, result: dict[str, Any]) -> str:
    facts = [
        ("Dataset", f"“{row.facts['dataset']}” of the project “{row.facts['dataset_project']}”"),
        ("Kind", _kind(row)),
        ("Patients", f"{result['n_patients']:,}"),
        ("Recordings", f"{result['n']:,}"),
        ("Of unknown patients", f"{result['n_without_patient']:,}, each counted as a patient of its own"),
        ("Seen by the model", seen_in_words(row)),
    ]
    events = [
        (one["label"], one["table_label"], one["n_patients_present"], one["n_present"], one["n_absent"])
        for one in result["outputs"]
    ]
    left = [(one["why"], f"{one['n']:,}") for one in result["left_out"]]
    parts = [_table(("", ""), facts, words=True)]
    if events:
        parts.append(_table(("Label", "In the table", "Patients with it", "Recordings with it", "Without"), events))
    if result["unknown_labels"]:
        parts.append(
            f"<p>Not known to the table, and not evaluated: {escape(', '.join(result['unknown_labels']))}.</p>"
        )
    parts.append(_table(("Left out", "Recordings"), left) if left else "<p>Nobody was left out.</p>")
    return _section("Participants and events", "5a, 7, 11, 20, 21", "".join(parts))


def _stress(row: Evaluation) -> str:
    """Return the curves of the stress test of an evaluation, nothing where there is none."""
    session = object_session(row)
    test = None if session is None else stress_tests.newest(session, row.id)
    if test is None or not test.result:
        return ""
    result: dict[str, Any] = test.result
    first, *said = stress_tests.lines(result)
    n = len(result["curves"])
    about = f"On {result['n']:,} of the recordings, of {result['n_patients']:,} patients. {first}"
    rows = [tuple(line.split(": ", 1)) for line in said[n:]]
    told = "".join(f"<p>{escape(line)}</p>" for line in (about, *said[:n]))
    return _section("Stress test", "", told + _table(("ECGs made worse", "Scores"), rows, words=True))


def _with_care(row: Evaluation) -> str:
    said = evaluation_cautions.of_evaluation(row)
    if not said:
        return ""
    return _section(
        "Read the figures with care", "", "".join(f'<p class="warn">{escape(one.text)}</p>' for one in said)
    )


def _kind(row: Evaluation) -> str:
    if not row.facts["external"]:
        return "from the source of the training"
    unsure = evaluation_cautions.is_not_known(row)
    return "external, as far as is known" if unsure else "external"


def seen_in_words(row: Evaluation) -> str:
    """Return how many of the evaluated recordings the model has learned from, and of how many nobody knows."""
    counts = evaluation_cautions.seen_counts(row)
    learnt, unsure = counts.get("training", 0), counts.get("not known", 0)
    said = f"The model has learned from {f'{learnt:,}' if learnt else 'none'} of these recordings"
    if not unsure:
        return f"{said}."
    if not learnt:
        what = counted(unsure, "recording")
        return f"Of {what} it is not known whether the model, or one it was made from, has learned from it."
    return f"{said}; of {unsure:,} it is not known whether it, or one it was made from, has seen them."


def _methods(row: Evaluation, spec: ModelSpec) -> str:
    p = spec.preprocessing
    facts = [
        ("Model", f"{row.model.name} ({spec.architecture}, {row.model.parameters:,} parameters)"),
        ("File", f"SHA-256 {row.model.onnx_key}"),
        ("Tells", ", ".join(spec.labels)),
        ("Input", f"12 leads, {p.window_s:g} s at {p.rate:g} Hz, preprocessing “{p.preset}”"),
        ("Preprocessing", " ".join(describe(p))),
        ("Threshold", evaluation_thresholds.of_settings(row)),
        ("Updating", "none: the model was applied as it is"),
        (
            "Intervals",
            "95 %; patients, where they are known, are taken as independent of each other, not recordings",
        ),
    ]
    return _section("Model and methods", "9, 12, 15, 16, 22, 24", _table(("", ""), facts, words=True))


def _performance(result: dict[str, Any], limits: dict[str, float], row: Evaluation) -> str:
    scores = result["evaluation"]
    if scores["task"] == "regression":
        values = [
            (one["label"], one["support"], *(estimate(one[name]) for name in ("mae", "rmse", "bias", "r2", "pearson")))
            for one in scores["targets"]
        ]
        titles = ("Value", "Known", "Mean absolute error", "RMSE", "Bias", "R²", "Correlation")
        return _section("Performance", "12e, 23a", _table(titles, values))
    known = [one for one in scores["classes"] if one["label"] in row.settings["label_map"]]
    digits = decimals(scores["n"])
    means = [
        (name, estimate(scores[key], digits))
        for name, key in (
            ("AUROC, mean over labels", "macro_auroc"), ("AUPRC, mean over labels", "macro_average_precision"),
            ("F1, mean over labels", "macro_f1"), ("F1, weighted", "weighted_f1"),
            ("Accuracy" if scores["task"] == "single_label" else "All labels correct", "accuracy"),
        )
    ]  # fmt: skip
    if scores.get("fmax") is not None:
        means.append(("Fmax", f"{number(scores['fmax'], digits)} (no interval: chosen on these recordings)"))
    columns = ("recall", "specificity", "precision", "npv", "f1", "auroc", "average_precision")
    head = ("Label", "Threshold", "Sensitivity", "Specificity", "PPV", "NPV", "F1", "AUROC", "AUPRC")
    of_labels = [
        (
            one["label"],
            "–" if scores["task"] == "single_label" else per_cent(limits[one["label"]]),
            *(estimate(one[name], digits) for name in columns),
        )
        for one in known
    ]
    notes = "".join(f"<p>{escape(note)}</p>" for note in scores["notes"])
    parts = [notes, _table(("Mean", "(95 % CI)"), means), _table(head, of_labels), _elsewhere(known, row, digits)]
    parts.append(_answered(result, digits))
    if scores["confusion"]:
        labels = [one["label"] for one in scores["classes"]]
        rows = [(label, *line) for label, line in zip(labels, scores["confusion"], strict=True)]
        parts.append(_table(("True ↓ predicted →", *labels), rows))
    enough = {one["label"] for one in known if not _few(one)}  # of others the curves say as little as the numbers
    roc, pr = (
        [(f"{one['label']} {number(one[area]['value'], digits)}", one[name])
         for one in known if one["label"] in enough and one.get(name)]
        for name, area in (("roc", "auroc"), ("pr", "average_precision"))
    )  # fmt: skip
    drawn = curves(roc, "1 − specificity", "sensitivity", chance=True) if roc else ""
    drawn += curves(pr, "recall", "precision") if pr else ""
    for one in result["outputs"]:
        if one["label"] not in enough:
            continue
        present, absent = (_shares(one[name], one[f"n_{name}"]) for name in ("present", "absent"))
        limit = 0.5 if scores["task"] == "single_label" else limits[one["label"]]
        drawn += outputs(one["label"], present, absent, limit)
    parts.append(f'<div class="figures">{drawn}</div>')
    return _section("Performance", "12e, 13, 23a", "".join(parts))


def _elsewhere(known: Sequence[dict[str, Any]], row: Evaluation, digits: int) -> str:
    """Return predictive values where a label is as common as was said, with their intervals."""
    lines = []
    for one in known:
        share = row.settings["prevalence"].get(one["label"])
        if share is not None and 0 < share < 1:
            found = predictive_values(Estimate(**one["recall"]), Estimate(**one["specificity"]), share)
            lines.append((one["label"], per_cent(share), *(estimate(asdict(value), digits) for value in found)))
    return _table(("Label", "At a prevalence of", "PPV (95 % CI)", "NPV (95 % CI)"), lines) if lines else ""


def _answered(result: dict[str, Any], digits: int) -> str:
    """Return how often a model that may abstain answers, and how good it is then."""
    found = result.get("abstention")
    if not found:
        return ""
    columns = ("coverage", "recall", "specificity", "precision", "npv")
    lines = [
        (
            one["label"],
            f"{one['n'] - one['n_open']:,} of {one['n']:,}",
            *(estimate(one[name], digits) for name in columns),
        )
        for one in found["labels"]
    ]
    head = ("Where the model answers", "Answered", "Share answered", "Sensitivity", "Specificity", "PPV", "NPV")
    said = (
        f"<p>The model leaves a label open where it would be wrong in more than {per_cent(found['error'])}: at least "
        f"one of {counted(found['n_open'], 'recording')}. The figures above count these by their threshold.</p>"
    )
    return said + _table(head, lines)


def _few(one: dict[str, Any]) -> bool:
    """Whether too few patients have the label, or lack it; earlier versions counted no patients."""
    counts = (one.get("patients_with"), one.get("patients_without"))
    return min(n for n in (*counts, FEW) if n is not None) < FEW


def _groups(result: dict[str, Any]) -> str:
    if not result["groups"]:
        return ""
    of_values = result["evaluation"]["task"] == "regression"
    columns = ("mae",) if of_values else ("recall", "specificity", "auroc")
    digits = 3 if of_values else decimals(result["n"])
    names = ("Mean absolute error",) if of_values else ("Sensitivity", "Specificity", "AUROC")
    lines = [
        (f"{GROUPINGS[group['kind']]}: {group['group']}", group["n_patients"], group["n"], one["label"],
         one["support"], *(estimate(one[name], digits) for name in columns))
        for group in result["groups"]
        for one in group["labels"]
    ]  # fmt: skip
    head = ("Group", "Patients", "Recordings", "Label", "With it", *names)
    none = "" if of_values else "<p>–: nobody in the group has the label, or nobody is without it.</p>"
    return _section("Groups", "14, 20b, 23a", _table(head, lines) + none)


def _shares(reach: Sequence[int], n: int) -> list[float]:
    width = STEPS // BARS
    ends = [*(reach[bar * width] for bar in range(BARS)), 0]
    return [(ends[bar] - ends[bar + 1]) / n if n else 0.0 for bar in range(BARS)]


def _section(title: str, items: str, content: str) -> str:
    told = f" <small>TRIPOD+AI {items}</small>" if items else ""
    return f"<section><h2>{title}{told}</h2>{content}</section>"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]], *, words: bool = False) -> str:
    top = "".join(f"<th>{escape(name)}</th>" for name in head) if any(head) else ""
    lines = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table{" class=words" if words else ""}><tr>{top}</tr>{lines}</table></div>'
