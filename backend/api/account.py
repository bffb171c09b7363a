"""Routes of one's own account: who is asking, signing in and out, passwords."""

from fastapi import APIRouter, Request, Response

from backend.api import cookies
from backend.api.deps import PersonDep, SettingsDep
from backend.api.errors import responses
from backend.api.schemas.accounts import Account, PasswordByLink, PasswordChange, SignIn
from backend.api.turns import in_turn
from backend.db import tables
from backend.db.session import read_session, write_session
from backend.errors import ConflictError, NotSignedInError
from backend.services import logins, passwords, users
from backend.services.person import Person
from backend.settings import Settings

router = APIRouter(prefix="/account", tags=["accounts"])


@router.get("", operation_id="get_account", responses=responses())
async def get_account(request: Request, settings: SettingsDep, person: PersonDep) -> Account:
    """Say who is asking, and how this installation is run."""
    token = cookies.session_token(request) if person.via == "session" else ""
    return _shown(settings, person, token)


@router.post("/sign-in", operation_id="sign_in", responses=responses(401, 409, 429))
async def sign_in(request: Request, response: Response, settings: SettingsDep, body: SignIn) -> Account:
    """Begin a session; it is kept in a cookie. One that the browser had before ends."""
    _needs_accounts(settings)
    address = request.client.host if request.client else ""
    secret = body.password.get_secret_value()
    user, token = await in_turn("login", logins.sign_in, settings, body.name, secret, address)
    await in_turn("login", _end, settings, cookies.session_token(request))
    return await _welcome(request, response, settings, user, token)


@router.post("/sign-out", operation_id="sign_out", status_code=204, responses=responses())
async def sign_out(request: Request, response: Response, settings: SettingsDep) -> None:
    """End the session."""
    await in_turn("login", _end, settings, cookies.session_token(request))
    cookies.forget(request, response)


@router.post("/password-by-link", operation_id="choose_password", responses=responses(404, 409))
async def choose_password(request: Request, response: Response, settings: SettingsDep, body: PasswordByLink) -> Account:
    """Choose a password by a link that works once, and sign in with it."""
    _needs_passwords(settings)
    user, token = await in_turn("login", _choose, settings, body)
    return await _welcome(request, response, settings, user, token)


@router.post("/password", operation_id="change_password", responses=responses(401, 409, 429))
async def change_password(
    request: Request, response: Response, settings: SettingsDep, person: PersonDep, body: PasswordChange
) -> Account:
    """Change one's password. All sessions end, and a new one begins here."""
    _needs_passwords(settings)
    user, token = await in_turn("login", _change, settings, person, body)
    return await _welcome(request, response, settings, user, token)


def _needs_passwords(settings: Settings) -> None:
    """Raise ConflictError where nobody has a password."""
    _needs_accounts(settings)
    if not settings.password_sign_in:
        raise ConflictError("This installation has no passwords: people sign in with their organisation's account.")


def _needs_accounts(settings: Settings) -> None:
    if not settings.has_accounts:
        raise ConflictError("This installation runs in local mode: nobody signs in (docs/security.md says how).")


async def _welcome(request: Request, response: Response, settings: Settings, user: tables.User, token: str) -> Account:
    person = await in_turn("access", _person_of, settings, token)
    if person is None:  # shut out in the same moment
        raise NotSignedInError(f"The account of {user.name} does not work any more. Ask an admin.")
    request.scope["signed_in"] = person  # for the audit log
    cookies.keep(request, response, token, int(logins.LONGEST.total_seconds()))
    return _shown(settings, person, token)


def _person_of(settings: Settings, token: str) -> Person | None:
    with read_session(settings.resolved_database_url) as session:
        return logins.of_session(session, settings, token)


def _end(settings: Settings, token: str) -> None:
    if token:
        with write_session(settings.resolved_database_url) as session:
            logins.end(session, token)


def _choose(settings: Settings, body: PasswordByLink) -> tuple[tables.User, str]:
    with write_session(settings.resolved_database_url) as session:
        user = users.choose_password(session, body.token, body.password.get_secret_value())
        return user, logins.begin(session, user.id)


def _change(settings: Settings, person: Person, body: PasswordChange) -> tuple[tables.User, str]:
    url = settings.resolved_database_url
    with read_session(url) as session:
        kept = users.get(session, person.id).password_hash
    if not passwords.matches(kept, body.password.get_secret_value()):
        raise NotSignedInError("The present password is wrong. Nothing was changed.")
    with write_session(url) as session:
        user = users.get(session, person.id)
        users.set_password(session, user, body.new_password.get_secret_value())
        return user, logins.begin(session, user.id)


def _shown(settings: Settings, person: Person, token: str) -> Account:
    return Account(
        mode=settings.mode, signed_in=person.via != "nobody", id=person.id, name=person.name,
        is_admin=person.is_admin, roles=dict(person.roles), by_provider=bool(person.identity_id),
        provider=settings.oidc_label if settings.has_provider else None, password_sign_in=settings.password_sign_in,
        csrf_token=logins.csrf_token(settings, token) if token else "",
    )  # fmt: skip
