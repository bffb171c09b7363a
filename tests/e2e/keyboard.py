"""Whether all that can be pressed on the page that is shown is reached with the Tab key."""

from playwright.sync_api import Page


def not_reached(page: Page) -> list[str]:
    """Return the beginnings of the controls that Tab does not come to, forwards or backwards."""
    wanted = page.evaluate(COUNT_CONTROLS)
    page.evaluate(NOTE_REACHED)
    reached: set[int] = set()
    # Forwards, then backwards: a chart that is drawn while one passes it may move the place where Tab goes on.
    for key, times in (("Tab", wanted + 5), ("Tab", 35), ("Shift+Tab", wanted + 40), ("Shift+Tab", wanted + 40)):
        if len(reached) >= wanted:
            break
        *held, pressed = key.split("+")
        for one in held:
            page.keyboard.down(one)
        for _ in range(times):  # held down, it repeats itself: half the messages to the browser
            page.keyboard.down(pressed)
        for one in (pressed, *held):
            page.keyboard.up(one)
        reached |= set(page.evaluate("window.reached"))
    found: list[str] = page.evaluate(
        "numbers => numbers.map(n => document.querySelector(`[data-control='${n}']`)?.outerHTML.slice(0, 150) ?? '')",
        sorted(set(range(wanted)) - reached),
    )
    return [one for one in found if one]


# Notes in the page which controls had the focus: to ask after each key would take as long as the keys.
NOTE_REACHED = """() => {
  document.activeElement?.blur();
  document.body.tabIndex = -1; // from the top, wherever one was before
  document.body.focus({ preventScroll: true });
  document.body.removeAttribute("tabindex");
  window.reached = [];
  document.addEventListener("focusin", ({ target }) => {
    const stays = document.activeElement === target;
    if (stays && target.dataset?.control) window.reached.push(Number(target.dataset.control));
  });
}"""

# Numbers all visible, enabled controls; a group of radio buttons is one stop of the tab key.
COUNT_CONTROLS = """() => {
  for (const one of document.querySelectorAll("[data-control]")) delete one.dataset.control;
  const seen = new Set();
  let number = 0;
  for (const element of document.querySelectorAll("a[href], button, input, select, textarea, summary")) {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    if (element.disabled || element.type === "hidden" || !box.width || !box.height) continue;
    // What lies in a fold that is closed has a size, but is not shown.
    if (style.visibility === "hidden" || !element.checkVisibility()) continue;
    if (element.closest("[aria-hidden='true'], [inert]")) continue;
    if (element.tabIndex < 0) continue;
    if (element.type === "radio") {
      if (!element.checked || seen.has(element.name)) continue;
      seen.add(element.name);
    }
    element.dataset.control = String(number++);
  }
  return number;
}"""
