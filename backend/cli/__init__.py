"""The command `exchangeai`: the same services as the page, from the shell."""

from backend.cli import data, learn, platform
from backend.cli.app import app

__all__ = ["app", "data", "learn", "platform"]
