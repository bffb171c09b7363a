"""Choosing from the lists of the page."""

import re

from playwright.sync_api import Locator, Page


def choose(where: Page | Locator, label: str, option: str | re.Pattern[str]) -> None:
    """Open the list of that label and choose an option; the options open beside the page's content."""
    where.get_by_role("combobox", name=label, exact=True).or_(where.get_by_label(label, exact=True)).first.click()
    page = where if isinstance(where, Page) else where.page
    page.get_by_role("option", name=option).first.click()


def chosen(page: Page, label: str) -> Locator:
    """Return what is chosen in a list of the browser's own."""
    return page.get_by_role("combobox", name=label, exact=True).locator("option:checked")
