"""Pictures of every place, in both schemes and three widths: `python -m tests.e2e.world.pictures FOLDER [NAME …]`."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.chromium import launched
from tests.e2e.world.places import PLACES, Place
from tests.e2e.world.world import World, make
from tests.exchange.conftest import running

WIDTHS = {390: 844, 1440: 900, 1920: 1080}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SETTLED_MS = 900  # charts are drawn a moment after their data have come


@contextmanager
def window(browser: Browser, world: World, address: str, *, signed_in: bool = True) -> Iterator[BrowserContext]:
    """A window in which the admin has signed in, or nobody."""
    context = browser.new_context(
        locale="en-GB", base_url=address, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
    )
    context.set_default_timeout(20_000)
    if signed_in:
        context.add_cookies([{"name": "exchangeai", "value": world.session, "url": address}])
    yield context
    context.close()


def open_at(page: Page, world: World, place: Place) -> None:
    """Open a place, do there what is done, and wait until nothing is loaded any more."""
    page.goto(place.address(world), wait_until="domcontentloaded")
    page.get_by_role("heading", level=1).first.wait_for()
    page.wait_for_load_state("networkidle")
    if place.act:
        place.act(page)
        page.wait_for_load_state("networkidle")


def take(page: Page, world: World, place: Place, folder: Path, widths: Sequence[int]) -> None:
    """Take one place in each width and both schemes."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": widths[0], "height": WIDTHS[widths[0]]})
    open_at(page, world, place)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in widths:
            page.set_viewport_size({"width": width, "height": WIDTHS[width]})
            page.wait_for_timeout(SETTLED_MS)
            page.screenshot(path=folder / f"{place.name}-{width}-{scheme}.png", full_page=True)


def take_all(world: World, folder: Path, names: Sequence[str], mode: str, widths: Sequence[int]) -> None:
    """Take the places that such a platform shows."""
    chosen = [one for one in PLACES if one.only_server == (mode == "server") and (one.name in names or not names)]
    if not chosen:
        return
    with world.running(mode=mode) as platform, launched() as browser:
        for place in chosen:
            with window(browser, world, platform.address, signed_in=place.signed_in) as context:
                take(context.new_page(), world, place, folder, widths)


def main(folder: Path, names: Sequence[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as place, running("wsgidav") as webdav:
        world = make(Path(place), webdav, n=240, epochs=12)
        for mode in ("local", "server"):
            take_all(world, folder, names, mode, list(WIDTHS))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
