"""Eight tabs of one browser on one project: all show the same, and none waits for another."""

import re

from playwright.sync_api import BrowserContext, Request, expect

from tests.api_calls import Api
from tests.e2e.journeys import TRAINING_MS
from tests.samples import csv_file

N = 40
PLACES = ("runs/{run}", "runs/{run}", "runs/{run}", "runs/{run}", "runs", "labels", "labels/{set}/read", "recordings")
EPOCH = re.compile(r"Epoch (\d+) of at most 1000")
JS_EPOCH = f"/{EPOCH.pattern}/"
STREAMS = 3  # of the six connections to a host that a browser opens over HTTP/1.1


def test_eight_tabs_follow_one_training_to_its_end_and_see_what_is_labelled_in_another(
    context: BrowserContext, api: Api
) -> None:
    api.upload({f"{n:03}.csv": csv_file(n, 1000) for n in range(N)}, rate="100")
    dataset = api.dataset("file_name,label\n" + "".join(f"{n:03}.csv,{'AFIB' if n % 2 else 'SR'}\n" for n in range(N)))
    labels = {"name": "Rhythm", "labels": [{"name": "SR"}, {"name": "AFIB"}]}
    made = api.client.post(api.url("/annotations"), json=labels, params={"reader": "Dr. Anna"}).json()
    asked = {
        "dataset_id": dataset["id"], "name": "Long", "architecture": "inception_time",
        "architecture_config": {"filters": 4, "depth": 1, "kernel": 9}, "split": {"method": "holdout"},
        "training": {"max_epochs": 1000, "batch_size": 2, "learning_rate": 0.0005, "threads": 1},
    }  # fmt: skip
    run = api.client.post(api.url("/runs"), json=asked).json()
    streams: set[Request] = set()
    most = 0

    def begun(request: Request) -> None:
        nonlocal most
        if "/stream" in request.url:
            streams.add(request)
            most = max(most, len(streams))

    context.on("request", begun)
    context.on("requestfinished", lambda request: streams.discard(request))
    context.on("requestfailed", lambda request: streams.discard(request))
    tabs = [context.new_page() for _ in PLACES]
    for tab, place in zip(tabs, PLACES, strict=True):
        tab.goto(f"/projects/{api.project}/{place.format(run=run['id'], set=made['id'])}")
    *watching, trainings, table, reading, recordings = tabs

    # All are up, the last as well as the first, and each tells of the training, here or in its title.
    for tab in watching:
        expect(tab.get_by_text(EPOCH)).to_be_visible(timeout=TRAINING_MS)
    expect(trainings.get_by_role("progressbar", name="Progress of Long")).to_be_visible()
    expect(recordings.get_by_text(f"{N} recordings", exact=True).first).to_be_visible()
    for tab in tabs:
        expect(tab).to_have_title(re.compile(r"^\d+ % · "))
    told = EPOCH.search(watching[0].get_by_text(EPOCH).inner_text())
    assert told
    for tab in watching[1:]:  # it goes on in these too
        tab.wait_for_function(f"far => Number({JS_EPOCH}.exec(document.body.innerText)?.[1]) > far", arg=int(told[1]))

    # What is labelled in one is counted in the others.
    reading.get_by_role("textbox", name="Who reads?").fill("Dr. Anna")
    reading.get_by_role("button", name="Start reading").click()
    for n in range(3):
        expect(reading.get_by_role("img", name=re.compile(f"{n:03}.csv"))).to_be_visible()
        expect(reading.get_by_role("region", name="Your reading")).to_have_attribute("aria-busy", "false")
        reading.keyboard.press("2")
    expect(reading.get_by_text("3 read by you")).to_be_visible()
    expect(table.get_by_role("article", name="Rhythm", exact=True)).to_contain_text(f"3 of {N} ECGs read")

    # Stopped in one, it has ended in all.
    watching[-1].get_by_role("button", name="Cancel").click()
    watching[-1].get_by_role("button", name="Cancel without a model").click()
    for tab in (*watching, trainings):
        expect(tab.get_by_text("Cancelled", exact=True).first).to_be_visible(timeout=180_000)
    for tab in tabs:
        expect(tab).not_to_have_title(re.compile("%"))
    assert 1 <= most <= STREAMS, f"{most} connections were held open"
