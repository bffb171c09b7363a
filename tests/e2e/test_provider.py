"""Signing in at a real OpenID provider in a real browser, and a rule of retention, from the button to the notice."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.accessibility import serious_violations
from tests.openid_provider import CLIENT, SECRET, OpenIdProvider, openid_provider
from tests.platform_process import Platform, running_platform

SHOTS = os.environ.get("SCREENSHOTS_INTO", "")


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenIdProvider]:
    with openid_provider() as one:
        one.people = {"sub-anna": {"preferred_username": "anna"}, "sub-bert": {"preferred_username": "bert"}}
        yield one


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, provider: OpenIdProvider) -> Iterator[Platform]:
    """A platform whose people sign in at the provider, and with no password."""
    told = {
        "oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET,
        "oidc_label": "Heart clinic", "oidc_create_users": "true", "password_sign_in": "false",
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("house")
    with running_platform(folder, "--no-workers", mode="server", **told) as running:
        provider.redirects = {f"{running.address}/api/v1/account/provider/callback"}
        yield running


@pytest.fixture
def context(browser: Browser, house: Platform) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=house.address, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    yield context
    context.close()


def _shot(page: Page, name: str) -> None:
    """Look at it in both widths and schemes, where a folder for that is named."""
    if not SHOTS:
        return
    for width in (390, 1440):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate(f"document.documentElement.setAttribute('data-mantine-color-scheme', '{scheme}')")
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})


def test_from_the_button_to_the_provider_and_back_and_out_again(
    house: Platform, page: Page, axe_source: str, provider: OpenIdProvider
) -> None:
    page.goto("/exchanges")
    button = page.get_by_role("button", name="Sign in with Heart clinic")
    expect(button).to_be_visible()
    expect(page.get_by_label("Password")).to_have_count(0)
    assert serious_violations(page, axe_source) == []
    _shot(page, "sign-in")
    button.click()
    page.get_by_role("button", name="sub-anna").click()
    expect(page.get_by_role("button", name="Signed in as anna")).to_be_visible()
    assert page.url == f"{house.address}/exchanges"
    cookies = {one["name"]: one for one in page.context.cookies()}
    assert set(cookies) == {"exchangeai"}
    assert (cookies["exchangeai"].get("sameSite"), cookies["exchangeai"].get("httpOnly")) == ("Strict", True)
    page.goto("/account")
    expect(page.get_by_text("sub-anna")).to_be_visible()
    assert serious_violations(page, axe_source) == []
    _shot(page, "account")
    page.get_by_role("button", name="Signed in as anna").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in with Heart clinic")).to_be_visible()  # by way of the provider
    assert "/end" in provider.asked
    assert page.context.cookies() == []
    provider.people["sub-carl"] = {"preferred_username": "anna"}
    page.get_by_role("button", name="Sign in with Heart clinic").click()
    page.get_by_role("button", name="sub-carl").click()
    expect(page.get_by_text("You cannot sign in here with this account.")).to_be_visible()
    assert "sign-in" not in page.url
    _shot(page, "refused")


def test_a_rule_is_looked_at_then_set_and_a_patient_held(house: Platform, page: Page, axe_source: str) -> None:
    page.goto("/")
    page.get_by_role("button", name="Sign in with Heart clinic").click()
    page.get_by_role("button", name="sub-bert").click()
    page.get_by_role("button", name="New project").click()
    page.get_by_role("dialog").get_by_role("textbox", name="Name").fill("Ward")
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    expect(page.get_by_role("link", name="Access and privacy")).to_be_visible()
    project = page.url.split("/")[4]
    account = page.request.get(f"{house.address}/api/v1/account").json()
    sent = page.request.post(
        f"{house.address}/api/v1/projects/{project}/recordings",
        headers={"X-CSRF-Token": account["csrf_token"]},
        multipart={
            "files": {"name": "a.csv", "mimeType": "text/csv", "buffer": _csv()}, "rate": "500", "units_per_mv": "1000",
        },
    )  # fmt: skip
    assert sent.ok, sent.text()
    page.goto(f"/projects/{project}/privacy")
    expect(page.get_by_text("Nothing is erased by itself.")).to_be_visible()
    page.get_by_label("Erase after days").fill("1")
    page.get_by_label("Reason").fill("Vote 12/2026 of the ethics committee")
    page.get_by_role("button", name="Look what it would do").click()
    expect(page.get_by_text("1 recording will be erased.")).to_be_visible()
    assert serious_violations(page, axe_source) == []
    _shot(page, "preview")
    page.get_by_role("button", name="Set this rule").click()
    page.get_by_role("button", name="Set the rule").click()
    expect(page.get_by_text("Recordings are erased 1 day after their import")).to_be_visible()
    page.get_by_role("button", name="Keep something in any case").click()
    page.get_by_label("Keep", exact=True).select_option("project")
    page.get_by_label("Why it is kept").fill("A court has asked for it")
    _shot(page, "hold")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("Kept: the whole project")).to_be_visible()
    expect(page.get_by_text("A hold keeps 1 recording.")).to_be_visible()
    expect(page.get_by_text("will be erased")).to_have_count(0)
    assert serious_violations(page, axe_source) == []
    _shot(page, "rule")


def _csv() -> bytes:
    from tests.samples import csv_file

    return csv_file(1)
