from backend.storage import Storage
from tests.api_calls import Api, refusal
from tests.samples import csv_file
from tests.stores import blobs_of


def test_projects_are_listed_newest_first_with_what_they_hold(api: Api) -> None:
    older = api.new_project(name="Older")
    api.project = newer = api.new_project(name="Newer", description="Ward 3")
    api.upload({"a.csv": csv_file(1), "b.csv": csv_file(2)})
    shown = api.client.get("/api/v1/projects").json()
    assert [(item["id"], item["n_recordings"]) for item in shown] == [(newer, 2), (older, 0)]
    assert shown[0]["description"] == "Ward 3"


def test_a_project_can_be_renamed_and_its_description_left(api: Api) -> None:
    project = api.new_project(description="Ward 3")
    answer = api.client.patch(f"/api/v1/projects/{project}", json={"name": "  Ärzte  "})
    assert (answer.json()["name"], answer.json()["description"]) == ("Ärzte", "Ward 3")


def test_a_name_of_blanks_is_refused(api: Api) -> None:
    refusal(api.client.post("/api/v1/projects", json={"name": "   "}), 422, "InvalidInputError")
    project = api.new_project()
    refusal(api.client.patch(f"/api/v1/projects/{project}", json={"name": " \t"}), 422, "InvalidInputError")


def test_a_deleted_project_leaves_no_bytes_behind(api: Api, storage: Storage) -> None:
    api.upload({"a.csv": csv_file(1), "b.csv": csv_file(2)})
    assert len(blobs_of(storage)) == 4  # two originals, two signals
    assert api.client.delete(api.url()).status_code == 204
    assert blobs_of(storage) == {}
    refusal(api.client.get(api.url()), 404, "NotFoundError")


def test_a_deleted_project_takes_no_bytes_that_another_project_has_too(api: Api) -> None:
    first, second = api.new_project(), api.new_project()
    for project in (first, second):
        api.project = project
        api.upload({"a.csv": csv_file()})
    api.client.delete(f"/api/v1/projects/{first}")
    recording = api.recordings()[0]["id"]
    assert api.client.get(api.url(f"/recordings/{recording}/signal")).status_code == 200
    assert api.client.get(api.url(f"/recordings/{recording}/original")).content == csv_file()


def test_a_project_without_originals_keeps_only_the_signal(api: Api, storage: Storage) -> None:
    api.project = api.new_project(keep_originals=False)
    api.upload({"a.csv": csv_file()})
    assert len(blobs_of(storage)) == 1
    recording = api.recordings()[0]["id"]
    refusal(api.client.get(api.url(f"/recordings/{recording}/original")), 409, "ConflictError")


def test_a_demo_project_is_made_at_once_and_filled_by_a_job(api: Api) -> None:
    answer = api.client.post("/api/v1/projects/demo", json={"n_recordings": 50})
    assert answer.status_code == 202
    shown = answer.json()
    assert (shown["project"]["simulated"], shown["job"]["status"]) == (True, "queued")


def test_system_says_what_the_installation_can_do(api: Api) -> None:
    shown = api.client.get("/api/v1/system").json()
    assert {item["name"] for item in shown["formats"]} >= {"wfdb", "dicom", "csv", "npy"}
    assert {item["name"] for item in shown["presets"]} == {"exchangeai", "paper", "clinical", "st_preserving"}
    assert shown["workers"] == []
    assert len(shown["simulated_classes"]) == 5


def test_system_serves_the_training_settings_with_all_that_a_form_needs(api: Api) -> None:
    shown = api.client.get("/api/v1/system").json()
    served = {setting.pop("name"): setting for setting in shown["training_settings"]}
    assert served["gamma"] == {
        "title": "Learning rate decay", "help": "After each epoch the learning rate is multiplied by this factor.",
        "default": 0.9, "low": 0.1, "high": 1, "step": 0.01, "whole": False, "automatic": None, "choices": [],
        "tasks": [], "needs_epochs": True, "when": {"schedule": ["exponential"]}, "unless": {},
    }  # fmt: skip
    assert [choice["value"] for choice in served["monitor"]["choices"]] == [
        "val_loss", "macro_auroc", "macro_f1", "last_epoch",
    ]  # fmt: skip
    assert served["monitor"]["choices"][1]["tasks"] == ["single_label", "multi_label"]
    assert served["max_epochs"]["default"] == 50
    assert served["class_weights"]["default"] is False
    assert served["windows"]["unless"] == {"augmentation.crop_seconds": [None]}
    defaults = shown["training_defaults"]
    assert {name.partition(".")[0] for name in served} == set(defaults)
    for choice in shown["training_choices"]:
        assert [one["value"] for one in served[choice["setting"]]["choices"]] == choice["values"]
