"""`users ls | add | link | change | role | key | identity`: who may sign in, for whoever has the data folder."""

from datetime import datetime
from typing import Annotated, Any

import typer

from backend.cli.app import JsonOption, app, command, database, show
from backend.db.session import read_session, write_session
from backend.db.tables import User
from backend.errors import InvalidInputError
from backend.services import api_keys, identities, members, projects, users
from backend.services.person import ROLES, Role
from backend.settings import LOCAL_HOSTS, get_settings

group = typer.Typer(help="Who may sign in, and what they may do (server mode).", rich_markup_mode=None)
app.add_typer(group, name="users", no_args_is_help=True)
NameArgument = Annotated[str, typer.Argument(help="Name with which the person signs in.")]
RoleOption = Annotated[str, typer.Option(help="viewer, annotator, trainer or admin.")]


@command("ls", group)
def ls(as_json: JsonOption = False) -> None:
    """List the users."""
    with read_session(database()) as session:
        rows = [_shown(user) for user in users.list_users(session)]
    lines = [
        f"{row['name']}{'  admin' if row['is_admin'] else ''}{'  shut out' if row['disabled_at'] else ''}"
        f"{'' if row['has_password'] else '  has not chosen a password yet'}"
        for row in rows
    ]
    show(rows, as_json, "\n".join(lines) or "There is no user yet. Add one: exchangeai users add NAME --admin")


@command("add", group)
def add(
    name: NameArgument,
    admin: Annotated[bool, typer.Option("--admin", help="An admin of the installation.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Add a user; hand over the link that is printed, with which they choose a password."""
    with write_session(database()) as session:
        user = users.add(session, name, is_admin=admin)
        link = link_of(users.new_link(session, user))
        shown = _shown(user) | {"link": link, "days": users.LINK_DAYS}
    show(shown, as_json, f"Added {shown['name']}. {_told(link)}")


@command("link", group)
def link(name: NameArgument, as_json: JsonOption = False) -> None:
    """Print a new link with which a user chooses a password, such as a forgotten one anew."""
    with write_session(database()) as session:
        made = link_of(users.new_link(session, users.find(session, name)))
    show({"link": made, "days": users.LINK_DAYS}, as_json, _told(made))


@command("change", group)
def change(
    name: NameArgument,
    admin: Annotated[bool | None, typer.Option(help="Make the person an admin of the installation, or not.")] = None,
    disable: Annotated[bool, typer.Option("--disable", help="Shut out: sessions, links and API keys end.")] = False,
    enable: Annotated[bool, typer.Option("--enable", help="Let in again.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make somebody an admin or not, shut them out, or let them in again."""
    if disable and enable:
        raise InvalidInputError("Give --disable or --enable, not both.")
    with write_session(database()) as session:
        disabled = True if disable else False if enable else None
        shown = _shown(users.change(session, users.find(session, name), is_admin=admin, disabled=disabled))
    show(shown, as_json, f"Changed {shown['name']}.")


@command("role", group)
def role(
    name: NameArgument,
    project: Annotated[str, typer.Option("--project", "-p", help="Name or id of the project.")],
    role: Annotated[str, typer.Option(help="viewer, annotator, trainer or admin; none: no member any more.")],
    as_json: JsonOption = False,
) -> None:
    """Say what somebody may do in a project."""
    with write_session(database()) as session:
        row, user = projects.find(session, project), users.find(session, name)
        if role == "none":
            members.revoke(session, members.get(session, row.id, user.id))
        else:
            members.grant(session, row.id, user, _role(role))
        shown = {"user": user.name, "project_id": row.id, "role": role}
        text = f"{user.name} is {role} in {row.name}." if role != "none" else f"{user.name} left {row.name}."
    show(shown, as_json, text)


@command("key", group)
def key(
    name: NameArgument,
    label: Annotated[str, typer.Option(help="What the key is for.")] = "Shell",
    role: RoleOption = "viewer",
    project: Annotated[str, typer.Option("--project", "-p", help="For this project alone; default: all.")] = "",
    days: Annotated[int, typer.Option(help="So long it is valid.", min=1, max=api_keys.LONGEST_DAYS)] = 90,
    as_json: JsonOption = False,
) -> None:
    """Make an API key that acts for a user, and print it, this once."""
    with write_session(database()) as session:
        project_id = projects.find(session, project).id if project else None
        user = users.find(session, name)
        row, secret = api_keys.add(session, user.id, label, _role(role), days, project_id)
        shown = {"id": row.id, "role": row.role, "expires_at": row.expires_at, "secret": secret}
    show(shown, as_json, secret)


@command("identity", group)
def identity(
    name: NameArgument,
    subject: Annotated[
        str, typer.Option(help="Claim “sub” at the OpenID provider: from then on the person signs in by it.")
    ] = "",
    remove: Annotated[str, typer.Option(help="Id of an identity to take away; sessions begun with it end.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List the identities at OpenID providers by which a user signs in; add one, or take one away."""
    with write_session(database()) as session:
        user = users.find(session, name)
        if remove:
            identities.remove(session, identities.get(session, user.id, remove))
        if subject:
            identities.add(session, user, get_settings().oidc_issuer, subject)
        names = ("id", "issuer", "subject", "created_at", "last_login_at")
        shown = [{one: getattr(row, one) for one in names} for row in identities.of_user(session, user.id)]
    lines = [f"{row['id']}  {row['subject']} at {row['issuer']}" for row in shown]
    show(shown, as_json, "\n".join(lines) or f"{user.name} has no identity at a provider.")


def link_of(token: str) -> str:
    """Return the address at which a person chooses a password: under the first name that is set for others."""
    settings = get_settings()
    named = (*settings.hosts[len(LOCAL_HOSTS) :], settings.hosts[0])[0]
    secure = bool(settings.trusted_proxy)
    address = f"https://{named}" if secure else f"http://{named}:{settings.port}"
    return f"{address}{users.LINK_PATH}{token}"


def _role(text: str) -> Role:
    if text not in ROLES:
        raise InvalidInputError(f"There is no role {text!r}: {', '.join(ROLES)}.")
    return text


def _told(link: str) -> str:
    return f"With this link a password is chosen, once, within {users.LINK_DAYS} days:\n{link}"


def _shown(user: User) -> dict[str, Any]:
    facts: dict[str, str | bool | datetime | None] = {
        name: getattr(user, name) for name in ("id", "name", "is_admin", "created_at", "last_login_at", "disabled_at")
    }
    return facts | {"has_password": user.password_hash is not None}
