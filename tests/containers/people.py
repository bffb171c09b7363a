"""The first admin of the platform in containers, as docs/deploy.md has an operator make one, and an API key."""

import json

import httpx2 as httpx

from tests.accounts import PASSWORD
from tests.containers.stack import HOST, Stack


def first_admin(stack: Stack) -> None:
    """Have anna choose a password by the link that the shell prints; from now on the tests ask with a key of hers."""
    page, _, token = json.loads(stack.shell("users", "add", "anna", "--admin", "--json"))["link"].partition("#")
    assert page == f"https://{HOST}/welcome"
    with httpx.Client(base_url=f"http://127.0.0.1:{stack.port}") as browser:
        chosen = browser.post("/api/v1/account/password-by-link", json={"token": token, "password": PASSWORD})
        assert chosen.status_code == 200, chosen.text
        wanted = {"name": "Tests", "role": "admin"}
        of_the_session = {"X-CSRF-Token": chosen.json()["csrf_token"]}
        made = browser.post("/api/v1/api-keys", json=wanted, headers=of_the_session)
        assert made.status_code == 201, made.text
    stack.client.headers["Authorization"] = f"Bearer {made.json()['secret']}"
