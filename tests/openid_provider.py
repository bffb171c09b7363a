"""A small OpenID provider over HTTP for the tests: it signs real tokens, and lies where a test asks it to.

It holds clients to what they must do: the registered redirect address, PKCE (S256), the secret, a code used once.
"""

import base64
import hashlib
import hmac
import html
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "exchangeai", "s3cret of the client/+%"
Claims = dict[str, Any]


@dataclass
class OpenIdProvider:
    """What the provider knows; tests change it while it runs."""

    issuer: str = ""
    people: dict[str, Claims] = field(default_factory=dict)
    """Subject -> claims."""
    redirects: set[str] = field(default_factory=set)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}))
    others: list[Claims] = field(default_factory=list)
    """Further keys that it shows."""
    change: Callable[[Claims], Claims | None] = lambda claims: claims
    """What becomes of the claims before they are signed."""
    sign: Callable[[Claims], str] | None = None
    metadata: Claims = field(default_factory=dict)
    in_userinfo: set[str] = field(default_factory=set)
    """Claims that stand not in the token but are told by the userinfo endpoint."""
    userinfo_subject: str = ""
    is_down: bool = False
    asked: list[str] = field(default_factory=list)
    codes: dict[str, Claims] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def described(self) -> Claims:
        return {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo", "end_session_endpoint": f"{self.issuer}/end",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        } | self.metadata  # fmt: skip

    def keys(self) -> Claims:
        return {"keys": [self.key.as_dict(private=False), *self.others]}

    def authorize(self, asked: dict[str, str], subject: str) -> str:
        """Return where somebody goes who has signed in as `subject`."""
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["redirect_uri"] in self.redirects, asked["redirect_uri"]
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked | {"sub": subject}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, Claims]:
        asked = self.codes.pop(form.get("code", ""), None)  # it works once
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        known = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        said = authorization.removeprefix("Basic ")
        user, _, secret = base64.b64decode(said).decode().partition(":") if said else ("", "", "")
        if base64.b64encode(f"{unquote_plus(user)}:{unquote_plus(secret)}".encode()).decode() != known:
            return 401, {"error": "invalid_client"}
        if (
            asked is None or form["redirect_uri"] != asked["redirect_uri"]
            or base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]
        ):  # fmt: skip
            return 400, {"error": "invalid_grant"}
        subject, now = asked["sub"], int(time.time())
        shown = {name: value for name, value in self.people[subject].items() if name not in self.in_userinfo}
        claims = {
            "iss": self.issuer, "sub": subject, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": asked["nonce"],
        } | shown  # fmt: skip
        token = self.signed(self.change(claims) or claims)
        access = secrets.token_urlsafe(8)
        self.tokens[access] = subject
        return 200, {"access_token": access, "token_type": "Bearer", "id_token": token}

    def signed(self, claims: Claims) -> str:
        if self.sign is not None:
            return self.sign(claims)
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def unsigned(self, claims: Claims) -> str:
        """Return a token of the algorithm “none”."""
        parts = [json.dumps(one).encode() for one in ({"alg": "none", "typ": "JWT"}, claims)]
        return ".".join([*(base64.urlsafe_b64encode(one).decode().rstrip("=") for one in parts), ""])

    def signed_by_the_secret(self, claims: Claims) -> str:
        """Return a token under the client's secret, as if its public key were one (RFC 8725, 2.1)."""
        parts = [json.dumps(one).encode() for one in ({"alg": "HS256", "kid": self.key.kid}, claims)]
        text = ".".join(base64.urlsafe_b64encode(one).decode().rstrip("=") for one in parts)
        seal = hmac.digest(self.key.as_pem(private=False), text.encode(), "sha256")  # joserfc itself would not
        return f"{text}.{base64.urlsafe_b64encode(seal).decode().rstrip('=')}"


@contextmanager
def openid_provider() -> Iterator[OpenIdProvider]:
    """Run a provider on a free port of this machine."""
    one = OpenIdProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            one.asked.append(parts.path)
            if one.is_down:
                self._answer(503, {})
            elif parts.path.endswith("/.well-known/openid-configuration"):
                self._answer(200, one.described())
            elif parts.path == "/keys":
                self._answer(200, one.keys())
            elif parts.path == "/userinfo":
                subject = one.tokens[self.headers["Authorization"].removeprefix("Bearer ")]
                self._answer(200, one.people[subject] | {"sub": one.userinfo_subject or subject})
            elif parts.path == "/authorize":
                self._form(query)
            elif parts.path == "/chosen":
                self._redirect(one.authorize(query, query.pop("subject")))
            elif parts.path == "/end":
                self._redirect(query["post_logout_redirect_uri"])
            else:
                self._answer(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(*one.exchange(form, self.headers.get("Authorization", "")))

        def _form(self, query: dict[str, str]) -> None:
            fields = "".join(
                f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
                for name, value in query.items()
            )
            buttons = "".join(f'<button name="subject" value="{one}">{one}</button>' for one in one.people)
            page = f"<!doctype html><title>Provider</title><form action='/chosen'>{fields}{buttons}</form>".encode()
            self._send(200, page, {"Content-Type": "text/html"})

        def _redirect(self, to: str) -> None:
            self._send(302, b"", {"Location": to})

        def _answer(self, status: int, body: Claims) -> None:
            self._send(status, json.dumps(body).encode(), {"Content-Type": "application/json"})

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    one.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
