"""Models on the page: from one project to another as a package, and fine-tuned there; from elsewhere; refused."""

import re
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from playwright.sync_api import Page, expect

from tests.api_calls import Api
from tests.e2e.accessibility import serious_violations
from tests.e2e.lists import choose

TRAINING_MS = 300_000  # a busy machine is slow, not wrong


@pytest.fixture(scope="module")
def trained(api: Api) -> str:
    """The address of a demo project on the page, with a model of few epochs."""
    api.project = demo_project(api, "Ward 5", 60)
    body = {
        "dataset_id": api.get("/datasets")[0]["id"],
        "name": "Ward model",
        "architecture": "inception_time",
        "architecture_config": {"filters": 4, "depth": 1, "kernel": 9},
        "training": {"max_epochs": 2, "batch_size": 32, "learning_rate": 0.002},
        "split": {"method": "holdout"},
    }
    run = api.client.post(api.url("/runs"), json=body).json()
    assert api.wait(run["job"]["id"], seconds=TRAINING_MS / 1000)["status"] == "done"
    return f"/projects/{api.project}"


def test_a_model_goes_to_another_project_as_a_package_and_is_fine_tuned_there(
    page: Page, api: Api, trained: str, tmp_path: Path, axe_source: str
) -> None:
    page.goto(f"{trained}/models")
    page.get_by_role("link", name="Ward model").click()

    # What is said of it goes into its card.
    page.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Licence").fill("CC BY 4.0")
    dialog.get_by_label("Intended use").fill("Trying the <b>platform</b> out.")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    page.get_by_text("Show the model card, which is part of the model package").click()
    card = page.get_by_role("region", name="Model card")
    expect(card.get_by_role("heading", name="What it tells")).to_be_visible()
    expect(card).to_contain_text("Trying the <b>platform</b> out.")
    expect(card.get_by_role("table").first).to_contain_text("NORM")
    assert serious_violations(page, axe_source) == []

    # The package, and its way into another project.
    page.get_by_role("button", name="Download …").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=re.compile("Model package")).click()
    package = tmp_path / "Ward model.zip"
    download.value.save_as(package)
    with zipfile.ZipFile(package) as archive:
        assert {"model.onnx", "weights.safetensors", "manifest.json"} <= {
            Path(name).name for name in archive.namelist()
        }
    place = f"/projects/{demo_project(api, 'Ward 6', 60)}"
    page.goto(f"{place}/models")
    page.get_by_label("Model file").set_input_files(package)
    page.get_by_label("Name of the model").fill("From ward 5")
    page.get_by_role("button", name="Import model").click()
    expect(page.get_by_text("“From ward 5” was imported")).to_be_visible(timeout=180_000)
    expect(page.get_by_role("list", name="Models")).to_contain_text("imported from a model package")
    page.get_by_role("link", name="Open the model").click()
    expect(page.get_by_text("CC BY 4.0").first).to_be_visible()

    # Fine-tuned there: base and method are chosen, the time is told, network and preprocessing are those of the base.
    page.get_by_role("link", name="Fine-tune this model").click()
    expect(page.get_by_role("combobox", name="Start from")).to_have_value(re.compile("^From ward 5 · "))
    expect(page.get_by_role("combobox", name="Architecture")).to_have_count(0)
    page.get_by_role("radio", name="Head only").check()
    expect(page.get_by_text(re.compile("^Estimated time: about "))).to_be_visible(timeout=180_000)
    page.get_by_role("button", name="Advanced settings").click()
    expect(page.get_by_label("Seed", exact=True)).to_be_visible()
    expect(page.get_by_label("Random noise")).to_have_count(0)
    assert serious_violations(page, axe_source) == []
    page.get_by_role("radio", name=re.compile("^One test part")).check()
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("definition").get_by_text("Head only", exact=True).first).to_be_visible()
    page.get_by_role("link", name="Open the model").click(timeout=TRAINING_MS)
    expect(page.get_by_text(re.compile(r"Measured on \d+ recordings"))).to_be_visible()
    page.get_by_role("link", name="From ward 5").click()
    expect(page.get_by_role("heading", name="From ward 5", level=1)).to_be_visible()


def test_what_a_model_is_not_offered_for_it_cannot_be_chosen_for(page: Page, trained: str) -> None:
    page.goto(f"{trained}/models")
    page.get_by_role("link", name="Ward model").click()
    expect(page.get_by_role("heading", name="Ward model", level=1)).to_be_visible()
    model = page.url
    for purpose in ("prediction", "fine-tuning"):
        page.get_by_role("switch", name=f"Available for {purpose}").uncheck()
    expect(page.get_by_role("link", name="Fine-tune this model")).to_have_count(0)
    expect(page.get_by_role("link", name="Predict a dataset")).to_have_count(0)
    page.goto(f"{trained}/predictions")
    nothing, choice = page.get_by_text("Predictions need a model first"), page.get_by_role("combobox", name="Model")
    expect(nothing.or_(choice)).to_be_visible()  # models of other projects may be chosen here too
    if choice.is_visible():
        choice.click()
        expect(page.get_by_role("option").first).to_be_visible()
        expect(page.get_by_role("option", name="Ward model")).to_have_count(0)
    page.goto(f"{trained}/runs/new")
    page.get_by_role("combobox", name="Start from").click()
    expect(page.get_by_role("option", name="A new, untrained model")).to_be_visible()
    expect(page.get_by_role("option", name="Ward model")).to_have_count(0)
    page.goto(model)
    for purpose in ("prediction", "fine-tuning"):
        page.get_by_role("switch", name=f"Available for {purpose}").check()
    expect(page.get_by_role("link", name="Fine-tune this model")).to_be_visible()


def test_what_an_onnx_file_leaves_open_is_asked_for_beside_it(
    page: Page, api: Api, tmp_path: Path, axe_source: str
) -> None:
    file = tmp_path / "their net.onnx"
    file.write_bytes(mean_and_linear())
    page.goto(f"/projects/{api.new_project()}/models")
    page.get_by_label("Model file").set_input_files(file)
    page.get_by_role("button", name="Import model").click()
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("missing: labels", timeout=180_000)
    page.get_by_label("Labels").fill("NORM\nMI, old")
    choose(page, "Unit of the signal", "µV")
    assert serious_violations(page, axe_source) == []
    page.get_by_role("button", name="Import model").click()
    expect(page.get_by_text("“their net” was imported")).to_be_visible(timeout=180_000)
    expect(page.get_by_role("list", name="Models")).to_contain_text("NORM, MI, old")
    page.get_by_role("link", name="Open the model").click()
    expect(page.get_by_text("Not tested")).to_be_visible()
    expect(page.get_by_text("in µV")).to_be_visible()


def test_a_pickle_is_refused_with_the_reason(page: Page, api: Api) -> None:
    page.goto(f"/projects/{api.new_project()}/models")
    page.get_by_label("Model file").set_input_files(
        {"name": "net.pt", "mimeType": "", "buffer": b"\x80\x04cos\nsystem\n(S'true'\ntR."}
    )
    page.get_by_label("Labels").fill("A\nB")
    page.get_by_role("button", name="Import model").click()
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("The model could not be imported", timeout=180_000)
    expect(problem).to_contain_text(re.compile("pickle|state dict|safetensors", re.I))


def demo_project(api: Api, name: str, n: int = 120) -> str:
    """Make a demo project and wait until it is filled; return its id."""
    answer = api.client.post("/api/v1/projects/demo", json={"name": name, "n_recordings": n, "seed": 5})
    made = answer.json()
    with api.client.stream(
        "GET", f"/api/v1/projects/{made['project']['id']}/jobs/{made['job']['id']}/stream"
    ) as stream:
        stream.read()  # it ends with the job
    project: str = made["project"]["id"]
    return project


def quick_model(api: Api, project: str, n: int = 120) -> None:
    """Make a project of `n` simulated ECGs the present one, and train a small network of two epochs in it."""
    api.project = demo_project(api, project, n)
    body = {
        "dataset_id": api.get("/datasets")[0]["id"], "name": "Quick model", "architecture": "inception_time",
        "architecture_config": {"filters": 4, "depth": 1, "kernel": 9},
        "training": {"max_epochs": 2, "batch_size": 32, "learning_rate": 0.005}, "split": {"method": "holdout"},
    }  # fmt: skip
    run = api.client.post(api.url("/runs"), json=body).json()
    assert api.wait(run["job"]["id"], seconds=TRAINING_MS / 1000)["status"] == "done"


def mean_and_linear() -> bytes:
    """A classifier that says nothing of itself: the mean of each lead, then a linear layer with two outputs."""
    rng = np.random.default_rng(1)
    weights = numpy_helper.from_array(rng.normal(size=(12, 2)).astype(np.float32), "w")
    bias = numpy_helper.from_array(np.zeros(2, np.float32), "b")
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]),
        helper.make_node("Gemm", ["flat", "w", "b"], ["y"]),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 12, 1000])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 2])
    model = helper.make_model(
        helper.make_graph(nodes, "g", [x], [y], [weights, bias]),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=9,
    )
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content
