"""The Typer application, and what all its commands share: errors without traceback, output for people or as JSON."""

import json
import logging
import sys
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, ParamSpec, TypeVar

import typer
from rich.console import Console

from backend.db.migrate import upgrade
from backend.errors import UserError
from backend.settings import get_settings
from backend.storage import Storage

app = typer.Typer(
    name="exchangeai",
    help="12-lead ECGs: read, look, label, train, export, predict. Everything is kept in the data folder.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
people = Console(stderr=True, highlight=False)

ProjectOption = Annotated[str, typer.Option("--project", "-p", help="Name or id of the project.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]

P = ParamSpec("P")
R = TypeVar("R")


def command(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a command that ends with exit code 1 and one line of text when a person can mend what went wrong."""

    def register(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
            try:
                return function(*args, **kwargs)
            except UserError as error:
                people.print(f"Error: {error}", style="red", markup=False, soft_wrap=True)
            except KeyboardInterrupt:
                people.print("Stopped.")
            raise typer.Exit(1)

        app.command(name)(guarded)
        return guarded

    return register


def database() -> str:
    """Return the URL of the database, brought to the present tables."""
    url = get_settings().resolved_database_url
    upgrade(url)
    return url


def storage() -> Storage:
    """Return the store of this installation."""
    return Storage(get_settings().data_dir / "blobs")


def show(result: Any, as_json: bool, text: str) -> None:
    """Print a result: JSON for programs, text for people."""
    print(json.dumps(result, ensure_ascii=False, indent=2, default=str) if as_json else text)  # noqa: T201
    sys.stdout.flush()
