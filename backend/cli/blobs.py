"""`blobs`: all stored bytes as one stream, for a backup or the way into another store."""

import sys

import typer

from backend.cli.app import app, command, database, people, storage
from backend.counted import counted
from backend.errors import InvalidInputError
from backend.services import blob_copies

blobs = typer.Typer(name="blobs", help="Signals, originals and models as one stream.", no_args_is_help=True)
app.add_typer(blobs)


@command("save", blobs)
def save() -> None:
    """Write all stored bytes to standard output, as a tar file: exchangeai blobs save > blobs.tar."""
    if sys.stdout.isatty():
        raise InvalidInputError("This writes a tar file. Send it somewhere: exchangeai blobs save > blobs.tar")
    n = blob_copies.save(database(), storage(), sys.stdout.buffer)
    people.print(f"Saved {counted(n, 'file')}.", markup=False)


@command("load", blobs)
def load() -> None:
    """Store all bytes of a tar file from standard input: exchangeai blobs load < blobs.tar. What is here stays."""
    if sys.stdin.isatty():
        raise InvalidInputError("This reads a tar file. Give it one: exchangeai blobs load < blobs.tar")
    n = blob_copies.load(database(), storage(), sys.stdin.buffer)
    people.print(f"Loaded {counted(n, 'file')}.", markup=False)
