"""Uploading over HTTP: every file gets its own outcome, and nothing is lost, renamed or mixed up."""

import io
import zipfile

import numpy as np
import pytest

from tests.api_calls import Api, refusal
from tests.samples import FORMATS, NO_SHARED, csv_file, npy_file, wfdb_pair, zip_file
from tests.stores import blobs_of

ODD_NAMES = [
    "a b.csv",
    "Müller Ö.csv",
    "50#1.csv",
    "why?.csv",
    "100%.csv",
    "a&b=c;d.csv",
    "心电图.csv",
    "'q'.csv",
    "Ωmega (2).csv",
]
BOMB = zip_file({"bomb.csv": b"0" * 300_000_000})
REAL = {
    "wfdb/00001_hr.hea": "imported", "wfdb/ludb_1.hea": "imported", "wfdb/code15_1111.hea": "imported",
    "wfdb_mat/A0001.hea": "imported", "dicom/mortara_anonymous_ecg.dcm": "imported",
    "dicom/ge_marquette_test_ecg.dcm": "imported", "npy_csv/derived_ptbxl_00001_500hz.csv": "imported",
    "npy_csv/dummy_ecg.npy": "imported", "wfdb/100.hea": "refused", "wfdb/ludb_1.ii": None,
    "edf/contec_0000050.edf": "imported", "scp_ecg/demo.scp": "imported",
}  # fmt: skip


def _outcomes(report: dict) -> dict[str, str]:
    return {outcome["file_name"]: outcome["status"] for outcome in report["outcomes"]}


@pytest.mark.skipif(not FORMATS.exists(), reason=NO_SHARED)
def test_real_files_are_stored_annotations_taken_with_their_record_and_others_refused_with_a_remedy(api: Api) -> None:
    data = [
        path
        for folder in ("wfdb", "wfdb_mat")
        for path in (FORMATS / folder).iterdir()
        if path.suffix in (".dat", ".mat")
    ]
    files = {name: (FORMATS / name).read_bytes() for name in REAL}
    files |= {f"{path.parent.name}/{path.name}": path.read_bytes() for path in data}
    report = api.upload(files, rate="500", units_per_mv="1000")
    found = _outcomes(report)
    assert {name: found.get(name) for name in REAL} == REAL
    assert report["imported"] == sum(status == "imported" for status in found.values())
    for outcome in report["outcomes"]:
        if outcome["status"] == "refused":
            assert outcome["file_name"].rpartition("/")[2] in outcome["detail"], outcome
            assert len(outcome["detail"]) > 40
    assert api.get("/recordings")["total"] == sum(len(outcome["recording_ids"]) for outcome in report["outcomes"])


def test_one_bad_file_stops_no_good_one_and_outcomes_keep_the_order_of_the_files(api: Api) -> None:
    files = {
        "1.csv": csv_file(1), "empty.csv": b"", "broken.zip": b"PK\x03\x04 no zip at all", "2.csv": csv_file(2),
        "noise.bin": bytes(range(256)) * 50, "good.zip": zip_file({"3.csv": csv_file(3)}), "4.npy": npy_file(4),
        "5.dcm": b"\0" * 128 + b"DICM" + b"\xff" * 100,
    }  # fmt: skip
    report = api.upload(files)
    assert _outcomes(report) == {
        "1.csv": "imported", "empty.csv": "refused", "broken.zip": "refused", "2.csv": "imported",
        "noise.bin": "refused", "good.zip/3.csv": "imported", "4.npy": "imported", "5.dcm": "refused",
    }  # fmt: skip
    assert list(_outcomes(report)) == [*list(files)[:5], "good.zip/3.csv", "4.npy", "5.dcm"]
    details = {outcome["file_name"]: outcome["detail"] for outcome in report["outcomes"]}
    for name in ("empty.csv", "broken.zip", "noise.bin", "5.dcm"):
        assert name in details[name]


def test_an_upload_in_which_nothing_can_be_read_says_so_and_stores_nothing(api: Api) -> None:
    report = api.upload({"a.txt": b"hello", "b.bin": b"\0\1\2"})
    assert (report["imported"], report["refused"]) == (0, 2)
    assert api.get("/recordings")["total"] == 0


@pytest.mark.parametrize("reverse", [False, True])
def test_header_and_data_are_one_recording_in_either_order(api: Api, reverse: bool) -> None:
    header, data = wfdb_pair("r1")
    files = [("r1.hea", header), ("r1.dat", data)]
    report = api.upload(files[::-1] if reverse else files)
    assert _outcomes(report) == {"r1.hea": "imported"}
    assert api.recordings()[0]["n_samples"] == 1000


@pytest.mark.parametrize("reverse", [False, True])
def test_header_and_data_find_each_other_over_more_files_than_a_batch_holds(api: Api, reverse: bool) -> None:
    header, data = wfdb_pair("r1")
    between = [(f"{n}.csv", csv_file(n, n=100)) for n in range(300)]
    first, last = ("r1.dat", data), ("r1.hea", header)
    report = api.upload([last, *between, first] if reverse else [first, *between, last])
    assert (report["imported"], report["refused"]) == (301, 0)


def test_header_without_data_and_data_without_header_are_refused_with_what_is_missing(api: Api) -> None:
    header, data = wfdb_pair("r1")
    report = api.upload({"r1.hea": header, "r2.dat": data})
    details = {outcome["file_name"]: outcome["detail"] for outcome in report["outcomes"]}
    assert "r1.dat" in details["r1.hea"]
    assert ".hea" in details["r2.dat"]


def test_the_same_bytes_again_are_a_duplicate_within_and_between_requests(api: Api) -> None:
    report = api.upload([("a.csv", csv_file()), ("b.csv", csv_file())])
    assert _outcomes(report) == {"a.csv": "imported", "b.csv": "duplicate"}
    again = api.upload({"c.csv": csv_file()})
    assert _outcomes(again) == {"c.csv": "duplicate"}
    assert again["outcomes"][0]["recording_ids"] == report["outcomes"][0]["recording_ids"]
    assert "a.csv" in again["outcomes"][0]["detail"]
    assert api.get("/recordings")["total"] == 1


def test_a_pair_again_in_the_other_order_is_a_duplicate(api: Api) -> None:
    header, data = wfdb_pair("r1")
    api.upload([("r1.hea", header), ("r1.dat", data)])
    assert _outcomes(api.upload([("r1.dat", data), ("r1.hea", header)])) == {"r1.hea": "duplicate"}


def test_the_same_bytes_declared_otherwise_update_the_recording_and_keep_its_id(api: Api, storage) -> None:
    first = api.upload({"a.csv": csv_file()}, rate="500", units_per_mv="1000")
    again = api.upload({"a.csv": csv_file()}, rate="100", units_per_mv="1")
    assert _outcomes(again) == {"a.csv": "updated"}
    assert again["outcomes"][0]["recording_ids"] == first["outcomes"][0]["recording_ids"]
    shown = api.recordings()[0]
    assert (shown["rate"], shown["duration_s"], shown["declared"]["units_per_mv"]) == (100, 10, 1)
    assert len(blobs_of(storage)) == 2  # the first reading is not kept


def test_two_files_of_one_name_with_different_content_are_both_kept(api: Api) -> None:
    report = api.upload([("ecg.csv", csv_file(1)), ("ecg.csv", csv_file(2))])
    assert [outcome["status"] for outcome in report["outcomes"]] == ["imported", "imported"]
    keys = {api.client.get(api.url(f"/recordings/{row['id']}/original")).content for row in api.recordings()}
    assert keys == {csv_file(1), csv_file(2)}


@pytest.mark.parametrize("name", ODD_NAMES)
def test_any_name_survives_the_way_in_and_out(api: Api, name: str) -> None:
    report = api.upload({name: csv_file()})
    assert _outcomes(report) == {name: "imported"}
    recording = api.recordings()[0]
    assert recording["file_name"] == name
    answer = api.client.get(api.url(f"/recordings/{recording['id']}/original"))
    assert answer.content == csv_file()
    from urllib.parse import unquote

    assert unquote(answer.headers["Content-Disposition"].partition("filename*=UTF-8''")[2]) == name
    assert api.dataset(f'file_name,label\n"{name}",A\n'.encode())["n_matched"] == 1


@pytest.mark.parametrize("name", ["../../evil.csv", "/etc/cron.d/evil.csv", "..\\..\\evil.csv", "C:\\evil.csv"])
def test_a_name_that_points_elsewhere_is_only_a_name(api: Api, installed, name: str) -> None:
    before = {path for path in installed.data_dir.parent.rglob("*") if path.is_file()}
    report = api.upload({name: csv_file()})
    new = {path for path in installed.data_dir.parent.rglob("*") if path.is_file()} - before
    assert all("blobs" in path.parts or path.name.startswith("exchangeai.sqlite") for path in new)
    assert report["outcomes"][0]["status"] == "imported"
    answer = api.client.get(api.url(f"/recordings/{api.recordings()[0]['id']}/original"))
    name_given = answer.headers["Content-Disposition"].partition("''")[2]
    assert name_given in ("evil.csv", "C%3A%5Cevil.csv", "C%3Aevil.csv", "C%3A%2Fevil.csv")


def test_a_zip_is_a_set_of_files(api: Api) -> None:
    header, data = wfdb_pair("r1")
    files = {
        "ward/r1.dat": data,
        "ward/r1.hea": header,
        "ward/Größe.csv": csv_file(1),
        "__MACOSX/._x": b"",
        "bad.txt": b"?",
    }
    report = api.upload({"study.zip": zip_file(files)})
    assert _outcomes(report) == {
        "study.zip/ward/r1.hea": "imported", "study.zip/ward/Größe.csv": "imported", "study.zip/bad.txt": "refused",
    }  # fmt: skip


def test_a_zip_bomb_is_refused_and_the_other_files_are_taken(api: Api) -> None:
    report = api.upload({"bomb.zip": BOMB, "a.csv": csv_file()})
    assert _outcomes(report) == {"bomb.zip/bomb.csv": "refused", "a.csv": "imported"}
    assert "bomb" in report["outcomes"][0]["detail"]


def test_entries_of_a_zip_that_point_outside_are_refused(api: Api) -> None:
    report = api.upload({"z.zip": zip_file({"../../evil.csv": csv_file(1), "fine.csv": csv_file(2)})})
    assert [outcome["status"] for outcome in report["outcomes"]] == ["refused", "imported"]


def test_the_original_of_a_pair_is_a_zip_of_its_files(api: Api) -> None:
    header, data = wfdb_pair("r1")
    api.upload({"ward/r1.hea": header, "ward/r1.dat": data})
    answer = api.client.get(api.url(f"/recordings/{api.recordings()[0]['id']}/original"))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"r1.hea": header, "r1.dat": data}
    assert "r1.zip" in answer.headers["Content-Disposition"]


def test_a_stack_is_many_recordings_and_one_outcome(api: Api) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.random.default_rng(0).normal(0, 1, (5, 12, 1000)).astype(np.float32))
    report = api.upload({"stack.npy": buffer.getvalue()}, rate="100", unit="arbitrary")
    assert (len(report["outcomes"]), len(report["outcomes"][0]["recording_ids"])) == (1, 5)
    assert {row["unit"] for row in api.recordings()} == {"arbitrary"}


@pytest.mark.parametrize(
    "options",
    [
        {"rate": "0"},
        {"rate": "-5"},
        {"rate": "nan"},
        {"rate": "abc"},
        {"unit": "µV"},
        {"units_per_mv": "0"},
        {"leads": "I,II,foo"},
    ],
)
def test_an_impossible_declaration_is_refused_before_anything_is_read(api: Api, options: dict[str, str]) -> None:
    answer = api.send({"a.csv": csv_file()}, **options)
    assert answer.status_code == 422
    assert set(answer.json()) == {"error", "detail"}
    assert api.get("/recordings")["total"] == 0


def test_a_request_without_files_is_refused(api: Api) -> None:
    refusal(api.client.post(api.url("/recordings"), data={"rate": "500"}), 422, "InvalidInputError")


def test_microvolts_declared_as_millivolts_are_told(api: Api) -> None:
    report = api.upload({"a.csv": csv_file()}, units_per_mv="1")
    assert report["outcomes"][0]["status"] == "imported"
    assert any("mV" in finding["message"] for finding in report["outcomes"][0]["findings"])


@pytest.mark.parametrize("name", ["bad\0name.csv", "lone\udc80surrogate.csv"])
def test_a_name_no_database_can_hold_is_no_server_error(api_on_each_database: Api, name: str) -> None:
    boundary = "xyz"
    body = b"".join(
        [
            f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="'.encode(),
            name.encode("utf-8", "surrogateescape"),
            b'"\r\n\r\n', csv_file(), f"\r\n--{boundary}--\r\n".encode(),
        ]
    )  # fmt: skip
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    api = api_on_each_database
    answer = api.client.post(api.url("/recordings"), content=body, headers=headers)
    assert answer.status_code in (200, 422), answer.text


def test_a_refused_file_carries_the_declarations_with_which_it_can_be_read(api: Api) -> None:
    header, data = wfdb_pair("r")
    files = {"r.hea": header.replace(b"/mV", b"/NU"), "r.dat": data}
    (outcome,) = api.upload(files)["outcomes"]
    assert outcome["status"] == "refused"
    assert [offer["unit"] for offer in outcome["offers"]] == ["arbitrary"]
    (again,) = api.upload(files, **{name: value for name, value in outcome["offers"][0].items() if value})["outcomes"]
    assert (again["status"], again["offers"]) == ("imported", [])
    assert api.recordings()[0]["unit"] == "arbitrary"
