"""`annotations list | export | kappa | freeze`: what readers have said on the page, label set by label set."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.cli.app import JsonOption, ProjectOption, app, command, database, show
from backend.cli.datasets import show_dataset
from backend.counted import counted
from backend.db.session import read_session, write_session
from backend.errors import InvalidInputError
from backend.ml.evaluation.estimate import Estimate
from backend.services import (
    annotation_agreement,
    annotation_queue,
    annotation_results,
    annotations,
    dataset_report,
    projects,
)

group = typer.Typer(help="Labels given on the page: list, export, compare, make a dataset.", rich_markup_mode=None)
app.add_typer(group, name="annotations", no_args_is_help=True)
SetArgument = Annotated[str, typer.Argument(help="Name or id of the label set; default: the newest.")]


@command("list", group)
def list_(project: ProjectOption, as_json: JsonOption = False) -> None:
    """List the label sets of a project, and how far their reading is."""
    with read_session(database()) as session:
        rows = annotations.list_label_sets(session, projects.find(session, project).id)
        shown: list[dict[str, Any]] = [
            {"id": row.id, "name": row.name, "task": row.task, "labels": row.labels, "blind": row.blind}
            | {"n_readers": row.n_readers, "n_versions": row.n_versions}
            | asdict(annotation_queue.progress(session, row, ""))
            for row in rows
        ]
    lines = [
        f"{one['name']} ({one['id']}): {', '.join(label['name'] for label in one['labels'])}; "
        f"{one['n_read']} of {counted(one['n_recordings'], 'recording')} read, {one['n_read_twice']} by several, "
        f"{counted(one['n_disagreements'], 'disagreement')} open."
        for one in shown
    ]
    show(shown, as_json, "\n".join(lines) or "The project has no label set yet. Make one on the page of labels.")


@command("export", group)
def export(
    project: ProjectOption,
    label_set: SetArgument = "",
    each: Annotated[
        bool, typer.Option("--each", help="A row for each reading, with notes and regions; else what stands.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Write to this CSV; default: standard output.")] = None,
) -> None:
    """Print the labels as CSV: a table of labels that can be attached anywhere."""
    if out is not None and not out.absolute().parent.is_dir():
        raise InvalidInputError(f"“{out}” is no file in a folder that is there. Make the folder, or choose another.")
    with read_session(database()) as session:
        row = annotations.find(session, projects.find(session, project).id, label_set)
        text = "".join(annotation_results.to_csv(session, row, each))
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8", newline="")


@command("kappa", group)
def kappa(project: ProjectOption, label_set: SetArgument = "", as_json: JsonOption = False) -> None:
    """Print how far each pair of readers agrees: Cohen's kappa with its 95 % interval."""
    with read_session(database()) as session:
        row = annotations.find(session, projects.find(session, project).id, label_set)
        found = annotation_agreement.agreement(session, row)
    lines = []
    for pair in found.pairs:
        lines.append(
            f"{pair.first} and {pair.second}: {pair.n_agreed} of {counted(pair.n, 'recording')} alike, kappa "
            f"{_told(pair.kappa)}"
        )
        lines += [f"  {one.label}: {one.n_first} and {one.n_second}, kappa {_told(one.kappa)}" for one in pair.labels]
    if not found.independent:
        lines.append("The set is not blind: readers could see what others had said.")
    show(asdict(found), as_json, "\n".join(lines if found.pairs else ["No two readers have read the same recording."]))


def _told(estimate: Estimate) -> str:
    if estimate.value is None:
        return estimate.withheld or "not defined"
    return f"{estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f})"


@command("freeze", group)
def freeze(
    project: ProjectOption,
    label_set: SetArgument = "",
    name: Annotated[str, typer.Option(help="Name of the dataset; default: that of the set with its version.")] = "",
    fewest_readers: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Leave out recordings that fewer have read and nobody has adjudicated; default: as the set asks for.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a dataset of the labels that stand: the next version of the label set, to train on."""
    with write_session(database()) as session:
        row = annotations.find(session, projects.find(session, project).id, label_set)
        dataset = annotation_results.freeze(session, row, name, fewest_readers)
        report = dataset_report.report(session, dataset)
    show_dataset(dataset, report, as_json)
