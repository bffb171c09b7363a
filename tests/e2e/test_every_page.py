"""Every page, in each of its states: no fault that axe finds, light and dark, on a desk and a phone, by keyboard alone.

One platform and one tab a kind of visitor; each place is opened once and then looked at in all these ways: by all of
axe once on a desk and once on a phone, by contrast alone where only the colours are others. One goes from place to
place as by a link, without loading all of the page anew, unless something was done on the same page.
"""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.accessibility import CONTRAST, note_shown, violations, violations_of_another_width
from tests.e2e.keyboard import not_reached
from tests.e2e.world.pictures import window
from tests.e2e.world.places import PLACES, Place, routes, shows
from tests.e2e.world.tab import Tab
from tests.e2e.world.world import World, make
from tests.exchange.webdav_servers import Server

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, webdav: Server) -> World:
    return make(tmp_path_factory.mktemp("world"), webdav)


@pytest.fixture(scope="module")
def tabs(browser: Browser, world: World) -> Iterator[dict[bool, Tab]]:
    """A tab of the admin and one of somebody who has not signed in, of a platform on which people sign in."""
    with (
        world.running("--no-workers", mode="server") as platform,
        window(browser, world, platform.address, signed_in=True) as own,
        window(browser, world, platform.address, signed_in=False) as outside,
    ):
        yield {True: Tab(own.new_page(), world), False: Tab(outside.new_page(), world)}


def test_every_route_of_the_page_has_a_place_here() -> None:
    found = routes()
    assert len(found) > 30
    missing = {route for route in found if not any(shows(place, route) for place in PLACES)}
    assert missing - {"*"} == set()


def test_no_two_places_have_one_name() -> None:
    assert len({place.name for place in PLACES}) == len(PLACES)


def test_a_tab_is_where_it_was_sent(tabs: dict[bool, Tab]) -> None:
    for name, title in (("recordings", "Recordings"), ("runs", "Train"), ("models-empty", "Models")):
        tabs[True].go(next(place for place in PLACES if place.name == name))
        expect(tabs[True].page).to_have_title(f"{title} · ExChanGeAI", timeout=1)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_a_page_is_there_for_all(tabs: dict[bool, Tab], axe_source: str, place: Place) -> None:
    found = _looked_at(tabs[place.signed_in], place, axe_source)
    assert not found, json.dumps(found, indent=1)


def _looked_at(tab: Tab, place: Place, axe_source: str) -> dict[str, object]:
    """Return what is wrong with a place, by the way in which it was looked at."""
    page = tab.page
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light")
    tab.go(place)
    found: dict[str, object] = {"light, on a desk": violations(page, axe_source)}
    if place.act is None:
        found["keyboard"] = not_reached(page)
    note_shown(page)
    page.emulate_media(color_scheme="dark")
    found["dark, on a desk"] = violations(page, axe_source, CONTRAST)
    page.set_viewport_size(PHONE)
    page.evaluate("document.activeElement?.blur()")  # what Tab came to last explains itself in a tooltip
    expect(page.get_by_role("tooltip")).to_have_count(0)
    found["dark, on a phone"] = violations_of_another_width(page, axe_source)
    width = page.evaluate("document.documentElement.scrollWidth")
    found["wider than a phone"] = width if width > PHONE["width"] else 0
    return {how: what for how, what in found.items() if what}
