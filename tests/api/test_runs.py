"""Asking for a training: whatever cannot work is said at once, in words that name it, and no job is made."""

import csv
import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api_calls import Api, refusal
from tests.samples import csv_file, npy_file
from tests.trained import TINY, Trained

PLAIN_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**12) | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3), max_leaves=4,
)  # fmt: skip
SETTINGS = st.sampled_from(
    [
        "max_epochs",
        "batch_size",
        "seed",
        "gamma",
        "monitor",
        "augmentation",
        "patience",
        "rate",
        "window_s",
        "bandpass",
        "clip",
        "standardise",
        "preset",
        "filters",
        "depth",
        "kernel",
        "version",
        "baseline_ms",
    ]
)


def _labelled(api: Api, labels: dict[str, str], header: str = "file_name,label") -> str:
    """Upload a recording a row and attach the table; return the id of the dataset."""
    api.upload({name: csv_file(number, n=1000) for number, name in enumerate(labels)}, rate="100")
    table = "".join(f"{name},{rest}\n" for name, rest in labels.items())
    dataset_id: str = api.dataset(f"{header}\n{table}")["id"]
    return dataset_id


def _ask(api: Api, dataset_id: str, **values: object):
    return api.client.post(
        api.url("/runs"),
        json={"dataset_id": dataset_id, "architecture": "inception_time", "architecture_config": TINY} | values,
    )


def _balanced(api: Api, n: int = 12) -> str:
    return _labelled(api, {f"{number}.csv": "AB"[number % 2] for number in range(n)})


def _refused(api: Api, dataset_id: str, status: int, error: str, **values: object) -> str:
    text = refusal(_ask(api, dataset_id, **values), status, error)
    assert api.get("/runs") == []
    assert api.get("/jobs") == []
    return text


def test_a_run_is_queued_with_all_its_settings_and_the_counts_of_its_parts(api: Api) -> None:
    answer = _ask(api, _balanced(api), training={"max_epochs": 3})
    assert answer.status_code == 202
    run = answer.json()
    assert (run["job"]["status"], run["model_id"]) == ("queued", None)
    assert run["settings"]["training"]["max_epochs"] == 3
    assert run["settings"]["architecture_config"] == TINY
    assert sum(part["n"] for part in run["facts"]["counts"].values()) == 12
    assert all(set(part["labels"]) == {"A", "B"} for part in run["facts"]["counts"].values())


def test_one_class_only_cannot_be_learned(api: Api) -> None:
    dataset = _labelled(api, {f"{n}.csv": "A" for n in range(6)})
    assert "A" in _refused(api, dataset, 422, "TrainingImpossibleError")


def test_a_class_with_one_record_is_named(api: Api) -> None:
    dataset = _labelled(api, {f"{n}.csv": "A" for n in range(6)} | {"x.csv": "RARE"})
    assert "RARE" in _refused(api, dataset, 422, "TrainingImpossibleError")


def test_a_table_without_any_recording_cannot_be_learned(api: Api) -> None:
    dataset = api.dataset("file_name,label\na.csv,A\nb.csv,B\n")["id"]
    assert "file names" in _refused(api, dataset, 422, "InvalidInputError")


def test_unknown_labels_are_refused_with_the_known_ones(api: Api) -> None:
    text = _refused(api, _balanced(api), 422, "InvalidInputError", labels=["A", "Z"])
    assert "Z" in text
    assert "B" in text


@pytest.mark.parametrize("labels", [[], ["A"]])
def test_fewer_than_two_chosen_classes_are_refused(api: Api, labels: list[str]) -> None:
    answer = _ask(api, _balanced(api), labels=labels)
    assert answer.status_code == 422
    assert set(answer.json()) == {"error", "detail"}


def test_recordings_with_other_labels_are_left_out_and_counted(api: Api) -> None:
    dataset = _labelled(api, {f"{n}.csv": "ABC"[n % 3] for n in range(18)})
    run = _ask(api, dataset, labels=["A", "B"]).json()
    assert run["facts"]["labels"] == ["A", "B"]
    assert "6 recordings" in run["facts"]["notes"][0]


@pytest.mark.parametrize(
    ("values", "error", "word"),
    [
        ({"architecture": "perceptron"}, "SettingError", "inception_time"),
        ({"architecture": "inception_time", "architecture_config": {"filters": 0}}, "SettingError", "filters"),
        ({"architecture_config": {"wings": 2}}, "SettingError", "wings"),
        ({"training": {"max_epochs": 0}}, "SettingError", "max_epochs"),
        ({"training": {"max_epochs": "ten"}}, "SettingError", "max_epochs"),
        ({"training": {"epochs": 3}}, "SettingError", "epochs"),
        ({"training": {"augmentation": 5}}, "SettingError", "augmentation"),
        ({"preprocessing": {"preset": "magic"}}, "PreprocessingError", "magic"),
        ({"preprocessing": {"preset": "clinical", "colour": 1}}, "PreprocessingError", "colour"),
        ({"preprocessing": {"preset": "clinical", "rate": "fast"}}, "PreprocessingError", "rate"),
        ({"split": {"kind": "random", "train": 0.9, "validation": 0.5, "test": 0.2}}, "SplitError", "1"),
        ({"split": {"kind": "column"}}, "InvalidInputError", "split or fold column"),
        ({"split": {"kind": "magic"}}, "InvalidInputError", "split"),
    ],
)
def test_an_impossible_setting_is_named(api: Api, values: dict, error: str, word: str) -> None:
    assert word in _refused(api, _balanced(api), 422, error, **values)


def test_the_range_that_the_api_refuses_by_is_the_one_it_serves(trained_api: Api, trained: Trained) -> None:
    served = trained_api.client.get("/api/v1/system").json()["training_settings"]
    numbers = [setting for setting in served if setting["low"] is not None]
    assert len(numbers) > 15
    for setting in numbers:
        group, found, name = setting["name"].partition(".")
        for value, fits in ((setting["low"], True), (setting["high"], True), (setting["high"] + 1, False)):
            number = int(value) if setting["whole"] else value
            answer = trained_api.client.post(
                trained_api.url("/runs/estimate"),
                json={"dataset_id": trained.dataset_id, "training": {group: {name: number} if found else number}},
            )
            assert answer.status_code == (200 if fits else 422), (setting["name"], value, answer.text)
            assert fits or f"“{name or group}” should be" in answer.json()["detail"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    where=st.sampled_from(["training", "preprocessing", "architecture_config", "split"]),
    name=SETTINGS,
    value=PLAIN_JSON,
)
def test_no_setting_however_strange_is_a_server_error(
    trained_api: Api, trained: Trained, where: str, name: str, value: object
) -> None:
    body = {"dataset_id": trained.dataset_id, where: {name: value}}
    headers = {"Content-Type": "application/json"}
    answer = trained_api.client.post(trained_api.url("/runs"), content=json.dumps(body), headers=headers)
    assert answer.status_code in (202, 422), answer.text
    assert answer.status_code == 202 or set(answer.json()) == {"error", "detail"}


def test_a_median_beat_is_not_cut_into_windows_whatever_the_settings_are(trained_api: Api, trained: Trained) -> None:
    body = {
        "dataset_id": trained.dataset_id, "architecture": "rlign_logistic",
        "training": {"augmentation": {"crop_seconds": 0.5}},
    }  # fmt: skip
    answer = trained_api.client.post(trained_api.url("/runs"), json=body)
    assert answer.status_code == 202, answer.text
    assert answer.json()["settings"]["window_s"] is None


def test_the_own_split_column_decides_the_parts(api: Api) -> None:
    part = ["train", "train", "val", "test"]
    labels = {f"{n}.csv": f"{'AB'[n % 2]},{part[n // 2 % 4]}" for n in range(32)}
    run = _ask(api, _labelled(api, labels, "file_name,label,split"), split={"kind": "column"}).json()
    assert {name: counts["n"] for name, counts in run["facts"]["counts"].items()} == {
        "train": 16,
        "validation": 8,
        "test": 8,
    }


def test_folds_may_be_chosen_and_an_unknown_one_is_refused(api: Api) -> None:
    dataset = _labelled(api, {f"{n}.csv": f"{'AB'[n % 2]},{n // 2 % 5}" for n in range(40)}, "file_name,label,fold")
    run = _ask(api, dataset, split={"kind": "column", "test_fold": 2, "validation_fold": 0}).json()
    counts = {name: counts["n"] for name, counts in run["facts"]["counts"].items()}
    assert (counts["train"], counts["validation"]) == (24, 8)
    (left_out,) = run["left_out"]  # three of these made-up ECGs beat at the same moments as others, as copies do
    assert (left_out["kind"], counts["test"], left_out["n"]) == ("two_parts", 5, 3)
    assert "7" in refusal(_ask(api, dataset, split={"kind": "column", "test_fold": 7}), 422, "SplitError")


def test_no_patient_is_in_two_parts(api: Api, installed) -> None:
    from backend.db.session import read_session
    from backend.services import runs

    labels = {f"{n}.csv": f"{'AB'[n // 3 % 2]},p{n // 3}" for n in range(60)}
    dataset = _labelled(api, labels, "file_name,label,patient_id")
    run = _ask(api, dataset, split={"method": "holdout"}).json()
    assert run["facts"]["n_patients"] == 20
    with read_session(installed.resolved_database_url) as session:
        examples, parts = runs.split_examples(session, runs.get(session, api.project, run["id"]))
    patients = [{examples[i].patient_id for i in getattr(parts, name)} for name in ("train", "validation", "test")]
    assert [len(part) > 0 for part in patients] == [True] * 3
    assert not patients[0] & patients[1]
    assert not patients[0] & patients[2]
    assert not patients[1] & patients[2]


def test_the_same_request_gives_the_same_parts_and_data_hash(api: Api) -> None:
    dataset = _balanced(api, 30)
    one, two, other = (_ask(api, dataset, split={"split_seed": seed}).json() for seed in (7, 7, 8))
    assert one["facts"]["data_hash"] == two["facts"]["data_hash"] != other["facts"]["data_hash"]
    first, again = (_ask(api, dataset, training={"seed": seed}).json() for seed in (7, 8))
    assert first["facts"]["data_hash"] == again["facts"]["data_hash"]  # the seed of the training moves nobody


def test_recordings_with_and_without_scale_are_mixed_only_where_each_lead_is_standardised(api: Api) -> None:
    api.upload({f"{n}.csv": csv_file(n) for n in range(6)}, rate="100")
    api.upload({f"{n}.npy": npy_file(n) for n in range(6, 12)}, rate="100", unit="arbitrary")
    table = "".join(f"{n},{'AB'[n % 2]}\n" for n in range(12))
    dataset = api.dataset(f"file_name,label\n{table}")["id"]
    text = _refused(api, dataset, 422, "InvalidInputError", preprocessing={"preset": "paper"})
    assert "clinical" in text
    assert _ask(api, dataset, preprocessing={"preset": "clinical"}).status_code == 202


def test_a_run_that_goes_on_cannot_be_deleted_and_a_cancelled_one_can(api: Api) -> None:
    run = _ask(api, _balanced(api)).json()
    refusal(api.client.delete(api.url(f"/runs/{run['id']}")), 409, "ConflictError")
    assert api.client.post(api.url(f"/jobs/{run['job']['id']}/cancel")).json()["status"] == "cancelled"
    assert api.client.delete(api.url(f"/runs/{run['id']}")).status_code == 204
    assert api.get("/runs") == []
    assert api.get("/jobs") == []


def test_a_deleted_run_leaves_its_model(trained_api: Api, trained: Trained) -> None:
    assert trained_api.client.delete(trained_api.url(f"/runs/{trained.run_id}")).status_code == 204
    assert trained_api.get(f"/models/{trained.model_id}")["run_id"] is None


def test_two_runs_at_once_block_nobody(api: Api) -> None:
    dataset = _balanced(api)
    assert [_ask(api, dataset).status_code for _ in range(2)] == [202, 202]
    assert api.upload({"new.csv": csv_file(99)})["imported"] == 1
    assert [job["status"] for job in api.get("/jobs")] == ["queued", "queued"]


def test_labels_are_tables_that_spreadsheets_write_too(api: Api) -> None:
    text = io.StringIO()
    csv.writer(text, dialect="excel", delimiter=";").writerows(
        [["file_name", "label"], *[[f"{n}.csv", "AB"[n % 2]] for n in range(12)]]
    )
    api.upload({f"{n}.csv": csv_file(n) for n in range(12)})
    assert _ask(api, api.dataset(text.getvalue())["id"]).status_code == 202
