"""Server mode on the page: the first admin, a colleague with a role, an API key, the audit log, and out again."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

import exchangeai
from tests.accounts import PASSWORD
from tests.e2e.accessibility import serious_violations
from tests.e2e.signing_in import choose_password, first_link, sign_in
from tests.platform_process import Platform, running_platform
from tests.samples import wfdb_pair


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform in server mode."""
    with running_platform(tmp_path_factory.mktemp("house"), "--no-workers", mode="server") as running:
        yield running


@pytest.fixture
def context(browser: Browser, house: Platform) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB", base_url=house.address, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    faults: list[str] = []
    context.on(
        "console",
        lambda message: (
            faults.append(message.text)
            if message.type == "error" and "Failed to load resource" not in message.text
            else None
        ),
    )
    yield context
    context.close()
    assert not faults, faults


def _menu(page: Page, name: str, item: str) -> None:
    page.get_by_role("button", name=f"Signed in as {name}").click()
    page.get_by_role("menuitem", name=item).click()


def test_from_the_first_link_to_a_colleague_and_a_program(house: Platform, page: Page, axe_source: str) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert serious_violations(page, axe_source) == []
    sign_in(page, "admin", "a guess that is wrong")
    expect(page.get_by_text("Name or password is wrong.")).to_be_visible()
    choose_password(page, first_link(house))

    page.get_by_role("button", name="New project").click()
    page.get_by_role("dialog").get_by_role("textbox", name="Name").fill("Ward")
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    expect(page.get_by_role("link", name="Access and privacy")).to_be_visible()
    project = page.url.split("/")[4]

    _menu(page, "admin", "Users")
    page.get_by_role("button", name="Add a user").click()
    page.get_by_role("dialog").get_by_role("textbox", name="Name").fill("eva")
    page.get_by_role("dialog").get_by_role("button", name="Add user").click()
    link = page.locator("code").inner_text()
    assert serious_violations(page, axe_source) == []

    page.goto(f"/projects/{project}/privacy")
    page.get_by_label("User name").fill("eva")
    page.get_by_role("button", name="Add member").click()
    expect(page.get_by_label("Role of eva")).to_have_value("viewer")
    page.get_by_label("Role of eva").select_option("annotator")
    expect(page.get_by_label("Role of eva")).to_have_value("annotator")
    assert serious_violations(page, axe_source) == []

    _menu(page, "admin", "Sign out")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.context.cookies() == []
    choose_password(page, link)
    _menu(page, "eva", "Password and API keys")
    page.get_by_role("button", name="New API key").click()
    page.get_by_role("dialog").get_by_role("textbox", name="Name").fill("Cart")
    page.get_by_role("dialog").get_by_label("May").select_option("annotator")
    page.get_by_role("dialog").get_by_role("button", name="Make the key").click()
    key = page.locator("code").inner_text()
    assert serious_violations(page, axe_source) == []
    client = exchangeai.Client(house.address, key)
    (shown,) = client.projects()
    assert (shown["id"], shown["n_recordings"]) == (project, 0)

    # An upload of the page goes another way than its other requests, and must bring the token along too.
    page.goto(f"/projects/{project}/recordings")
    header, samples = wfdb_pair("record", n=5000, rate=500)
    files = [("record.hea", header), ("record.dat", samples)]
    page.get_by_label("Files to upload").set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files]
    )
    expect(page.get_by_label("Outcomes of the upload").get_by_role("row", name="record")).to_contain_text("Imported")
    page.get_by_role("button", name="Signed in as eva").click()
    expect(page.get_by_role("menuitem", name="Users")).to_have_count(0)


def test_the_admin_reads_and_checks_the_log(house: Platform, page: Page, axe_source: str) -> None:
    page.goto("/audit")
    sign_in(page, "admin", PASSWORD)
    expect(page.get_by_role("heading", name="Audit log")).to_be_visible()
    page.get_by_label("Person").fill("eva")
    expect(page.get_by_role("cell", name="add_api_key")).to_be_visible()
    page.get_by_role("button", name="Check that no line").click()
    expect(page.get_by_text(re.compile(r"All \d+ lines hold"))).to_be_visible()
    assert serious_violations(page, axe_source) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_an_admin_downloads_the_whole_project(house: Platform, page: Page, axe_source: str, tmp_path: Path) -> None:
    page.goto("/")
    sign_in(page, "admin", PASSWORD)
    page.get_by_role("link", name="Ward").click()
    page.get_by_role("link", name="Access and privacy").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the project").click()
    assert waiting.value.suggested_filename == "Ward.zip"
    waiting.value.save_as(tmp_path / "ward.zip")
    with zipfile.ZipFile(tmp_path / "ward.zip") as archive:
        originals = [name for name in archive.namelist() if name.startswith("originals/")]
        assert sorted(name.rpartition("-")[2] for name in originals) == ["record.dat", "record.hea"]
    assert serious_violations(page, axe_source) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_patient_is_looked_for_and_erased(house: Platform, page: Page, axe_source: str) -> None:
    page.goto("/")
    sign_in(page, "admin", PASSWORD)
    page.get_by_role("link", name="Ward").click()
    page.get_by_role("link", name="Access and privacy").click()
    expect(page.get_by_role("heading", name="Access and privacy")).to_be_visible()
    project = page.url.split("/")[4]
    page.get_by_role("textbox", name="Patient").fill("nobody")
    page.get_by_role("button", name="Look for it").click()
    expect(page.get_by_text("neither recordings nor labels of this patient")).to_be_visible()
    assert "nobody" not in page.url
    table = "file_name,label,patient_id\nrecord,NORM,MRN-4711\n"
    answer = page.request.get("/api/v1/account").json()
    made = page.request.post(
        f"/api/v1/projects/{project}/datasets", headers={"X-CSRF-Token": answer["csrf_token"]},
        multipart={"file": {"name": "labels.csv", "mimeType": "text/csv", "buffer": table.encode()}},
    )  # fmt: skip
    assert made.status == 201, made.text()
    page.get_by_role("textbox", name="Patient").fill("mrn 4711")
    page.get_by_role("button", name="Look for it").click()
    expect(page.get_by_text("This project has 1 recording and 1 row of labels")).to_be_visible()
    page.get_by_role("button", name="Erase this patient").click()
    assert serious_violations(page, axe_source) == []
    page.get_by_role("dialog").get_by_role("button", name="Erase patient").click()
    expect(page.get_by_text("Erased 1 recording")).to_be_visible()
    assert all(b"MRN-4711" not in path.read_bytes() for path in (house.folder / "data").rglob("*") if path.is_file())
