"""Calling the shell in tests: what it printed, as text or as JSON, and its errors in one line."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from backend.cli import app


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(part) for part in arguments])


def run_json(*arguments: str | Path) -> dict | list:
    """Run a command with --json: standard output must be JSON and nothing else."""
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def fault(*arguments: str | Path) -> str:
    """Run a command that must fail with exit code 1 and one line, and return the line."""
    result = run(*arguments)
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.stdout == ""
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("Error: ")
    return line
