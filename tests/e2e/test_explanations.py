"""What did the model look at? A prediction in the browser, its map with the control, and a map that is not shown."""

import io

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from backend.ecg.synthesize import simulate
from backend.ml.explanations.waves import SEGMENTS, lay
from tests.api_calls import Api
from tests.e2e.accessibility import serious_violations
from tests.ml.explanations.planted_models import PLAIN, RATE, of_samples

EXPLAINED_MS = 300_000
SIGNAL = simulate("NORM", 3, RATE).recording.signal


def _csv() -> bytes:
    text = io.StringIO()
    np.savetxt(text, SIGNAL.T, delimiter=",", header="I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6", comments="", fmt="%.4f")
    return text.getvalue().encode()


@pytest.fixture
def explained(api: Api) -> str:
    """The address of a recording, in a project with a model that looks at T in V3, and one of random weights."""
    api.project = api.new_project(name="Explained")
    weight = np.zeros((12, 1000), np.float32)
    weight[8, lay(SIGNAL, RATE, PLAIN).codes == SEGMENTS.index("T")] = 0.05
    random = np.random.default_rng(1).normal(size=(12, 1000)) / 500
    for name, model in (("Looks at T in V3", weight), ("Drawn at random", random)):
        sent = api.client.post(api.url("/models"), files={"file": ("m.onnx", of_samples(model))}, data={"name": name})
        assert sent.status_code == 201, sent.text
    report = api.upload({"one.csv": _csv()}, rate="100", units_per_mv="1")
    (recording,) = report["outcomes"][0]["recording_ids"]
    return f"/projects/{api.project}/recordings/{recording}"


def _explain(page: Page, recording: str, model: str) -> None:
    page.goto(recording)
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name=model).click()
    page.get_by_role("button", name="Predict this recording").click()
    page.get_by_role("button", name="What did the model look at?").click()
    expect(page.get_by_role("heading", name="What did the model look at?")).to_be_visible()


def test_a_prediction_is_explained_by_a_map_with_its_control(page: Page, explained: str, axe_source: str) -> None:
    _explain(page, explained, "Looks at T in V3")
    expect(page.get_by_text("The map passes its control")).to_be_visible(timeout=EXPLAINED_MS)
    expect(page.get_by_text("Without the T wave in lead V3")).to_be_visible()
    expect(page.get_by_text("never a finding about the patient").first).to_be_visible()
    table = page.get_by_role("table", name="Effects by lead and wave")
    expect(table.get_by_role("row")).to_have_count(14)
    expect(table.get_by_role("row", name="V3").get_by_role("cell").nth(3)).to_contain_text("+")
    assert page.get_by_test_id("map-layer").locator("div").count() > 2
    expect(page.get_by_role("heading", name="On the average of")).to_be_visible()
    expect(page.get_by_text("Random networks as strong")).to_be_visible()
    expect(page.get_by_text("only its graph is known", exact=False)).to_be_visible()
    assert serious_violations(page, axe_source) == []
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_map_that_fails_its_control_is_not_shown(page: Page, explained: str) -> None:
    _explain(page, explained, "Drawn at random")
    expect(page.get_by_text("The map is not shown: it fails its control")).to_be_visible(timeout=EXPLAINED_MS)
    expect(page.get_by_text("so it shows nothing about this ECG").first).to_be_visible()
    expect(page.get_by_role("table", name="Effects by lead and wave")).to_have_count(0)
    assert page.get_by_test_id("map-layer").locator("div").count() == 0
