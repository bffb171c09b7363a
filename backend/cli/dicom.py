"""`dicom-receive`: a door for carts and PACS."""

import signal
import threading
from typing import Annotated

import typer

from backend.cli.app import ProjectOption, command, database, people, storage
from backend.db.session import read_session, write_session
from backend.logs import configure_logging
from backend.services import model_library, projects, webhooks
from backend.services.dicom_receiver import Door, Receiver
from backend.settings import get_settings


@command("dicom-receive")
def dicom_receive(
    project: ProjectOption,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 for a free one.")] = 11112,
    peer: Annotated[list[str] | None, typer.Option(help="AE title that may send; again for more. None: all.")] = None,
    model: Annotated[str, typer.Option(help="Send this model's results of what comes to the project's webhook.")] = "",
) -> None:
    """Receive ECGs by DICOM (C-STORE, C-ECHO) into a project, which is made where there is none of that name.

    Called by the AE title EXCHANGEAI_DICOM_AE_TITLE. An object is acknowledged when it is kept. Ctrl-C ends it.
    """
    settings, url = get_settings(), database()
    with write_session(url) as session:
        row = projects.find_or_create(session, project)
    model_id = ""
    if model:
        with read_session(url) as session:
            webhooks.get(session, row.id)
            model_id = model_library.find_usable(session, row.id, model).id
    configure_logging(settings.log_level, settings.log_format)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    door = Door(row.id, host, port, settings.dicom_ae_title, tuple(peer or ()), model_id)
    with Receiver(settings, storage(), door) as receiver:
        people.print(
            f"{door.ae_title} receives at {host}:{receiver.port} into {row.name} (Ctrl-C ends it)", markup=False
        )
        ended.wait()
