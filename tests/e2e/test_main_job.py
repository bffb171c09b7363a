"""The main job in a real browser: from a folder of real ECGs and a table of labels to a model that predicts."""

import csv
import re
from pathlib import Path

import onnxruntime
from playwright.sync_api import Page, expect

from tests.e2e.lists import choose
from tests.e2e.real_ecgs import device_files, ludb_csvs, needs_shared_data

TRAINING_MS = 300_000


@needs_shared_data
def test_a_person_gets_from_a_folder_of_real_ecgs_to_a_model_that_predicts(page: Page, tmp_path: Path) -> None:
    devices = device_files(tmp_path / "devices")
    table = ludb_csvs(tmp_path / "ludb")

    # A project.
    page.goto("/")
    page.get_by_role("button", name="New project").first.click()
    page.get_by_label("Name").fill("Ward 3")
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_role("heading", name="Recordings", exact=True)).to_be_visible()

    # Device files and unreadable ones in one go. The CSV says neither rate nor unit, so the platform asks: taken as µV
    # there is a doubt, which goes with the right unit.
    page.get_by_label("Files to upload").set_input_files(devices)
    dialog = page.get_by_role("dialog", name="How should these files be read?")
    expect(dialog).to_contain_text("This file does not state the sampling rate and the unit.")
    doubt = dialog.get_by_text(re.compile("If the file holds mV, declare 1 unit per mV"))
    expect(doubt).to_be_visible()
    choose(dialog, "Unit of the values", re.compile("^mV"))
    expect(doubt).to_have_count(0)
    dialog.get_by_role("button", name="Import 8 files").click()

    # Each has its own outcome, the bad ones with the remedy.
    outcomes = page.get_by_role("region", name="Outcome of each file").or_(page.get_by_label("Outcomes of the upload"))
    expect(outcomes.first).to_contain_text("waveform_ecg.dcm")
    expect(page.get_by_text(re.compile("is empty. Export or copy it again"))).to_be_visible()
    expect(page.get_by_text(re.compile("the .hea is missing. Upload it together"))).to_be_visible()
    recordings = page.get_by_role("table", name="Recordings")
    for name in ("waveform_ecg.dcm", "00001_hr.hea", "A0001.hea", "derived_ptbxl_00001_500hz.csv"):
        expect(recordings.get_by_text(name)).to_be_visible()

    # A folder of CSVs at 100 Hz, declared in advance; mV stays declared from before.
    page.get_by_role("button", name="Rate and unit").click()
    page.get_by_role("textbox", name="Sampling rate").fill("100")
    page.get_by_label("Folder to upload").set_input_files(tmp_path / "ludb")
    expect(dialog).to_contain_text(re.compile(r"100 Hz · 10 s · largest lead [\d.]+ mV"))
    expect(dialog.get_by_text("Please check")).to_have_count(0)
    dialog.get_by_role("button", name="Import 60 files").click()
    expect(page.get_by_text(re.compile(r"64 recordings")).first).to_be_visible(timeout=180_000)

    # Search, and the 12-lead view on paper.
    page.get_by_label("Search").fill("waveform")
    recordings.get_by_role("link", name="waveform_ecg.dcm").click()
    expect(page.get_by_role("heading", name="waveform_ecg.dcm")).to_be_visible()
    tracing = page.get_by_role("img", name=re.compile("12-lead|ECG|Tracing", re.I)).first
    expect(tracing).to_be_visible()
    expect(page.get_by_text("25 mm/s · 10 mm/mV · 1000 Hz · unfiltered")).to_be_visible()

    # Labels: what matches, what does not.
    page.get_by_role("link", name=re.compile("Labels")).first.click()
    page.locator("input[type=file]").set_input_files(table)
    page.get_by_role("button", name="Upload labels").click()
    page.get_by_role("button", name="Rows without a recording (1)").click()
    expect(page.get_by_text("not_here.csv").first).to_be_visible()
    expect(page.get_by_role("table", name=re.compile("Labels of"))).to_contain_text("OTHER")

    # Train: a short one.
    page.get_by_role("link", name=re.compile("Train")).first.click()
    page.get_by_role("link", name="New training").or_(page.get_by_role("button", name="New training")).first.click()
    page.get_by_role("button", name="Advanced settings").click()
    page.get_by_label("Maximum epochs").fill("2")
    page.get_by_label("Batch size").fill("16")
    page.get_by_label("Learning rate", exact=True).fill("0.001")
    page.get_by_role("radio", name=re.compile("^One test part")).check()
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text(re.compile("Epoch 1|Finding|Preparing|Waiting", re.I)).first).to_be_visible()
    page.get_by_role("link", name="Open the model").click(timeout=TRAINING_MS)

    # The model: results on the test part, the ONNX file works by itself.
    expect(page.get_by_text(re.compile(r"Measured on \d+ recordings"))).to_be_visible()
    expect(page.get_by_role("heading", name="Confusion matrix")).to_be_visible()
    page.get_by_role("button", name="Download …").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=re.compile("ONNX")).click()
    onnx = tmp_path / "model.onnx"
    download.value.save_as(onnx)
    session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
    assert session.get_modelmeta().custom_metadata_map["target_keys"] in ("['HYP', 'OTHER']", "['OTHER', 'HYP']")

    # Predict beside the tracing.
    page.get_by_role("link", name=re.compile("Recordings")).first.click()
    page.get_by_label("Search").fill("00001_hr")
    recordings.get_by_role("link", name="00001_hr.hea").click()
    page.get_by_role("button", name="Predict this recording").click()
    result = page.get_by_label("Result of the prediction")
    expect(result).to_contain_text("HYP")
    expect(result).to_contain_text("OTHER")

    # Predict everything, and take the results along as CSV.
    page.get_by_role("link", name=re.compile("Predictions")).first.click()
    page.get_by_role("button", name="Start prediction").click()
    with page.expect_download(timeout=180_000) as download:
        page.get_by_role("link", name=re.compile("CSV")).click(timeout=180_000)
    results = tmp_path / "predictions.csv"
    download.value.save_as(results)
    with results.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 64
    assert {row["predicted"] for row in rows} <= {"HYP", "OTHER"}
    assert all(
        abs(float(row["probability_HYP"]) + float(row["probability_OTHER"]) - 1) < 1e-4
        for row in rows
        if not row["error"]
    )
