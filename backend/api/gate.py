"""The gate of server mode, before any body is read: who is asking, may they, and a line of the audit log.

Everything is refused that the one table (`backend.api.access`) does not allow. A project that is none of somebody's is
answered as one that does not exist. The line of the audit log is written before the answer goes out: where it cannot
be written, nothing is shown.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Final

from fastapi import FastAPI
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.access import NEEDS, Need
from backend.api.cookies import session_token
from backend.api.errors import refused, status_of
from backend.api.guard import SAFE_METHODS
from backend.api.routes import Routes
from backend.api.turns import in_turn
from backend.db.session import read_session, write_session
from backend.errors import ForbiddenError, NotSignedInError, UnavailableError, UserError
from backend.services import audit, logins, projects, touched
from backend.services.person import LOCAL, NOBODY, ROLES, Person, Role, acting
from backend.settings import Settings, get_settings

log = logging.getLogger(__name__)
CSRF_HEADER: Final = "X-CSRF-Token"
_ID = re.compile(r"[0-9a-f]{32}")
_NO_RECORD: Final = UnavailableError("The audit log cannot be written, so nothing is shown. Try again in a moment.")


class Gate:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, routes_of: FastAPI) -> None:
        self._app = app
        self._routes = Routes(routes_of)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        settings = get_settings()
        if scope["type"] == "http" and settings.keeps_audit:
            found = self._routes.find(scope)
            if found is not None:  # else there is nothing at this address, which the application says
                await self._decide(settings, found[0], found[1], scope, receive, send)
                return
        if scope["type"] != "websocket" or not settings.has_accounts:  # there is none, and none is opened by accident
            await self._app(scope, receive, send)

    async def _decide(
        self, settings: Settings, operation: str, ids: Mapping[str, str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        connection = HTTPConnection(scope)
        person, need, project_id = LOCAL, NEEDS.get(operation), ids.get("project_id", "")
        if settings.has_accounts:
            try:
                person = NOBODY if need is not None and not need.who else await _who(settings, connection)
                check(need, person, project_id)
                if person.via == "session" and scope["method"] not in SAFE_METHODS:
                    _check_own_page(settings, need, connection)
            except UserError as error:
                if need is not None and need.recorded and person is not NOBODY:
                    await _record(settings, person, operation, ids, (), status_of(error))
                await refused(error)(scope, receive, send)
                return
        with acting(person), touched.noting() as recordings:
            if need is None or not need.recorded:
                await self._app(scope, receive, send)
                return

            async def record(status: int) -> None:
                who, status = scope.get("signed_in", person), scope.get("recorded_status", status)
                if not (who is NOBODY and status == 429):  # guesses that were not even looked at would fill the log
                    await _record(settings, who, operation, ids, recordings, status)

            recorder = _Recorder(record, scope, receive, send)
            try:
                await self._app(scope, receive, recorder.send)
            except Exception:
                if not recorder.begun:  # nothing is shown but that it failed, so that a missing line hides no reason
                    await recorder.written(500)
                raise


def check(need: Need | None, person: Person, project_id: str) -> None:
    """Raise what keeps a person from a route: NotSignedInError, ForbiddenError, or NotFoundError for a foreign project.

    `project_id` is that of the path, empty where it names none.
    """
    if need is None:
        raise ForbiddenError("This route is closed: it has no line in the table of who may call it.")
    if need.kind == "everybody":
        return
    if person is NOBODY:
        raise NotSignedInError("Sign in first, or send an API key: “Authorization: Bearer exg_…”.")
    by_key = person.via == "key"
    if by_key and (need.in_person or need.kind == "installation"):
        raise ForbiddenError("An API key cannot do this. Sign in on the page.")
    if need.kind == "installation" and not person.is_admin:
        raise ForbiddenError("It takes an admin of the installation to do this.")
    if need.kind == "signed in" and by_key and need.role != "viewer" and not _is_wide(person, need.role):
        raise ForbiddenError(f"It takes an API key for all projects with the role “{need.role}” to do this.")
    if need.kind == "project":
        role = person.role_in(project_id)
        if role is None:
            raise projects.not_there(project_id)
        if ROLES.index(role) < ROLES.index(need.role):
            whose = "this API key is" if by_key else "you are"
            raise ForbiddenError(f"It takes the role “{need.role}” in this project; {whose} “{role}”. Ask an admin.")


def _is_wide(key: Person, role: Role) -> bool:
    return key.only_project is None and ROLES.index(key.most) >= ROLES.index(role)


class _Recorder:
    """Passes an answer on once its line is in the audit log, and another one where that cannot be."""

    def __init__(self, record: Callable[[int], Awaitable[None]], scope: Scope, receive: Receive, send: Send) -> None:
        self._record, self._scope, self._receive, self._send = record, scope, receive, send
        self.begun = self._withheld = False

    async def send(self, message: Message) -> None:
        """Send a part of the answer."""
        if message["type"] == "http.response.start":
            self.begun = True
            if not await self.written(message["status"]):
                self._withheld = True
                await refused(_NO_RECORD)(self._scope, self._receive, self._send)
        if not self._withheld:
            await self._send(message)

    async def written(self, status: int) -> bool:
        """Write the line; where that cannot be, whatever the reason, log it and return False."""
        try:
            await self._record(status)
        except Exception:
            log.exception("The audit log cannot be written")
            return False
        return True


async def _who(settings: Settings, connection: HTTPConnection) -> Person:
    scheme, _, key = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return await in_turn("access", _find, settings, key.strip(), "")
    token = session_token(connection)
    return await in_turn("access", _find, settings, "", token) if token else NOBODY


def _find(settings: Settings, key: str, token: str) -> Person:
    url = settings.resolved_database_url
    with read_session(url) as session:
        person = logins.of_key(session, key) if key else logins.of_session(session, settings, token)
    if person is not None and not person.is_noted:
        with write_session(url) as session:
            logins.note_use(session, person)
    return person or NOBODY


def _check_own_page(settings: Settings, need: Need | None, connection: HTTPConnection) -> None:
    if need is not None and need.kind != "everybody":
        expected = logins.csrf_token(settings, session_token(connection))
        if not logins.same(connection.headers.get(CSRF_HEADER, ""), expected):
            raise ForbiddenError(f"The header {CSRF_HEADER} does not fit this session. Reload the page.")


async def _record(
    settings: Settings, person: Person, action: str, ids: Mapping[str, str], recordings: Collection[str], status: int
) -> None:
    # What is not written as one of our ids may be anything that somebody has typed, and is not kept.
    subject: dict[str, Any] = {name: one for name, one in ids.items() if name != "project_id" and _ID.fullmatch(one)}
    subject |= audit.of_recordings(recordings)
    project_id = ids.get("project_id", "")
    await in_turn(
        "audit", _append, settings, person, action, project_id if _ID.fullmatch(project_id) else "", subject, status
    )


def _append(
    settings: Settings, person: Person, action: str, project_id: str, subject: Mapping[str, Any], status: int
) -> None:
    with write_session(settings.resolved_database_url) as session:
        audit.append(
            session, settings.resolved_secret_key, person, action, project_id=project_id, subject=subject, status=status
        )
