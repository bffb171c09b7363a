"""Routes of signing in at an OpenID provider, and of one's identities there."""

import logging
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from backend.api import cookies
from backend.api.deps import PersonDep, ReadDep, SettingsDep, WriteDep
from backend.api.errors import responses, status_of
from backend.api.paging import ArrayPageDep
from backend.api.schemas.accounts import Identity, ProviderAddress, ProviderSignIn
from backend.api.turns import in_turn
from backend.db.session import read_session, write_session
from backend.errors import SingleSignOnError
from backend.services import identities, logins, oidc
from backend.services.person import Person
from backend.settings import Settings

router = APIRouter(prefix="/account", tags=["accounts"])
log = logging.getLogger(__name__)
IdentityId = Annotated[str, Path(min_length=1, max_length=64)]
PROBLEM: Final = "sign-in"
"""In the address of the page: what of a sign-in at the provider went wrong, in one word."""


@router.post("/provider/sign-in", operation_id="begin_provider_sign_in", responses=responses(409))
async def begin_provider_sign_in(
    request: Request, response: Response, settings: SettingsDep, body: ProviderSignIn
) -> ProviderAddress:
    """Begin signing in at the OpenID provider: send the browser to the address; it comes back with a session."""
    return await _begin(request, response, settings, body.to, link=body.link)


@router.post("/identities", operation_id="join_own_identity", responses=responses(401, 409))
async def join_own_identity(
    request: Request, response: Response, settings: SettingsDep, person: PersonDep
) -> ProviderAddress:
    """Sign in at the OpenID provider for one's own account: by the identity there one signs in from then on."""
    return await _begin(request, response, settings, "/account", joins=person.via == "session")


@router.get("/provider/callback", operation_id="finish_provider_sign_in", include_in_schema=False)
async def finish_provider_sign_in(request: Request, settings: SettingsDep) -> RedirectResponse:
    """Take whoever comes back from the provider: to the page with a session, or to it with what went wrong."""
    asked = {name: request.query_params.get(name, "")[:4000] for name in ("code", "state", "error", "iss")}
    answer = oidc.Answer(asked["code"], asked["state"], asked["error"], asked["iss"])
    response = RedirectResponse("/", 303)
    sealed, to = cookies.take_attempt(request, response), "/"
    try:
        attempt = oidc.opened(settings, sealed)
        to = "/account" if attempt.joins else "/"
        done = await in_turn("provider", oidc.finish, settings, attempt, answer)
        person = await in_turn("access", _person_of, settings, done.token)
        if person is None:
            raise SingleSignOnError("The user was shut out in the same moment.", "refused")
    except SingleSignOnError as error:
        log.warning("Nobody was signed in: %s", error)
        request.scope["recorded_status"] = status_of(error)
        response.headers["Location"] = f"{to}?{PROBLEM}={error.problem}"
        return response
    request.scope["signed_in"], request.scope["recorded_status"] = person, 200  # for the audit log
    cookies.keep(request, response, done.token, int(logins.LONGEST.total_seconds()))
    response.headers["Location"] = done.to
    return response


@router.post("/provider/sign-out", operation_id="provider_sign_out", responses=responses())
async def provider_sign_out(request: Request, response: Response, settings: SettingsDep) -> ProviderAddress:
    """End the session, and say where the one at the provider is ended, where it was begun there."""
    back = str(request.url.replace(path="/", query=""))
    address = await in_turn("provider", _end, settings, cookies.session_token(request), back)
    cookies.forget(request, response)
    return ProviderAddress(address=address)


@router.get("/identities", operation_id="list_own_identities", responses=responses(401))
def list_own_identities(session: ReadDep, person: PersonDep, page: ArrayPageDep) -> list[Identity]:
    """List the identities at providers by which one signs in."""
    return [Identity.model_validate(row) for row in page.of(identities.of_user(session, person.id))]


@router.delete(
    "/identities/{identity_id}", operation_id="remove_own_identity", status_code=204, responses=responses(401, 404, 409)
)
def remove_own_identity(session: WriteDep, settings: SettingsDep, person: PersonDep, identity_id: IdentityId) -> None:
    """Sign in by this identity no more. The last one stays where one could not sign in without it."""
    row = identities.get(session, person.id, identity_id)
    identities.remove_own(session, row, settings.password_sign_in, settings.oidc_issuer)


async def _begin(
    request: Request, response: Response, settings: Settings, to: str, *, link: str = "", joins: bool = False
) -> ProviderAddress:
    back = str(request.url.replace(path=str(request.app.url_path_for("finish_provider_sign_in")), query=""))
    token = cookies.session_token(request)
    begin = partial(oidc.begin, settings, back, to, link=link, token=token, joins=joins)
    address, sealed = await in_turn("provider", begin)
    cookies.keep_attempt(request, response, sealed, oidc.ATTEMPT_S)
    return ProviderAddress(address=address)


def _person_of(settings: Settings, token: str) -> Person | None:
    with read_session(settings.resolved_database_url) as session:
        return logins.of_session(session, settings, token)


def _end(settings: Settings, token: str, back: str) -> str:
    if not token:
        return ""
    with read_session(settings.resolved_database_url) as session:
        begun_there = oidc.was_begun_there(session, token)
    with write_session(settings.resolved_database_url) as session:
        logins.end(session, token)
    return oidc.address_of_the_end(settings, back) if begun_there else ""
