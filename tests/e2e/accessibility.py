"""What axe, the accessibility checker, finds on the page that is shown."""

from collections.abc import Collection
from typing import Any

from playwright.sync_api import Page

LOOKS, PAUSE_MS = 5, 500
SERIOUS = ("serious", "critical")
CONTRAST = ("color-contrast",)
"""What changes with the scheme of colours; it takes two thirds of axe's time."""
Found = list[tuple[str, str]]


def serious_violations(page: Page, axe_source: str) -> Found:
    """Return the rules that are seriously violated, each with the first element that does so."""
    return _stays(page, axe_source, {}, SERIOUS)


def violations(page: Page, axe_source: str, rules: Collection[str] = ()) -> Found:
    """Return the rules that are violated, however slightly: all that axe knows, or only some."""
    return _stays(page, axe_source, {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {})


def violations_of_another_width(page: Page, axe_source: str) -> Found:
    """Return what `violations` does, but the contrast only of what was not shown when `note_shown` was called."""
    other = _stays(page, axe_source, {"rules": {rule: {"enabled": False} for rule in CONTRAST}})
    return other + _stays(page, axe_source, {"runOnly": {"type": "rule", "values": list(CONTRAST)}}, only_new=True)


def note_shown(page: Page) -> None:
    """Note which elements are shown now."""
    page.evaluate(f"() => {{ window.wasShown = new WeakSet({SHOWN}); }}")


def _stays(
    page: Page,
    axe_source: str,
    wanted: dict[str, Any],
    impacts: Collection[str] = (*SERIOUS, "moderate", "minor"),
    *,
    only_new: bool = False,
) -> Found:
    """Return what is found and stays.

    What fades in or unfolds is pale on its way, so what is found is looked at again: only what stays counts.
    """
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(axe_source)
    found = _found(page, wanted, impacts, only_new)
    for _ in range(LOOKS - 1):
        if not found:
            break
        page.wait_for_timeout(PAUSE_MS)
        found = _found(page, wanted, impacts, only_new)
    return found


def _found(page: Page, wanted: dict[str, Any], impacts: Collection[str], only_new: bool) -> Found:
    result = page.evaluate(RUN, [QUICK | wanted, only_new])
    return [(rule, html[:200]) for rule, impact, html in result if impact in impacts]


# No frames are on these pages and no media to be loaded for a rule; nobody reads the selectors.
QUICK = {"resultTypes": ["violations"], "preload": False, "iframes": False, "selectors": False}

# What has words of its own, or a field, and can be seen.
SHOWN = """[...document.querySelectorAll("body *")].filter((one) =>
  one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
  (one.matches("input, select, textarea") ||
    [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())))
"""

RUN = f"""async ([wanted, onlyNew]) => {{
  let where = document;
  if (onlyNew) {{
    const fresh = {SHOWN.strip()}.filter((one) => !window.wasShown.has(one));
    if (!fresh.length) return [];
    where = {{ include: fresh }};
  }}
  const {{ violations }} = await axe.run(where, wanted);
  return violations.map((one) => [one.id, one.impact, one.nodes[0].html]);
}}"""
