"""What the tests of the exchange do on the page and over the API of a hospital's platform."""

import re

from playwright.sync_api import Page, expect

from tests.api_calls import Api
from tests.e2e.lists import choose
from tests.exchange.webdav_servers import PASSWORD, USER
from tests.shared_folder import SharedFolder

JOB_MS = 300_000
TINY = {"architecture": "inception_time", "architecture_config": {"filters": 4, "depth": 1, "kernel": 9}}
QUICK = {"max_epochs": 2, "batch_size": 32, "learning_rate": 0.002}
HOLDOUT = {"method": "holdout"}  # one training; cross-validated, it is six


def demo(api: Api, name: str, seed: int) -> str:
    """Fill a demo project and return the id of its table of labels."""
    made = api.client.post("/api/v1/projects/demo", json={"name": name, "n_recordings": 60, "seed": seed}).json()
    api.project = made["project"]["id"]
    assert api.wait(made["job"]["id"], seconds=JOB_MS / 1000)["status"] == "done"
    dataset_id: str = api.get("/datasets")[0]["id"]
    return dataset_id


def train(api: Api, dataset_id: str, **body: object) -> str:
    answer = api.client.post(
        api.url("/runs"), json={"dataset_id": dataset_id, "training": QUICK, "split": HOLDOUT} | body
    )
    assert answer.status_code == 202, answer.text
    assert api.wait(answer.json()["job"]["id"], seconds=JOB_MS / 1000)["status"] == "done"
    model_id: str = api.get("/models")[0]["id"]
    return model_id


def add_exchange(page: Page, shared: SharedFolder) -> None:
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


def publish(page: Page, project: str, model_id: str, publisher: str) -> str:
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


def fetch(page: Page, name: str, project: str, fingerprint: str) -> str:
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


def answers(api: Api, model_id: str, ecg: bytes) -> list[float]:
    sent = api.client.post(
        api.url(f"/models/{model_id}/predict-files"), files={"files": ("ecg.csv", ecg)},
        data={"rate": "500", "units_per_mv": "1000"},
    )  # fmt: skip
    assert sent.status_code == 200, sent.text
    return [one["probability"] for one in sent.json()[0]["prediction"]["labels"]]


def publish_by_api(api: Api, exchange_id: str, model_id: str) -> None:
    said = {"licence": "CC BY 4.0", "intended_use": "Simulated 12-lead ECGs"}
    assert api.client.patch(api.url(f"/models/{model_id}"), json=said).status_code == 200
    body = {"exchange_id": exchange_id, "model_id": model_id, "publisher": "Hospital North"}
    begun = api.client.post(api.url("/transfers/push"), json=body).json()
    assert api.wait(begun["job"]["id"], seconds=JOB_MS / 1000)["status"] == "done"
    assert api.client.post(f"/api/v1/exchanges/{exchange_id}/listing").status_code == 200
