"""A person at the page, with mouse and keys or with a finger, and the steps of the way from a folder to a model."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.api_calls import Api
from tests.e2e.lists import choose
from tests.samples import wfdb_pair

TRAINING_MS = 300_000
LABELS = ("SR", "AFIB")
TINY = {"Filters": "4", "Depth": "1", "Maximum epochs": "1", "Batch size": "16", "Learning rate": "0.002"}


def folder_of_ecgs(folder: Path, n: int) -> list[Path]:
    """Write `n` ECGs of ten seconds that differ in nothing but noise and the place of the first beat."""
    folder.mkdir()
    for number in range(n):
        header, samples = wfdb_pair(f"ecg{number:02}", seed=number)
        (folder / f"ecg{number:02}.hea").write_bytes(header)
        (folder / f"ecg{number:02}.dat").write_bytes(samples)
    return sorted(folder.iterdir())


class Person:
    """Who uses the page: what the page offers is clicked, or tapped where there is a touch screen and no keyboard."""

    def __init__(self, page: Page, *, touch: bool = False) -> None:
        self.page = page
        self.touch = touch

    def press(self, what: Locator) -> None:
        if self.touch:
            what.tap()
        else:
            what.click()

    def go(self, step: str) -> None:
        """Go to a step of the project by its navigation."""
        self.press(
            self.page.get_by_role("navigation", name="Steps of the project").get_by_role("link", name=re.compile(step))
        )

    def make_project(self, name: str) -> str:
        """Make a project and return its id."""
        self.page.goto("/")
        self.press(self.page.get_by_role("button", name="New project").first)
        self.page.get_by_label("Name").fill(name)
        self.press(self.page.get_by_role("button", name="Create project"))
        expect(self.page.get_by_role("heading", name="Recordings", exact=True)).to_be_visible()
        return self.page.url.split("/")[4]

    def upload(self, files: Sequence[Path] | Path, n: int) -> None:
        """Choose files, or a folder, and wait until `n` recordings are there."""
        kind = "Folder" if isinstance(files, Path) else "Files"
        self.page.get_by_label(f"{kind} to upload").set_input_files(files)
        expect(self.page.get_by_text("Upload finished")).to_be_visible(timeout=180_000)
        expect(self.page.get_by_text(f"{n} recordings", exact=True).first).to_be_visible()

    def make_label_set(self, name: str, *, readers: int = 1, blind: bool = False) -> None:
        self.go("Labels")
        self.press(self.page.get_by_role("button", name="New label set"))
        dialog = self.page.get_by_role("dialog", name="New label set")
        dialog.get_by_role("textbox", name="Name", exact=True).fill(name)
        for number, label in enumerate(LABELS, 1):
            dialog.get_by_role("textbox", name=f"Name of label {number}").fill(label)
        if readers > 1:
            dialog.get_by_label("Readers for each ECG").fill(str(readers))
        if blind:
            self.press(dialog.get_by_role("checkbox", name=re.compile("^Blind")))
        self.press(dialog.get_by_role("button", name="Make label set"))
        expect(self.page.get_by_role("article", name=name, exact=True)).to_be_visible()

    def label(self, number: int) -> None:
        """Give the ECG in hand the label of that number, once it can be read."""
        expect(self.page.get_by_role("region", name="Your reading")).to_have_attribute("aria-busy", "false")
        if self.touch:
            labels = self.page.get_by_role("region", name="Your reading").get_by_role("group", name="Labels")
            labels.get_by_role("button", name=LABELS[number - 1]).tap()
        else:
            self.page.keyboard.press(str(number))

    def freeze(self, name: str, version: int) -> str:
        """Make a dataset of a label set as it stands and return its name."""
        card = self.page.get_by_role("article", name=name, exact=True)
        self.press(card.get_by_role("button", name="Make a dataset"))
        self.press(self.page.get_by_role("button", name="Make dataset"))
        expect(self.page.get_by_role("article", name=f"{name} v{version}")).to_be_visible()
        return f"{name} v{version}"

    def train(self, **changes: str) -> None:
        """Fill the form of a training that is open, with one test part, a small network and few epochs; start it."""
        self.choose("Architecture", re.compile("^InceptionTime"))
        self.press(self.page.get_by_role("radio", name=re.compile("^One test part")))
        self.press(self.page.get_by_role("button", name="Advanced settings"))
        for name, value in (TINY | changes).items():
            self.page.get_by_label(name, exact=True).fill(value)
        self.press(self.page.get_by_role("button", name="Start training"))
        expect(self.page).to_have_url(re.compile("/runs/[0-9a-f]{32}$"))

    def open_model(self) -> None:
        """Wait for the training that is shown and open its model."""
        ready = self.page.get_by_role("link", name="Open the model")
        expect(ready).to_be_visible(timeout=TRAINING_MS)
        self.press(ready)
        expect(self.page.get_by_role("link", name="Evaluate", exact=True)).to_be_visible()

    def choose(self, label: str, option: str | re.Pattern[str]) -> None:
        choose(self.page, label, option)


def names_of(recordings: list[dict[str, Any]]) -> list[str]:
    """Return the names of the files of recordings, without the folder that they were chosen in."""
    return [str(one["file_name"]).rpartition("/")[2] for one in recordings]


def labels_of(api: Api, label_set: str, reader: str) -> dict[str, str]:
    """Return what a reader has said last of each recording, by file name, as the API has it."""
    said = api.get(f"/annotations/{label_set}/readings", reader=reader, size=200)["items"]
    recordings = api.recordings(size=200)
    names = dict(zip((one["id"] for one in recordings), names_of(recordings), strict=True))
    last = sorted(said, key=lambda one: int(one["number"]))  # what was said later covers what was said before
    return {names[one["recording_id"]]: one["labels"][0] for one in last}
