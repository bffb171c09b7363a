"""Whatever comes as an ID token is believed as it was signed, or refused in words; nothing else happens."""

import base64
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from backend.errors import SingleSignOnError
from backend.services import oidc_provider

ISSUER, CLIENT, NONCE, NOW = "https://sso.example", "exchangeai", "nonce", 1500
RSA = RSAKey.generate_key(2048, {"kid": "r", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "e"})
GOOD = {"iss": ISSUER, "sub": "somebody", "aud": CLIENT, "exp": 2000, "iat": 1000, "nonce": NONCE}
TOKEN = jwt.encode({"alg": "RS256", "kid": "r"}, GOOD, RSA)


class Known(oidc_provider.Provider):
    """A provider whose keys are known."""

    def keys(self, kid: str | None) -> KeySet:
        return KeySet([RSA, EC])


def _checked(token: str) -> Any:
    return oidc_provider.checked(Known(ISSUER), CLIENT, token, NONCE, NOW)


def _part(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def test_what_was_signed_by_either_kind_of_key_is_believed() -> None:
    assert _checked(TOKEN) == GOOD
    assert _checked(jwt.encode({"alg": "ES256", "kid": "e"}, GOOD, EC)) == GOOD
    assert _checked(jwt.encode({"alg": "PS384", "kid": "r"}, GOOD, RSA, algorithms=["PS384"])) == GOOD


HEADERS: list[Any] = [
    [], 1, "x", None, {}, {"alg": []}, {"alg": "RS256", "kid": []}, {"alg": "RS256", "kid": 1}, {"alg": None},
    {"alg": "RS256", "kid": "e"}, {"alg": "ES256", "kid": "r"}, {"alg": "none"}, {"alg": {"a": 1}}, b"\xff\xfe", b"",
    {"alg": "RS256", "kid": "r", "crit": ["x"]}, {"alg": "RS256", "kid": "r", "b64": False, "crit": ["b64"]},
    {"alg": "RS256", "kid": "r", "jwk": RSA.as_dict(private=False)}, {"alg": "EdDSA", "kid": "r"},
]  # fmt: skip


@pytest.mark.parametrize("header", HEADERS, ids=range(len(HEADERS)))
def test_an_odd_header_is_refused(header: Any) -> None:
    seal = TOKEN.rpartition(".")[2]
    for payload in (_part(GOOD), _part([]), "", "!!!", "ä"):
        for end in (seal, "", "====", "ä", f"{seal}.x.y"):
            with pytest.raises(SingleSignOnError):
                _checked(f"{_part(header)}.{payload}.{end}")


@given(token=st.text() | st.text(alphabet=".=-_aZ09"))
@example("..")
@example("a.b")
def test_any_text_is_refused(token: str) -> None:
    with pytest.raises(SingleSignOnError):
        _checked(token)


@given(place=st.integers(0, len(TOKEN) - 1), sign=st.characters())
def test_a_token_with_another_sign_says_the_same_or_nothing(place: int, sign: str) -> None:
    """The last sign of each part has bits that mean nothing."""
    try:
        assert _checked(TOKEN[:place] + sign + TOKEN[place + 1 :]) == GOOD
    except SingleSignOnError:
        assert TOKEN[place] != sign
