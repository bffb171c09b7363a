"""Looking at what is stored: lists, neighbours, signals."""

import json
import struct

import numpy as np
import pytest
import wfdb

from backend.ecg.clinical_filters import filtered
from backend.storage import Storage
from tests.api_calls import Api, refusal
from tests.samples import FORMATS, NO_SHARED, csv_file, microvolts, wfdb_pair
from tests.stores import blobs_of, replace


def _values(payload: bytes) -> tuple[np.ndarray, dict]:
    """Unpack the signal payload by its documentation, independently of the code that packs it."""
    (length,) = struct.unpack_from("<I", payload)
    header = json.loads(payload[4 : 4 + length])
    samples = np.frombuffer(payload, "<i2", offset=4 + length).reshape(len(header["leads"]), header["n_samples"])
    return np.where(samples == -32768, np.nan, samples * np.array(header["step"])[:, None]), header


def _fill(api: Api) -> list[str]:
    files = {f"ward{n % 2}/ecg{n}.csv": csv_file(n, n=1000 + 10 * n) for n in range(5)}
    report = api.upload(files, rate="100")
    return [outcome["recording_ids"][0] for outcome in report["outcomes"]]


@pytest.mark.skipif(not FORMATS.exists(), reason=NO_SHARED)
@pytest.mark.parametrize(
    "record", ["wfdb/00001_hr", "wfdb/00001_lr", "wfdb/ludb_1", "wfdb_mat/A0001", "wfdb_mat/HR00001"]
)
def test_the_signal_over_http_is_that_of_wfdb_to_a_millionth_of_a_millivolt(api: Api, record: str) -> None:
    path = FORMATS / record
    files = [
        member
        for member in path.parent.iterdir()
        if member.stem == path.name and member.suffix in (".hea", ".dat", ".mat")
    ]
    report = api.upload({member.name: member.read_bytes() for member in files})
    (recording_id,) = report["outcomes"][0]["recording_ids"]
    answer = api.client.get(api.url(f"/recordings/{recording_id}/signal"))
    assert answer.headers["content-type"] == "application/octet-stream"
    values, header = _values(answer.content)
    expected = wfdb.rdrecord(str(path))
    order = [[name.upper() for name in expected.sig_name].index(lead.upper()) for lead in header["leads"]]
    assert header["rate"] == expected.fs
    assert header["unit"] == "mV"
    np.testing.assert_allclose(values, expected.p_signal.T[order], atol=1e-6, rtol=0, equal_nan=True)


def test_the_signal_of_a_csv_is_the_numbers_in_it(api: Api) -> None:
    api.upload({"a.csv": csv_file(3)}, rate="100")
    values, header = _values(api.client.get(api.url(f"/recordings/{api.recordings()[0]['id']}/signal")).content)
    assert header["leads"] == ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
    np.testing.assert_allclose(values, microvolts(3) / 1000, atol=1e-9)


def test_the_signal_as_a_network_gets_it_is_at_the_rate_of_the_preset(api: Api) -> None:
    api.upload(dict(zip(("r.hea", "r.dat"), wfdb_pair("r", n=5000, rate=500), strict=True)))
    address = api.url(f"/recordings/{api.recordings()[0]['id']}/signal")
    _, header = _values(api.client.get(address, params={"preprocessing": "clinical"}).content)
    assert (header["rate"], header["n_samples"], header["unit"]) == (100, 1000, "arbitrary")
    answer = api.client.get(address, params={"preprocessing": "magic"})
    assert "clinical" in refusal(answer, 422, "PreprocessingError")


def test_recordings_are_paged_and_sorted_without_gap_or_repetition(api: Api) -> None:
    _fill(api)
    for sort in ("file_name", "created_at", "rate", "duration", "age", "patient_id", "label", "format"):
        for order in ("asc", "desc"):
            pages = [api.get("/recordings", sort=sort, order=order, page=page, size=2) for page in (1, 2, 3, 4)]
            ids = [row["id"] for page in pages for row in page["items"]]
            assert [len(page["items"]) for page in pages] == [2, 2, 1, 0]
            assert len(set(ids)) == 5
            assert {page["total"] for page in pages} == {5}
    lengths = [row["n_samples"] for row in api.recordings(sort="duration", order="desc")]
    assert lengths == sorted(lengths, reverse=True)


def test_an_unknown_sort_is_refused_with_the_known_ones(api: Api) -> None:
    answer = api.client.get(api.url("/recordings"), params={"sort": "shoe_size"})
    assert "file_name" in refusal(answer, 422, "InvalidInputError")


@pytest.mark.parametrize(
    ("search", "n"),
    [
        ("ward0", 3),
        ("ECG3", 1),
        ("", 5),
        ("nothing", 0),
        ("%", 0),
        ("_", 0),
        ("'; DROP TABLE recordings;--", 0),
        ("\\", 0),
    ],
)
def test_search_looks_for_the_text_itself(api_on_each_database: Api, search: str, n: int) -> None:
    _fill(api_on_each_database)
    assert api_on_each_database.get("/recordings", search=search)["total"] == n


def test_a_zero_byte_in_a_search_is_no_server_error(api_on_each_database: Api) -> None:
    answer = api_on_each_database.client.get(api_on_each_database.url("/recordings"), params={"search": "a\0b"})
    assert answer.status_code in (200, 422)


def test_recordings_are_found_by_label_in_any_script(api_on_each_database: Api) -> None:
    api = api_on_each_database
    _fill(api)
    api.dataset('file_name,label\necg0.csv,Rückwand "alt"\necg1.csv,MI\necg2.csv,心梗\necg3.csv,A\\B\necg4.csv,LMI\n')
    for label in ('Rückwand "alt"', "MI", "心梗", "A\\B"):
        for query in ({"label": label}, {"search": label}):
            assert [row["labels"] for row in api.recordings(**query)] == [[label]], query
    assert [row["labels"] for row in api.recordings(sort="label")] == sorted(
        [row["labels"] for row in api.recordings()], key=lambda labels: json.dumps(labels)
    )


def test_recordings_with_findings_can_be_singled_out(api_on_each_database: Api) -> None:
    api = api_on_each_database
    api.upload({"fine.csv": csv_file(1)}, rate="100")
    flat = "\n".join([csv_file(2).decode().splitlines()[0], *["0," * 11 + "0"] * 1000]).encode()
    api.upload({"flat.csv": flat}, rate="100")
    assert [row["file_name"] for row in api.recordings(findings_only=True)] == ["flat.csv"]


def test_neighbours_follow_the_order_of_names_and_end_at_both_ends(api_on_each_database: Api) -> None:
    api = api_on_each_database
    _fill(api)
    ids = [row["id"] for row in api.recordings()]
    shown = [api.get(f"/recordings/{recording_id}") for recording_id in ids]
    assert [row["previous_id"] for row in shown] == [None, *ids[:-1]]
    assert [row["next_id"] for row in shown] == [*ids[1:], None]


def test_a_deleted_recording_takes_its_bytes_along_unless_another_shares_them(api: Api, storage: Storage) -> None:
    header, data = wfdb_pair("r1")
    other_header = header.replace(b"r1 12", b"r2 12")
    report = api.upload({"r1.hea": header, "r2.hea": other_header, "r1.dat": data})  # both name r1.dat
    first, second = (outcome["recording_ids"][0] for outcome in report["outcomes"])
    assert api.client.delete(api.url(f"/recordings/{first}")).status_code == 204
    refusal(api.client.get(api.url(f"/recordings/{first}")), 404, "NotFoundError")
    assert api.client.get(api.url(f"/recordings/{second}/original")).status_code == 200
    assert api.client.get(api.url(f"/recordings/{second}/signal")).status_code == 200
    api.client.delete(api.url(f"/recordings/{second}"))
    assert blobs_of(storage) == {}


def test_a_deleted_recording_can_be_uploaded_again_and_finds_its_label(api: Api) -> None:
    ids = _fill(api)
    dataset = api.dataset("file_name,label\necg0.csv,A\n")
    api.client.delete(api.url(f"/recordings/{ids[0]}"))
    assert api.get(f"/datasets/{dataset['id']}")["n_matched"] == 0
    _fill(api)
    assert api.get(f"/datasets/{dataset['id']}")["n_matched"] == 1


def test_bytes_missing_from_the_data_folder_are_told_and_no_server_error(api: Api, storage: Storage) -> None:
    ids = _fill(api)
    for key in blobs_of(storage):
        replace(storage, key, None)
    answer = api.client.get(api.url(f"/recordings/{ids[0]}/signal"))
    assert "backup" in refusal(answer, 404, "NotFoundError")


def test_the_signal_through_clinical_filters_is_that_of_the_drawing_in_millivolts(api: Api) -> None:
    api.upload(dict(zip(("r.hea", "r.dat"), wfdb_pair("r", n=5000, rate=500), strict=True)))
    address = api.url(f"/recordings/{api.recordings()[0]['id']}/signal")
    raw, _ = _values(api.client.get(address).content)
    for how in ({"filter": "0.5-40"}, {"notch": 50}, {"filter": "0.05-150", "notch": 60}):
        values, header = _values(api.client.get(address, params=how).content)
        wanted = filtered(raw.astype(np.float32), 500, how.get("filter"), how.get("notch"))
        assert (header["rate"], header["unit"], header["n_samples"]) == (500, "mV", 5000)
        np.testing.assert_allclose(values, wanted, atol=np.abs(wanted).max() / 32767)
        assert np.abs(values - raw).max() > 0.001
    refusal(api.client.get(address, params={"notch": 55}), 422, "PreprocessingError")
    both = {"preprocessing": "clinical", "filter": "0.5-40"}
    refusal(api.client.get(address, params=both), 422, "InvalidInputError")
