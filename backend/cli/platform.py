"""`up`, `worker`, `migrate`, `openapi`: the platform itself."""

import json
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from types import FrameType
from typing import Annotated

import typer

from backend.cli.app import JsonOption, command, database, people, show
from backend.cli.processes import Child, train_queues, web_command, worker_command
from backend.errors import ConflictError, InvalidInputError, UnavailableError
from backend.settings import INSTALL_TORCH, QUEUES, can_train, get_settings

START_S = 60
FIRST_PAUSE_S = 0.5  # before what has ended is started again; twice as long each time
LOOK_S = 0.05  # between two looks at whether something has come about
LIVED_S = 60.0  # what has lived so long was not broken from the start


@command("up")
def up(workers: Annotated[bool, typer.Option(help="Start the workers too.")] = True) -> None:
    """Start the page, the API and the workers; Ctrl-C ends them all."""
    settings = get_settings()
    _check_port(settings.host, settings.port)
    here = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not bound
    address = f"http://{f'[{here}]' if ':' in here else here}:{settings.port}"
    ending = _Ending()
    with ExitStack() as stack:
        web = stack.enter_context(Child("web", web_command()))
        _wait_for(web, address, ending)
        groups = {"quick": ["predict", "ingest"], "transfer": ["transfer"], "train": train_queues()} if workers else {}
        children = [web, *_start_workers(stack, "worker", groups, ending)]
        if not ending.wanted:
            people.print(f"ExChanGeAI is at {address} (Ctrl-C ends it)")
            _say_who_is_first()
            if workers and not groups["train"]:
                people.print(f"PyTorch is not installed, so nothing is trained here; {INSTALL_TORCH} adds it.")
            people.print(f"All data and logs are in {settings.data_dir.resolve()}")
        _look_after_until_ended(children, ending)
    people.print("Ended. Jobs that were running go on at the next start.")


@command("worker")
def worker(
    queues: Annotated[str, typer.Option(help=f"Queues to listen to, of {', '.join(QUEUES)}; default: all here.")] = "",
    name: Annotated[str, typer.Option(help="Name of this worker.")] = "worker",
) -> None:
    """Start workers only, for example on a second machine that shares database, queue and data folder.

    Trainings and transfers get processes of their own, so that they never block predictions.
    """
    chosen = [queue.strip() for queue in queues.split(",") if queue.strip()] or [
        "predict",
        "ingest",
        "transfer",
        *train_queues(),
    ]
    unknown = [queue for queue in chosen if queue not in QUEUES]
    if unknown:
        raise InvalidInputError(f"There is no queue {', '.join(unknown)}; there are {', '.join(QUEUES)}.")
    if not can_train() and any(queue.startswith("train") for queue in chosen):
        raise UnavailableError(f"PyTorch is not installed, so this worker cannot train. Install it: {INSTALL_TORCH}")
    ending = _Ending()
    groups = {
        "quick": [queue for queue in chosen if queue in ("predict", "ingest")],
        "transfer": [queue for queue in chosen if queue == "transfer"],
        "train": [queue for queue in chosen if queue.startswith("train")],
    }
    with ExitStack() as stack:
        children = _start_workers(stack, name, groups, ending)
        people.print(f"Workers listen to {', '.join(chosen)} (Ctrl-C ends them)")
        _look_after_until_ended(children, ending)


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


def _say_who_is_first() -> None:
    """In server mode, print a link for the first admin while nobody can sign in as one."""
    if not get_settings().has_accounts:
        return
    from backend.cli.users import link_of
    from backend.db.session import write_session
    from backend.services import users

    with write_session(database()) as session:
        token = users.first_link(session)
    if token is not None:
        people.print("Nobody can sign in as admin yet. With this link the first one chooses a password, once:")
        people.print(link_of(token), soft_wrap=True, markup=False)


class _Ending:
    """Whether Ctrl-C or SIGTERM has come.

    It is looked at, not raised: an exception in the middle of a start would lose the child that is just being started.
    """

    def __init__(self) -> None:
        self.wanted = False
        # SIGINT too: a shell that starts this in the background has it ignored.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.wanted = True

    def within(self, seconds: float) -> bool:
        """Wait so long, or less when the end is wanted; return whether it is."""
        deadline = time.monotonic() + seconds
        while not self.wanted and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_S))
        return self.wanted


def _start_workers(stack: ExitStack, name: str, groups: Mapping[str, Sequence[str]], ending: _Ending) -> list[Child]:
    """Start a worker for each group that has queues, unless the end is wanted meanwhile."""
    children = []
    for kind, queues in groups.items():
        if queues and not ending.wanted:
            full = f"{name}-{kind}"
            children.append(stack.enter_context(Child(full, worker_command(full, queues))))
    return children


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


def _wait_for(web: Child, address: str, ending: _Ending) -> None:
    deadline = time.monotonic() + START_S
    while not ending.wanted:
        if web.poll() is not None:
            raise UnavailableError(f"The web process ended at its start. Its log is {web.log}.")
        try:
            with urllib.request.urlopen(f"{address}/api/v1/health", timeout=2):  # noqa: S310 - http
                return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise UnavailableError(
                    f"The web process does not answer after {START_S} s. Its log is {web.log}."
                ) from None
            ending.within(LOOK_S)


def _look_after_until_ended(children: list[Child], ending: _Ending) -> None:
    """Keep the children alive until the end is wanted, then ask them all to end."""
    _look_after(children, ending)
    people.print("Ending …")
    for child in children:
        child.ask_to_end()


def _look_after(children: list[Child], ending: _Ending) -> None:
    """Start again what dies, more slowly each time, so that a broken one does not spin."""
    pause = dict.fromkeys((child.name for child in children), FIRST_PAUSE_S)
    started = dict.fromkeys(pause, time.monotonic())
    while not ending.within(0.5):
        for child in children:
            code = child.poll()
            if code is None or ending.wanted:
                continue
            name = child.name
            people.print(f"{name} ended (exit code {code}) and is started again; its log is {child.log}")
            if time.monotonic() - started[name] > LIVED_S:
                pause[name] = FIRST_PAUSE_S
            if ending.within(pause[name]):
                return
            pause[name] = min(30.0, pause[name] * 2)
            child.restart()
            started[name] = time.monotonic()
