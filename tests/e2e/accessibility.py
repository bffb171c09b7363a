"""What axe, the accessibility checker, finds on the page that is shown."""

from playwright.sync_api import Page

LOOKS, PAUSE_MS = 5, 500


def serious_violations(page: Page, axe_source: str) -> list[tuple[str, str]]:
    """Return the rules that are seriously violated, each with the first element that does so.

    What fades in or unfolds is pale on its way, so what is found is looked at again: only what stays counts.
    """
    page.evaluate(axe_source)
    found = _found(page)
    for _ in range(LOOKS - 1):
        if not found:
            break
        page.wait_for_timeout(PAUSE_MS)
        found = _found(page)
    return found


def _found(page: Page) -> list[tuple[str, str]]:
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        (item["id"], item["nodes"][0]["html"][:200])
        for item in result["violations"]
        if item["impact"] in ("serious", "critical")
    ]
