"""The command `exchangeai`: the same services as the page, from the shell."""

from backend.cli.app import app

__all__ = ["app"]
