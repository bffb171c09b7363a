"""What axe, the accessibility checker, finds on the page that is shown."""

from collections.abc import Collection

from playwright.sync_api import Page

LOOKS, PAUSE_MS = 5, 500
SERIOUS = ("serious", "critical")
CONTRAST = ("color-contrast",)
"""What changes with the scheme of colours."""
Found = list[tuple[str, str]]


def serious_violations(page: Page, axe_source: str) -> Found:
    """Return the rules that are seriously violated, each with the first element that does so."""
    return _stays(page, axe_source, (), SERIOUS)


def violations(page: Page, axe_source: str, rules: Collection[str] = ()) -> Found:
    """Return the rules that are violated, however slightly: all that axe knows, or only some."""
    return _stays(page, axe_source, rules, (*SERIOUS, "moderate", "minor"))


def _stays(page: Page, axe_source: str, rules: Collection[str], impacts: Collection[str]) -> Found:
    """Return what is found and stays.

    What fades in or unfolds is pale on its way, so what is found is looked at again: only what stays counts.
    """
    page.evaluate(f"if (!window.axe) {{ {axe_source} }}")
    found = _found(page, rules, impacts)
    for _ in range(LOOKS - 1):
        if not found:
            break
        page.wait_for_timeout(PAUSE_MS)
        found = _found(page, rules, impacts)
    return found


def _found(page: Page, rules: Collection[str], impacts: Collection[str]) -> Found:
    wanted = {"resultTypes": ["violations"]} | ({"runOnly": {"type": "rule", "values": list(rules)}} if rules else {})
    result = page.evaluate("wanted => axe.run(document, wanted)", wanted)
    return [(item["id"], item["nodes"][0]["html"][:200]) for item in result["violations"] if item["impact"] in impacts]
