"""The whole way in one go: folder, look, label, train, mistakes, relabel, train again; with keys, and with a finger."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api_calls import Api
from tests.e2e.journeys import LABELS, TINY, TRAINING_MS, Person, folder_of_ecgs, labels_of, names_of

N = 32
READER = "Dr. Anna"


@pytest.fixture
def phone(browser: Browser, platform: str) -> Iterator[Page]:
    """The page on a phone of 390 pixels with a touch screen."""
    with browser.new_context(
        locale="en-GB", base_url=platform, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True,
        device_scale_factor=2,
    ) as context:  # fmt: skip
        context.set_default_timeout(20_000)
        yield context.new_page()


def test_from_a_folder_to_a_model_and_from_its_mistakes_to_a_better_one(page: Page, api: Api, tmp_path: Path) -> None:
    folder_of_ecgs(tmp_path / "ward", N)
    _journey(Person(page), api, tmp_path / "ward")


def test_the_same_on_a_phone_with_a_finger(phone: Page, api: Api, tmp_path: Path) -> None:
    _journey(Person(phone, touch=True), api, folder_of_ecgs(tmp_path / "ward", N))
    assert phone.evaluate("document.documentElement.scrollWidth") == 390


def _journey(person: Person, api: Api, files: Path | list[Path]) -> None:
    page, press = person.page, person.press

    # A project, a folder of ECGs, and one of them on paper.
    api.project = person.make_project("On a phone" if person.touch else "At a desk")
    person.upload(files, N)
    press(page.get_by_role("link", name=re.compile("ecg00.hea$")).last)
    expect(page.get_by_role("img", name=re.compile("^12-lead ECG"))).to_be_visible()
    expect(page.get_by_text("25 mm/s · 10 mm/mV")).to_be_visible()

    # Labels that no network can learn: the ECGs are alike, and every second one is called AFIB.
    person.make_label_set("Rhythm")
    press(page.get_by_role("article", name="Rhythm", exact=True).get_by_role("link", name="Read ECGs"))
    page.get_by_role("textbox", name="Who reads?").fill(READER)
    press(page.get_by_role("button", name="Start reading"))
    for n in range(N):
        expect(page.get_by_role("img", name=re.compile(f"ecg{n:02}"))).to_be_visible()
        person.label(1 + n % 2)
    expect(page.get_by_text("No more ECGs wait for you")).to_be_visible()
    expect(page.get_by_text("All saved")).to_be_visible()
    (shown,) = api.get("/annotations", reader=READER)
    given = {f"ecg{n:02}.hea": LABELS[n % 2] for n in range(N)}
    assert labels_of(api, shown["id"], READER) == given
    press(page.get_by_role("link", name="To the label sets"))
    person.freeze("Rhythm", 1)

    # Train, and look at what the model takes for something else.
    person.go("Train")
    press(page.get_by_role("link", name="New training").first)
    person.train()
    person.open_model()
    press(page.get_by_role("link", name="Evaluate", exact=True))
    press(page.get_by_role("button", name="Start evaluation"))
    expect(page.get_by_role("table", name="Confusion matrix", exact=True)).to_be_visible(timeout=TRAINING_MS)
    mistakes = page.get_by_role("button", name=re.compile(r"(SR predicted as AFIB|AFIB predicted as SR): show these"))
    press(mistakes.first)
    cell = page.get_by_role("list", name="Recordings of the cell")
    wrong = cell.get_by_role("listitem").first.inner_text().split("\n")[0].rpartition("/")[2]
    known = given[wrong]

    # The first of them is labelled anew, and only that.
    press(page.get_by_role("button", name="Label these"))
    press(page.get_by_role("menuitem", name="Rhythm"))
    expect(page.get_by_text(re.compile("^Only these recordings"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile(wrong.removesuffix(".hea")))).to_be_visible()
    person.label(1 + (known == "SR"))
    expect(page.get_by_text("All saved")).to_be_visible()
    corrected = given | {wrong: "AFIB" if known == "SR" else "SR"}
    assert labels_of(api, shown["id"], READER) == corrected
    person.go("Labels")
    second = person.freeze("Rhythm", 2)

    # Train again: the same form, with the new labels.
    person.go("Train")
    press(page.get_by_role("list", name="Trainings").get_by_role("link").first)
    press(page.get_by_role("link", name="Run again"))
    expect(page.get_by_role("radio", name=re.compile("^One test part"))).to_be_checked()
    person.choose("Label table", second)
    press(page.get_by_role("button", name="Advanced settings"))
    for name, value in TINY.items():
        expect(page.get_by_label(name, exact=True)).to_have_value(value)
    press(page.get_by_role("radio", name=re.compile("^One test part")))
    press(page.get_by_role("button", name="Start training"))
    person.open_model()

    # What came of it: every ECG once, two trainings that differ in one label, two models.
    assert names_of(api.recordings(size=200, sort="file_name")) == list(given)
    new, old = api.get("/runs")
    changed = {name: api.get("/recordings", dataset_id=name, label="SR")["total"] for name in
               (old["dataset_id"], new["dataset_id"])}  # fmt: skip
    assert set(changed.values()) == {N // 2, N // 2 + (1 if known == "AFIB" else -1)}
    assert new["settings"] == old["settings"]
    assert [model["run_id"] for model in api.get("/models")] == [new["id"], old["id"]]
