"""Prints what pyproject.toml requires, with the extras named: what an image installs before, and apart from, our code.

So a change of our code does not have the libraries, which are a hundred times its size, installed anew.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def requirements(project: dict[str, Any], extras: list[str]) -> Iterator[str]:
    """Yield requirements, those of extras that an extra names of our own included."""
    if not extras:
        yield from project["dependencies"]
    for extra in extras:
        for one in project["optional-dependencies"][extra]:
            ours = re.fullmatch(rf"{project['name']}\[(.+)\]", one)
            yield from requirements(project, ours[1].split(",")) if ours else (one,)


if __name__ == "__main__":
    described = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    print(*requirements(described, sys.argv[1:]), sep="\n")  # noqa: T201
