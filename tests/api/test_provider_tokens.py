"""What comes from the OpenID provider is believed only where all of it fits; whatever does not, nobody is signed in."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from pydantic import ValidationError

from backend.db.session import read_session
from backend.db.tables import LoginSession, User
from backend.services import oidc, oidc_provider
from backend.settings import Settings
from tests.accounts import House
from tests.api.visitor import BEGIN, Visitor, house_with
from tests.api_calls import refusal
from tests.openid_provider import CLIENT, SECRET, Claims, OpenIdProvider, openid_provider

FAILED = "/?sign-in=failed"
TOLERANCE = 60


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with openid_provider() as one:
        one.people = {"sub-anna": {"preferred_username": "anna"}, "sub-bert": {"preferred_username": "bert"}}
        yield one


@pytest.fixture
def ours(house: House, provider: OpenIdProvider) -> Iterator[House]:
    with house_with(house, provider, oidc_create_users="true") as one:
        yield one


@pytest.fixture
def visitor(ours: House, provider: OpenIdProvider) -> Iterator[Visitor]:
    """A browser; whatever the test does, nobody new may be there afterwards who is not signed in."""
    with ours.client() as api:
        yield Visitor(api, provider)


def _nobody(house: House) -> bool:
    with read_session(house.settings.resolved_database_url) as session:
        return session.query(User).count() == 0 and session.query(LoginSession).count() == 0


def _now() -> int:
    return int(time.time())


LIES: dict[str, Callable[[Claims], Claims]] = {
    "another issuer": lambda claims: claims | {"iss": "https://evil.example"},
    "an issuer with a slash more": lambda claims: claims | {"iss": claims["iss"] + "/"},
    "another audience": lambda claims: claims | {"aud": "another client"},
    "no audience": lambda claims: claims | {"aud": []},
    "several audiences and nobody asked": lambda claims: claims | {"aud": [CLIENT, "another"]},
    "asked by another": lambda claims: claims | {"azp": "another"},
    "too old": lambda claims: claims | {"exp": _now() - TOLERANCE - 2},
    "an end that is no number": lambda claims: claims | {"exp": "tomorrow"},
    "an end that is NaN": lambda claims: claims | {"exp": float("nan")},
    "of the future": lambda claims: claims | {"iat": _now() + TOLERANCE + 5},
    "not valid yet": lambda claims: claims | {"nbf": _now() + TOLERANCE + 5},
    "another nonce": lambda claims: claims | {"nonce": "of another sign-in"},
    "a list of nonces": lambda claims: claims | {"nonce": [claims["nonce"], "another"]},
    "a number for a subject": lambda claims: claims | {"sub": 7},
    "an empty subject": lambda claims: claims | {"sub": ""},
    "a subject with a zero byte": lambda claims: claims | {"sub": "a\x00"},
    "a long subject": lambda claims: claims | {"sub": "x" * 256},
    **{
        f"without {name}": lambda claims, name=name: {key: value for key, value in claims.items() if key != name}
        for name in ("iss", "aud", "exp", "iat", "sub", "nonce")
    },
}


def test_a_token_with_a_claim_that_does_not_fit_is_not_believed(
    ours: House, visitor: Visitor, provider: OpenIdProvider
) -> None:
    for lie, change in LIES.items():
        provider.change = change
        assert visitor.sign_in("sub-anna") == FAILED, lie
    assert _nobody(ours)


TRUTHS: dict[str, Callable[[Claims], Claims]] = {
    "just over": lambda claims: claims | {"exp": _now() - TOLERANCE + 20},
    "just begun": lambda claims: claims | {"iat": _now() + TOLERANCE - 20, "nbf": _now() + TOLERANCE - 20},
    "several audiences, and we asked": lambda claims: claims | {"aud": ["another", CLIENT], "azp": CLIENT},
    "one audience in a list": lambda claims: claims | {"aud": [CLIENT]},
}


def test_clocks_may_differ_by_a_minute_and_audiences_may_be_several(visitor: Visitor, provider: OpenIdProvider) -> None:
    for truth, change in TRUTHS.items():
        provider.change = change
        assert visitor.sign_in("sub-anna") == "/", truth


def _forgeries(provider: OpenIdProvider) -> dict[str, Callable[[Claims], str]]:
    stranger = RSAKey.generate_key(2048, {"kid": provider.key.kid})

    def honest(claims: Claims) -> str:
        return jwt.encode({"alg": "RS256", "kid": provider.key.kid}, claims, provider.key)

    def shared(claims: Claims) -> str:
        key = OctKey.import_key(SECRET)
        return jwt.encode({"alg": "HS256", "kid": provider.key.kid}, claims, key, algorithms=["HS256"])

    def mixed(claims: Claims) -> str:
        head, _, seal = honest(claims).split(".")
        return f"{head}.{honest(claims | {'sub': 'sub-bert'}).split('.')[1]}.{seal}"

    return {
        "none": provider.unsigned,
        "under the public key": provider.signed_by_the_secret,
        "under the secret": shared,
        "by another key": lambda claims: jwt.encode({"alg": "RS256", "kid": stranger.kid}, claims, stranger),
        "by an unknown key": lambda claims: jwt.encode({"alg": "RS256", "kid": "unknown"}, claims, stranger),
        "with another payload": mixed,
        "without its signature": lambda claims: honest(claims).rpartition(".")[0] + ".",
        "not a token": lambda claims: "not a token",
        "half a token": lambda claims: honest(claims)[:40],
    }


def test_a_token_that_the_provider_has_not_signed_is_not_believed(
    ours: House, visitor: Visitor, provider: OpenIdProvider
) -> None:
    for how, sign in _forgeries(provider).items():
        provider.sign = sign
        assert visitor.sign_in("sub-anna") == FAILED, how
    assert _nobody(ours)


def test_a_secret_among_the_providers_keys_signs_nothing(
    ours: House, visitor: Visitor, provider: OpenIdProvider
) -> None:
    key = OctKey.generate_key(256, {"kid": "shared"})
    provider.others = [key.as_dict(private=True)]
    provider.sign = lambda claims: jwt.encode({"alg": "HS256", "kid": "shared"}, claims, key, algorithms=["HS256"])
    assert visitor.sign_in("sub-anna") == FAILED
    assert _nobody(ours)


def test_a_new_key_of_the_provider_is_taken_and_odd_ones_are_left_out(
    visitor: Visitor, provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert visitor.sign_in("sub-anna") == "/"
    n = provider.asked.count("/keys")
    provider.key = RSAKey.generate_key(2048, {"kid": "second", "use": "sig"})
    enc = RSAKey.generate_key(2048, {"kid": "second", "use": "enc", "alg": "RSA-OAEP"}).as_dict(private=False)
    provider.others = [enc, {"kty": "RSA", "kid": "broken"}, {"kty": "new kind"}, {}]
    assert visitor.sign_in("sub-anna") == FAILED  # they were asked for a moment ago
    monkeypatch.setattr(oidc_provider, "KEYS_AGAIN_S", 0.0)
    assert visitor.sign_in("sub-anna") == "/"
    assert provider.asked.count("/keys") == n + 1


def test_a_code_works_once_and_only_with_the_attempt_of_this_browser(
    ours: House, visitor: Visitor, provider: OpenIdProvider
) -> None:
    back = visitor.chosen(visitor.begin(), "sub-anna")
    with ours.client() as api:
        stranger = Visitor(api, provider)
        assert stranger.come_back(back).headers["location"] == FAILED  # it has no attempt at all
        stranger.begin()
        assert stranger.come_back(back).headers["location"] == FAILED  # it has another one
    attempt = visitor.client.cookies["exchangeai-attempt"]
    assert visitor.come_back(back).headers["location"] == "/"
    assert "exchangeai-attempt" not in visitor.client.cookies
    visitor.client.cookies.set("exchangeai-attempt", attempt)
    assert visitor.come_back(back).headers["location"] == FAILED


def test_a_code_that_was_slipped_in_has_another_verifier_and_nonce(
    ours: House, visitor: Visitor, provider: OpenIdProvider
) -> None:
    """RFC 9700, 4.5: the code of somebody else's sign-in with the state of one's own."""
    foreign = parse_qs(urlsplit(visitor.chosen(visitor.begin(), "sub-bert")).query)["code"][0]
    parts = urlsplit(visitor.chosen(visitor.begin(), "sub-anna"))
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | {"code": foreign}
    assert visitor.come_back(f"{parts.path}?{urlencode(query)}").headers["location"] == FAILED
    assert _nobody(ours)


def test_an_answer_that_does_not_fit_signs_nobody_in(ours: House, visitor: Visitor) -> None:
    for change, problem in (
        ({"state": "made up"}, "failed"), ({"state": ""}, "failed"), ({"code": ""}, "failed"),
        ({"iss": "https://evil.example"}, "failed"), ({"error": "access_denied"}, "cancelled"),
        ({"error": "server_error"}, "failed"), ({"state": "ä\x00"}, "failed"), ({"code": "x" * 9000}, "failed"),
    ):  # fmt: skip
        parts = urlsplit(visitor.chosen(visitor.begin(), "sub-anna"))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()} | change
        answer = visitor.come_back(f"{parts.path}?{urlencode(query)}")
        assert answer.headers["location"] == f"/?sign-in={problem}", change
    assert _nobody(ours)


def test_a_provider_that_says_it_names_itself_must(house: House, provider: OpenIdProvider) -> None:
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    with house_with(house, provider, oidc_create_users="true") as one, one.client() as api:
        visitor = Visitor(api, provider)
        to = visitor.chosen(visitor.begin(), "sub-anna")
        assert visitor.come_back(to.partition("&iss=")[0]).headers["location"] == FAILED
        assert visitor.sign_in("sub-anna") == "/"


def test_an_attempt_is_sealed_and_ends(ours: House, visitor: Visitor) -> None:
    visitor.begin()
    sealed = visitor.client.cookies["exchangeai-attempt"]
    now = time.time()
    assert oidc.opened(ours.settings, sealed).to == "/"
    for wrong, at in ((sealed[:-4] + "AAAA", now), ("", now), ("ä", now), (sealed, now + 601), (sealed, now - 60)):
        with pytest.raises(oidc.SingleSignOnError):
            oidc.opened(ours.settings, wrong, lambda at=at: at)


def test_a_provider_that_is_down_is_said_and_is_not_asked_about_again_once_known(
    house: House, provider: OpenIdProvider
) -> None:
    with house_with(house, provider) as one, one.client() as api:
        provider.is_down = True
        text = refusal(api.client.post(BEGIN, json={}), 503, "UnavailableError")
        assert "127.0.0.1" not in text
        provider.is_down = False
        visitor = Visitor(api, provider)
        visitor.begin()
        visitor.begin()
        assert provider.asked.count("/.well-known/openid-configuration") == 2


def test_a_provider_that_describes_itself_oddly_is_not_used(house: House, provider: OpenIdProvider) -> None:
    odd: tuple[dict[str, Any], ...] = (
        {"issuer": "https://evil.example"}, {"token_endpoint": "http://evil.example/token"}, {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"}, {"userinfo_endpoint": "ftp://x"}, {"token_endpoint": 7},
    )  # fmt: skip
    with house_with(house, provider) as one, one.client() as api:
        for metadata in odd:
            provider.metadata = metadata
            refusal(api.client.post(BEGIN, json={}), 503, "UnavailableError")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"oidc_issuer": "http://sso.example", "oidc_client_id": "x"}, "https"),
        ({"oidc_issuer": "sso.example", "oidc_client_id": "x"}, "https"),
        ({"oidc_issuer": "https://a:b@sso.example", "oidc_client_id": "x"}, "https"),
        ({"oidc_issuer": "https://sso.example"}, "name of this platform"),
        ({"password_sign_in": False}, "nobody could sign in"),
        ({"oidc_scopes": "profile email"}, "openid"),
    ],
)  # fmt: skip
def test_settings_that_let_nobody_in_or_everybody_listen_are_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Settings(mode="server", **values)
    Settings(mode="server", oidc_issuer="https://sso.example/realms/a", oidc_client_id="x", password_sign_in=False)


def test_the_clients_secret_is_not_shown() -> None:
    assert SECRET not in repr(Settings(mode="server", oidc_client_secret=SECRET))
