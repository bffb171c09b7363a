"""The small inputs that went wrong, of ../shared/cases: each is read as its expected.txt says, or rightly refused."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from backend.ecg.errors import EcgError, UndeclaredError, UnreadableFileError, UnsupportedFormatError
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, group, read
from backend.ecg.recording import Recording

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases"
FORMATS = CASES / "formats"
pytestmark = pytest.mark.skipif(not FORMATS.exists(), reason="the cases of ../shared/cases are not here")
MV = ReadOptions(rate=500, units_per_mv=1)
EXACT = 1e-6  # mV: the rounding of float32


def truth() -> np.ndarray:
    return np.load(CASES / "truth_500hz_uv.npy").astype(np.float64) / 1000


def sets(case: str) -> dict[str, FileSet]:
    folder = FORMATS / case
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "expected.txt"]
    return {
        one.name: one for one in group([SourceFile(p.relative_to(folder).as_posix(), p.read_bytes()) for p in paths])
    }


def recordings(case: str, options: ReadOptions | None = None) -> list[Recording]:
    (files,) = sets(case).values()
    return read(files, options)


def one(case: str, options: ReadOptions | None = None) -> Recording:
    (recording,) = recordings(case, options)
    return recording


def refused(case: str, options: ReadOptions | None = None) -> EcgError:
    with pytest.raises(EcgError) as caught:
        recordings(case, options)
    return caught.value


def equals(recording: Recording, expected: np.ndarray, tolerance: float = EXACT) -> None:
    assert recording.signal.shape == expected.shape
    np.testing.assert_allclose(recording.signal, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize(
    ("case", "options", "tolerance"),
    [
        ("aecg_digits_decimal_comma", None, EXACT),
        ("dicom_decimal_comma_sensitivity", None, 0.00126),  # half a step of 2.5 µV
        ("dicom_padding_value_zero", None, EXACT),
        ("edf_channels_numbered_declared", ReadOptions(leads=LEADS), 0.0006),
        ("muse_bare_ampersand_in_name", None, EXACT),
        ("scp_zero_based_section_index", None, EXACT),
        ("wfdb_ptbxlplus_folder_in_file_name", None, 0.001),
        ("wfdb_unit_nu", ReadOptions(unit="arbitrary"), EXACT),
    ],
)
def test_the_signal_is_the_one_that_was_written(case, options, tolerance):
    equals(one(case, options), truth(), tolerance)


@pytest.mark.parametrize("case", ["csv_elapsed_time_hhmmss_250hz", "csv_epoch_ms_250hz"])
def test_a_time_column_gives_250_hz_and_nothing_is_left_open(case):
    recording = one(case)
    assert (recording.rate, recording.n_samples, recording.declared) == (250, 2500, ())


def test_quoted_decimal_commas_are_numbers():
    equals(one("csv_quoted_decimal_comma", ReadOptions(rate=500)), truth()[:, :400])


def test_two_recordings_of_one_table_are_two():
    first, second = recordings("csv_two_recordings_by_ecg_id", ReadOptions(rate=500))
    assert (first.record_id, second.record_id) == ("1", "2")
    equals(first, truth()[:, :2500])
    equals(second, truth()[:, 2500:])
    assert isinstance(refused("csv_two_recordings_by_ecg_id"), UndeclaredError)


def test_the_codes_in_headers_of_the_challenge_are_kept_as_statements():
    found = [read(files)[0] for files in sets("dataset_cinc2020").values()]
    assert [one.record_id for one in found] == [f"E{number:05}" for number in range(1, 31)]
    codes = ["+".join(statement.code for statement in one.device.statements) for one in found]
    assert {code: codes.count(code) for code in codes} == {
        "426783006": 10,
        "164889003+59118001": 10,
        "270492004": 10,
    }
    assert all(statement.text for one in found for statement in one.device.statements)


def test_code_15_is_known_by_its_exam_ids():
    files = sets("dataset_code15")
    found = read(files["exams_part0.hdf5"])
    table = (FORMATS / "dataset_code15" / "exams.csv").read_text().splitlines()[1:]
    assert sorted(one.record_id or "" for one in found) == sorted(line.split(",")[0] for line in table)
    assert {(one.rate, one.n_samples) for one in found} == {(400, 2880)}
    assert "table of labels" in message(files["exams.csv"])


def test_records_of_mimic_are_known_by_their_study_ids():
    files = sets("dataset_mimic-iv-ecg")
    studies = [read(one)[0].record_id for name, one in files.items() if name.endswith(".hea")]
    rows = (FORMATS / "dataset_mimic-iv-ecg" / "record_list.csv").read_text().splitlines()[1:]
    listed = {row.split(",")[1] for row in rows}
    assert studies
    assert set(studies) <= listed
    for table in ("machine_measurements.csv", "record_list.csv"):
        assert "table of labels" in message(files[table])


def test_a_parquet_of_recordings_gives_ids_and_labels():
    files = sets("dataset_parquet")
    found = read(files["ecgs.parquet"], MV)
    labels = dict(line.split(",") for line in (FORMATS / "dataset_parquet" / "labels.csv").read_text().split()[1:])
    assert {one.record_id: one.labels for one in found} == {name: {"label": label} for name, label in labels.items()}
    assert len(found) == 30
    assert "table of labels" in message(files["labels.csv"])


def test_four_groups_of_three_leads_are_put_where_their_offsets_say():
    recording = one("dicom_4x3_groups_with_offsets")
    expected = np.full((12, 5000), np.nan)
    for part in range(4):
        rows, at = slice(3 * part, 3 * part + 3), slice(1250 * part, 1250 * part + 1250)
        expected[rows, at] = truth()[rows, at]
    np.testing.assert_allclose(recording.signal, expected, rtol=0, atol=EXACT)
    assert any("do not span the whole recording" in note for note in recording.notes)


def test_numbered_channels_ask_for_their_order():
    assert "declare it as the order of the leads" in str(refused("edf_channels_numbered_declared"))


def test_leads_of_two_rates_are_refused_as_such():
    text = str(refused("edf_leads_of_two_rates"))
    assert "2 sampling rates" in text
    assert "at 250 Hz" in text
    assert "at 500 Hz" in text
    assert "missing" not in text


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("generic_refusal_label_table", ("looks like a table of labels", "exchangeai labels")),
        ("generic_refusal_pdf", ("is a PDF", "Export the recording itself")),
        ("generic_refusal_xlsx", ("an Excel workbook", "as CSV")),
        ("ptbxl_table_sex_as_label", ("looks like a table of labels", "exchangeai labels")),
    ],
)
def test_what_is_no_recording_is_called_by_its_name(case, words):
    error = refused(case)
    assert isinstance(error, UnsupportedFormatError)
    assert all(word in str(error) for word in words)
    assert "SCP-ECG (.scp)" not in str(error)  # no list of formats


def test_sami_trop_has_400_hz_mv_and_no_padding():
    found = recordings("hdf5_samitrop_tracings_without_ids")
    assert {(one.rate, one.unit, one.n_samples) for one in found} == {(400, "mV", 2880)}
    assert all(0.5 < np.ptp(one.signal) < 10 for one in found)


def test_an_rr_in_samples_is_brought_to_ms():
    assert one("muse_global_rr_in_samples").device.measurements == {"heart_rate": 72, "qrs": 90, "rr": 832}


@pytest.mark.parametrize(("case", "age", "sex"), [("wfdb_age_6_months", 0.5, "F"), ("wfdb_age_sex_one_line", 25, "M")])
def test_ages_are_years_and_several_facts_may_share_a_line(case, age, sex):
    patient = one(case).patient
    assert (patient.age, patient.sex) == (age, sex)


def test_gain_0_is_said_and_left_open():
    recording = one("wfdb_gain_zero")
    assert "unit" in recording.declared
    assert any("not calibrated" in note and "200 steps per mV" in note for note in recording.notes)
    equals(one("wfdb_gain_zero", ReadOptions(units_per_mv=1000)), recording.signal / 5)


def test_a_master_with_too_few_segments_is_refused_with_its_segments():
    (files,) = sets("wfdb_master_segment_count_wrong").values()
    assert len(files.files) == 5
    error = refused("wfdb_master_segment_count_wrong")
    assert isinstance(error, UnreadableFileError)
    assert "announces 3 segments and describes 2" in str(error)


def test_a_unit_that_is_no_voltage_offers_to_be_read_without_a_scale():
    error = refused("wfdb_unit_nu")
    assert "arbitrary" in str(error)
    assert {"unit": "arbitrary"} in error.offers
    assert one("wfdb_unit_nu", ReadOptions(unit="arbitrary")).unit == "arbitrary"


def message(files: FileSet) -> str:
    with pytest.raises(UnsupportedFormatError) as caught:
        read(files)
    return str(caught.value)


def test_every_case_is_named_here():
    named = Path(__file__).read_text()
    missing: Sequence[str] = [
        path.name for path in FORMATS.iterdir() if path.is_dir() and f'"{path.name}"' not in named
    ]
    assert missing == []
