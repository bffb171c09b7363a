"""`exchangeai recordings`: lists from the shell."""

from backend.settings import Settings
from tests.samples import csv_file
from tests.shell_calls import fault, run, run_json


def test_recordings_are_listed_filtered_sorted_and_paged(installed: Settings, tmp_path) -> None:
    for n in range(5):
        (tmp_path / f"ecg{n}.csv").write_bytes(csv_file(n, n=1000 + 10 * n))
    declared = ("--rate", "100", "--units-per-mv", "1000")
    run_json("import", tmp_path, "-p", "Ward", *declared)
    shown = run_json("recordings", "-p", "Ward", "--sort", "duration", "--descending", "--size", "2")
    assert shown["total"] == 5
    assert [one["file_name"] for one in shown["items"]] == ["ecg4.csv", "ecg3.csv"]
    assert [one["duration_s"] for one in shown["items"]] == [10.4, 10.3]
    assert run_json("recordings", "-p", "Ward", "--search", "ecg3")["total"] == 1
    assert run_json("recordings", "-p", "Ward", "--sex", "F")["total"] == 0
    text = run("recordings", "-p", "Ward", "--size", "2").stdout
    assert text.splitlines() == ["5 recordings", "ecg0.csv", "ecg1.csv  duration", "… and 3 more: --page 2"]


def test_what_cannot_be_meant_is_refused_in_one_line(installed: Settings, tmp_path) -> None:
    (tmp_path / "a.csv").write_bytes(csv_file(1))
    run_json("import", tmp_path, "-p", "Ward", "--rate", "100", "--units-per-mv", "1000")
    assert "--prediction" in fault("recordings", "-p", "Ward", "--disagreement")
    assert "file_name" in fault("recordings", "-p", "Ward", "--sort", "shoe_size")
    assert "F or M" in fault("recordings", "-p", "Ward", "--sex", "x")
