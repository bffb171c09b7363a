"""An OpenID provider as seen from here: where it answers, its keys, and what it says of somebody, checked.

Sources: OpenID Connect Core 1.0 (3.1.3.7: checks of an ID token), Discovery 1.0, RFC 7636 (PKCE), RFC 9207 (issuer in
the answer), RFC 8725 (2.1 and 3.1: which signatures). Tokens are read by joserfc.
"""

import base64
import hashlib
import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx2
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, import_key

from backend.errors import SingleSignOnError
from backend.settings import Settings, is_this_machine

log = logging.getLogger(__name__)
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures by a key pair. "none" and those under a shared secret (HS…) are not among them."""
TOLERANCE_S: Final = 60
"""So much may the clocks of provider and platform differ."""
KNOWN_S: Final = 3600.0  # so long what the provider says of itself is believed
KEYS_AGAIN_S: Final = 30.0  # keys are asked for anew no oftener, however many tokens name an unknown one
TIMEOUT_S: Final = 10.0
_LARGEST: Final = 1024**2  # bytes of an answer
Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a provider says of itself."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    end_session_endpoint: str
    auth_methods: tuple[str, ...]
    names_itself: bool
    """Whether its answers carry `iss` (RFC 9207)."""


class Provider:
    """One provider; what it says of itself is kept for an hour."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self._lock = Lock()
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def metadata(self) -> Metadata:
        """Return what the provider says of itself. Raises SingleSignOnError ("unavailable") where it does not."""
        with self._lock:
            if self._metadata is None or time.monotonic() - self._metadata[0] > KNOWN_S:
                self._metadata = time.monotonic(), self._discovered()
            return self._metadata[1]

    def keys(self, kid: str | None) -> KeySet:
        """Return the provider's keys; they are asked for anew where none of them is called `kid`."""
        uri = self.metadata().jwks_uri
        with self._lock:
            age = KNOWN_S if self._keys is None else time.monotonic() - self._keys[0]
            unknown = self._keys is None or (kid is not None and all(key.kid != kid for key in self._keys[1].keys))
            if self._keys is None or age >= KNOWN_S or (unknown and age > KEYS_AGAIN_S):
                self._keys = time.monotonic(), _signing(_fetched("GET", uri))
            return self._keys[1]

    def _discovered(self) -> Metadata:
        said = _fetched("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if said.get("issuer") != self.issuer:
            raise _unusable(f"it calls itself {said.get('issuer')!r}; set EXCHANGEAI_OIDC_ISSUER to exactly that")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint")
        places = {name: said.get(name) or "" for name in names}
        for name, place in places.items():
            if not (isinstance(place, str) and (_is_safe(place) or (not place and name in names[3:]))):
                raise _unusable(f"its {name} is no address that begins with https://")
        methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        names_itself = said.get("authorization_response_iss_parameter_supported") is True
        return Metadata(**places, auth_methods=tuple(map(str, methods)), names_itself=names_itself)


@lru_cache(maxsize=4)
def provider_of(issuer: str) -> Provider:
    """Return what this process knows of a provider."""
    return Provider(issuer)


def new_secret() -> str:
    """Return a text that nobody guesses: a state, a nonce, a verifier (43 characters, as RFC 7636 asks)."""
    return secrets.token_urlsafe(32)


def challenge(verifier: str) -> str:
    """Return what the provider is told of a verifier beforehand (RFC 7636, 4.2, S256)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def address(settings: Settings, provider: Provider, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
    """Return where somebody is sent to sign in."""
    place = provider.metadata().authorization_endpoint
    asked = {
        "response_type": "code", "client_id": settings.oidc_client_id, "redirect_uri": redirect_uri,
        "scope": settings.oidc_scopes, "state": state, "nonce": nonce,
        "code_challenge": challenge(verifier), "code_challenge_method": "S256",
    }  # fmt: skip
    return f"{place}{'&' if urlsplit(place).query else '?'}{urlencode(asked)}"


def sign_out_address(settings: Settings, provider: Provider, back: str) -> str:
    """Return where somebody ends their session at the provider, empty where it has no such place."""
    place = provider.metadata().end_session_endpoint
    if not place:
        return ""
    asked = {"client_id": settings.oidc_client_id, "post_logout_redirect_uri": back}
    return f"{place}{'&' if urlsplit(place).query else '?'}{urlencode(asked)}"


def claims_of(
    settings: Settings, provider: Provider, code: str, redirect_uri: str, nonce: str, verifier: str, now: float
) -> Claims:
    """Take a code for what the provider says of whoever has signed in, checked; `now` is in seconds since 1970.

    Raises SingleSignOnError: "unavailable" where the provider does not answer, "failed" for anything that does not fit.
    """
    known = provider.metadata()
    answer = _exchanged(settings, known, code, redirect_uri, verifier)
    claims = checked(provider, settings.oidc_client_id, answer.get("id_token"), nonce, now)
    wanted = {settings.oidc_name_claim} | ({settings.oidc_groups_claim} if settings.oidc_groups else set())
    token = answer.get("access_token")
    if wanted <= set(claims) or not known.userinfo_endpoint or not isinstance(token, str):
        return claims
    more = _fetched("GET", known.userinfo_endpoint, headers={"Authorization": f"Bearer {token}"})
    if more.get("sub") != claims["sub"]:  # Core, 5.3.2: it may be somebody else's
        raise _failed("what the provider says more is of somebody else")
    return {**more, **claims}


def checked(provider: Provider, client_id: str, token: object, nonce: str, now: float) -> Claims:
    """Return the claims of an ID token, or raise SingleSignOnError ("failed") where anything of it does not fit."""
    if not isinstance(token, str):
        raise _failed("there is no ID token")
    try:
        kid = jws.extract_compact(token.encode()).headers().get("kid")
        found = jwt.decode(token, provider.keys(kid), algorithms=list(ALGORITHMS)).claims
        wanted = jwt.JWTClaimsRegistry(
            now=int(now), leeway=TOLERANCE_S, iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": client_id}, exp={"essential": True}, iat={"essential": True},
            sub={"essential": True}, nonce={"essential": True},
        )  # fmt: skip
        wanted.validate(found)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise _failed(f"the ID token does not hold ({type(error).__name__})") from None
    several = isinstance(found["aud"], list) and len(found["aud"]) > 1
    if found.get("azp", None if several else client_id) != client_id:
        raise _failed("the ID token is for another client")
    if not (isinstance(found["nonce"], str) and secrets.compare_digest(found["nonce"].encode(), nonce.encode())):
        raise _failed("the ID token belongs to another sign-in")
    if not 0 < len(found["sub"]) <= 255 or not found["sub"].isprintable():
        raise _failed("the subject is empty, longer than 255 characters, or no text")
    return found


def _exchanged(settings: Settings, known: Metadata, code: str, redirect_uri: str, verifier: str) -> Claims:
    secret = settings.oidc_client_secret.get_secret_value()
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier,
        "client_id": settings.oidc_client_id,
    }  # fmt: skip
    headers = {}
    if secret and "client_secret_basic" in known.auth_methods:
        pair = f"{quote_plus(settings.oidc_client_id)}:{quote_plus(secret)}"  # RFC 6749, 2.3.1
        headers = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    elif secret:
        form["client_secret"] = secret
    return _fetched("POST", known.token_endpoint, headers=headers, form=form)


def _fetched(
    method: str, place: str, *, headers: Mapping[str, str] | None = None, form: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return the JSON object that the provider answers with. No redirect is followed: secrets go where is said."""
    host = urlsplit(place).netloc
    body = bytearray()
    try:
        with (
            httpx2.Client(timeout=TIMEOUT_S, headers={"Accept": "application/json", **(headers or {})}) as client,
            client.stream(method, place, data=form) as answer,
        ):
            for some in answer.iter_bytes():
                body += some
                if len(body) > _LARGEST:
                    raise _unusable("an answer is larger than 1 MB")
            status = answer.status_code
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise SingleSignOnError(f"{host} does not answer ({type(error).__name__}).", "unavailable") from None
    if status >= 500 or status == 429:
        raise SingleSignOnError(f"{host} answers with {status}.", "unavailable")
    try:
        said = httpx2.Response(200, content=bytes(body)).json()
    except ValueError:
        said = None
    if status != 200 or not isinstance(said, dict):
        why = said.get("error") if isinstance(said, dict) else None
        raise _failed(f"{host} answers with {status}{f' ({why!r:.60})' if why else ''}")
    return said


def _signing(said: Mapping[str, Any]) -> KeySet:
    """Return the keys by which tokens are signed; what is of another use or kind is left out."""
    found = []
    for one in said.get("keys") or ():
        if isinstance(one, dict) and one.get("kty") in ("RSA", "EC") and one.get("use", "sig") == "sig":
            try:
                found.append(import_key(one))
            except (JoseError, ValueError, TypeError):
                log.warning("The provider has a key that cannot be used")
    return KeySet(found)


def _is_safe(place: str) -> bool:
    parts = urlsplit(place)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(parts.hostname or ""))
    )


def _failed(why: str) -> SingleSignOnError:
    return SingleSignOnError(f"Signing in at the provider has failed: {why}.", "failed")


def _unusable(why: str) -> SingleSignOnError:
    return SingleSignOnError(f"The provider cannot be used: {why}.", "unavailable")
