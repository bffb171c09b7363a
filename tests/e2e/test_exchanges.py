"""Two hospitals, each with a platform of its own, share models both ways through one WebDAV folder, on the page."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api_calls import Api
from tests.e2e.accessibility import serious_violations
from tests.e2e.lists import choose
from tests.exchange.webdav_servers import PASSWORD, USER
from tests.platform_process import running_platform
from tests.samples import csv_file
from tests.shared_folder import SharedFolder

JOB_MS = 180_000
TINY = {"architecture": "inception_time", "architecture_config": {"filters": 8, "depth": 3}}
QUICK = {"max_epochs": 2, "batch_size": 32, "learning_rate": 0.002}


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
    context = browser.new_context(base_url=str(far.client.base_url), viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def _demo(api: Api, name: str, seed: int) -> str:
    """Fill a demo project and return the id of its table of labels."""
    made = api.client.post("/api/v1/projects/demo", json={"name": name, "n_recordings": 150, "seed": seed}).json()
    api.project = made["project"]["id"]
    assert api.wait(made["job"]["id"])["status"] == "done"
    dataset_id: str = api.get("/datasets")[0]["id"]
    return dataset_id


def _train(api: Api, dataset_id: str, **body: object) -> str:
    answer = api.client.post(api.url("/runs"), json={"dataset_id": dataset_id, "training": QUICK} | body)
    assert answer.status_code == 202, answer.text
    assert api.wait(answer.json()["job"]["id"], seconds=JOB_MS / 1000)["status"] == "done"
    model_id: str = api.get("/models")[0]["id"]
    return model_id


def _add_exchange(page: Page, shared: SharedFolder) -> None:
    page.goto("/")
    page.get_by_role("link", name="Model ExChanGe").click()
    page.get_by_role("button", name="Add an exchange").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name=re.compile("^Name")).fill("Clinics")
    dialog.get_by_label("Address").fill(shared.url)
    dialog.get_by_label("User name").fill(USER)
    dialog.get_by_role("textbox", name="Password").fill(PASSWORD)
    dialog.get_by_role("radio", name="Read and publish").check()
    dialog.get_by_role("button", name="Add exchange").click()
    expect(page.get_by_role("heading", name="Clinics")).to_be_visible()
    expect(page.get_by_text(re.compile("^Read ")).first).to_be_visible()


def _publish(page: Page, project: str, model_id: str, publisher: str) -> str:
    """Publish a model by the wizard; return the fingerprint it says to sign with."""
    page.goto(f"/projects/{project}/models/{model_id}")
    page.get_by_role("link", name="Publish in an exchange").click()
    publish = page.get_by_role("button", name="Publish the model")
    expect(publish).to_be_disabled()
    page.get_by_label("Licence").fill("CC BY 4.0")
    page.get_by_label("Intended use").fill("Simulated 12-lead ECGs")
    page.get_by_label("Publisher").fill(publisher)
    fingerprint = page.locator(".fingerprint").inner_text()
    publish.click()
    expect(page.get_by_text("Published", exact=True)).to_be_visible(timeout=JOB_MS)
    return fingerprint


def _fetch(page: Page, name: str, project: str, fingerprint: str) -> str:
    """Find a model in the exchange, compare its key, fetch it into a project; return its id there."""
    page.goto("/exchanges")
    page.get_by_role("link", name="Clinics").click()
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_text("CC BY 4.0").first).to_be_visible()
    choose(page, "Project", project)
    page.get_by_role("button", name="Fetch the model").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(fingerprint)
    expect(dialog.get_by_role("button", name="Trust and fetch")).to_be_disabled()
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Trust and fetch").click()
    page.wait_for_url(re.compile(r"/models/[0-9a-f]{32}$"), timeout=JOB_MS)
    return page.url.rsplit("/", 1)[-1]


def _answers(api: Api, model_id: str, ecg: bytes) -> list[float]:
    sent = api.client.post(
        api.url(f"/models/{model_id}/predict-files"), files={"files": ("ecg.csv", ecg)},
        data={"rate": "500", "units_per_mv": "1000"},
    )  # fmt: skip
    assert sent.status_code == 200, sent.text
    return [one["probability"] for one in sent.json()[0]["prediction"]["labels"]]


def test_two_hospitals_share_models_both_ways_and_both_answer_the_same(
    page: Page, far_page: Page, api: Api, far: Api, shared: SharedFolder, axe_source: str
) -> None:
    dataset = _demo(api, "North", 5)
    northern = _train(api, dataset, name="North model", **TINY)
    far_dataset = _demo(far, "South", 6)
    ecg = csv_file(3)

    # North publishes; South finds it, compares the key over the telephone, and fetches it.
    _add_exchange(page, shared)
    key = _publish(page, api.project, northern, "Hospital North")
    assert serious_violations(page, axe_source) == []
    _add_exchange(far_page, shared)
    expect(far_page.get_by_role("list", name="Models of the exchange")).to_contain_text("Hospital North")
    assert serious_violations(far_page, axe_source) == []
    fetched = _fetch(far_page, "North model", "South", key)
    expect(far_page.get_by_text(re.compile("signed with the key")).first).to_be_visible()
    assert (
        max(abs(a - b) for a, b in zip(_answers(api, northern, ecg), _answers(far, fetched, ecg), strict=True)) <= 1e-6
    )

    # South makes its own of it and publishes that; North fetches it and sees where it comes from.
    southern = _train(
        far, far_dataset, name="South model", base_model_id=fetched, training=QUICK | {"method": "head"}
    )  # fmt: skip
    far_key = _publish(far_page, far.project, southern, "Hospital South")
    assert far_key != key
    back = _fetch(page, "South model", "North", far_key)
    expect(page.get_by_text("fine-tuned from")).to_be_visible()
    expect(page.get_by_role("link", name="North model")).to_be_visible()  # its ancestor is here
    assert max(abs(a - b) for a, b in zip(_answers(far, southern, ecg), _answers(api, back, ecg), strict=True)) <= 1e-6

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
    _publish_by_api(api, exchange_id, model_id)
    (package,) = shared.path.rglob("package.zip")
    package.write_bytes(package.read_bytes()[:-300] + b"x" * 300)
    other = api.new_project(name="Elsewhere")
    page.goto(f"/exchanges/{exchange_id}")
    page.get_by_role("list", name="Models of the exchange").get_by_role("link").first.click()
    page.get_by_role("combobox", name="Project").click()
    page.get_by_role("option", name="Elsewhere").click()
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


def _publish_by_api(api: Api, exchange_id: str, model_id: str) -> None:
    said = {"licence": "CC BY 4.0", "intended_use": "Simulated 12-lead ECGs"}
    assert api.client.patch(api.url(f"/models/{model_id}"), json=said).status_code == 200
    body = {"exchange_id": exchange_id, "model_id": model_id, "publisher": "Hospital North"}
    begun = api.client.post(api.url("/transfers/push"), json=body).json()
    assert api.wait(begun["job"]["id"], seconds=JOB_MS / 1000)["status"] == "done"
    assert api.client.post(f"/api/v1/exchanges/{exchange_id}/listing").status_code == 200


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
