"""Those who may sign in at the platform, what they may do, and the rules of the ward's data."""

from backend.db.session import write_session
from backend.services import api_keys, logins, members, users
from backend.services.person import ROLES
from backend.settings import Settings
from tests.accounts import PASSWORD

ADMIN = "admin"
PEOPLE = ("anna.adler@heart.example", "bert.berg@heart.example", "chen@heart.example", "cart-3")


def invite(settings: Settings, project_id: str) -> str:
    """Add people with a role each in the project; return the token of a session of the admin."""
    with write_session(settings.resolved_database_url) as session:
        admin = users.add(session, ADMIN, is_admin=True)
        users.set_password(session, admin, PASSWORD)
        for name, role in zip(PEOPLE, ROLES, strict=True):
            members.grant(session, project_id, users.add(session, name), role)
        api_keys.add(session, admin.id, "Cart on ward 3", "annotator", 365, project_id)
        api_keys.add(session, admin.id, "Nightly export", "viewer", 30, None)
        return logins.begin(session, admin.id)


def link(settings: Settings) -> str:
    """Return the address at which somebody new chooses a password."""
    with write_session(settings.resolved_database_url) as session:
        return f"{users.LINK_PATH[1:]}{users.new_link(session, users.find(session, PEOPLE[0]))}"
