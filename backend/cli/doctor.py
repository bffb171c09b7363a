"""`doctor`: what is stored, examined and mended."""

from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer

from backend.cli.app import JsonOption, command, database, show, storage
from backend.counted import counted
from backend.db.tables import utc_now
from backend.services import doctor as examination
from backend.services import ingest, quarantine
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
    clear_quarantine: Annotated[
        bool, typer.Option("--clear-quarantine", help="Delete what lies in quarantine: models that were refused.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Compare the data folder with the database: bytes that are missing, damaged, or belong to nobody.

    What lies in quarantine is listed, with the reason. Ends with exit code 1 where something is left that needs a
    person; a model in quarantine needs nobody.
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
    look = quarantine.clear if clear_quarantine else quarantine.list_quarantined
    refused = look(database(), get_settings().data_dir)
    lines += _quarantine_lines(refused, clear_quarantine)
    said = {"findings": [asdict(one) for one in found], "left": len(left)}
    held = [asdict(one) | {"since": one.since.isoformat(), "deleted": clear_quarantine} for one in refused]
    show(said | {"quarantine": held}, as_json, "\n".join(lines))
    if left:
        raise typer.Exit(1)


def _quarantine_lines(found: list[quarantine.Quarantined], deleted: bool) -> list[str]:
    """Return a line for each refused model: what it is, how large and how old it is, and why it was refused."""
    if not found:
        return []
    size = sum(one.size for one in found) / 2**20
    verb = "deleted from quarantine" if deleted else "in quarantine"
    lines = [f"{counted(len(found), 'folder')} {verb} ({size:,.1f} MiB):"]
    for one in found[:SHOWN]:
        age = (utc_now() - one.since).total_seconds() / 86400
        old = f"{counted(int(age), 'day')} old" if age >= 1 else "less than a day old"
        what = f"“{one.name}” from “{one.exchange}”" if one.name else one.folder
        lines.append(f"  {what}, {one.size / 2**20:,.1f} MiB, {old}: {one.reason}")
    lines += [f"  … and {len(found) - SHOWN} more; --json has them all."][: len(found) - SHOWN]
    return lines if deleted else [*lines, "'exchangeai doctor --clear-quarantine' deletes it."]
