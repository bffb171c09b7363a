"""`experiment`: the open questions about pre-training and mixtures, asked again on one's own ECGs."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.cli.app import JsonOption, command, database, people, show, storage
from backend.cli.datasets import find_dataset
from backend.db.session import read_session
from backend.errors import InvalidInputError, UnavailableError
from backend.ml.experiments.material import Material, Settings
from backend.ml.experiments.register import EXPERIMENTS
from backend.ml.experiments.register import experiment as find_experiment
from backend.services import experiments, projects

QUICK = Settings(seeds=1, sizes=(40,), epochs=1, passes=64, config={"width": 8})


@command("experiment")
def experiment(
    name: Annotated[str, typer.Argument(help="Which one; none: list them.")] = "",
    project: Annotated[str, typer.Option("--project", "-p", help="Name or id of the project to learn from.")] = "",
    dataset: Annotated[str, typer.Option(help="Name or id of its dataset; default: the newest.")] = "",
    test: Annotated[
        list[str] | None, typer.Option(help="External test, as PROJECT/DATASET or PROJECT; may be repeated.")
    ] = None,
    labels: Annotated[str, typer.Option(help="Labels to learn, separated by commas; default: all.")] = "",
    split: Annotated[
        str, typer.Option(help="random (by patient) or column; default: the table's column where it has one.")
    ] = "",
    base: Annotated[str, typer.Option(help="Pre-trained model, of the platform or the project.")] = "cardx",
    seeds: Annotated[int | None, typer.Option(help="How often, each time with other ECGs and weights (3).")] = None,
    sizes: Annotated[str, typer.Option(help="Numbers of labelled ECGs, separated by commas.")] = "",
    arms: Annotated[str, typer.Option(help="Only these arms, separated by commas; default: all.")] = "",
    epochs: Annotated[int | None, typer.Option(help="Epochs of each training; default: the networks' recipes.")] = None,
    passes: Annotated[int | None, typer.Option(help="ECGs passed in each pre-training (16000).")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="So little of all that it shows only that it runs.")] = False,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of results, table and plot.")] = Path(),
    as_json: JsonOption = False,
) -> None:
    """Answer an open question on the ECGs of a project, with several seeds and external tests.

    Results are kept run by run in the folder: the same command goes on where it was ended.
    """
    if not name:
        rows = [{"name": one.name, "title": one.title, "question": one.question} for one in EXPERIMENTS.values()]
        show(rows, as_json, "\n".join(f"{row['name']:<20} {row['question']}" for row in rows))
        return
    about = find_experiment(name)
    if not project:
        raise InvalidInputError("Name the project to learn from, with --project.")
    given: dict[str, Any] = {"seeds": seeds, "epochs": epochs, "passes": passes, "sizes": _sizes(sizes)}
    given |= {"arms": tuple(arm.strip() for arm in arms.split(",") if arm.strip())}
    settings = replace(
        QUICK if quick else Settings(), **{key: value for key, value in given.items() if value not in (None, ())}
    )
    try:
        from backend.ml.experiments.conduct import conduct, done, mark  # these load torch
        from backend.ml.training.start import Base
    except ModuleNotFoundError:
        raise UnavailableError("Experiments need torch. Install the parts for it: exchangeai[train].") from None
    material, notes = _material(project, dataset, test or [], labels, split)
    if about.needs_base:
        with read_session(database()) as session:
            start = experiments.base(session, storage(), projects.find(session, project).id, base)
        notes += [f"{start.name} {start.learnt_from}"] if start.learnt_from else []
        material = replace(material, base=Base(start.name, start.spec, start.onnx, start.weights))
    for note in notes:
        people.print(f"Note: {note}", markup=False, soft_wrap=True)
    for step in conduct(name, material, settings, output):
        told = ", ".join(
            f"{test} {found['macro_auroc'][0] or 'undefined'}" for test, found in step.line["tests"].items()
        )
        n = step.line["n"] or "all"
        before = "was done before" if step.was_done else f"{step.line['seconds']} s"
        people.print(
            f"{step.number} of {step.total}: {step.line['arm']}, {n} ECGs, seed {step.line['seed']}: {told}; {before}",
            markup=False, soft_wrap=True,
        )  # fmt: skip
    lines = done(name, material, settings, output)
    table, plot = _write(name, lines, material, settings, output)
    result = {"experiment": name, "of": mark(material, settings), "runs": lines, "settings": asdict(settings)}
    show(result | {"table": str(table), "plot": str(plot)}, as_json, table.read_text())


def _material(project: str, dataset: str, tests: list[str], labels: str, split: str) -> tuple[Material, list[str]]:
    if split not in ("", "random", "column"):
        raise InvalidInputError(f"There is no split {split!r}; use random or column.")
    with read_session(database()) as session:
        learn = find_dataset(session, projects.find(session, project).id, dataset)
        others = []
        for one in tests:
            of, _, which = one.partition("/")
            others.append(find_dataset(session, projects.find(session, of).id, which))
        wanted = [label.strip() for label in labels.split(",")] if labels else None
        parts = {"kind": split} if split else None
        return experiments.material(session, storage(), learn, others, wanted, parts)


def _write(
    name: str, lines: list[dict[str, Any]], material: Material, settings: Settings, folder: Path
) -> tuple[Path, Path]:
    from backend.ml.experiments.plot import svg
    from backend.ml.experiments.report import EXPLAINED, markdown

    about = find_experiment(name)
    parts = material.split
    made = [
        f"Learned from {len(parts.train):,} ECGs at most ({len(parts.validation):,} more validate where nothing is "
        f"drawn), tested on {len(parts.test):,}"
        + "".join(f"; {one.name}: {len(one.y):,}" for one in material.tests) + ".",
        f"Settings: {', '.join(f'{key} {value}' for key, value in asdict(settings).items() if value)}."
    ]  # fmt: skip
    table, plot = folder / f"{name}.md", folder / f"{name}.svg"
    plot.write_text(svg(lines, about.title))
    table.write_text(f"{markdown(about, lines, made)}\n![{about.title}]({plot.name})\n\n{EXPLAINED}\n")
    return table, plot


def _sizes(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise InvalidInputError(f"Sizes are whole numbers, separated by commas, not {text!r}.") from None
