"""What a person does on a page before it is looked at."""

import re

from playwright.sync_api import Page

from tests.e2e.world.people import ADMIN, PEOPLE


def _button(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def new_project(page: Page) -> None:
    _button(page, "New project")
    page.get_by_role("dialog").get_by_role("textbox", name="Name").fill("Ward 12")


def tray(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Jobs")).click()
    page.get_by_role("list", name="Jobs of all projects").wait_for()


def predict(page: Page) -> None:
    choice = page.get_by_role("combobox", name="Model")
    choice.click()
    page.get_by_role("option", name="InceptionTime, all labels").first.click()
    _button(page, "Predict this recording")
    page.get_by_label("Result of the prediction").wait_for()


def _view(page: Page, name: str) -> None:
    page.get_by_label("Show", exact=True).select_option(label=name)


def waves(page: Page) -> None:
    _view(page, "Tracing with waves")


def beats(page: Page) -> None:
    _view(page, "Beats superimposed")


def model_sees(page: Page) -> None:
    choice = page.get_by_label("Filter", exact=True)
    choice.locator("option[value^=model]").last.wait_for(state="attached")
    choice.select_option(choice.locator("option").last.get_attribute("value"))


def calipers(page: Page) -> None:
    # A view stays from one place to the next, and not all have a time that can be measured.
    page.get_by_role("combobox", name="Show", exact=True).select_option(index=0)
    _button(page, "Calipers")
    page.get_by_role("slider").first.wait_for()


def shortcuts(page: Page) -> None:
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()


def new_label_set(page: Page) -> None:
    _button(page, "New label set")


def say_who(page: Page) -> None:
    """Say who reads, where nobody has signed in."""
    name = page.get_by_role("textbox", name="Who reads?")
    page.get_by_text(re.compile("^Read by|^Who reads")).first.wait_for()
    if name.is_visible():
        name.fill("Dr. Berg")
        page.keyboard.press("Enter")
        name.wait_for(state="detached")


def read(page: Page) -> None:
    """Give a label and begin to mark a region."""
    say_who(page)
    page.locator("[aria-label='Your reading'][aria-busy=false]").wait_for()
    for key in ("1", "r"):
        page.keyboard.press(key)


def advanced(page: Page) -> None:
    _button(page, "Advanced settings")


def card(page: Page) -> None:
    page.get_by_text("Show the model card, which is part of the model package").click()
    page.get_by_role("region", name="Model card").get_by_role("heading").first.wait_for()


def add_exchange(page: Page) -> None:
    _button(page, "Add an exchange")


def new_key(page: Page) -> None:
    _button(page, "New API key")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill("Cart in the emergency room")
    dialog.get_by_role("button", name="Make the key").click()
    page.locator("code").first.wait_for()


def retention(page: Page) -> None:
    """Look what a rule would erase, and what is found of a patient."""
    page.get_by_label("Erase after days").fill("3650")
    page.get_by_label("Reason").fill("Ten years, as the ethics committee has asked (vote 12/2026)")
    _button(page, "Look what it would do")
    page.get_by_text("With 3650 days").or_(page.get_by_text("With 3,650 days")).first.wait_for()


def refused(page: Page) -> None:
    page.get_by_label("Name").fill(ADMIN)
    page.get_by_role("textbox", name="Password").fill(f"of {PEOPLE[0]}")
    _button(page, "Sign in")
    page.get_by_role("alert").wait_for()
