"""Two people with accounts of their own read the same ECGs blind; a third decides where they differ, and sees kappa."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessibility import serious_violations
from tests.e2e.journeys import LABELS, Person, folder_of_ecgs, names_of
from tests.e2e.signing_in import choose_password, first_link
from tests.platform_process import Platform, running_platform

N = 12
ANNA = [n % 2 for n in range(N)]
BERT = [1 - label if n in (1, 4) else label for n, label in enumerate(ANNA)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Platform]:
    """A platform in server mode."""
    with running_platform(tmp_path, "--no-workers", mode="server") as running:
        yield running


@pytest.fixture
def pages(browser: Browser, house: Platform) -> Iterator[list[Page]]:
    """The page in the browsers of three people, each on a machine of their own."""
    with ExitStack() as windows:
        wanted = {"locale": "en-GB", "base_url": house.address, "viewport": {"width": 1440, "height": 900}}
        contexts = [windows.enter_context(browser.new_context(**wanted)) for _ in range(3)]  # type: ignore[arg-type]
        for context in contexts:
            context.set_default_timeout(20_000)
        yield [context.new_page() for context in contexts]


def test_two_accounts_read_blind_a_third_decides_and_kappa_is_told(
    house: Platform, pages: list[Page], tmp_path: Path, axe_source: str
) -> None:
    chief, *readers = pages
    choose_password(chief, first_link(house))
    person = Person(chief)
    project = person.make_project("Ward")
    person.upload(folder_of_ecgs(tmp_path / "ward", N), N)
    person.make_label_set("Rhythm", readers=2, blind=True)
    for name, page in zip(("anna", "bert"), readers, strict=True):
        link = _call(chief, "POST", "/api/v1/users", {"name": name, "is_admin": False})["link"]["path"]
        _call(chief, "PUT", f"/api/v1/projects/{project}/members", {"name": name, "role": "annotator"})
        choose_password(page, link)

    # Each reads all of them; who was first is not told, nor what they said.
    for page, said in zip(readers, (ANNA, BERT), strict=True):
        page.get_by_role("link", name="Ward").click()
        Person(page).go("Labels")
        card = page.get_by_role("article", name="Rhythm", exact=True)
        expect(card.get_by_role("link", name="Disagreements and agreement")).to_have_count(0)
        card.get_by_role("link", name="Read ECGs").click()
        expect(page.get_by_text("Read by anna" if page is readers[0] else "Read by bert", exact=True)).to_be_visible()
        for n, label in enumerate(said):
            expect(page.get_by_text(f"{n} read by you")).to_be_visible()
            reading = page.get_by_role("region", name="Your reading")
            expect(reading.get_by_role("button", name=re.compile("AFIB|SR"), pressed=True)).to_have_count(0)
            if page is readers[1]:
                expect(page.get_by_text("anna", exact=False)).to_have_count(0)
                expect(reading.get_by_role("button", name="Show what others say")).to_be_visible()
            Person(page).label(1 + label)
        expect(page.get_by_text("No more ECGs wait for you")).to_be_visible()
        expect(page.get_by_text("All saved")).to_be_visible()

    # The chief sees the two on which they differ, with who said what, and decides.
    person.go("Labels")
    card = chief.get_by_role("article", name="Rhythm", exact=True)
    expect(card).to_contain_text(f"{N} of {N} ECGs read, {N} by more than one reader · 2 disagreements to be decided")
    card.get_by_role("link", name="Disagreements and agreement").click()
    decision = chief.get_by_role("region", name="Decision")
    waiting = chief.get_by_role("list", name="ECGs to be decided").get_by_role("listitem")
    expect(waiting).to_have_count(2)
    for left in (2, 1):
        expect(waiting).to_have_count(left)
        number = 1 if left == 2 else 4
        expect(decision).to_contain_text(f"anna: {LABELS[ANNA[number]]}")
        expect(decision).to_contain_text(f"bert: {LABELS[BERT[number]]}")
        expect(decision.get_by_role("button", name="AFIB")).to_be_enabled()
        chief.keyboard.press("2")
    expect(chief.get_by_text("Nothing to decide")).to_be_visible()

    # Ten of twelve alike, each label given six times by each: (10/12 − 1/2) / (1 − 1/2) = 0.67.
    table = chief.get_by_role("table", name="anna and bert")
    row = table.get_by_role("row", name=re.compile("All labels")).get_by_role("cell")
    expect(row).to_have_text(["All labels", "12", "12", "10", re.compile(r"^0\.67 \(−?0\.\d\d to 0\.\d\d\)$")])
    assert serious_violations(chief, axe_source) == []

    # A dataset holds what both said, and what was decided of the rest.
    person.go("Labels")
    person.freeze("Rhythm", 1)
    (dataset,) = _call(chief, "GET", f"/api/v1/projects/{project}/datasets")
    found = _call(chief, "GET", f"/api/v1/projects/{project}/recordings?dataset_id={dataset['id']}&label=AFIB&size=50")
    decided = {f"ecg{n:02}.hea" for n in range(N) if ANNA[n] or n in (1, 4)}
    assert set(names_of(found["items"])) == decided


def _call(page: Page, method: str, path: str, body: object = None) -> Any:
    token = page.request.get("/api/v1/account").json()["csrf_token"]
    answer = page.request.fetch(path, method=method, headers={"X-CSRF-Token": token}, data=body)  # type: ignore[arg-type]
    assert answer.ok, answer.text()
    return answer.json()
