"""An installation in server mode for tests: people with roles, sessions without waiting for a password, API keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from backend.db.session import read_session, write_session
from backend.services import api_keys, logins, members, projects, users
from backend.services.person import Role
from backend.settings import Settings
from tests.api_calls import Api
from tests.described import checker

PASSWORD = "four words make a password"
BASE = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class House:
    """A server-mode installation: whoever is asked for is added, and signs in."""

    settings: Settings
    app: FastAPI

    def project(self, name: str = "Ward") -> str:
        """Make a project that nobody is a member of."""
        with write_session(self.settings.resolved_database_url) as session:
            return projects.create(session, name).id

    def user(self, name: str, *, is_admin: bool = False, **roles: Role) -> str:
        """Add a user with a role in each project that is named; return the id."""
        with write_session(self.settings.resolved_database_url) as session:
            user = users.add(session, name, is_admin=is_admin)
            for project, role in roles.items():
                members.grant(session, project, user, role)
            return user.id

    def token(self, user_id: str) -> str:
        """Begin a session, as signing in would."""
        with write_session(self.settings.resolved_database_url) as session:
            return logins.begin(session, user_id)

    def key(self, user_id: str, role: Role = "admin", project_id: str | None = None) -> str:
        """Make an API key."""
        with write_session(self.settings.resolved_database_url) as session:
            return api_keys.add(session, user_id, "Test", role, 30, project_id)[1]

    def by_session(self, user_id: str) -> dict[str, str]:
        """Return the headers that a page sends in a session of a user."""
        token = self.token(user_id)
        return {"Cookie": f"exchangeai={token}", "X-CSRF-Token": logins.csrf_token(self.settings, token)}

    def by_key(self, user_id: str, role: Role = "admin", project_id: str | None = None) -> dict[str, str]:
        """Return the headers that a program sends with an API key."""
        return {"Authorization": f"Bearer {self.key(user_id, role, project_id)}"}

    @contextmanager
    def client(self, headers: dict[str, str] | None = None, app: ASGIApp | None = None) -> Iterator[Api]:
        """Ask as somebody; each answer is held against the description of the API."""
        with TestClient(app or self.app, base_url=BASE, raise_server_exceptions=False, headers=headers or {}) as one:
            one.event_hooks = {"request": [], "response": [checker(self.app)]}
            yield Api(one)

    def lines(self) -> list[dict[str, Any]]:
        """Return the audit log, the oldest line first."""
        import json

        from backend.services import audit

        return [json.loads(line) for line in audit.export(self.settings.resolved_database_url, audit.Query())]

    def kept(self, table: type[Any], key: Any) -> Any:
        """Return a row as it is kept."""
        with read_session(self.settings.resolved_database_url) as session:
            return session.get(table, key)
