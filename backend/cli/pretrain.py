"""`pretrain`: a network learns what ECGs look like, from those of a project, of files, or of arrays."""

from dataclasses import asdict
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from backend.cli import files
from backend.cli.app import JsonOption, command, database, people, show
from backend.cli.follow import follow
from backend.cli.models import write_model
from backend.cli.settings import settings_of
from backend.db.session import read_session, write_session
from backend.ecg.preprocess import preset
from backend.errors import InvalidInputError, UnavailableError, UserError
from backend.ml.architectures import architecture as find_architecture
from backend.ml.packaging.manifest import Manifest
from backend.ml.packaging.package import MODEL, WEIGHTS, write_package
from backend.ml.pretraining.config import PretrainingConfig
from backend.ml.pretraining.data import PretrainingData
from backend.ml.pretraining.shards import read_shards
from backend.ml.versions import library_versions
from backend.services import ingest, models, pretrainings, projects

CLINICAL = preset("clinical")


@command("pretrain")
def pretrain(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders of ECGs, or .npz files; none: the project.")
    ] = None,
    project: Annotated[str, typer.Option("--project", "-p", help="Name or id of the project.")] = "",
    name: Annotated[str, typer.Option(help="Name of the model.")] = "",
    synthetic: Annotated[
        int, typer.Option(min=0, max=1_000_000, help="With files, or alone: so many ECGs of a generator beside them.")
    ] = 0,
    architecture: Annotated[str, typer.Option(help="Network, see 'exchangeai models zoo'.")] = "cardx",
    minutes: Annotated[float | None, typer.Option(help="How long; or else --passes.")] = None,
    passes: Annotated[int | None, typer.Option(help="How many ECGs are passed, each as often as it comes.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting, such as objectives.masked=1 or batch_size=64 (docs/cardx.md)."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the package to this .zip.")] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Of files: go on from this file where it is there; default: beside the output.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Pre-train a network, mostly without labels; trainings then start from it, and it embeds ECGs.

    Ctrl-C ends it early: what was learned is kept. With the same checkpoint it goes on where it was ended.
    """
    wanted = settings_of(settings or [])
    wanted |= {key: value for key, value in (("minutes", minutes), ("passes", passes)) if value is not None}
    if output is not None:
        models.check_writable(output)
    if synthetic and project:
        raise InvalidInputError("Synthetic ECGs go with files, or alone, not with a project. Leave --project out.")
    if paths or synthetic:
        if output is None or output.suffix.lower() != ".zip":
            raise InvalidInputError("Say which .zip the package is written to, with --output.")
        config = PretrainingConfig.from_dict(wanted)
        _of_files(paths or [], synthetic, name, architecture, config, output, checkpoint, as_json)
        return
    if not project:
        raise InvalidInputError("Name files or folders of ECGs, or with --project the project whose ECGs are meant.")
    url = database()
    with write_session(url) as session:
        project_id = projects.find(session, project).id
        request = pretrainings.Request(name, architecture, {}, wanted)
        job_id = pretrainings.create(session, project_id, request).id
    model_id = follow(url, project_id, job_id)["model_id"]
    with read_session(url) as session:
        model = models.get(session, project_id, model_id)
    if output is not None:
        write_model(model, output)
    show({"model_id": model.id, "name": model.name, "output": output and str(output)}, as_json, f"Made {model.name}.")


def _of_files(
    paths: list[Path],
    n_synthetic: int,
    name: str, architecture: str, config: PretrainingConfig, output: Path, checkpoint: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    try:
        from backend.ml.pretraining import events  # all of these load torch
        from backend.ml.pretraining.conclude import conclude
        from backend.ml.pretraining.pretrain import pretrain as learn
        from backend.ml.pretraining.synthetic import synthetic, with_more
    except ModuleNotFoundError:
        raise UnavailableError("Pre-training needs torch. Install the parts for it: exchangeai[train].") from None
    entry = find_architecture(architecture)
    made_up = list(synthetic(n_synthetic, CLINICAL, config.seed))
    data = _data(paths) if paths else PretrainingData(np.concatenate(made_up), CLINICAL.rate)
    if paths and made_up:
        data = with_more(data, np.concatenate(made_up))
    network = entry.build(12, data.x.shape[2], 2, {}, seed=config.seed)
    kept = checkpoint or output.with_suffix(".pt")
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    last: dict[str, Any] = {}
    stopped = False
    with Progress(*columns, TimeElapsedColumn(), console=people, transient=True) as bar:
        task = bar.add_task("Aligning beats", total=1.0)
        run = learn(network, data, config, kept, should_stop=lambda: stopped)
        while True:
            try:
                event = next(run, None)
            except KeyboardInterrupt:
                raise InvalidInputError(f"Ended. Go on with the same command; the checkpoint is {kept}.") from None
            match event:
                case None:
                    break
                case events.Aligning():
                    bar.update(task, completed=event.fraction)
                case events.Step():
                    bar.update(task, completed=event.fraction, description=f"{event.passes:,} ECGs passed")
                case events.Measured():
                    last = asdict(event)
                    losses = ", ".join(f"{key} {value:.3f}" for key, value in event.held_out.items())
                    bar.console.print(f"{event.passes:,} ECGs passed; held out: {losses}", markup=False)
    with TemporaryDirectory() as folder:
        made = conclude(kept, architecture, entry.complete({}), Path(folder))
        title = name or f"{entry.title}, pre-trained on {len(data.x):,} ECGs"
        manifest = Manifest(
            name=title, created=datetime.now(UTC).isoformat(timespec="seconds"), spec=made.spec, parity=made.parity,
            parameters=made.parameters, versions=library_versions(), has_head=False,
        )  # fmt: skip
        written = {MODEL: made.onnx, WEIGHTS: made.weights}
        for file, content in written.items():
            (Path(folder) / file).write_bytes(content)
        with output.open("wb") as target:
            target.writelines(write_package(manifest, {file: Path(folder) / file for file in written}))
    show({"name": title, "output": str(output), "checkpoint": str(kept)} | last, as_json, f"Wrote {output}")


def _data(paths: list[Path]) -> PretrainingData:
    """Return the ECGs of .npz files, or of files in any format that is read; what is refused is named."""
    shards = [path for path in paths if path.suffix.lower() == ".npz"]
    if shards:
        if len(shards) != len(paths):
            raise InvalidInputError("Give either .npz files or files of ECGs, not both.")
        return read_shards(shards, CLINICAL.n_samples, CLINICAL.rate)
    x: list[NDArray[np.float32]] = []
    for result in chain.from_iterable(files.batches(paths, files.options(None, None, False, "", False, False))):
        if not isinstance(result, ingest.ReadSet) or result.error:
            told = result.error if isinstance(result, ingest.ReadSet) else str(result.error)
            people.print(f"Left out: {told}", markup=False, soft_wrap=True)
        for recording in result.recordings if isinstance(result, ingest.ReadSet) else ():
            try:
                if recording.missing:
                    raise InvalidInputError(f"it lacks leads {', '.join(recording.missing)}")
                x.append(CLINICAL(recording.signal, recording.rate))
            except UserError as problem:
                people.print(f"{recording.name} left out: {problem}", markup=False, soft_wrap=True)
    if not x:
        raise InvalidInputError("No ECG of twelve leads was read. Name files or folders that hold some.")
    return PretrainingData(np.stack(x), CLINICAL.rate)
