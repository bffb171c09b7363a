"""The Typer application, and what all its commands share: errors without traceback, output for people or as JSON."""

import getpass
import json
import logging
import os
import sys
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from rich.console import Console
from typer.core import TyperGroup
from typer.main import get_group

from backend.errors import UnavailableError, UserError
from backend.settings import get_settings
from backend.storage import Storage, storage_of

if TYPE_CHECKING:
    from backend.services.person import Person

# Command -> module. A module is loaded when its command is asked for: what starts the platform stays small and quick.
MODULES = {
    "up": "backend.cli.platform",
    "worker": "backend.cli.platform",
    "web": "backend.cli.single",
    "ready": "backend.cli.single",
    "demo": "backend.cli.demo",
    "import": "backend.cli.recordings",
    "recordings": "backend.cli.listed",
    "dicom-receive": "backend.cli.dicom",
    "dicom-result": "backend.cli.dicom",
    "labels": "backend.cli.datasets",
    "annotations": "backend.cli.annotations",
    "measure": "backend.cli.measure",
    "train": "backend.cli.runs",
    "runs": "backend.cli.runs",
    "compare": "backend.cli.compare",
    "predict": "backend.cli.predictions",
    "evaluate": "backend.cli.evaluations",
    "explain": "backend.cli.explain",
    "drift": "backend.cli.drift",
    "stress": "backend.cli.stress",
    "embed": "backend.cli.embed",
    "pretrain": "backend.cli.pretrain",
    "experiment": "backend.cli.experiment",
    "models": "backend.cli.models",
    "exchange": "backend.cli.exchange",
    "projects": "backend.cli.projects",
    "overview": "backend.cli.overview",
    "users": "backend.cli.users",
    "audit": "backend.cli.audit",
    "convert": "backend.cli.convert",
    "draw": "backend.cli.draw",
    "export": "backend.cli.export",
    "erase": "backend.cli.erase",
    "retention": "backend.cli.retention",
    "blobs": "backend.cli.blobs",
    "doctor": "backend.cli.doctor",
    "migrate": "backend.cli.platform",
    "openapi": "backend.cli.platform",
}


class LazyGroup(TyperGroup):
    """The group of all commands, each loaded when it is needed."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer's own signature
        """Return the names of all commands in the order in which people need them."""
        return list(MODULES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - Typer's own signature
        """Load and return a command, None for an unknown one."""
        if cmd_name not in MODULES:
            return None
        import_module(MODULES[cmd_name])
        return get_group(app).commands.get(cmd_name)


app = typer.Typer(
    name="exchangeai",
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(asked: bool) -> None:
    if asked:
        print(f"exchangeai {version('exchangeai')}")  # noqa: T201
        raise typer.Exit


@app.callback()
def main(
    shown: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end."),
    ] = False,
) -> None:
    """12-lead ECGs: read, look, label, train, export, predict. Everything is kept in the data folder."""


people = Console(stderr=True, highlight=False)

ProjectOption = Annotated[str, typer.Option("--project", "-p", help="Name or id of the project.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]

_command: ContextVar[str] = ContextVar("command", default="")  # for the audit log
P = ParamSpec("P")
R = TypeVar("R")


def command(name: str, group: typer.Typer = app) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a command that ends with exit code 1 and one line of text when a person can mend what went wrong."""

    def register(function: Callable[P, R]) -> Callable[P, R]:
        module = function.__module__.split(".")
        words = name if group is app else f"{module[2]} {name}"

        @wraps(function)
        def named(*args: P.args, **kwargs: P.kwargs) -> R:
            _command.set(words)
            return function(*args, **kwargs)

        return group.command(name)(guarded(named))

    return register


def guarded(function: Callable[P, R]) -> Callable[P, R]:
    """Have a function end with exit code 1 and one line of text when a person can mend what went wrong."""

    @wraps(function)
    def careful(*args: P.args, **kwargs: P.kwargs) -> R:
        logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
        try:
            return function(*args, **kwargs)
        except UserError as error:
            _complain(str(error))
        except ValidationError as error:
            _complain(f"The setting {', '.join(map(_setting, error.errors()))}. See docs/settings.md.")
        except BrokenPipeError:  # whoever was reading, such as `head`, has read enough: click ends it in silence
            raise
        except OSError as error:
            _complain(f"{error.strerror}: {error.filename}. Choose another place, or make this one usable.")
        except KeyboardInterrupt:
            people.print("Stopped.")
        raise typer.Exit(1)

    return careful


def _complain(text: str) -> None:
    people.print(f"Error: {text}", style="red", markup=False, soft_wrap=True)


def _setting(error: ErrorDetails) -> str:
    return f"EXCHANGEAI_{str(error['loc'][0]).upper()} cannot be used: {error['msg']}"


def database() -> str:
    """Return the URL of the database, brought to the present tables. Raises UnavailableError."""
    from sqlalchemy.exc import ArgumentError, DBAPIError

    from backend.db.migrate import upgrade  # not needed by what only starts other processes

    url = get_settings().resolved_database_url
    try:
        upgrade(url)
    except (ArgumentError, DBAPIError) as error:
        raise UnavailableError(
            f"The database cannot be opened ({type(error).__name__}). Check EXCHANGEAI_DATABASE_URL, and that the "
            "database is running."
        ) from None
    _record(url)
    return url


def _record(url: str) -> None:
    """Write into the audit log, where one is kept, that a command of the shell works on the data."""
    settings = get_settings()
    if settings.keeps_audit:
        from backend.db.session import write_session
        from backend.services import audit

        with write_session(url) as session:
            audit.append(session, settings.resolved_secret_key, person(), f"shell {_command.get()}")


def person() -> "Person":
    """Return who works in the shell."""
    from backend.services.person import Person

    return Person(id="shell", name=_user(), via="shell", is_admin=True)


def _user() -> str:
    """Return the name of the user of this machine, or the number of one who has none, as in many containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # OSError from Python 3.13 on
        return str(os.getuid())


def storage() -> Storage:
    """Return the store of this installation."""
    return storage_of(get_settings())


def show(result: Any, as_json: bool, text: str) -> None:
    """Print a result: JSON for programs, text for people."""
    print(json.dumps(result, ensure_ascii=False, indent=2, default=str) if as_json else text)  # noqa: T201
    sys.stdout.flush()
