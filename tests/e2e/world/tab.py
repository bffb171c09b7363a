"""A tab in which somebody goes from place to place."""

from playwright.sync_api import Page, Request

from tests.e2e.world import acts
from tests.e2e.world.places import Place
from tests.e2e.world.world import World

QUIET_MS, LOOKS = 40, 3  # nothing on its way at so many looks in a row, so far apart; each waits for two frames
PATIENCE = 600  # looks
IN_THE_FRAME = (acts.tray, acts.shortcuts)  # what is done beside the page, and stays when one goes to another


class Tab:
    """One tab, and what it waits for; a page is loaded anew where something was done on it."""

    def __init__(self, page: Page, world: World) -> None:
        self.page, self._world = page, world
        self._before: Place | None = None
        self._waits: set[Request] = set()
        page.on("request", self._begun)
        page.on("requestfinished", lambda one: self._waits.discard(one))
        page.on("requestfailed", lambda one: self._waits.discard(one))

    def go(self, place: Place) -> None:
        """Go to a place, do there what is done, and wait until nothing is loaded any more."""
        before, self._before = self._before, None  # until one is there
        if before is None or before.act in IN_THE_FRAME or (before.act and before.path == place.path):
            self.page.goto(place.address(self._world), wait_until="domcontentloaded")
        else:
            self.page.evaluate(FOLLOW, place.address(self._world))
        self._wait()
        if place.act:
            place.act(self.page)
            self._wait()
        self._before = place

    def _begun(self, one: Request) -> None:
        if one.resource_type != "eventsource":  # which does not end
            self._waits.add(one)

    def _wait(self) -> None:
        """Wait until the place is drawn and nothing is on its way."""
        quiet = 0
        for _ in range(PATIENCE):
            drawn = self.page.evaluate(DRAWN)
            quiet = quiet + 1 if drawn and not self._waits else 0
            if quiet == LOOKS:
                return
            self.page.wait_for_timeout(QUIET_MS)
        raise AssertionError(f"{self.page.url} is not there: {[one.url for one in self._waits]}")


# As the back button does it: the router reads the address.
FOLLOW = """(address) => {
  history.pushState(null, "", address);
  dispatchEvent(new PopStateEvent("popstate", { state: null }));
}"""

# Whether there is a heading and nothing stands for what is yet to come, after two frames.
DRAWN = """async () => {
  for (let n = 0; n < 2; n++) await new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
  return document.querySelector("h1") !== null && document.querySelector(".mantine-Skeleton-root") === null;
}"""
