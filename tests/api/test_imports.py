"""Imports: what became of each file of a batch can be looked up, searched and taken away as CSV."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api_calls import Api, refusal
from tests.samples import csv_file, zip_file

FLAT = "\n".join([csv_file(2).decode().splitlines()[0], *["0," * 11 + "0"] * 1000]).encode()


def _report(api: Api, import_id: str, **query: object) -> list[dict[str, str]]:
    answer = api.client.get(api.url(f"/imports/{import_id}/report.csv"), params=query)
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), strict=True))


def _mixed(api: Api) -> str:
    """Upload a batch in two requests: good files, a bad one, one seen twice, one with findings."""
    first = api.upload({"1.csv": csv_file(1), "bad.bin": b"\0\1\2", "Ü/2.csv": csv_file(2)}, rate="100")
    again = api.upload({"1 again.csv": csv_file(1), "flat.csv": FLAT}, rate="100", import_id=first["import_id"])
    assert again["import_id"] == first["import_id"]
    return first["import_id"]


def test_an_import_counts_the_files_of_all_its_requests(api_on_each_database: Api) -> None:
    api = api_on_each_database
    import_id = _mixed(api)
    shown = api.get(f"/imports/{import_id}")
    assert {key: value for key, value in shown.items() if key not in ("id", "created_at")} == {
        "declared": {"rate": 100.0, "unit": "mV", "units_per_mv": 1000.0},
        "n_files": 5, "imported": 3, "duplicate": 1, "updated": 0,
        "refused": 1, "with_findings": 1,
    }  # fmt: skip
    assert api.get("/imports") == {"items": [shown], "total": 1, "about": False}


def test_imports_are_listed_newest_first_in_pages(api: Api) -> None:
    ids = [api.upload({f"{number}.csv": csv_file(number)})["import_id"] for number in range(3)]
    assert len(set(ids)) == 3
    assert [row["id"] for row in api.get("/imports")["items"]] == ids[::-1]
    page = api.get("/imports", size=2, page=2)
    assert ([row["id"] for row in page["items"]], page["total"]) == ([ids[0]], 3)
    assert api.get(f"/imports/{ids[0]}")["n_files"] == 1


def test_outcomes_are_those_of_the_upload_in_the_order_of_the_files(api_on_each_database: Api) -> None:
    api = api_on_each_database
    files = {"b.csv": csv_file(1), "a.zip": zip_file({"z.csv": csv_file(2), "y.txt": b"?"}), "0.csv": FLAT}
    report = api.upload(files, rate="100")
    page = api.get(f"/imports/{report['import_id']}/outcomes")
    assert page["items"] == report["outcomes"]
    assert page["total"] == 4
    second = api.get(f"/imports/{report['import_id']}/outcomes", page=2, size=3)
    assert second["items"] == report["outcomes"][3:]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"status": "refused"}, ["bad.bin"]), ({"status": "imported"}, ["1.csv", "Ü/2.csv", "flat.csv"]),
        ({"status": "duplicate"}, ["1 again.csv"]), ({"status": "updated"}, []),
        ({"findings_only": True}, ["flat.csv"]), ({"search": "Ü"}, ["Ü/2.csv"]), ({"search": "%"}, []),
        ({"search": "already here"}, ["1 again.csv"]), ({"search": "flat", "status": "refused"}, []),
    ],
)  # fmt: skip
def test_outcomes_are_filtered_alike_on_the_page_and_in_the_report(
    api: Api, query: dict[str, object], names: list[str]
) -> None:
    import_id = _mixed(api)
    page = api.get(f"/imports/{import_id}/outcomes", **query)
    assert ([row["file_name"] for row in page["items"]], page["total"]) == (names, len(names))
    assert [row["file_name"] for row in _report(api, import_id, **query)] == names


def test_an_unknown_status_is_refused(api: Api) -> None:
    answer = api.client.get(api.url(f"/imports/{_mixed(api)}/outcomes"), params={"status": "lost"})
    refusal(answer, 422, "InvalidInputError")


def test_the_report_holds_every_file_with_its_reason_its_findings_and_its_recordings(api: Api) -> None:
    import_id = _mixed(api)
    outcomes = {row["file_name"]: row for row in api.get(f"/imports/{import_id}/outcomes")["items"]}
    rows = _report(api, import_id)
    assert list(rows[0]) == ["file_name", "status", "detail", "findings", "recording_ids"]
    for row in rows:
        outcome = outcomes[row["file_name"]]
        assert (row["status"], row["detail"]) == (outcome["status"], outcome["detail"])
        assert row["recording_ids"].split() == outcome["recording_ids"]
        assert all(finding["message"] in row["findings"] for finding in outcome["findings"])
    assert "No signal" in next(row for row in rows if row["file_name"] == "flat.csv")["findings"]


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0.csv", "+1.csv", "-2.csv", "@SUM(A1).csv", "a;b,'c.csv"])
def test_no_cell_of_the_report_is_a_formula(api: Api, name: str) -> None:
    import_id = api.upload({name: csv_file()})["import_id"]
    (row,) = _report(api, import_id)
    assert row["file_name"][0] not in "=+-@"
    assert row["file_name"].removeprefix("'") == name


def test_requests_that_go_on_with_one_import_at_once_lose_no_outcome(api_on_each_database: Api) -> None:
    api = api_on_each_database
    import_id = api.upload({"first.csv": csv_file()})["import_id"]
    files = [[(f"{n}-{m}.csv", csv_file(10 * n + m, n=200)) for m in range(3)] for n in range(6)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda some: api.upload(some, import_id=import_id), files))
    page = api.get(f"/imports/{import_id}/outcomes", size=500)
    assert {row["file_name"] for row in page["items"]} == {"first.csv", *[name for some in files for name, _ in some]}
    assert page["total"] == api.get(f"/imports/{import_id}")["n_files"] == 19


def test_an_unknown_import_is_refused_before_anything_is_read(api: Api) -> None:
    refusal(api.send({"a.csv": csv_file()}, import_id="f" * 32), 404, "NotFoundError")
    assert api.get("/recordings")["total"] == 0
    assert api.get("/imports")["total"] == 0


def test_imports_go_with_their_project(api_on_each_database: Api) -> None:
    api = api_on_each_database
    import_id = _mixed(api)
    assert api.client.delete(api.url()).status_code == 204
    project, api.project = api.project, api.new_project(name="Other")
    assert api.client.get(api.url(f"/imports/{import_id}")).status_code == 404
    assert api.client.get(f"/api/v1/projects/{project}/imports/{import_id}").status_code == 404
