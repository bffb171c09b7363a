"""Two hospitals, each with a platform of its own, share models both ways through one WebDAV folder, on the page."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api_calls import Api
from tests.e2e import exchanging
from tests.e2e.accessibility import serious_violations
from tests.e2e.exchanging import JOB_MS, QUICK, TINY
from tests.e2e.lists import choose
from tests.exchange.webdav_servers import PASSWORD, USER
from tests.platform_process import running_platform
from tests.samples import csv_file
from tests.shared_folder import SharedFolder


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The platform of the other hospital."""
    with (
        running_platform(tmp_path_factory.mktemp("far")) as running,
        httpx.Client(base_url=running.address, timeout=60) as client,
    ):
        yield Api(client)


@pytest.fixture
def far_page(browser: Browser, far: Api) -> Iterator[Page]:
    context = browser.new_context(
        locale="en-GB", base_url=str(far.client.base_url), viewport={"width": 1440, "height": 900}
    )
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def test_two_hospitals_share_models_both_ways_and_both_answer_the_same(
    page: Page, far_page: Page, api: Api, far: Api, shared: SharedFolder, axe_source: str
) -> None:
    dataset = exchanging.demo(api, "North", 5)
    northern = exchanging.train(api, dataset, name="North model", **TINY)
    far_dataset = exchanging.demo(far, "South", 6)
    ecg = csv_file(3)

    # North publishes; South finds it, compares the key over the telephone, and fetches it.
    exchanging.add_exchange(page, shared)
    key = exchanging.publish(page, api.project, northern, "Hospital North")
    assert serious_violations(page, axe_source) == []
    exchanging.add_exchange(far_page, shared)
    expect(far_page.get_by_role("list", name="Models of the exchange")).to_contain_text("Hospital North")
    assert serious_violations(far_page, axe_source) == []
    fetched = exchanging.fetch(far_page, "North model", "South", key)
    expect(far_page.get_by_text(re.compile("signed with the key")).first).to_be_visible()
    assert (
        max(
            abs(a - b)
            for a, b in zip(exchanging.answers(api, northern, ecg), exchanging.answers(far, fetched, ecg), strict=True)
        )
        <= 1e-6
    )

    # South makes its own of it and publishes that; North fetches it and sees where it comes from.
    southern = exchanging.train(
        far, far_dataset, name="South model", base_model_id=fetched, training=QUICK | {"method": "head"}
    )  # fmt: skip
    far_key = exchanging.publish(far_page, far.project, southern, "Hospital South")
    assert far_key != key
    back = exchanging.fetch(page, "South model", "North", far_key)
    expect(page.get_by_text("fine-tuned from")).to_be_visible()
    expect(page.get_by_role("link", name="North model")).to_be_visible()  # its ancestor is here
    assert (
        max(
            abs(a - b)
            for a, b in zip(exchanging.answers(far, southern, ecg), exchanging.answers(api, back, ecg), strict=True)
        )
        <= 1e-6
    )

    # In one click: what is here already is evaluated at once.
    page.goto("/exchanges")
    page.get_by_role("link", name="Clinics").click()
    page.get_by_role("link", name="South model", exact=True).click()
    expect(page.get_by_text("This very model is on this platform already")).to_be_visible()
    expect(page.get_by_role("table", name="Beside your own models")).to_contain_text("North model")
    assert serious_violations(page, axe_source) == []
    page.get_by_role("button", name="Evaluate this on my data").click()
    expect(page.get_by_role("heading", name="Evaluate South model")).to_be_visible()


def test_a_changed_package_is_quarantined_and_the_page_says_why(
    page: Page, api: Api, shared: SharedFolder, axe_source: str
) -> None:
    model_id = api.get("/models")[-1]["id"]
    exchange = {"name": "Changed", "url": shared.url, "username": USER, "password": PASSWORD, "access": "read_write"}
    exchange_id = api.client.post("/api/v1/exchanges", json=exchange).json()["id"]
    exchanging.publish_by_api(api, exchange_id, model_id)
    (package,) = shared.path.rglob("package.zip")
    package.write_bytes(package.read_bytes()[:-300] + b"x" * 300)
    other = api.new_project(name="A second ward")
    page.goto(f"/exchanges/{exchange_id}")
    page.get_by_role("list", name="Models of the exchange").get_by_role("link").first.click()
    page.get_by_role("combobox", name="Project").click()
    page.get_by_role("option", name="A second ward").click()
    assert other
    # The model is on this platform already, so the page offers that one; the transfer is asked for over the API.
    listed = api.client.get(f"/api/v1/exchanges/{exchange_id}/models").json()["items"][0]
    body = {"exchange_id": exchange_id, "item": listed["place"], "trust": listed["fingerprint"]}
    api.project = other
    begun = api.client.post(api.url("/transfers/pull"), json=body).json()
    assert api.wait(begun["job"]["id"], seconds=JOB_MS / 1000)["status"] == "failed"
    page.goto(f"/exchanges/{exchange_id}?tab=transfers")
    row = page.get_by_role("list", name="Transfers").get_by_role("listitem").first
    expect(row).to_contain_text("Quarantined")
    expect(row).to_contain_text("Not taken in")
    assert serious_violations(page, axe_source) == []
    assert api.get("/models") == []

    # All of the exchange is verified as a job, which names it too; then its publisher takes it back.
    page.goto(f"/exchanges/{exchange_id}?tab=settings")
    page.get_by_role("button", name="Verify all models").click()
    expect(page.get_by_text("1 model not sound")).to_be_visible(timeout=JOB_MS)
    expect(page.get_by_text("SHA-256 differs")).to_be_visible()
    page.get_by_role("button", name="Make the index anew").click()
    expect(page.get_by_text("The index names 1 version.")).to_be_visible(timeout=JOB_MS)
    assert serious_violations(page, axe_source) == []
    page.goto(f"/exchanges/{exchange_id}/models/{listed['place']}")
    expect(page.get_by_text("your key", exact=True)).to_be_visible()
    page.get_by_role("button", name="Withdraw this version").click()
    page.get_by_label("Reason").fill("It was damaged")
    page.get_by_role("dialog").get_by_role("button", name="Withdraw", exact=True).click()
    expect(page.get_by_text("This model was withdrawn by its publisher")).to_be_visible(timeout=JOB_MS)
    expect(page.get_by_text("It was damaged").first).to_be_visible()


def test_a_bare_file_of_the_original_platform_is_shown_as_unverified_and_asked_about(
    page: Page, api: Api, shared: SharedFolder, axe_source: str
) -> None:
    source = Path(__file__).parents[3] / "shared" / "data" / "models" / "xc_super_pretrained.onnx"
    if not source.exists():
        pytest.skip("the models of the original platform are not on this machine")
    shutil.copy(source, shared.path / source.name)
    project = api.new_project(name="For the original")
    exchange = {"name": "Original", "url": shared.url, "username": USER, "password": PASSWORD}
    exchange_id = api.client.post("/api/v1/exchanges", json=exchange).json()["id"]
    page.goto(f"/exchanges/{exchange_id}")
    row = page.get_by_role("list", name="Models of the exchange").get_by_role("listitem")
    expect(row).to_contain_text("unverified")
    expect(row).to_contain_text("CD, HYP, MI, STTC")
    row.get_by_role("link").click()
    choose(page, "Project", "For the original")
    page.get_by_role("button", name="Fetch the model").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox", name="I want it although nobody has signed it").check()
    assert serious_violations(page, axe_source) == []
    dialog.get_by_role("button", name="Fetch it").click()
    page.wait_for_url(re.compile(rf"/projects/{project}/models/[0-9a-f]{{32}}$"), timeout=JOB_MS)
    expect(page.get_by_text(re.compile("unverified: nobody has signed it")).first).to_be_visible()
