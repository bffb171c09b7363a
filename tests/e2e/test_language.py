"""The page as a browser set to German gets it, and the switch in its header."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api_calls import Api


@pytest.fixture
def german(browser: Browser, platform: str) -> Iterator[Page]:
    context = browser.new_context(base_url=platform, locale="de-AT", viewport={"width": 390, "height": 844})
    faults: list[str] = []
    context.on("weberror", lambda error: faults.append(f"page error: {error.error}"))
    yield context.new_page()
    context.close()
    assert faults == []


def test_a_german_browser_gets_a_german_page_and_keeps_what_is_chosen(german: Page, api: Api) -> None:
    german.goto(f"/projects/{api.new_project()}/privacy")
    expect(german.get_by_role("heading", level=1)).to_have_text("Datenschutz")
    expect(german.locator("html")).to_have_attribute("lang", "de")
    expect(german.get_by_text("Nur für Forschungszwecke.")).to_be_visible()
    assert german.evaluate("document.documentElement.scrollWidth") <= 390
    switch = german.get_by_role("button", name="EN", exact=True)
    expect(switch).to_have_attribute("lang", "en")
    switch.click()
    expect(german.get_by_role("heading", level=1)).to_have_text("Privacy")
    expect(german.locator("html")).to_have_attribute("lang", "en")
    german.goto("/")
    expect(german.get_by_text("For research use only.")).to_be_visible()
    german.get_by_role("button", name="DE", exact=True).click()
    expect(german.get_by_role("button", name=re.compile("^Aufträge"))).to_be_visible()


def test_an_english_page_asks_for_no_german_texts_and_a_german_one_for_the_shells_first(german: Page, api: Api) -> None:
    asked: list[str] = []
    german.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1]))
    german.goto(f"/projects/{api.new_project()}/privacy")
    expect(german.get_by_role("heading", level=1)).to_have_text("Datenschutz")
    shell = next(place for place, name in enumerate(asked) if name.startswith("shell-"))
    page = next(place for place, name in enumerate(asked) if name.startswith("PrivacyPage-"))
    others = [place for place, name in enumerate(asked) if re.match(r"(training|results|labels)-", name)]
    assert shell < page
    assert others
    assert max(others) < page
    asked.clear()
    german.get_by_role("button", name="EN", exact=True).click()
    expect(german.get_by_role("heading", level=1)).to_have_text("Privacy")
    assert not [name for name in asked if re.match(r"(shell|training|results|labels)-", name)]
