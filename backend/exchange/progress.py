"""How a transfer tells how far it is."""

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[int, int], None]
"""Called with (bytes done, bytes in all); it may raise, which ends the transfer and passes on to the caller."""


def silent(_done: int, _total: int) -> None:
    """Tell nobody."""
