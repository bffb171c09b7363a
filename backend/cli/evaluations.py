"""`evaluate`: a model on a dataset of its own or another project, as a job; results as text, JSON, CSV, report."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from backend.cli.app import JsonOption, command, database, show
from backend.cli.datasets import find_dataset
from backend.cli.follow import follow
from backend.cli.models_found import find_model
from backend.counted import counted
from backend.db.session import read_session, write_session
from backend.db.tables import Evaluation
from backend.errors import InvalidInputError
from backend.ml.evaluation.estimate import Estimate
from backend.ml.evaluation.prevalence import predictive_values
from backend.services import (
    evaluation_cautions,
    evaluation_report,
    evaluation_rows,
    evaluation_thresholds,
    evaluations,
    projects,
)
from backend.services.evaluation_thresholds import ThresholdRule


@command("evaluate")
def evaluate(
    model: Annotated[str, typer.Argument(help="Name or id of a model of the project.")],
    dataset: Annotated[str, typer.Argument(help="Name or id of a label table.")],
    project: Annotated[
        str, typer.Option("--project", "-p", help="Name or id of the project of the model, where several have it.")
    ] = "",
    dataset_project: Annotated[
        str, typer.Option(help="Name or id of the project of the label table; default: that of the model.")
    ] = "",
    label: Annotated[
        list[str] | None,
        typer.Option("--label", help="'their label=label of the table', where both are written differently."),
    ] = None,
    include_seen: Annotated[
        bool, typer.Option("--include-seen", help="Also recordings from which the model has learned.")
    ] = False,
    threshold: Annotated[
        ThresholdRule, typer.Option(help="By what the model’s thresholds were chosen at its training; half: 0.5.")
    ] = "own",
    half: Annotated[bool, typer.Option("--half", help="The same as --threshold half.")] = False,
    prevalence: Annotated[
        list[str] | None, typer.Option(help="'label=0.02': how common it is where the model will be used.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write a row for each recording to this CSV.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the report to this HTML file.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Evaluate a model on labelled recordings that it is not known to have seen, and print how good it is."""
    for path in (csv, report):
        if path is not None and not path.absolute().parent.is_dir():
            raise InvalidInputError(
                f"“{path}” is no file in a folder that is there. Make the folder, or choose another."
            )
    settings = evaluations.Settings(
        include_seen=include_seen,
        threshold_rule="half" if half else threshold,
        prevalence={name: _share(share) for name, share in map(_pair, prevalence or ())},
        label_map=dict(map(_pair, label or ())),
    )
    url = database()
    with write_session(url) as session:
        found, project_id = find_model(session, model, project)
        other_id = projects.find(session, dataset_project).id if dataset_project else project_id
        row = evaluations.create(
            session, project_id, found.id,
            find_dataset(session, other_id, dataset).id, settings, other_id,
        )  # fmt: skip
        evaluation_id, job_id = row.id, row.job_id
    follow(url, project_id, job_id)
    with read_session(url) as session:
        row = evaluations.get(session, project_id, evaluation_id)
        _write(session, row, csv, report)
        result: dict[str, Any] = row.result or {}
        shown: dict[str, Any] = {
            "evaluation_id": row.id,
            "settings": row.settings,
            "facts": row.facts,
            "result": result,
        }
        said = evaluation_cautions.of_evaluation(row)
        shown["cautions"] = [one.to_dict() for one in said]
        lines = _lines(row, result) + [f"Read with care: {one.text}" for one in said]
        show(shown, as_json, "\n".join(lines))


def _write(session: Session, row: Evaluation, csv: Path | None, report: Path | None) -> None:
    if csv is not None:
        text = "".join(evaluation_rows.to_csv(session, row, evaluation_thresholds.of_evaluation(row)))
        csv.write_text(text, encoding="utf-8", newline="")
    if report is not None:
        report.write_text(evaluation_report.html(row), encoding="utf-8")


def _lines(row: Evaluation, result: dict[str, Any]) -> list[str]:
    """Return the result as lines for people, counts first."""
    lines = [f"{counted(result['n_patients'], 'patient')}, {counted(result['n'], 'recording')}."]
    lines.append(evaluation_report.seen_in_words(row))
    lines += [f"Left out: {one['n']:,}. {one['why']}" for one in result["left_out"]]
    if result["unknown_labels"]:
        lines.append(f"Not known to the table: {', '.join(result['unknown_labels'])}.")
    scores = result["evaluation"]
    if scores["task"] == "regression":
        return lines + [f"{one['label']}: mean absolute error {_text(one['mae'])}" for one in scores["targets"]]
    evaluated = {one["label"]: one for one in result["outputs"]}
    limits = dict(zip(row.model.spec["labels"], evaluation_thresholds.of_evaluation(row), strict=True))
    for one in scores["classes"]:
        if one["label"] in evaluated:
            at = "" if scores["task"] == "single_label" else f", at the threshold {limits[one['label']]:.3f}"
            lines.append(
                f"{one['label']}: {one['support']:,} with it, {evaluated[one['label']]['n_absent']:,} without; "
                f"AUROC {_text(one['auroc'])}{at} sensitivity {_text(one['recall'])}, "
                f"specificity {_text(one['specificity'])}, PPV {_text(one['precision'])}, NPV {_text(one['npv'])}"
            )
            if share := row.settings["prevalence"].get(one["label"]):
                given = predictive_values(Estimate(**one["recall"]), Estimate(**one["specificity"]), share)
                ppv, npv = (_text(asdict(value)) for value in given)
                lines.append(f"{one['label']}, where {share:.1%} have it: PPV {ppv}, NPV {npv}")
    if kept := result.get("abstention"):
        lines.append(
            f"Left open: {kept['n_open']:,} of {counted(result['n'], 'recording')} in at least one label (the model "
            f"accepts {kept['error']:.0%} of errors). Where it answers:"
        )
        lines += [
            f"{one['label']}: {one['n'] - one['n_open']:,} of {one['n']:,} answered ({_text(one['coverage'])}); "
            f"sensitivity {_text(one['recall'])}, specificity {_text(one['specificity'])}, PPV "
            f"{_text(one['precision'])}, NPV {_text(one['npv'])}"
            for one in kept["labels"]
        ]
    if scores["task"] == "multi_label":
        lines.append(f"Thresholds: {evaluation_thresholds.of_settings(row)}.")
    return [*lines, f"Mean AUROC {_text(scores['macro_auroc'])}, mean F1 {_text(scores['macro_f1'])}"]


def _text(one: dict[str, Any]) -> str:
    if one["value"] is None:
        return one.get("withheld") or "not defined"
    return f"{one['value']:.3f}" + ("" if one["low"] is None else f" ({one['low']:.3f} to {one['high']:.3f})")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.rpartition("=")
    if not equals:
        raise InvalidInputError(f"{text!r} should be written as name=value.")
    return name, value


def _share(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InvalidInputError(f"A prevalence should be a number such as 0.02, not {text!r}.") from None
