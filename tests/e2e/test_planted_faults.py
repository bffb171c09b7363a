"""What looks over every page finds the faults that are planted for it; a page without them passes."""

import pytest
from playwright.sync_api import Browser

from tests.e2e.accessibility import CONTRAST, violations
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


def test_a_control_that_tab_does_not_come_to_is_found(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(SOUND)
    assert not_reached(page) == []
    trap = "<script>document.querySelector('a').addEventListener('focus', (e) => e.target.blur())</script>"
    page.set_content(SOUND.replace("</body>", f"{trap}</body>"))
    (lost,) = not_reached(page)
    assert lost.startswith("<a")
    page.close()
