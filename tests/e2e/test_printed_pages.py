"""Pages on paper: what they say, in dark ink also where the screen is dark, and without what one presses."""

import base64
from ctypes import c_uint

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from playwright.sync_api import Page, expect

from tests.api_calls import Api
from tests.samples import csv_file

TABLE = "file_name,label\n" + "".join(f"ecg{n}.csv,{'MI' if n % 3 else 'NORM'}\n" for n in range(6))


def test_a_page_is_printed_in_dark_ink_without_its_controls_and_is_dark_again_afterwards(page: Page, api: Api) -> None:
    api.project = api.new_project(name="Ward 11")
    api.upload({f"ecg{n}.csv": csv_file(n, n=5000) for n in range(6)}, rate="500")
    api.dataset(TABLE, name="Read twice")
    page.emulate_media(color_scheme="dark")
    page.goto(f"/projects/{api.project}/labels")
    expect(page.get_by_role("article", name="Read twice")).to_be_visible()
    page.wait_for_load_state("networkidle")
    document = _printed(page)
    text = _text(document)
    for said in ("Ward 11", "Read twice", "NORM", "For research use only"):
        assert said in text
    for pressed in ("New label set", "Statistics", "Deutsch", "Skip to the content"):
        assert pressed not in text
    assert max(_lightest(sheet) for sheet in document) < 160
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")


def test_what_is_data_is_printed_also_where_it_can_be_pressed(page: Page, api: Api) -> None:
    api.project = api.new_project(name="Ward 12")
    api.upload({"flat.csv": csv_file(1, n=1000)}, rate="500")
    page.goto(f"/projects/{api.project}/recordings")
    expect(page.get_by_role("link", name="flat.csv")).to_be_visible()
    page.wait_for_load_state("networkidle")
    text = _text(_printed(page, landscape=True))  # upright, a list has no columns
    for said in ("flat.csv", "File name", "Sampling rate", "500 Hz"):  # one sorts by a column at its head
        assert said in text
    assert "More filters" not in text


def _printed(page: Page, *, landscape: bool = False) -> pdfium.PdfDocument:
    paper = {"paperWidth": 8.27, "paperHeight": 11.69, "landscape": landscape}
    answer = page.context.new_cdp_session(page).send("Page.printToPDF", paper)
    return pdfium.PdfDocument(base64.b64decode(answer["data"]))


def _text(document: pdfium.PdfDocument) -> str:
    return "\n".join(sheet.get_textpage().get_text_range() for sheet in document)


def _lightest(sheet: pdfium.PdfPage) -> float:
    """Return how light the lightest letter is, 0 to 255."""
    found = [0.0]
    for thing in sheet.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
        colour = [c_uint() for _ in range(4)]
        raw.FPDFPageObj_GetFillColor(thing, *colour)
        red, green, blue, _ = (one.value for one in colour)
        found.append(0.299 * red + 0.587 * green + 0.114 * blue)
    return max(found)
