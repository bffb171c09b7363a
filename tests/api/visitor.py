"""Somebody with a browser who signs in at the OpenID provider of the tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2 as httpx

from tests.accounts import BASE, House
from tests.api_calls import Api
from tests.installation import installation
from tests.openid_provider import CLIENT, SECRET, OpenIdProvider

CALLBACK = "/api/v1/account/provider/callback"
BEGIN = "/api/v1/account/provider/sign-in"


@contextmanager
def house_with(house: House, provider: OpenIdProvider, **values: str) -> Iterator[House]:
    """The same installation with the provider of the tests."""
    provider.redirects = {f"{BASE}{CALLBACK}"}
    told = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET} | values
    with installation(house.settings.data_dir, mode="server", **told) as settings:
        yield House(settings, house.app)


class Visitor:
    """A browser; what of it is a cookie stays in its client."""

    def __init__(self, api: Api, provider: OpenIdProvider) -> None:
        self.client, self.provider = api.client, provider

    def begin(self, place: str = BEGIN, headers: dict[str, str] | None = None, **body: str) -> dict[str, str]:
        """Begin, and return what the provider is asked."""
        sent: Any = None if place.endswith("/identities") else body
        answer = self.client.post(place, json=sent, headers=headers or {})
        assert answer.status_code == 200, answer.text
        address = urlsplit(answer.json()["address"])
        assert f"{address.scheme}://{address.netloc}" == self.provider.issuer
        return {name: values[0] for name, values in parse_qs(address.query).items()}

    def chosen(self, asked: dict[str, str], subject: str) -> str:
        """Sign in at the provider; return where it sends the browser."""
        answer = httpx.get(f"{self.provider.issuer}/chosen", params=asked | {"subject": subject})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def come_back(self, to: str, **headers: str) -> httpx.Response:
        parts = urlsplit(to)
        answer = self.client.get(f"{parts.path}?{parts.query}", headers=headers, follow_redirects=False)
        assert answer.status_code == 303, answer.text
        return answer

    def sign_in(self, subject: str, **body: str) -> str:
        """Go all the way; return where the browser is in the end."""
        return self.come_back(self.chosen(self.begin(**body), subject)).headers["location"]

    def account(self) -> dict[str, Any]:
        shown: dict[str, Any] = self.client.get("/api/v1/account").json()
        return shown
