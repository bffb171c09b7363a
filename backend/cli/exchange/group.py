"""What the commands of `exchange` share: their group, their arguments, an open folder."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer

from backend.cli.app import app
from backend.cli.follow import follow_job
from backend.db.session import read_session, write_session
from backend.exchange.webdav import Folder
from backend.services import exchange_jobs, exchange_listing, exchanges, jobs
from backend.settings import get_settings

group = typer.Typer(help="Share models with others over WebDAV: never data.", rich_markup_mode=None)
app.add_typer(group, name="exchange", no_args_is_help=True)

ExchangeArgument = Annotated[str, typer.Argument(help="Name or id of the exchange.")]
ItemArgument = Annotated[
    str, typer.Argument(help="Its place, such as afib-detector/2; of a name or slug the newest version is meant.")
]
OwnProject = Annotated[str, typer.Option("--project", "-p", help="Name or id of the project.")]
T = TypeVar("T")


def with_folder(url: str, exchange: str, do: Callable[[Folder], T]) -> T:
    """Do something in the folder of an exchange."""
    return exchanges.in_folder(get_settings(), exchange_id_of(url, exchange), do)


def read_anew(url: str, exchange: str) -> list[str]:
    """Read the list of an exchange and keep it; return what could not be read."""
    return exchange_listing.refresh(get_settings(), exchange_id_of(url, exchange))


def exchange_id_of(url: str, exchange: str) -> str:
    """Return the id of the exchange with this name or id. Raises NotFoundError."""
    with read_session(url) as session:
        return exchanges.find(session, exchange).id


def done_by_job(url: str, exchange: str, request: exchange_jobs.Request) -> dict[str, Any]:
    """Have something done in an exchange by a job, follow it, and return its result."""
    exchange_id = exchange_id_of(url, exchange)
    with write_session(url) as session:
        job_id = exchange_jobs.create(session, exchanges.get(session, exchange_id), request).id
    return follow_job(url, lambda session: jobs.get_of_exchange(session, exchange_id, job_id))
