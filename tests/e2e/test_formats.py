"""Reading any format on the page: the question, the report, partial recordings, downloads in other formats."""

import csv
import re
import shutil
from pathlib import Path

import numpy as np
import pydicom
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.api_calls import Api
from tests.e2e.accessibility import serious_violations
from tests.e2e.lists import choose
from tests.e2e.real_ecgs import needs_shared_data
from tests.samples import FORMATS, csv_file, wfdb_pair

ONE_OF_EACH = (
    "cardiologyxml/dummy_ecg.xml", "cpsc_mat/A1980.mat", "dicom/ge_marquette_test_ecg.dcm", "edf/contec_0000050.edf",
    "ge_muse_xml/muse_500hz_mac55_testone.xml", "h5/SPH00001.h5", "hl7_aecg/fda_subject1_0.xml",
    "ishne/ECG_P28.01.ecg", "mfer/nihon_kohden_test-file.mwf", "npy_csv/derived_ptbxl_00001_500hz.csv",
    "npy_csv/derived_ptbxl_00001_500hz.npy", "philips_sierra_xml/v1_04_ad4d3d80.xml", "schiller_xml/schiller.xml",
    "scp_ecg/demo.scp", "text/tereshchenko_testing_ecg.txt", "wfdb/00001_hr.hea", "wfdb/00001_hr.dat",
    "wfdb_mat/A0001.hea", "wfdb_mat/A0001.mat",
)  # fmt: skip
PARTIAL = "nihon_kohden_test-file.mwf"
BROKEN = "broken.dcm"


@pytest.fixture
def recordings(page: Page, api: Api) -> Page:
    """The page of recordings of a project of its own."""
    api.project = api.new_project()
    page.goto(f"/projects/{api.project}/recordings")
    return page


@needs_shared_data
def test_a_folder_of_every_format_has_a_report_that_can_be_filtered_searched_and_taken_along(
    recordings: Page, tmp_path: Path, axe_source: str
) -> None:
    page = recordings
    folder = tmp_path / "ward"
    folder.mkdir()
    for name in ONE_OF_EACH:
        shutil.copy(FORMATS / name, folder)
    (folder / BROKEN).write_bytes((folder / "ge_marquette_test_ecg.dcm").read_bytes()[:9000])
    page.get_by_label("Folder to upload").set_input_files(folder)
    _import(page, "mV")
    expect(page.get_by_text("Upload finished: 16 imported, 2 refused")).to_be_visible(timeout=180_000)
    expect(page.get_by_label("Outcomes of the upload").get_by_role("row", name=BROKEN)).to_contain_text("Refused")

    page.get_by_role("link", name="Import report").click()
    expect(page.get_by_role("heading", name="Import report")).to_be_visible()
    table = page.get_by_role("table", name="Outcomes of the import")
    expect(table.get_by_role("row")).to_have_count(19)
    assert serious_violations(page, axe_source) == []
    assert _report(page, tmp_path) == _shown(table)

    page.get_by_role("radiogroup", name="Outcomes shown").get_by_text("Refused").click()
    expect(table.get_by_role("row")).to_have_count(3)
    refused = _shown(table)
    assert {Path(name).name for name, _ in refused} == {BROKEN, PARTIAL}
    assert {outcome for _, outcome in refused} == {"refused"}
    assert _report(page, tmp_path) == refused
    expect(table.get_by_role("row", name=PARTIAL)).to_contain_text(re.compile("leads.* missing|lacks", re.I))

    page.get_by_label("Search files and reasons").fill("broken")
    expect(table.get_by_role("row")).to_have_count(2)
    assert {Path(name).name for name, _ in _report(page, tmp_path)} == {BROKEN}

    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_label("Search files and reasons").fill("")
    expect(table.get_by_role("row")).to_have_count(3)
    assert serious_violations(page, axe_source) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert table.evaluate("table => table.scrollWidth <= table.parentElement.clientWidth + 1"), "the table is cut off"


@needs_shared_data
def test_a_partial_recording_is_shown_but_neither_read_by_a_model_nor_learnt_from(recordings: Page, api: Api) -> None:
    page = recordings
    page.get_by_role("button", name="Rate and unit").click()
    page.get_by_label("Keep recordings with fewer than twelve leads").check()
    page.get_by_label("Files to upload").set_input_files(FORMATS / "mfer" / PARTIAL)
    row = page.get_by_role("table", name="Recordings").get_by_role("row", name=PARTIAL)
    expect(row).to_contain_text("partial")
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", name=PARTIAL)).to_be_visible()
    missing = api.recordings()[0]["missing_leads"]
    assert len(missing) == 10
    facts = page.get_by_role("region", name="Details")
    expect(facts.locator("dt", has_text="Missing leads").locator("xpath=following-sibling::dd")).to_have_text(
        ", ".join(missing)
    )
    expect(page.get_by_role("img", name=re.compile(f"missing: {', '.join(missing)}"))).to_be_visible()
    predict = page.get_by_role("region", name="Predict")
    expect(predict).to_contain_text("A model needs all twelve leads")
    expect(predict.get_by_role("button")).to_have_count(0)

    api.dataset(f"file_name,label\n{PARTIAL},SR\n")
    page.goto(f"/projects/{api.project}/labels")
    expect(page.get_by_text("1 recording of these lacks leads and is left out of training.")).to_be_visible()
    page.goto(f"/projects/{api.project}/runs/new")
    expect(page.get_by_text("0 recordings with labels (1 more lack leads and are left out)")).to_be_visible()
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("alert")).to_contain_text("lack leads; networks need all twelve")


@needs_shared_data
def test_a_recording_is_taken_along_as_dicom_with_the_same_samples(recordings: Page, tmp_path: Path) -> None:
    page = recordings
    source = FORMATS / "wfdb" / "00001_hr.dat"
    page.get_by_label("Files to upload").set_input_files([source, source.with_suffix(".hea")])
    page.get_by_role("table", name="Recordings").get_by_role("link", name="00001_hr.hea").click()
    page.get_by_role("button", name="Download as …").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=re.compile("DICOM")).click()
    assert download.value.suggested_filename == "00001_hr.dcm"
    path = tmp_path / "taken.dcm"
    download.value.save_as(path)
    written = pydicom.dcmread(path)
    group = written.WaveformSequence[0]
    units = {channel.ChannelSensitivityUnitsSequence[0].CodeValue for channel in group.ChannelDefinitionSequence}
    assert (float(group.SamplingFrequency), units) == (500.0, {"uV"})
    microvolts = np.fromfile(source, "<i2").reshape(-1, 12)  # 1000 units per mV, as its header has it
    np.testing.assert_allclose(written.waveform_array(0), microvolts, atol=1e-6)


def test_a_wrong_unit_is_seen_before_anything_is_stored_and_a_cancelled_import_says_so(
    recordings: Page, api: Api, axe_source: str
) -> None:
    page = recordings
    opener = page.get_by_role("button", name="Choose files")
    opener.focus()
    _pick(page, "a.csv", csv_file())
    dialog = page.get_by_role("dialog", name="How should these files be read?")
    expect(dialog).to_contain_text("500 Hz · 2 s")
    choose(dialog, "Unit of the values", re.compile("^mV"))
    doubt = dialog.get_by_text(re.compile("If the file holds µV, declare 1000 units per mV"))
    expect(doubt).to_be_visible()
    for width, scheme in ((1440, "dark"), (390, "light"), (1440, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert serious_violations(page, axe_source) == []
        expect(dialog.get_by_role("button", name="Import 1 file")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()
    expect(page.get_by_text("Not uploaded because the import was cancelled: 1 file.")).to_be_visible()
    assert api.recordings() == []

    _pick(page, "a.csv", csv_file())
    expect(dialog).to_contain_text("500 Hz · 2 s · largest lead 1.1 mV")  # what was cancelled declares nothing
    expect(doubt).to_have_count(0)
    dialog.get_by_label("Sampling rate").fill("100")
    expect(dialog).to_contain_text("100 Hz · 10 s")
    dialog.get_by_role("button", name="Import 1 file").click()
    expect(page.get_by_role("table", name="Recordings").get_by_role("link", name="a.csv")).to_be_visible()
    (stored,) = api.recordings()
    assert (stored["rate"], stored["declared"]["units_per_mv"], stored["findings"]) == (100, 1000, [])


def test_a_file_refused_in_the_question_can_be_declared_anew_or_imported_anyway(recordings: Page, api: Api) -> None:
    page = recordings
    three = b"I,II,V1\n" + b"100,200,300\n110,190,310\n" * 600
    _pick(page, "three.csv", three)
    dialog = page.get_by_role("dialog", name="How should these files be read?")
    expect(dialog.get_by_role("alert")).to_contain_text("This file cannot be read with these settings")
    dialog.get_by_label("Keep recordings with fewer than twelve leads").check()
    expect(dialog.get_by_role("alert")).to_have_count(0)
    expect(dialog).to_contain_text("without V2, V3, V4, V5, V6")
    dialog.get_by_label("Keep recordings with fewer than twelve leads").uncheck()
    dialog.get_by_role("button", name="Import anyway: 1 file").click()
    expect(page.get_by_label("Outcomes of the upload").get_by_role("row", name="three.csv")).to_contain_text("Refused")
    assert api.recordings() == []


def test_of_two_uploads_in_a_row_both_are_asked_about_and_none_is_lost(recordings: Page, api: Api) -> None:
    page = recordings
    for number in (1, 2):
        _pick(page, f"{number}.csv", csv_file(number))
    dialog = page.get_by_role("dialog", name="How should these files be read?")
    for number in (1, 2):
        expect(dialog.get_by_role("img", name=re.compile(f"{number}.csv"))).to_be_visible()
        dialog.get_by_role("button", name="Import 1 file").click()
    expect(page.get_by_text("Upload finished: 2 imported")).to_be_visible()
    assert sorted(one["file_name"] for one in api.recordings()) == ["1.csv", "2.csv"]


def test_a_folder_is_dropped_with_a_broken_file_among_good_ones(recordings: Page, api: Api, tmp_path: Path) -> None:
    page = recordings
    folder = tmp_path / "dropped"
    (folder / "deep").mkdir(parents=True)
    for number in (1, 2):
        header, data = wfdb_pair(f"r{number}", number)
        (folder / "deep" / f"r{number}.hea").write_bytes(header)
        (folder / "deep" / f"r{number}.dat").write_bytes(data)
    (folder / "torn.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\1" * 50)
    _drop(page, page.get_by_role("region", name="Upload recordings"), folder)
    expect(page.get_by_text("Upload finished: 2 imported, 1 refused")).to_be_visible()
    torn = page.get_by_label("Outcomes of the upload").get_by_role("row", name="dropped/torn.dcm")
    expect(torn).to_contain_text(re.compile("Refused.*DICOM", re.S))
    assert sorted(one["file_name"] for one in api.recordings()) == ["dropped/deep/r1.hea", "dropped/deep/r2.hea"]


def _import(page: Page, unit: str) -> None:
    """Answer the question how the files are to be read."""
    dialog = page.get_by_role("dialog", name="How should these files be read?")
    choose(dialog, "Unit of the values", re.compile(f"^{unit}"))
    dialog.get_by_role("button", name=re.compile("^Import")).click()


def _pick(page: Page, name: str, data: bytes) -> None:
    page.get_by_label("Files to upload").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )


def _drop(page: Page, onto: Locator, path: Path) -> None:
    """Drag a file or folder of this machine onto an element, as a file manager does."""
    box = onto.bounding_box()
    assert box is not None
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + 30}
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "data": data} | at)


def _shown(table: Locator) -> list[tuple[str, str]]:
    """Return names and outcomes of the rows, as the API words them."""
    words = {"Imported": "imported", "Refused": "refused", "Duplicate": "duplicate", "Updated": "updated"}
    rows = [row.locator("td").all() for row in table.locator("tbody tr").all()]
    return [(file.locator("a, p").first.inner_text(), words[outcome.inner_text()]) for outcome, file in rows]


def _report(page: Page, folder: Path) -> list[tuple[str, str]]:
    """Download the report and return names and outcomes of its rows."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    path = folder / "report.csv"
    download.value.save_as(path)
    with path.open(newline="", encoding="utf-8-sig") as file:
        return [(row["file_name"], row["status"]) for row in csv.DictReader(file)]
