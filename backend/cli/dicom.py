"""`dicom-receive`, a door for carts and PACS, and `dicom-result`: what a model says of an ECG as a DICOM object."""

import signal
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, cast

import typer

from backend.cli.app import ProjectOption, command, database, people, storage
from backend.cli.follow import follow
from backend.db.session import read_session, write_session
from backend.errors import InvalidInputError
from backend.logs import configure_logging
from backend.services import (
    dicom_results,
    dicom_sender,
    model_library,
    predictions,
    projects,
    recordings,
    webhooks,
)
from backend.services.dicom_receiver import Door, Receiver
from backend.services.dicom_results import KINDS, Kind
from backend.settings import get_settings


@command("dicom-receive")
def dicom_receive(
    project: ProjectOption,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 for a free one.")] = 11112,
    peer: Annotated[list[str] | None, typer.Option(help="AE title that may send; again for more. None: all.")] = None,
    model: Annotated[str, typer.Option(help="Send this model's results of what comes to the project's webhook.")] = "",
    answer: Annotated[
        list[str] | None,
        typer.Option(help="Send them to EXCHANGEAI_DICOM_DESTINATION instead: sr or pdf; again for both."),
    ] = None,
) -> None:
    """Receive ECGs by DICOM (C-STORE, C-ECHO) into a project, which is made where there is none of that name.

    Called by the AE title EXCHANGEAI_DICOM_AE_TITLE. An object is acknowledged when it is kept. Ctrl-C ends it.
    """
    settings, url = get_settings(), database()
    with write_session(url) as session:
        row = projects.find_or_create(session, project)
    model_id, answers = "", kinds_of(answer or [])
    if answers and not model:
        raise InvalidInputError("Name the model whose results are sent: --model.")
    if model:
        with read_session(url) as session:
            if answer:
                dicom_sender.destination(settings)
            else:
                webhooks.get(session, row.id)
            model_id = model_library.find_usable(session, row.id, model).id
    configure_logging(settings.log_level, settings.log_format)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    door = Door(row.id, host, port, settings.dicom_ae_title, tuple(peer or ()), model_id, answers)
    with Receiver(settings, storage(), door) as receiver:
        people.print(
            f"{door.ae_title} receives at {host}:{receiver.port} into {row.name} (Ctrl-C ends it)", markup=False
        )
        ended.wait()


@command("dicom-result")
def dicom_result(
    prediction: Annotated[str, typer.Argument(help="Id of a prediction of the project.")],
    recording: Annotated[str, typer.Argument(help="Id of a recording that it has a result for.")],
    project: ProjectOption,
    kind: Annotated[str, typer.Option(help="sr: a structured report; pdf: the ECG on paper with the answer.")] = "sr",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the DICOM file here.")] = None,
    send: Annotated[bool, typer.Option("--send", help="Send it to EXCHANGEAI_DICOM_DESTINATION as well.")] = False,
) -> None:
    """Write what a prediction says of a recording as a DICOM file, or send it to a PACS (C-STORE).

    It is preliminary, for research use, and names the patient by the pseudonym.
    """
    (chosen,) = kinds_of([kind])
    if output is None and not send:
        raise InvalidInputError("Say where the file goes: --output FILE, --send, or both.")
    settings, url = get_settings(), database()
    with read_session(url) as session:
        project_id = projects.find(session, project).id
        made = predictions.get(session, project_id, prediction)
        row = recordings.get(session, project_id, recording)
        result = dicom_results.stored(session, made, row.id)
        _, data = dicom_results.as_dicom(storage(), row, result, made.created_at, chosen)
    if output is not None:
        output.write_bytes(data)
        people.print(f"Written: {output}", markup=False, soft_wrap=True)
    if send:
        with write_session(url) as session:
            job = dicom_sender.send(session, settings, project_id, [recording], [chosen], prediction_id=prediction)
            job_id = job.id
        follow(url, project_id, job_id)


def kinds_of(asked: Sequence[str]) -> tuple[Kind, ...]:
    """Return kinds of DICOM results by their names. Raises InvalidInputError for another name."""
    if wrong := [one for one in asked if one not in KINDS]:
        raise InvalidInputError(f"A result is sent as {' or '.join(KINDS)}, not as {wrong[0]!r}.")
    return cast("tuple[Kind, ...]", tuple(asked))
