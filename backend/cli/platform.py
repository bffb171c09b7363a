"""`up`, `worker`, `migrate`, `openapi`: the platform itself."""

import json
import signal
import socket
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from types import FrameType
from typing import Annotated

import typer

from backend.cli.app import JsonOption, command, database, people, show
from backend.cli.processes import Child, train_queues, web_command, worker_command
from backend.errors import ConflictError, InvalidInputError, UnavailableError
from backend.settings import QUEUES, get_settings

START_S = 60


@command("up")
def up(workers: Annotated[bool, typer.Option(help="Start the workers too.")] = True) -> None:
    """Start the page, the API and the workers; Ctrl-C ends them all."""
    settings = get_settings()
    _check_port(settings.host, settings.port)
    address = f"http://{settings.host}:{settings.port}"
    _end_on_signals()
    with ExitStack() as stack:
        children = [stack.enter_context(Child("web", web_command()))]
        _wait_for(children[0], address)
        people.print(f"ExChanGeAI is at {address} (Ctrl-C ends it)")
        if workers:
            for name, queues in (("quick", ["predict", "ingest"]), ("train", train_queues())):
                children.append(stack.enter_context(Child(f"worker-{name}", worker_command(name, queues))))
        people.print(f"All data and logs are in {settings.data_dir.resolve()}")
        _look_after_until_interrupted(children)
    people.print("Ended. Jobs that were running go on at the next start.")


@command("worker")
def worker(
    queues: Annotated[str, typer.Option(help=f"Queues to listen to, of {', '.join(QUEUES)}; default: all here.")] = "",
    name: Annotated[str, typer.Option(help="Name of this worker.")] = "worker",
) -> None:
    """Start workers only, for example on a second machine that shares database, queue and data folder.

    Trainings get a process of their own, so that they never block predictions.
    """
    chosen = [queue.strip() for queue in queues.split(",") if queue.strip()] or ["predict", "ingest", *train_queues()]
    unknown = [queue for queue in chosen if queue not in QUEUES]
    if unknown:
        raise InvalidInputError(f"There is no queue {', '.join(unknown)}; there are {', '.join(QUEUES)}.")
    _end_on_signals()
    groups = {
        "quick": [queue for queue in chosen if not queue.startswith("train")],
        "train": [queue for queue in chosen if queue.startswith("train")],
    }
    with ExitStack() as stack:
        children = [
            stack.enter_context(Child(f"{name}-{kind}", worker_command(f"{name}-{kind}", group)))
            for kind, group in groups.items()
            if group
        ]
        people.print(f"Workers listen to {', '.join(chosen)} (Ctrl-C ends them)")
        _look_after_until_interrupted(children)


@command("migrate")
def migrate(as_json: JsonOption = False) -> None:
    """Bring the database to the present tables; done by every start as well."""
    url = database()
    place = url.rsplit("@", 1)[-1]  # never a password
    show({"database": place, "status": "current"}, as_json, f"The database {place} has the present tables.")


@command("openapi")
def openapi() -> None:
    """Print the OpenAPI description of the API."""
    from importlib import import_module

    # The shell stands beside the web API, not on it: this one command only looks at what it describes.
    app = import_module("backend.main").create_app()
    show(None, False, json.dumps(app.openapi(), indent=2, sort_keys=True, ensure_ascii=False))


def _end_on_signals() -> None:
    # SIGINT too: a shell that starts this in the background has it ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _check_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise ConflictError(
                f"Port {port} of {host} is in use: is ExChanGeAI running already? "
                f"Open http://{host}:{port}, or set EXCHANGEAI_PORT to another number."
            ) from None


def _wait_for(web: Child, address: str) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if web.poll() is not None:
            raise UnavailableError(f"The web process ended at its start. Its log is {web.log}.")
        try:
            with urllib.request.urlopen(f"{address}/api/v1/health", timeout=2):  # noqa: S310 - http
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise UnavailableError(f"The web process does not answer after {START_S} s. Its log is {web.log}.")


def _look_after_until_interrupted(children: list[Child]) -> None:
    """Keep the children alive until Ctrl-C, then ask them all to end."""
    try:
        _look_after(children)
    except KeyboardInterrupt:
        people.print("Ending …")
    for child in children:
        child.ask_to_end()


def _look_after(children: list[Child]) -> None:
    """Start again what dies, more slowly each time, so that a broken one does not spin."""
    pause = dict.fromkeys((child.name for child in children), 0.5)
    while True:
        time.sleep(0.5)
        for child in children:
            code = child.poll()
            if code is not None:
                people.print(f"{child.name} ended (exit code {code}) and is started again; its log is {child.log}")
                time.sleep(pause[child.name])
                pause[child.name] = min(30.0, pause[child.name] * 2)
                child.restart()
