"""What axe, the accessibility checker, finds on the page that is shown."""

from playwright.sync_api import Page


def serious_violations(page: Page, axe_source: str) -> list[tuple[str, str]]:
    """Return the rules that are seriously violated, each with the first element that does so."""
    page.evaluate(axe_source)
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        (item["id"], item["nodes"][0]["html"][:200])
        for item in result["violations"]
        if item["impact"] in ("serious", "critical")
    ]
