"""Server mode on the page: the first admin, a colleague with a role, an API key, the audit log, and out again."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

import exchangeai
from tests.accounts import PASSWORD
from tests.e2e.accessibility import serious_violations
from tests.platform_process import Platform, running_platform
from tests.samples import wfdb_pair


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform in server mode."""
    with running_platform(tmp_path_factory.mktemp("house"), "--no-workers", mode="server") as running:
        yield running


@pytest.fixture
def context(browser: Browser, house: Platform) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=house.address, viewport={"width": 1440, "height": 900})
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


def _choose_password(page: Page, link: str) -> None:
    page.goto(link)
    expect(page.get_by_role("heading", name="Choose a password")).to_be_visible()
    assert "#" not in page.url  # the secret is out of the address, and of the history
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Keep it and sign in").click()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()


def _menu(page: Page, name: str, item: str) -> None:
    page.get_by_role("button", name=f"Signed in as {name}").click()
    page.get_by_role("menuitem", name=item).click()


def _sign_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_from_the_first_link_to_a_colleague_and_a_program(house: Platform, page: Page, axe_source: str) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert serious_violations(page, axe_source) == []
    _sign_in(page, "admin", "a guess that is wrong")
    expect(page.get_by_text("Name or password is wrong.")).to_be_visible()
    _choose_password(page, re.findall(r"http\S+/welcome#\S+", house.output.read_text())[0])

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
    _choose_password(page, link)
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
    _sign_in(page, "admin", PASSWORD)
    expect(page.get_by_role("heading", name="Audit log")).to_be_visible()
    page.get_by_label("Person").fill("eva")
    expect(page.get_by_role("cell", name="add_api_key")).to_be_visible()
    page.get_by_role("button", name="Check that no line").click()
    expect(page.get_by_text(re.compile(r"All \d+ lines hold"))).to_be_visible()
    assert serious_violations(page, axe_source) == []
