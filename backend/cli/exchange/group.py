"""What the commands of `exchange` share: their group, their arguments, an open folder."""

from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

from backend.cli.app import app
from backend.db.session import read_session, write_session
from backend.exchange.webdav import Folder
from backend.services import exchange_listing, exchanges
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
    """Do something in the folder of an exchange, with no session open meanwhile."""
    settings = get_settings()
    with read_session(url) as session:
        connection = exchanges.connection(settings, exchanges.find(session, exchange))
    with connection.folder() as folder:
        return do(folder)


def read_anew(url: str, exchange: str) -> list[str]:
    """Read the list of an exchange and keep it; return what could not be read."""
    with read_session(url) as session:
        exchange_id = exchanges.find(session, exchange).id
        before = exchange_listing.stored(session, exchange_id)
    kept, notes = with_folder(url, exchange, lambda folder: exchange_listing.read(folder, before))
    with write_session(url) as session:
        exchange_listing.keep(session, exchange_id, kept)
    return notes
