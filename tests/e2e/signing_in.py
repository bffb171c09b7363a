"""Signing in on the page of a platform in server mode."""

import re
import time

from playwright.sync_api import Page, expect

from tests.accounts import PASSWORD
from tests.platform_process import Platform


def choose_password(page: Page, link: str) -> None:
    """Open the link that somebody was given, choose the password of the tests, and be signed in."""
    page.goto(link)
    expect(page.get_by_role("heading", name="Choose a password")).to_be_visible()
    assert "#" not in page.url  # the secret is out of the address, and of the history
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Keep it and sign in").click()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()


def first_link(house: Platform) -> str:
    """Return the link that is printed at the first start, which may come after the first answer on a busy machine."""
    deadline = time.monotonic() + 20
    while not (found := re.findall(r"http\S+/welcome#\S+", house.output.read_text())):
        assert time.monotonic() < deadline, house.output.read_text()
        time.sleep(0.1)
    return str(found[0])


def sign_in(page: Page, name: str, password: str) -> None:
    """Fill the form of who signs in."""
    page.get_by_label("Name").fill(name)
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
