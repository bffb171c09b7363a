"""`exchangeai overview`: a project at a glance, from the shell."""

from backend.settings import Settings
from tests.samples import csv_file
from tests.shell_calls import fault, run, run_json


def test_a_project_and_its_labels_are_told_of_in_words_and_as_json(installed: Settings, tmp_path) -> None:
    for n in range(3):
        (tmp_path / f"ecg{n}.csv").write_bytes(csv_file(n))
    run_json("import", tmp_path, "-p", "Ward", "--rate", "100", "--units-per-mv", "1000")
    assert run("overview", "-p", "Ward").stdout.splitlines()[-1].startswith("Next: Attach labels")
    table = tmp_path / "labels.txt"
    table.write_text("file_name,label\necg0.csv,MI\necg1.csv,NORM\ngone.csv,MI\n")
    dataset = run_json("labels", table, "-p", "Ward", "--name", "Read")
    shown = run_json("overview", "-p", "Ward")
    assert (shown["counts"]["n_recordings"], shown["counts"]["n_labelled"]) == (3, 2)
    assert shown["next_step"] == {"kind": "train", "id": ""}
    text = run("overview", "-p", "Ward").stdout
    assert "1 of 3 rows of the table Read find no recording." in text
    like = run("overview", "-p", "Ward", "--labels", "Read").stdout
    assert all(words in like for words in ("2 recordings", "  MI: 1", "  100 Hz: 2"))
    assert run_json("overview", "-p", "Ward", "--labels", dataset["dataset_id"])["n_recordings"] == 2
    assert "nobody's" in fault("overview", "-p", "Ward", "--labels", "nobody's")
    listed = run_json("recordings", "-p", "Ward", "--table", dataset["dataset_id"], "--label", "MI")
    assert [one["file_name"] for one in listed["items"]] == ["ecg0.csv"]
    assert "good or doubtful" in fault("recordings", "-p", "Ward", "--quality", "superb")
