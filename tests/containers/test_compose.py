"""docker-compose.yml for real: built, started, used through the published port, killed, ended, backed up and restored.

`make compose-test` runs it, as root on Debian; elsewhere it is skipped. It takes minutes, most of them for the images.
"""

import io
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pydicom
import pytest
from pynetdicom import AE

from tests.accounts import PASSWORD
from tests.containers.https import https
from tests.containers.people import first_admin
from tests.containers.stack import Stack, engine
from tests.dicom_objects import dicom_ecg
from tests.platform_process import until
from tests.samples import csv_file
from tests.trained import QUICK, TINY

pytestmark = pytest.mark.skipif("COMPOSE_TEST" not in os.environ, reason="make compose-test runs it")
OURS = ("web", "worker-cpu", "db", "redis")
MOST_MB = 900


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("compose")
    with engine(folder):
        made = Stack(folder)
        try:
            if os.environ["COMPOSE_TEST"] != "built":  # the images of the last time
                made.compose("--profile", "exchange", "build")
            print(f"cold start: {made.start():.0f} s")
            first_admin(made)
            yield made
        finally:
            made.client.close()
            print(made.compose("logs", "--tail", "40", check=False))
            made.compose("--profile", "exchange", "--profile", "dicom", "down", "--volumes", check=False)


@pytest.fixture(scope="module")
def model(stack: Stack) -> str:
    """A model trained in a worker's container that was killed while it worked."""
    api = stack.api
    demo = api.client.post("/api/v1/projects/demo", json={"name": "Demo", "n_recordings": 60, "seed": 1}).json()
    api.project = demo["project"]["id"]
    until(lambda: api.wait(demo["job"]["id"], ("running", "done")))
    stack.kill("worker-cpu")
    assert api.wait(demo["job"]["id"], seconds=300)["status"] == "done"
    dataset = api.get("/datasets")[0]["id"]
    body = {
        "dataset_id": dataset, "architecture": "inception_time", "architecture_config": TINY, "training": QUICK,
        "split": {"method": "holdout"},
    }  # fmt: skip
    run = api.client.post(api.url("/runs"), json=body).json()
    assert api.wait(run["job"]["id"], seconds=600)["status"] == "done", api.events(run["job"]["id"])
    found: str = api.get("/models")[0]["id"]
    return found


def test_the_image_of_the_page_is_small_and_without_torch(stack: Stack) -> None:
    sizes = {}
    for image in ("lite", "worker", "exchange"):
        said = subprocess.run(
            ["docker", "image", "inspect", f"exchangeai/{image}:test"], check=True, capture_output=True, text=True
        )
        sizes[image] = json.loads(said.stdout)[0]["Size"] / 1e6
    print("image sizes in MB:", {name: round(size) for name, size in sizes.items()})
    assert sizes["lite"] <= MOST_MB
    assert stack.inside("web", "python3", "-c", "import torch").returncode != 0


def test_the_page_is_there(stack: Stack) -> None:
    assert '<div id="root">' in stack.client.get("/").text


@pytest.mark.parametrize("service", OURS)
def test_a_container_has_neither_root_nor_rights_nor_a_place_to_write(stack: Stack, service: str) -> None:
    known = stack.inspect(service)
    assert known["HostConfig"]["ReadonlyRootfs"]
    assert known["HostConfig"]["CapDrop"] == ["ALL"]
    assert stack.inside(service, "id", "-u").stdout.strip() not in ("", "0")
    assert stack.inside(service, "sh", "-c", "echo x > /usr/x").returncode != 0
    until(lambda: stack.inspect(service)["State"]["Health"]["Status"] == "healthy")


def test_without_a_key_there_are_the_page_and_what_supervisors_ask_for_and_nothing_else(stack: Stack) -> None:
    for name, status in (("/health", 200), ("/ready", 200), ("/metrics", 200), ("/api/v1/projects", 401)):
        assert httpx.get(f"http://127.0.0.1:{stack.port}{name}").status_code == status, name
    program = f"import urllib.request as web; print(web.urlopen('http://web:{stack.port}/metrics').read())"
    assert "exchangeai_workers" in stack.inside("worker-cpu", "python3", "-c", program).stdout  # as Prometheus would
    assert stack.inside("web", "exchangeai", "ready").stdout.strip() == "ready"
    assert stack.inside("worker-cpu", "exchangeai", "ready", "--worker").returncode == 0


def test_behind_the_proxy_people_sign_in_by_https_alone(stack: Stack, tmp_path: Path) -> None:
    with https(tmp_path, stack.port) as browser:
        assert browser.get("/metrics").status_code == 404
        answer = browser.post("/api/v1/account/sign-in", json={"name": "anna", "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-exchangeai=")
        assert "Secure" in cookie
        assert browser.get("/api/v1/users").status_code == 200


def test_no_container_is_told_a_secret_by_its_environment(stack: Stack) -> None:
    secrets = [(stack.folder / "secrets" / name).read_text().strip() for name in ("database_password", "secret_key")]
    for service in OURS:
        assert not [one for one in secrets if one in json.dumps(stack.inspect(service))]


def test_upload_training_and_prediction_through_the_published_port_though_the_worker_was_killed(
    stack: Stack, model: str
) -> None:
    assert stack.api.upload({"a.csv": csv_file()})["imported"] == 1
    recording = stack.api.recordings(search="a.csv")[0]["id"]
    answer = stack.client.post(stack.api.url(f"/models/{model}/predict"), json={"recording_id": recording})
    assert len(answer.json()["labels"]) == 5
    made = stack.client.post(stack.api.url("/predictions"), json={"model_id": model}).json()
    assert stack.api.wait(made["job"]["id"], seconds=300)["status"] == "done"
    assert stack.inspect("worker-cpu")["RestartCount"] >= 1


def test_down_and_up_keeps_everything(stack: Stack, model: str) -> None:
    before, end = stack.kept(), stack.end_of_log()
    stack.compose("down")
    print(f"start after down: {stack.start():.0f} s")
    assert stack.kept() == before
    stack.shell("audit", "verify", "--expected", end)


def test_a_backup_of_all_comes_back_after_all_was_wiped(stack: Stack, model: str, tmp_path: Path) -> None:
    before, end = stack.kept(), stack.end_of_log()
    stack.script("backup.sh", tmp_path / "backup")
    stack.compose("down", "--volumes")
    stack.start()
    assert stack.client.get("/api/v1/projects").status_code == 401  # nobody is known any more
    assert "replace" in stack.script("restore.sh", tmp_path / "backup", check=False).stderr
    stack.script("restore.sh", tmp_path / "backup", "replace")
    stack.wait()
    assert stack.kept() == before
    stack.shell("audit", "verify", "--expected", end)
    assert "as it should be" in stack.inside("web", "exchangeai", "doctor").stdout


def test_a_damaged_backup_or_one_of_another_key_replaces_nothing(stack: Stack, model: str, tmp_path: Path) -> None:
    stack.script("backup.sh", tmp_path / "backup")
    key = stack.folder / "secrets" / "secret_key"
    kept = key.read_text()
    key.write_text("another key\n")
    assert "is not the key" in stack.script("restore.sh", tmp_path / "backup", "replace", check=False).stderr
    key.write_text(kept)
    with (tmp_path / "backup" / "files.tar").open("r+b") as file:
        file.write(b"damaged")
    assert stack.script("restore.sh", tmp_path / "backup", "replace", check=False).returncode != 0
    assert stack.api.get("/models")[0]["id"] == model


def test_the_profile_exchange_is_a_folder_for_those_who_know_the_password(stack: Stack) -> None:
    stack.compose("--profile", "exchange", "up", "-d", "exchange")
    password = (stack.folder / "secrets" / "exchange_password").read_text().strip()
    address = f"http://127.0.0.1:{stack.exchange_port}/model.txt"

    def is_there() -> bool:
        try:
            return httpx.get(address).status_code == 401
        except httpx.TransportError:
            return False

    until(is_there)
    known = ("exchange", password)
    assert httpx.put(address, content=b"a model", auth=known).status_code == 201
    assert httpx.get(address, auth=known).content == b"a model"


def test_the_profile_dicom_takes_what_carts_push_and_the_audit_log_names_them(stack: Stack) -> None:
    stack.compose("--profile", "dicom", "up", "-d", "dicom")
    until(lambda: "receives at" in stack.compose("logs", "dicom"))
    ecg = pydicom.dcmread(io.BytesIO(dicom_ecg()))
    cart = AE(ae_title="CART3")
    cart.add_requested_context(ecg.SOPClassUID)
    association = cart.associate("127.0.0.1", stack.dicom_port, ae_title="EXCHANGEAI")
    assert association.send_c_store(ecg).Status == 0
    association.release()
    (project,) = [one["id"] for one in stack.client.get("/api/v1/projects").json() if one["name"] == "DICOM"]
    (row,) = stack.client.get(stack.api.url("/recordings", project)).json()["items"]
    (line,) = map(json.loads, stack.shell("audit", "export", "--action", "dicom C-STORE").splitlines())
    assert (line["person"], line["via"], line["project_id"]) == ("CART3", "dicom", project)
    assert line["subject"]["recordings"] == [row["id"]]
