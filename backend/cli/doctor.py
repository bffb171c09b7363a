"""`doctor`: what is stored, examined and mended."""

from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer

from backend.cli.app import JsonOption, command, database, show, storage
from backend.services import doctor as examination
from backend.services import ingest
from backend.settings import get_settings

SHOWN = 50
KINDS = {
    "missing": "file missing",
    "damaged": "file damaged",
    "orphan": "file of nobody",
    "unfinished": "unfinished write",
    "deletion": "unfinished deletion",
}


@command("doctor")
def doctor(
    mend: Annotated[bool, typer.Option(help="Mend what can be mended; without it, only look.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Compare the data folder with the database: bytes that are missing, damaged, or belong to nobody.

    Ends with exit code 1 where something is left that needs a person.
    """
    limits = ingest.limits_from(get_settings())
    found = list(examination.examine(database(), storage(), limits, mend=mend))
    left = [one for one in found if not one.mended]
    counts = Counter(one.kind for one in found)
    lines = [
        f"{KINDS[one.kind]}{', mended' if one.mended else ''}: {one.of or one.key}. {one.detail}"
        for one in found[:SHOWN]
    ]
    lines += [f"… and {len(found) - SHOWN} more; --json has them all."][: len(found) - SHOWN]
    told = ", ".join(f"{n} × {KINDS[kind]}" for kind, n in counts.items())
    lines.append(f"{told}; {len(found) - len(left)} mended." if found else "Everything is as it should be.")
    if any(one.kind in ("orphan", "unfinished", "deletion") for one in left) and not mend:
        lines.append("'exchangeai doctor --mend' deletes what belongs to nobody and finishes what was broken off.")
    show({"findings": [asdict(one) for one in found], "left": len(left)}, as_json, "\n".join(lines))
    if left:
        raise typer.Exit(1)
