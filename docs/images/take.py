"""Take the pictures of the docs anew, from simulated ECGs only: `make screenshots` on a machine with Chromium."""

import json
import re
import sys
import time
import urllib.request
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from playwright.sync_api import Page

from backend.ecg.leads import LEADS
from backend.ecg.synthesize import CLASSES

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from tests.e2e.chromium import launched  # noqa: E402
from tests.e2e.world.building import table_of_samples  # noqa: E402
from tests.e2e.world.pictures import open_at, window  # noqa: E402
from tests.e2e.world.places import PLACES  # noqa: E402
from tests.e2e.world.world import World, make  # noqa: E402
from tests.exchange.conftest import running  # noqa: E402
from tests.platform_process import running_platform  # noqa: E402

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
MAIN = ("overview", "recordings", "recording-predicted", "labels", "read", "model", "evaluation", "prediction")


def main() -> None:
    """Take all, or with `main` as an argument only those of the main pages in the dark and on a phone."""
    if "main" not in sys.argv[1:]:
        take_journey()
    with TemporaryDirectory() as folder, running("wsgidav") as webdav:
        take_main_pages(make(Path(folder), webdav, n=240, epochs=12))


def take_main_pages(world: World) -> None:
    """Take the main pages in dark colours, and as they look on a phone."""
    with world.running() as platform, launched() as browser:
        for name, size, scheme in (
            *((name, WIDE, "dark") for name in MAIN), *((name, PHONE, "light") for name in MAIN),
        ):  # fmt: skip
            place = next(one for one in PLACES if one.name == name)
            with window(browser, world, platform.address) as context:
                page = context.new_page()
                page.set_viewport_size(size)
                page.emulate_media(color_scheme=scheme)
                open_at(page, world, place)
                page.mouse.move(0, 0)
                page.evaluate("scrollTo(0, 0)")
                page.wait_for_timeout(2000)  # as below
                picture = Image.open(BytesIO(page.screenshot()))
                picture.save(HERE / f"{name}-{'dark' if scheme == 'dark' else 'phone'}.webp", quality=82, method=6)


def take_journey() -> None:
    """Take what one sees from the first page on."""
    with TemporaryDirectory() as folder, running_platform(Path(folder)) as platform, launched() as browser:
        page = browser.new_page(base_url=platform.address, viewport=WIDE)
        page.set_default_timeout(120_000)
        take(page, platform.address)


def take(page: Page, address: str) -> None:
    page.goto("/")
    shoot(page, "start")
    page.get_by_role("button", name="Create a demo project").click()
    page.wait_for_url(re.compile("/projects/[0-9a-f]{32}"))
    match = re.search("[0-9a-f]{32}", page.url)
    assert match is not None
    project = f"/projects/{match[0]}"
    api = f"{address}/api/v1{project}"
    shoot(page, "recordings")
    filled(api)
    page.goto(f"{project}/overview")
    shoot(page, "overview")
    page.goto(f"{project}/labels")
    shoot(page, "labels")
    page.get_by_role("link", name="Statistics").click()
    shoot(page, "statistics")
    take_labelling(page, project, api)
    page.goto(f"{project}/runs/new")
    shoot(page, "train")
    dataset = call(f"{api}/datasets")[0]["id"]
    run = call(
        f"{api}/runs",
        {"dataset_id": dataset, "split": {"method": "holdout"}, "training": {"max_epochs": 12, "patience": 5}},
    )
    page.goto(f"{project}/runs/{run['id']}")
    page.get_by_text("Epoch 6 of at most 12").wait_for()
    shoot(page, "run")
    page.get_by_role("button", name=re.compile("^Jobs")).click()
    page.get_by_role("list", name="Jobs of all projects").wait_for()
    shoot(page, "jobs")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Open the model").click()
    page.get_by_text("Confusion matrix").wait_for()
    shoot(page, "model")
    recording = call(f"{api}/recordings?size=1&search=CLBBB")["items"][0]["id"]
    page.goto(f"{project}/recordings/{recording}")
    page.get_by_role("button", name="Predict this recording").click()
    page.get_by_label("Result of the prediction").wait_for()
    shoot(page, "viewer")
    for view in ("waves", "beats"):
        page.keyboard.press("v")
        shoot(page, view)
    for _ in range(3):  # round to the tracing again
        page.keyboard.press("v")
    page.set_viewport_size(PHONE)
    shoot(page, "viewer-phone")
    page.set_viewport_size(WIDE)
    take_import(page, address, dicom=fetch(f"{api}/recordings/{recording}/download?format=dicom"))


def filled(api: str) -> None:
    """Wait until the demo project has its recordings and labels."""
    while not call(f"{api}/datasets"):
        time.sleep(1)


def take_labelling(page: Page, project: str, api: str) -> None:
    """One of the simulated ECGs being read, with a region marked on it."""
    labels = [{"name": name} for name in ("Sinus rhythm", "Atrial fibrillation", "Infarction", "LBBB", "RBBB")]
    made = call(f"{api}/annotations", {"name": "Rhythm and conduction", "labels": labels, "task": "multi_label"})
    page.goto(f"{project}/labels/{made['id']}/read")
    page.get_by_role("textbox", name="Who reads?").fill("Dr. A")
    page.keyboard.press("Enter")
    page.locator("[aria-label='Your reading'][aria-busy=false]").wait_for()
    for key in ("1", "3", "r"):
        page.keyboard.press(key)
    page.get_by_role("combobox", name="Class").click()
    page.get_by_role("option", name="T wave").click()
    sheet = page.locator("canvas[role=img]").bounding_box()
    assert sheet is not None
    page.mouse.move(sheet["x"] + 0.31 * sheet["width"], sheet["y"] + 0.4 * sheet["height"])
    page.mouse.down()
    page.mouse.move(sheet["x"] + 0.35 * sheet["width"], sheet["y"] + 0.4 * sheet["height"], steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Keep region").click()
    shoot(page, "labelling")


def take_import(page: Page, address: str, dicom: bytes) -> None:
    """An import of simulated ECGs as CSV and DICOM, with files that must be refused."""
    project = call(f"{address}/api/v1/projects", {"name": "Ward 3"})["id"]
    page.goto(f"/projects/{project}/recordings")
    files = {f"{label.lower()}.csv": table_of_samples(label) for label in CLASSES}
    files |= {
        "ward.dcm": dicom,
        "torn.dcm": dicom[: len(dicom) // 2],
        "no_v6.csv": table_of_samples("NORM", leads=LEADS[:-1]),
    }
    page.get_by_label("Files to upload").set_input_files(
        [{"name": name, "mimeType": "", "buffer": data} for name, data in files.items()]
    )
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Unit of the values").click()
    page.get_by_role("option", name="mV (1 unit per mV)").click()
    dialog.get_by_text("from peak to peak").first.wait_for()
    shoot(page, "preview")
    dialog.get_by_role("button", name="Import 8 files").click()
    page.get_by_text("Upload finished").wait_for()
    page.get_by_role("link", name="Import report").click()
    shoot(page, "import")


def shoot(page: Page, name: str) -> None:
    page.wait_for_timeout(2000)  # charts are drawn a moment after their data have come
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(HERE / f"{name}.png", optimize=True)


def call(url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        content: bytes = answer.read()
    return content


if __name__ == "__main__":
    main()
