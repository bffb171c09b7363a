"""`retention show | set | hold | release | run`: how long recordings are kept, and what is erased when."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from backend.cli.app import JsonOption, ProjectOption, app, command, database, person, show, storage
from backend.counted import counted
from backend.db.session import read_session, write_session
from backend.db.tables import RetentionHold
from backend.errors import InvalidInputError
from backend.services import projects, retention, retention_holds, retention_pass
from backend.settings import get_settings

group = typer.Typer(help="How long recordings are kept, and what is erased when.", rich_markup_mode=None)
app.add_typer(group, name="retention", no_args_is_help=True)
ReasonOption = Annotated[str, typer.Option(help="Why: a law, a contract, the vote of an ethics committee.")]


@command("show", group)
def show_rule(project: ProjectOption, as_json: JsonOption = False) -> None:
    """Show the rule of a project, what is going to be erased when, and what is kept whatever the rule says."""
    with read_session(database()) as session:
        project_id = projects.find(session, project).id
        rule = retention.get(session, project_id)
        holds = retention_holds.list_holds(session, project_id)
        seen = None if rule is None else retention.outlook(session, rule)
        waits = rule is not None and retention_pass.waits(session, rule)
    facts = ("days", "reason", "set_by", "set_at", "n_erased", "last_erased_at")
    kept = [_hold(row) for row in holds]
    shown = {
        "project_id": project_id, "grace_days": retention.GRACE_DAYS,
        "rule": None if rule is None else {name: getattr(rule, name) for name in facts},
        "outlook": None if seen is None else asdict(seen), "waits_for_jobs": waits, "holds": kept,
    }  # fmt: skip
    lines = ["Nothing is erased by itself: this project has no rule of retention."]
    if rule is not None and seen is not None:
        lines = [f"Recordings are erased {counted(rule.days, 'day')} after their import (UTC): {rule.reason}"]
        lines += _told(seen) + (["What is due waits for jobs to end."] if waits else [])
    for row in kept:
        which = row["recording_id"] or row["patient"] or ""
        lines.append(f"Kept: {row['kind']} {which} ({row['reason']})  {row['id']}")
    show(shown, as_json, "\n".join(lines))


@command("set", group)
def set_rule(
    project: ProjectOption,
    days: Annotated[int, typer.Option(help="Recordings are erased so many days after their import.")] = 0,
    reason: ReasonOption = "",
    off: Annotated[bool, typer.Option("--off", help="Erase nothing by itself any more.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not only say what it would do, but set it.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Set the rule of a project, or switch it off. Without --yes it is only said what the rule would do."""
    if off == bool(days):
        raise InvalidInputError("Give --days N --reason WHY, or --off.")
    with write_session(database()) as session:
        project_id = projects.find(session, project).id
        if off:
            retention.remove(session, project_id)
            show({"days": None, "set": True}, as_json, "Nothing is erased by itself any more.")
            return
        if yes:
            seen = retention.outlook(session, retention.put(session, project_id, days, reason, person()))
        else:
            seen = retention.preview(session, project_id, days)
    text = "\n".join([*_told(seen), "The rule is set." if yes else "Nothing was changed; --yes sets the rule."])
    show({"days": days, "set": yes, "outlook": asdict(seen)}, as_json, text)


@command("hold", group)
def hold(
    project: ProjectOption,
    reason: ReasonOption,
    recording: Annotated[str, typer.Option(help="Id of a recording.")] = "",
    patient: Annotated[str, typer.Option(help="Identifier of a patient, or a pseudonym.")] = "",
    whole: Annotated[bool, typer.Option("--whole-project", help="Everything in the project.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Keep a recording, a patient or a whole project, whatever the rule says."""
    if [bool(recording), bool(patient), whole].count(True) != 1:
        raise InvalidInputError("Give one of --recording ID, --patient IDENTIFIER and --whole-project.")
    with write_session(database()) as session:
        project_id = projects.find(session, project).id
        row = retention_holds.add(session, project_id, reason, person(), recording_id=recording, patient=patient)
        retention.look_again(session, project_id)
        shown = _hold(row)
    show(shown, as_json, f"Kept. 'exchangeai retention release {shown['id']} --project …' ends it.")


@command("release", group)
def release(
    hold: Annotated[str, typer.Argument(help="Id of the hold, as `retention show` prints it.")],
    project: ProjectOption,
    as_json: JsonOption = False,
) -> None:
    """End a hold. What it kept is not erased at once: it gets a notice first."""
    with write_session(database()) as session:
        project_id = projects.find(session, project).id
        retention_holds.remove(session, retention_holds.get(session, project_id, hold))
        retention.look_again(session, project_id)
    show({"id": hold, "released": True}, as_json, "The hold has ended.")


@command("run", group)
def run(
    project: Annotated[str, typer.Option("--project", "-p", help="In this project alone; default: all.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Give notices and erase what is due now; workers do the same by themselves every ten minutes."""
    url, only = database(), ""
    if project:
        with read_session(url) as session:
            only = projects.find(session, project).id
    done = retention_pass.plan(url, only=only) if dry_run else retention_pass.run(get_settings(), storage(), only=only)
    would = "would get" if dry_run else "got"
    erased = "would be erased" if dry_run else "erased"
    lines = [
        f"{one.project}: {counted(one.n_noticed, 'recording')} {would} a notice, {one.n_erased} {erased}"
        f"{'; more is due, and waits for a job to end' if one.waits else ''}"
        for one in done
    ]
    show([asdict(one) | {"dry_run": dry_run} for one in done], as_json, "\n".join(lines) or "No project has a rule.")


def _told(seen: retention.Outlook) -> list[str]:
    lines = [f"{one.erase_on}: {counted(one.n_recordings, 'recording')}" for one in seen.coming]
    if seen.then_on is not None:
        lines.append(f"{seen.then_on}: the first of those that have no notice yet")
    held = [f"A hold keeps {counted(seen.n_held, 'recording')}."] if seen.n_held else []
    return [*(lines or ["Nothing is going to be erased."]), *held]


def _hold(row: RetentionHold) -> dict[str, Any]:
    facts: dict[str, str | datetime | None] = {
        name: getattr(row, name) for name in ("id", "recording_id", "reason", "placed_by", "created_at")
    }
    return facts | {"kind": retention_holds.kind_of(row), "patient": row.patient_id}
