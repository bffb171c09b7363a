"""Libraries that only one format needs, installed by a word in brackets: `pip install 'exchangeai[parquet]'`."""

from importlib.util import find_spec
from typing import Final

EXTRAS: Final = {"pyarrow": "parquet"}
"""Library -> the extra of `pyproject.toml` that brings it."""


def is_here(library: str) -> bool:
    """Say whether a library is installed. Looks for it without loading it."""
    try:
        return find_spec(library) is not None
    except (ImportError, ValueError):
        return False


def lacking(what: str, library: str) -> str:
    """Return what a person is told who wants `what`, such as "Parquet files are", without the library for it."""
    return (
        f"{what} read and written by {library}, which is not installed. Install it: pip install "
        f"'exchangeai[{EXTRAS[library]}]'."
    )
