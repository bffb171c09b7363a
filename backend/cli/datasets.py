"""`labels`: tables of labels, and labels that files hold, attached to the recordings of a project."""

import shlex
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from backend.cli.app import JsonOption, ProjectOption, command, database, show
from backend.counted import counted
from backend.db.session import read_session, write_session
from backend.db.tables import Dataset
from backend.errors import InvalidInputError, NotFoundError
from backend.isolation.table import read_table
from backend.ml.data.label_tables.choice import SEPARATORS, Choice, choice_from
from backend.ml.errors import LabelChoiceError
from backend.services import dataset_report, datasets, label_preview, labels_in_files, projects

_OPTIONS = {"recording": "--recording", "labels": "--label", "values": "--value"}


@command("labels")
def labels(
    project: ProjectOption,
    table: Annotated[Path | None, typer.Argument(help="CSV, Excel (.xlsx), Parquet, .npy or .npz with labels.")] = None,
    name: Annotated[str, typer.Option(help="Name of the dataset; default: that of the file.")] = "",
    recording: Annotated[
        list[str] | None,
        typer.Option(help="Column that names the recording, or a template: 'HR{id:05d}', 'stack[{row}]', 'X[{#}]'."),
    ] = None,
    file_name: Annotated[list[str] | None, typer.Option(help="The same as --recording.")] = None,
    label: Annotated[
        list[str] | None, typer.Option(help="Column of labels, or of yes and no; may be repeated.")
    ] = None,
    value: Annotated[list[str] | None, typer.Option(help="Column of numbers to be learned; may be repeated.")] = None,
    patient: Annotated[str | None, typer.Option(help="Column of patients; '' for none.")] = None,
    split: Annotated[str | None, typer.Option(help="Column of parts: train, validation, test; '' for none.")] = None,
    fold: Annotated[str | None, typer.Option(help="Column of folds; '' for none.")] = None,
    sex: Annotated[str | None, typer.Option(help="Column of female and male, for groups of an evaluation.")] = None,
    age: Annotated[str | None, typer.Option(help="Column of ages in years, for groups of an evaluation.")] = None,
    threshold: Annotated[float, typer.Option(help="Likelihood from which on a code of a dictionary counts.")] = 0.0,
    superclass: Annotated[
        bool, typer.Option("--superclass", help="SCP codes become the superclasses NORM, MI, STTC, CD, HYP.")
    ] = False,
    separator: Annotated[str, typer.Option(help="Marks between several labels in one cell.")] = SEPARATORS,
    in_files: Annotated[
        list[str] | None,
        typer.Option(
            help="Take the labels that the ECG files hold: 'SNOMED-CT', 'label' …; 'list' shows what is there."
        ),
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show how the table would be understood; store nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Attach labels to the recordings of a project and report what they match.

    Which columns are the labels is asked where it is not beyond doubt: the answer names likely choices as commands.
    """
    url = database()
    with read_session(url) as session:
        project_id = projects.find(session, project).id
    if in_files:
        _labels_in_files(url, project_id, in_files, name, superclass, as_json)
        return
    if table is None:
        raise InvalidInputError("Name a table of labels, or take the labels of the files with --in-files.")
    if not table.is_file():
        raise NotFoundError(f"There is no file {table}.")
    given: dict[str, Any] = {
        "recording": [*(recording or []), *(file_name or [])], "labels": label or [], "values": value or [],
        "patient": patient, "split": split, "fold": fold, "sex": sex, "age": age,
        "threshold": threshold, "superclasses": superclass,
        "separators": separator,
    }  # fmt: skip
    asked = choice_from(given)
    cells = read_table(table.read_bytes())
    try:
        with read_session(url) as session:
            if preview:
                _show_preview(label_preview.preview(session, project_id, cells, asked), table, project, as_json)
                return
            matched = datasets.match(session, project_id, cells, asked)
    except LabelChoiceError as error:
        raise InvalidInputError(_question(error, table, project)) from None
    dataset_id = datasets.attach_in_parts(url, project_id, matched, table.name, name)
    with read_session(url) as session:
        dataset = datasets.get(session, project_id, dataset_id)
        report = dataset_report.report(session, dataset)
    show_dataset(dataset, report, as_json)


def find_dataset(session: Session, project_id: str, name_or_id: str) -> Dataset:
    """Return the dataset of that name or id, the newest for "". Raises NotFoundError."""
    rows = datasets.list_datasets(session, project_id)
    found = [row for row in rows if not name_or_id or name_or_id in (row.id, row.name)]
    if not found:
        raise NotFoundError(
            f"There is no dataset {name_or_id!r} in this project." if rows else
            "The project has no labels yet. Attach a table with 'exchangeai labels'."
        )  # fmt: skip
    return found[0]


def _labels_in_files(url: str, project_id: str, names: list[str], name: str, superclass: bool, as_json: bool) -> None:
    if names == ["list"]:
        with read_session(url) as session:
            found = labels_in_files.sources(session, project_id)
        lines = [
            f"{one.name}: {counted(one.n_labels, 'label')} in {counted(one.n_recordings, 'recording')}, such as "
            f"{', '.join(label['label'] for label in one.labels[:5])}"
            for one in found
        ]
        show([asdict(one) for one in found], as_json, "\n".join(lines) or "The files hold no labels.")
        return
    with write_session(url) as session:
        dataset = labels_in_files.create(session, project_id, names, name, superclass)
        report = dataset_report.report(session, dataset)
    show_dataset(dataset, report, as_json)


def show_dataset(dataset: Dataset, report: dataset_report.Report, as_json: bool) -> None:
    """Print a dataset and what it matches."""
    lines = [
        f"Dataset {dataset.name} ({dataset.task.replace('_', '-')}): {counted(report.n_rows, 'row')}, "
        f"{report.n_matched} with a recording, {report.n_unmatched} without; "
        f"{counted(report.n_unlabelled, 'recording')} without a label.",
        *[f"  {count['label']}: {count['n_recordings']} of {count['n_rows']}" for count in report.counts],
        *[
            f"{counted(report.n_partial, 'recording lacks leads and is', 'recordings lack leads and are')} left out "
            "of training."
        ][: report.n_partial],
        *[f"Note: {note}" for note in dataset.notes],
    ]
    if report.unmatched:
        lines.append(
            f"Without a recording: {', '.join(report.unmatched[:10])}{' …' if report.n_unmatched > 10 else ''}"
        )
    facts = {"dataset_id": dataset.id, "name": dataset.name, "task": dataset.task, "choice": dataset.choice}
    show(facts | asdict(report), as_json, "\n".join(lines))


def _show_preview(found: label_preview.Preview, table: Path, project: str, as_json: bool) -> None:
    lines = [f"{table.name}: {found.n_rows} rows, {len(found.columns)} columns; the project has {found.n_recordings} "
             "recordings."]  # fmt: skip
    lines += [f"  {one.template} finds {one.n_matched}" for one in found.matches[:5]]
    lines += [text for text in (found.question, found.problem) if text]
    if found.choice:
        lines.append(f"As it would be understood by: {_command(table, project, found.choice.to_json())}")
    if found.understood:
        told = found.understood
        lines.append(f"{told.n_rows} rows ({told.task.replace('_', '-')}), {told.n_matched} with a recording:")
        for row in told.rows:
            said = ", ".join(row["labels"]) or ", ".join("?" if one is None else f"{one:g}" for one in row["values"])
            lines.append(f"  {row['name']} -> {row['recording'] or 'no recording'}: {said or 'none of the labels'}")
        lines += [f"Note: {note}" for note in told.notes]
    shown = asdict(found) | {
        "matches": [{"template": one.template, "n_matched": one.n_matched} for one in found.matches]
    }
    show(shown, as_json, "\n".join(lines))


def _question(error: LabelChoiceError, table: Path, project: str) -> str:
    """Return the question with the likely choices as commands to be copied."""
    likely = [f"  {title}:\n    {_command(table, project, choice)}" for title, choice in error.suggestions]
    columns = f"Columns: {', '.join(error.columns)}"
    return "\n".join([error.question, columns, *["Likely choices:"][: len(likely)], *likely])


def _command(table: Path, project: str, choice: Mapping[str, Any]) -> str:
    words = ["exchangeai", "labels", str(table), "-p", project]
    for name, option in _OPTIONS.items():
        for one in choice[name]:
            words += [option, one]
    plain = Choice()
    for name in ("patient", "split", "fold", "sex", "age"):
        if choice[name]:
            words += [f"--{name}", choice[name]]
    if choice["threshold"] != plain.threshold:
        words += ["--threshold", f"{choice['threshold']:g}"]
    if choice["superclasses"]:
        words.append("--superclass")
    if choice["separators"] != plain.separators:
        words += ["--separator", choice["separators"]]
    return shlex.join(words)
