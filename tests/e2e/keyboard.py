"""Whether all that can be pressed on the page that is shown is reached with the Tab key."""

from playwright.sync_api import Page


def not_reached(page: Page) -> list[str]:
    """Return the beginnings of the controls that Tab does not come to, forwards or backwards."""
    wanted = page.evaluate(COUNT_CONTROLS)
    reached: set[int] = {-1}
    page.evaluate("document.activeElement?.blur()")
    # Forwards, then backwards: a chart that is drawn while one passes it may move the place where Tab goes on.
    for key in ["Tab"] * (wanted + 40) + ["Shift+Tab"] * (2 * wanted + 80):
        if len(reached) > wanted:
            break
        page.keyboard.press(key)
        reached.add(page.evaluate("Number(document.activeElement?.dataset?.control ?? -1)"))
    found: list[str] = page.evaluate(
        "numbers => numbers.map(n => document.querySelector(`[data-control='${n}']`)?.outerHTML.slice(0, 150) ?? '')",
        sorted(set(range(wanted)) - reached),
    )
    return [one for one in found if one]


# Numbers all visible, enabled controls; a group of radio buttons is one stop of the tab key.
COUNT_CONTROLS = """() => {
  const seen = new Set();
  let number = 0;
  for (const element of document.querySelectorAll("a[href], button, input, select, textarea, summary")) {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    if (element.disabled || element.type === "hidden" || !box.width || !box.height) continue;
    if (style.visibility === "hidden" || element.closest("[aria-hidden='true'], [inert]")) continue;
    if (element.tabIndex < 0) continue;
    if (element.type === "radio") {
      if (!element.checked || seen.has(element.name)) continue;
      seen.add(element.name);
    }
    element.dataset.control = String(number++);
  }
  return number;
}"""
