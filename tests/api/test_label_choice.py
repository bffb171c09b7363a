"""Which columns of a table are the labels: asked before anything is stored, shown as it would be read, and kept."""

import json

import pytest

from tests.api_calls import Api, refusal
from tests.label_tables import as_csv, as_workbook
from tests.samples import SHARED, csv_file, wfdb_pair

CASES = SHARED.parent / "cases" / "formats"
PTB_XL = as_csv(
    [
        ["ecg_id", "patient_id", "age", "sex", "site", "scp_codes", "strat_fold", "filename_lr", "filename_hr"],
        [1, "15709.0", "56.0", 1, "0.0", "{'NORM': 100.0, 'SR': 0.0}", 3, "records100/00001_lr", "records500/00001_hr"],
        [
            2,
            "13243.0",
            "19.0",
            0,
            "1.0",
            "{'IMI': 35.0, 'CLBBB': 100.0}",
            2,
            "records100/00002_lr",
            "records500/00002_hr",
        ],
        [3, "20372.0", "37.0", 1, "0.0", "{'SR': 0.0}", 5, "records100/00003_lr", "records500/00003_hr"],
    ]
)


def _ptb_xl(api: Api) -> None:
    files = {}
    for n in (1, 2):
        files[f"records500/{n:05d}_hr.hea"], files[f"records500/{n:05d}_hr.dat"] = wfdb_pair(f"{n:05d}_hr", n)
    api.upload(files)


def _preview(api: Api, table: bytes, name: str = "table.csv", **choice) -> dict:
    data = {"choice": json.dumps(choice)} if choice else {}
    answer = api.client.post(api.url("/datasets/preview"), files={"file": (name, table)}, data=data)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_without_a_choice_the_answer_is_likely_choices_that_can_be_sent_back(api: Api) -> None:
    _ptb_xl(api)
    text = refusal(api.label(PTB_XL), 422, "LabelChoiceError")
    assert api.get("/datasets") == []
    assert "ecg_id, patient_id" in text
    choice = json.loads(text[text.index("{", text.index("(1)")) : text.index(" (2)")])
    shown = api.dataset(PTB_XL, choice=json.dumps(choice))
    assert (shown["labels"], shown["n_matched"], shown["choice"]) == (["NORM", "MI", "CD"], 2, choice)
    assert {row["file_name"]: row["labels"] for row in api.recordings()} == {
        "records500/00001_hr.hea": ["NORM"], "records500/00002_hr.hea": ["MI", "CD"],
    }  # fmt: skip


def test_a_choice_says_only_what_is_in_doubt_and_is_kept_complete(api: Api) -> None:
    _ptb_xl(api)
    shown = api.dataset(PTB_XL, choice=json.dumps({"labels": ["scp_codes"], "threshold": 50}))
    assert shown["labels"] == ["NORM", "CLBBB"]
    assert shown["choice"] == {
        "recording": ["{filename_hr}"], "labels": ["scp_codes"], "values": [], "patient": "patient_id", "split": "",
        "fold": "strat_fold", "code": "", "sex": None, "age": None, "threshold": 50.0,
        "superclasses": False, "separators": ";|",
    }  # fmt: skip
    assert api.get(f"/datasets/{shown['id']}")["choice"] == shown["choice"]
    assert (shown["split_column"], shown["parts"], shown["n_patients"]) == ("fold", {"2": 1, "3": 1}, 2)
    assert any("below the likelihood of 50" in note for note in shown["notes"])


def test_a_preview_shows_how_the_rows_are_understood_and_stores_nothing(api: Api) -> None:
    _ptb_xl(api)
    shown = _preview(api, PTB_XL)
    assert shown["question"]
    assert [one["title"] for one in shown["suggestions"]] == [
        "the five diagnostic superclasses of the SCP codes in scp_codes", "the SCP codes in scp_codes",
    ]  # fmt: skip
    matches = [(one["template"], one["n_matched"]) for one in shown["matches"]]
    assert matches[:2] == [("{filename_hr}", 2), ("{ecg_id:05d}_hr", 2)]
    assert (shown["n_rows"], shown["n_recordings"], shown["first_rows"][0][0]) == (3, 2, "1")
    assert {one["name"]: one["kind"] for one in shown["columns"]} | {"scp_codes": "dictionary", "sex": "yes_no"} == {
        one["name"]: one["kind"] for one in shown["columns"]
    }
    chosen = _preview(api, PTB_XL, labels=["scp_codes"])
    assert (chosen["question"], chosen["problem"], chosen["understood"]["n_matched"]) == ("", "", 2)
    assert [(row["name"], row["recording"], row["labels"], row["part"]) for row in chosen["understood"]["rows"]] == [
        ("records500/00001_hr", "records500/00001_hr.hea", ["NORM", "SR"], "3"),
        ("records500/00002_hr", "records500/00002_hr.hea", ["IMI", "CLBBB"], "2"),
        ("records500/00003_hr", None, ["SR"], "5"),
    ]
    assert api.get("/datasets") == []


def test_a_choice_that_cannot_be_carried_out_is_a_problem_beside_the_columns(api: Api) -> None:
    shown = _preview(api, b"file_name,age,label\na,old,AF\n", values=["age"])
    assert "'old'" in shown["problem"]
    assert (shown["understood"], len(shown["columns"])) == (None, 3)
    assert "'lable'" in _preview(api, b"file_name,label\na,AF\n", labels=["lable"])["problem"]
    for bad in ("[1]", "{", '{"sex": "x"}', '{"labels": [1]}'):
        refusal(api.label("file_name,label\na,AF\n", choice=bad), 422, "LabelTableError")
    refusal(api.client.post(api.url("/datasets/preview"), files={"file": ("a.pdf", b"%PDF")}), 422, "LabelTableError")


def test_a_workbook_is_attached_as_a_csv_is(api: Api) -> None:
    api.upload({f"{n}.csv": csv_file(n) for n in (1, 2)}, rate="100", units_per_mv="1000")
    rows = [["FileName", "Rhythm", "Beat", "Gender"], ["1", "SB", "RBBB TWC", "MALE"], ["2", "AFIB", "NONE", "FEMALE"]]
    answer = api.client.post(
        api.url("/datasets"), files={"file": ("Diagnostics.xlsx", as_workbook(rows))},
        data={"choice": json.dumps({"labels": ["Rhythm", "Beat"], "separators": " "})},
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    assert (answer.json()["labels"], answer.json()["n_matched"]) == (["SB", "RBBB", "TWC", "AFIB", "NONE"], 2)


def test_labels_in_the_headers_become_a_dataset_when_it_is_asked_for(api: Api) -> None:
    files = {}
    for n, dx in enumerate(("426783006", "164889003,59118001", "Unknown", "999999999")):
        header, data = wfdb_pair(f"E{n}", n)
        files[f"E{n}.hea"], files[f"E{n}.dat"] = header + f"#Dx: {dx}\n".encode(), data
    api.upload(files)
    assert api.get("/datasets") == []
    (source,) = api.get("/datasets/in-files")
    assert (source["name"], source["n_recordings"], source["n_labels"]) == ("SNOMED-CT", 3, 4)
    answer = api.client.post(api.url("/datasets/in-files"), json={"sources": ["SNOMED-CT"]})
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert (shown["task"], shown["in_files"], shown["choice"]) == ("multi_label", ["SNOMED-CT"], None)
    assert {one["label"]: one["code"] for one in shown["counts"]}["sinus rhythm"] == "426783006"
    assert {row["file_name"]: row["labels"] for row in api.recordings()} == {
        "E0.hea": ["sinus rhythm"], "E1.hea": ["atrial fibrillation", "right bundle branch block"], "E2.hea": [],
        "E3.hea": ["999999999"],
    }  # fmt: skip
    assert "SNOMED-CT" in refusal(
        api.client.post(api.url("/datasets/in-files"), json={"sources": ["MDC"]}), 422, "InvalidInputError"
    )


@pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not here")
def test_the_cases_of_published_folders_are_labelled_as_expected(api: Api) -> None:
    folder = CASES / "dataset_code15"
    api.upload({"exams_part0.hdf5": (folder / "exams_part0.hdf5").read_bytes()})
    table = (folder / "exams.csv").read_bytes()
    classes = ["1dAVb", "RBBB", "LBBB", "SB", "ST", "AF"]
    shown = api.dataset(table, choice=json.dumps({"labels": classes}))
    assert (shown["n_matched"], shown["n_rows"], shown["labels"], shown["choice"]["recording"]) == (
        30, 30, classes, ["{exam_id}"],
    )  # fmt: skip
    api.project = ""
    folder = CASES / "dataset_cinc2020"
    api.upload({path.name: path.read_bytes() for path in sorted(folder.glob("E*"))})
    made = api.client.post(api.url("/datasets/in-files"), json={"sources": ["SNOMED-CT"]}).json()
    assert [(one["label"], one["n_recordings"]) for one in made["counts"]] == [
        ("sinus rhythm", 10), ("atrial fibrillation", 10), ("right bundle branch block", 10),
        ("first degree atrioventricular block", 10),
    ]  # fmt: skip
    api.project = ""
    folder = CASES / "dataset_parquet"
    api.upload({"ecgs.parquet": (folder / "ecgs.parquet").read_bytes()}, units_per_mv="1")
    assert api.dataset((folder / "labels.csv").read_bytes())["n_matched"] == 30
    (source,) = api.get("/datasets/in-files")
    assert (source["name"], source["n_recordings"], source["n_labels"]) == ("label", 30, 3)


def test_what_is_open_beside_the_labels_is_asked_with_its_answers_and_capitals_are_told(api: Api) -> None:
    api.upload({f"r{n}.csv": csv_file(n) for n in range(8)})
    rows = [[f"{'R' if n == 7 else 'r'}{n}", "AB"[n % 2], "0" if n < 4 else f"p{n}", n % 3, n % 4] for n in range(8)]
    table = as_csv([["file_name", "label", "patient_id", "fold", "strat_fold"], *rows])
    shown = _preview(api, table)
    assert "stands for patients who are not known" in shown["question"]
    assert "several columns of parts that differ: fold, strat_fold" in shown["question"]
    titles = [one["title"] for one in shown["suggestions"]]
    assert titles[1] == "patients by patient_id as it is; with parts by strat_fold"
    assert "no column of patients; with a random split" in titles
    refusal(api.label(table), 422, "LabelChoiceError")
    made = api.dataset(table, choice=json.dumps(shown["suggestions"][1]["choice"]))
    assert (made["n_matched"], made["n_patients"], made["parts"]) == (7, 4, {"0": 2, "1": 2, "2": 2, "3": 1})
    notes = " ".join(made["notes"])
    assert "Now they are one patient." in notes
    assert "1 names are there in other capitals only, so that their rows found no recording: R7 (r7)." in notes
