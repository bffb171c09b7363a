"""`python -m backend.cli` is the command `exchangeai`."""

from backend.cli.app import app

app()
