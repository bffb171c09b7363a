"""What looks over every page finds the faults that are planted for it; a page without them passes."""

import pytest
from playwright.sync_api import Browser

from tests.e2e.accessibility import CONTRAST, note_shown, violations, violations_of_another_width
from tests.e2e.keyboard import not_reached

SOUND = """<!doctype html><html lang="en"><head><title>Sound</title></head><body><main><h1>Ward</h1>
<p style="color: #444">Twelve leads</p><button>Print</button><a href="#x">Next</a></main></body></html>"""


@pytest.mark.parametrize(
    ("before", "after", "rules"),
    [
        ("color: #444", "color: #bbb", {"color-contrast"}),
        ("<button>Print</button>", "<button></button>", {"button-name"}),
        ("<h1>Ward</h1>", "<h1>Ward</h1><h4>Beds</h4>", {"heading-order"}),  # moderate, no more
        ("<main>", "<header>a</header><header>b</header><main>", {"landmark-no-duplicate-banner", "landmark-unique"}),
        (' lang="en"', "", {"html-has-lang"}),
    ],
)
def test_axe_finds_what_is_planted(browser: Browser, axe_source: str, before: str, after: str, rules: set[str]) -> None:
    page = browser.new_page()
    page.set_content(SOUND)
    assert violations(page, axe_source) == []
    page.set_content(SOUND.replace(before, after))
    assert {rule for rule, _ in violations(page, axe_source)} == rules
    only = {rule for rule, _ in violations(page, axe_source, CONTRAST)}
    assert only == rules & set(CONTRAST)
    page.close()


@pytest.mark.parametrize(
    ("more", "rules"),
    [
        ('<p class="narrow" style="color: #bbb">Beds</p>', {"color-contrast"}),
        ('<p class="narrow" style="color: #444">Beds</p>', set()),
        ('<button class="narrow"></button>', {"button-name"}),
        ('<p style="color: #bbb">Beds</p>', set()),  # shown on the desk too, where it was looked at
    ],
)
def test_of_another_width_the_contrast_of_what_only_it_shows_is_looked_at(
    browser: Browser, axe_source: str, more: str, rules: set[str]
) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    style = "<style>@media (min-width: 800px) { .narrow { display: none } }</style></head>"
    page.set_content(SOUND.replace("</head>", style).replace("</main>", f"{more}</main>"))
    note_shown(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert {rule for rule, _ in violations_of_another_width(page, axe_source)} == rules
    page.close()


def test_a_pale_colour_of_the_dark_scheme_is_found(browser: Browser, axe_source: str) -> None:
    page = browser.new_page(color_scheme="light")
    style = "<style>@media (prefers-color-scheme: dark) { p { color: #bbb !important } }</style></head>"
    page.set_content(SOUND.replace("</head>", style))
    assert violations(page, axe_source) == []
    page.emulate_media(color_scheme="dark")
    assert {rule for rule, _ in violations(page, axe_source, CONTRAST)} == {"color-contrast"}
    page.close()


def test_a_control_that_tab_does_not_come_to_is_found(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(SOUND)
    assert not_reached(page) == []
    trap = "<script>document.querySelector('a').addEventListener('focus', (e) => e.target.blur())</script>"
    page.set_content(SOUND.replace("</body>", f"{trap}</body>"))
    (lost,) = not_reached(page)
    assert lost.startswith("<a")
    page.close()
