"""Labelling on the page: by keys alone, over a line that breaks, by two readers, to a dataset that trains."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.api_calls import Api
from tests.e2e.accessibility import serious_violations
from tests.label_sets import Readers
from tests.samples import csv_file

N, FEW = 40, 12
LABELS = ("NORM", "AFIB", "MI")
READINGS = re.compile(r"/annotations/\w+/readings/\w+")


@pytest.fixture
def ward(api: Api) -> Api:
    """A project of its own with a few short ECGs, each of another shape."""
    api.project = api.new_project(name="Ward")
    _upload(api, range(FEW))
    return api


def _upload(api: Api, numbers: range) -> None:
    api.upload({f"{n:03}.csv": csv_file(n, 1000) for n in numbers}, rate="100")


@pytest.fixture
def colleague(browser: Browser, platform: str) -> Iterator[Page]:
    """The page in the browser of another reader."""
    with browser.new_context(locale="en-GB", base_url=platform, viewport={"width": 1440, "height": 900}) as context:
        context.set_default_timeout(20_000)
        yield context.new_page()


def _open(page: Page, readers: Readers, reader: str, where: str = "read") -> None:
    page.goto(f"/projects/{readers.api.project}/labels/{readers.set['id']}/{where}")
    page.get_by_role("textbox", name="Who reads?").fill(reader)
    page.keyboard.press("Enter")


def _ready(page: Page, name: str) -> None:
    """Wait until the ECG of that name is drawn and can be labelled."""
    expect(page.get_by_role("img", name=re.compile(re.escape(name)))).to_be_visible()
    expect(page.get_by_role("region", name="Your reading")).to_have_attribute("aria-busy", "false")


def _mine(readers: Readers, reader: str) -> dict[str, list[str]]:
    """Return what a reader has said last of each recording that they have finished."""
    found: dict[str, list[str]] = {}
    for number in range(len(readers.ids)):
        if (said := readers.seen_by(reader, number)["mine"]) and said["done"]:
            found[f"{number:03}.csv"] = said["labels"]
    return found


def test_ecgs_are_labelled_by_keys_over_a_line_that_breaks_and_none_is_lost(
    page: Page, context: BrowserContext, ward: Api, axe_source: str
) -> None:
    _upload(ward, range(FEW, N))
    readers = Readers(ward, labels=list(LABELS))
    tries = 0

    def broken(route: Route) -> None:
        nonlocal tries
        tries += 1
        if tries % 7 == 3:
            route.abort()  # it never comes there
        elif tries % 7 == 5:
            route.fetch()  # it is kept, but the answer is lost
            route.abort()
        else:
            route.continue_()

    context.route(READINGS, broken)
    _open(page, readers, "Dr. Anna")
    begun = time.monotonic()
    for n in range(N):
        _ready(page, f"{n:03}.csv")
        page.keyboard.press(str(1 + n % 3))
    seconds = time.monotonic() - begun
    expect(page.get_by_text("No more ECGs wait for you")).to_be_visible()
    expect(page.get_by_text("All saved")).to_be_visible()
    assert _mine(readers, "Dr. Anna") == {f"{n:03}.csv": [LABELS[n % 3]] for n in range(N)}
    history = readers.get("/readings", reader="Dr. Anna", size=100)
    assert history["total"] == N, "each key is kept once"
    assert tries > N
    assert seconds < 60 * N / 100 * 5, f"{seconds:.0f} s for {N} ECGs"  # a busy machine is slow, not wrong
    assert serious_violations(page, axe_source) == []


def test_what_could_not_be_sent_survives_a_reload_and_undo_goes_back(
    page: Page, context: BrowserContext, ward: Api
) -> None:
    readers = Readers(ward, labels=list(LABELS), task="multi_label")
    _open(page, readers, "Dr. Anna")
    _ready(page, "000.csv")
    context.route(READINGS, lambda route: route.abort())
    for key in ("1", "3", "Enter"):
        page.keyboard.press(key)
    _ready(page, "001.csv")
    page.keyboard.press("2")
    page.keyboard.press("u")  # not AFIB
    page.keyboard.press("Enter")  # none of the labels
    _ready(page, "002.csv")
    expect(page.get_by_role("status", name="Saving")).to_contain_text("6 readings not saved yet")
    expect(page.get_by_text("is kept in this browser, also if you close it")).to_be_visible()
    assert readers.get("/readings", reader="Dr. Anna")["total"] == 0
    page.reload()
    expect(page.get_by_role("status", name="Saving")).to_contain_text("6 readings not saved yet")
    context.unroute(READINGS)
    expect(page.get_by_text("All saved")).to_be_visible()
    assert _mine(readers, "Dr. Anna") == {"000.csv": ["MI", "NORM"], "001.csv": []}


def test_a_note_and_a_region_are_made_by_keys_alone_and_a_region_with_the_pointer(
    page: Page, ward: Api, axe_source: str
) -> None:
    readers = Readers(ward, labels=list(LABELS))
    _open(page, readers, "Dr. Anna")
    _ready(page, "000.csv")
    page.keyboard.press("n")
    page.keyboard.type("Late R wave 1 2 3")  # digits in a note are no labels
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.get_by_role("textbox", name="From (ms)")).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("400")
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("620")
    page.keyboard.press("Tab")
    page.keyboard.type("V2")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert serious_violations(page, axe_source) == []
    page.get_by_role("button", name="Keep region").press("Enter")
    marked = page.get_by_role("list", name="Marked regions")
    expect(marked).to_contain_text("P wave: 400 to 620 ms, V2")

    page.get_by_role("button", name="Mark a region").click()
    sheet = page.get_by_role("img", name=re.compile("000.csv")).bounding_box()
    assert sheet is not None
    x, y = sheet["x"] + 0.2 * sheet["width"], sheet["y"] + 0.15 * sheet["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y, steps=3)
    page.mouse.up()
    page.get_by_role("button", name="Keep region").click()
    expect(marked.get_by_role("listitem")).to_have_count(2)
    page.keyboard.press("2")
    _ready(page, "001.csv")
    expect(page.get_by_text("All saved")).to_be_visible()
    said = readers.seen_by("Dr. Anna", 0)["mine"]
    assert (said["labels"], said["note"]) == (["AFIB"], "Late R wave 1 2 3")
    assert said["regions"][0] == {"label": "P wave", "from_ms": 400, "to_ms": 620, "leads": ["V2"]}
    drawn = said["regions"][1]
    assert drawn["leads"] == ["I"]
    assert 0 < drawn["from_ms"] < drawn["to_ms"] < 2500


def test_two_blind_readers_disagree_one_decides_and_a_dataset_is_made(
    page: Page, colleague: Page, ward: Api, axe_source: str
) -> None:
    readers = Readers(ward, labels=["NORM", "AFIB"], n_readers=2, blind=True)
    for n in range(FEW):
        readers.say("Dr. Bert", n, "NORM" if n % 2 else "AFIB")
    readers.say("Dr. Anna", 0, "AFIB")
    for n in range(4, FEW):  # the same as Bert, but for 4 and 9
        readers.say("Dr. Anna", n, "NORM" if (n % 2 and n != 9) or n == 4 else "AFIB")
    _open(page, readers, "Dr. Anna")
    expect(page.get_by_text("Blind", exact=True)).to_be_visible()
    for key in ("1", "2", "1"):  # of 1, 2 and 3; Bert said NORM, AFIB, NORM
        expect(page.get_by_role("region", name="Your reading")).to_have_attribute("aria-busy", "false")
        expect(page.get_by_text("Bert")).to_have_count(0)
        assert page.get_by_text(re.compile(r"00\d\.csv")).count() == 0
        left = page.get_by_role("img", name=re.compile("name hidden"))
        expect(left).to_be_visible()
        before = page.url
        page.keyboard.press(key)
        assert page.url == before
    expect(page.get_by_text("No more ECGs wait for you")).to_be_visible()
    expect(page.get_by_text("All saved")).to_be_visible()
    assert readers.get("/disagreements")["total"] == 2

    _open(colleague, readers, "Dr. Chief", "readers")
    decision = colleague.get_by_role("region", name="Decision")
    for n, (label, key) in enumerate([("NORM", "1"), ("AFIB", "2")]):
        expect(decision).to_contain_text("Dr. Anna:")
        expect(decision).to_contain_text("Dr. Bert:")
        expect(decision.get_by_role("button", name=label)).to_be_enabled()
        if n == 0:
            assert serious_violations(colleague, axe_source) == []
        colleague.keyboard.press(key)
        if n == 0:
            expect(decision.get_by_role("button", name=label)).to_have_attribute("aria-pressed", "false")
    expect(colleague.get_by_text("Nothing to decide")).to_be_visible()
    table = colleague.get_by_role("table", name="Dr. Anna and Dr. Bert")
    told = table.get_by_role("row", name=re.compile("All labels")).get_by_role("cell")
    expect(told).to_have_text(["All labels", "12", "12", "10", re.compile(r"^0\.67 \(−?0\.\d\d to 0\.\d\d\)$")])

    colleague.goto(f"/projects/{ward.project}/labels")
    card = colleague.get_by_role("article", name="Rhythm", exact=True)
    expect(card).to_contain_text("12 of 12 ECGs read, 12 by more than one reader · 2 decided")
    card.get_by_role("button", name="Make a dataset").click()
    colleague.get_by_role("button", name="Make dataset").click()
    made = colleague.get_by_role("article", name="Rhythm v1")
    expect(made).to_contain_text("given on the page (Rhythm, version 1)")
    assert serious_violations(colleague, axe_source) == []
    (dataset,) = ward.get("/datasets")
    assert dataset["n_matched"] == FEW


def test_a_set_is_made_with_keys_and_codes_and_a_second_window_covers_nothing(
    page: Page, context: BrowserContext, ward: Api, axe_source: str
) -> None:
    page.goto(f"/projects/{ward.project}/labels")
    page.get_by_role("button", name="New label set").click()
    dialog = page.get_by_role("dialog", name="New label set")
    dialog.get_by_role("textbox", name="Name", exact=True).fill("Rhythm")
    dialog.get_by_role("textbox", name="Name of label 1").fill("SR")
    dialog.get_by_role("textbox", name="Key of label 2").fill("a")
    dialog.get_by_role("combobox", name="Code of label 2").fill("AF")
    page.get_by_role("option", name="atrial fibrillation (SNOMED-CT 164889003)").click()
    assert serious_violations(page, axe_source) == []
    dialog.get_by_role("button", name="Make label set").click()
    page.get_by_role("article", name="Rhythm").get_by_role("link", name="Read ECGs").click()
    page.get_by_role("textbox", name="Who reads?").fill("Dr. Anna")
    page.keyboard.press("Enter")
    _ready(page, "000.csv")
    second = context.new_page()
    second.goto(page.url)
    _ready(second, "000.csv")
    second.keyboard.press("a")
    _ready(second, "001.csv")
    expect(second.get_by_text("All saved")).to_be_visible()
    page.keyboard.press("1")
    refused = page.get_by_role("alert")
    expect(refused).to_contain_text("It was read in another window in the meantime: atrial fibrillation")
    expect(refused).to_contain_text("Yours: SR")
    assert serious_violations(page, axe_source) == []
    page.get_by_role("button", name="Keep mine").click()
    expect(refused).to_have_count(0)
    (shown,) = ward.get("/annotations", reader="Dr. Anna")
    assert shown["labels"][1] == {
        "name": "atrial fibrillation", "key": "a", "code": "164889003", "system": "SNOMED-CT",
    }  # fmt: skip
    first = ward.recordings()[0]["id"]
    said = ward.get(f"/annotations/{shown['id']}/recordings/{first}", reader="Dr. Anna")["mine"]
    assert (said["labels"], said["number"]) == (["SR"], 2)
