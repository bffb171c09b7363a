"""How good a model is on its test part, as lines of text, and what is said beside it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from backend.cli import mistakes
from backend.cli.app import show
from backend.cli.by_source import lines as source_lines
from backend.counted import counted
from backend.db.tables import Model
from backend.ml.evaluation.routes import in_words
from backend.services import models, out_of_fold_cells, source_results


def beside(said: Mapping[str, Any]) -> list[str]:
    """Return as lines what is said beside a result: cautions, what was left out or not checked, what is asked."""
    return [
        *(f"  caution: {one['text']}" for one in said.get("cautions", ())),
        *(f"  left out: {one['text']} {', '.join(one['files'])}" for one in said.get("left_out", ())),
        *(f"  not checked: {text}" for text in said.get("not_checked", ())),
        *(f"  question: {one['text']}" for one in said.get("questions", ())),
    ]


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"


def show_model(
    model: Model,
    as_json: bool,
    extra: dict[str, Any],
    told: source_results.SourceResults | None = None,
    wrong: out_of_fold_cells.Mistakes | None = None,
) -> None:
    """Print how good a model is on its test part, `told` on each source; `extra` is told beside it in JSON.

    `wrong` is what a cross-validation told wrongly.
    """
    evaluation = model.evaluation
    lines = [f"Model {model.name} ({model.id}), {evaluation['n']} test recordings:", *_cross_validated(evaluation)]
    if evaluation["task"] == "regression":
        lines += [
            f"  {entry['label']:<12} mean absolute error {with_interval(entry['mae'])}, "
            f"R² {with_interval(entry['r2'])}, {counted(entry['support'], 'recording')}"
            for entry in evaluation["targets"]
        ]
    else:
        for key, title in (("macro_f1", "macro F1"), ("weighted_f1", "weighted F1"), ("macro_auroc", "macro AUROC")):
            lines.append(f"  {title:<12} {with_interval(evaluation[key])}")
        lines += [
            f"  {entry['label']:<12} F1 {with_interval(entry['f1'])}, AUROC {with_interval(entry['auroc'])}, "
            f"{counted(entry['support'], 'recording')}"
            for entry in evaluation["classes"]
        ]
        lines += _calibration(evaluation)
    lines += [f"  Note: {note}" for note in evaluation.get("notes", ())]
    said = models.facts(model)
    lines += beside(said)
    if wrong is not None:
        lines += mistakes.lines(wrong, str(model.run_id))
    if told is not None:
        lines += [f"  {line}" for line in (*source_lines(told.by, told.sources), *told.text)]
    lines += [f"  {line}" for line in in_words(said["routes"])] if said["routes"] else []
    lines += [f"  {key}: {value}" for key, value in extra.items() if value is not None]
    result = {"model_id": model.id, "name": model.name, "evaluation": evaluation} | extra
    result |= {name: said[name] for name in ("cautions", "left_out", "not_checked", "routes")}
    result |= {} if told is None else {"by_source": asdict(told)}
    result |= {} if wrong is None else {"mistakes": asdict(wrong)}
    show(result, as_json, "\n".join(lines))


def _cross_validated(evaluation: dict[str, Any]) -> list[str]:
    """Say how figures of a cross-validation came about, and how much they vary."""
    how = evaluation.get("cross_validation")
    if not how:
        return []
    done = f"{counted(how['folds'], 'fold')}, {counted(how['repeats'], 'repeat')}"
    lines = [f"  Cross-validated ({done}): each recording was tested by a model that had not seen it. {how['kept']}"]
    lines += [
        f"  {one['measure']} varied from {one['lowest']:.3f} to {one['highest']:.3f} over {one['n']} {how['over']}"
        + ("" if one["sd"] is None else f" (SD {one['sd']:.3f})")
        for one in how["spread"]
        if one["label"] is None
    ]
    return lines


def _calibration(evaluation: dict[str, Any]) -> list[str]:
    """Say how far probabilities are frequencies, where that was measured."""
    if evaluation.get("ece") is None:
        return []
    before = evaluation.get("ece_uncalibrated")
    was = "" if before is None else f" (before calibration {100 * before:.1f} %)"
    return [
        f"  {'Calibration':<12} probabilities are off by {100 * evaluation['ece']:.1f} % on average{was}; "
        f"chance alone gives {100 * evaluation['ece_by_chance']:.1f} %"
    ]


def with_interval(estimate: Mapping[str, Any]) -> str:
    """Return "0.812 (0.774 to 0.849)", or why there is no such number."""
    if estimate.get("withheld"):
        return str(estimate["withheld"])
    if estimate["low"] is None:
        return _number(estimate["value"])
    return f"{_number(estimate['value'])} ({_number(estimate['low'])} to {_number(estimate['high'])})"
