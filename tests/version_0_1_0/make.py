"""Makes the files of this folder with the version of the platform that is installed; see README.md.

Run from the root of a checkout of that version: `PYTHONPATH=. python tests/version_0_1_0/make.py FOLDER`.
Everything goes through the API and the functions that the workers call; all ECGs are simulated.
"""

import gzip
import json
import os
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.testclient import TestClient

from backend.db.migrate import upgrade
from backend.ecg.synthesize import simulate
from backend.ecg.writers import write
from backend.main import create_app
from tests.api_calls import Api
from tests.installation import installation
from workers import predictions, runs
from workers.lifecycle import RunningJob, run

SECRET = "a secret for the files of version 0.1.0"
CLASSES = ("NORM", "AFIB", "CLBBB", "IMI")
N, KILLED_AFTER, EPOCHS = 36, 3, 6
TINY = {"filters": 4, "depth": 1, "kernel": 9}
QUICK = {"max_epochs": 2, "learning_rate": 0.005, "batch_size": 8, "threads": 1}
CLINICAL = {"preset": "clinical", "window_s": 4}
IN_MV = {"preset": "exchangeai", "window_s": 4}


def main(folder: Path) -> None:
    with TemporaryDirectory() as scratch:
        data = Path(scratch) / "data"
        with installation(data, secret_key=SECRET) as settings:
            upgrade(settings.resolved_database_url)
            with TestClient(create_app(), base_url="http://127.0.0.1:8000") as client:
                api = Api(client)
                fill(api, folder)
                undisturbed = interrupted(api)
                answers = {"killed_after": KILLED_AFTER, "undisturbed": undisturbed, "shown": shown(api)}
                answers["files"] = of_files(api, folder)
        (folder / "answers.json.gz").write_bytes(small(answers))
        (folder / "openapi.json.gz").write_bytes(small(json.loads(Path("frontend/openapi.json").read_text())))
        # Not earlier: only now is all in the one file of the database.
        with tarfile.open(folder / "installation.tar.xz", "w:xz", preset=9) as archive:
            for name in ("exchangeai.sqlite", "blobs", "checkpoints"):
                archive.add(data / name, name)


def fill(api: Api, folder: Path) -> None:
    """Recordings in two imports, three tables of labels, four trainings, three predictions."""
    api.project = api.new_project(name="Ward 3", description="Simulated ECGs of version 0.1.0.", keep_originals=False)
    labels, values, classes = [], [], []
    files: dict[str, bytes] = {}
    for number in range(N):
        label = CLASSES[number % len(CLASSES)]
        ecg = simulate(label, seed=number, rate=100, duration_s=4)
        name = f"ward/{number:02d}_{label}"
        hea, dat = write(ecg.recording, "wfdb", name)
        files |= {hea.name: hea.data, dat.name: dat.data}
        several = ";".join(([] if label == "NORM" else [label]) + (["female"] if ecg.sex == "F" else []))
        labels.append(f"{hea.name},{several},{'I48.0' if label == 'AFIB' else ''},{ecg.patient_id},{number // 4 % 5}")
        # "Dauer" is not known of every fifth recording.
        values.append(f"{hea.name};{ecg.age:g};{'' if number % 5 == 0 else f'{len(ecg.r_peaks) + number / 100:.2f}'}")
        classes.append(f"{hea.name},{label},{ecg.patient_id}")
    ecg_files = list(files)[2:4]
    for name in ecg_files:
        (folder / f"ecg{Path(name).suffix}").write_bytes(files[name].replace(Path(name).stem.encode(), b"ecg"))
    api.upload(files)
    partial = write(simulate("NORM", seed=77, rate=100, duration_s=4).recording, "csv", "partial")[0].data.decode()
    lines = [",".join(line.split(",")[:4]) for line in partial.splitlines() if not line.startswith("#")]
    later = [("two_leads.csv", "\n".join(lines).encode()), ("report.pdf", b"%PDF-1.4 no ECG"), *list(files.items())[:2]]
    api.upload(later, rate="100", units_per_mv="1000", partial="true")
    header = "file_name,label,ICD-10,patient_id,fold"
    several_labels = api.dataset("\n".join([header, *labels, "gone.hea,AFIB,I48.0,x,1"]), name="Rhythm and sex")
    numbers = api.dataset("\n".join(["file_name;value:age;value:beats (1/4 s)", *values]), name="Numbers")
    one_label = api.dataset("\n".join(["file_name,label,patient_id", *classes]), name="Classes")

    first = trained(api, several_labels["id"], "Rhythm", CLINICAL, split={"kind": "column", "test_fold": 3})
    second = trained(api, numbers["id"], "Numbers", IN_MV)
    api.client.patch(
        api.url(f"/models/{first}"), json={"licence": "CC BY 4.0", "intended_use": "To prove that old files load."}
    )
    for model, dataset in ((first, several_labels["id"]), (second, numbers["id"]), (first, None)):
        asked = api.client.post(api.url("/predictions"), json={"model_id": model, "dataset_id": dataset}).json()
        run(asked["job"]["id"], predictions.predict)
    head = {"method": "head", "threads": 1}
    body = {"dataset_id": one_label["id"], "name": "Fine-tuned", "base_model_id": first, "training": head}
    run(asked_run(api, body)["job"]["id"], runs.train)
    waiting = asked_run(api, plain(one_label["id"], "Cancelled", CLINICAL))
    api.client.post(api.url(f"/jobs/{waiting['job']['id']}/cancel"))


def plain(dataset_id: str, name: str, preprocessing: dict, **values: object) -> dict:
    return {
        "dataset_id": dataset_id, "name": name, "architecture": "inception_time", "architecture_config": TINY,
        "preprocessing": preprocessing, "training": QUICK,
    } | values  # fmt: skip


def asked_run(api: Api, body: dict) -> dict:
    answer = api.client.post(api.url("/runs"), json=body)
    assert answer.status_code == 202, answer.text
    asked: dict = answer.json()
    return asked


def trained(api: Api, dataset_id: str, name: str, preprocessing: dict, **values: object) -> str:
    asked = asked_run(api, plain(dataset_id, name, preprocessing, **values))
    run(asked["job"]["id"], runs.train)
    assert api.get(f"/jobs/{asked['job']['id']}")["status"] == "done", api.events(asked["job"]["id"])
    model_id: str = api.get(f"/runs/{asked['id']}")["model_id"]
    return model_id


def interrupted(api: Api) -> list[dict]:
    """Train twice with the same settings: one training ends, of the other the process dies after some epochs.

    Returns the epochs of the first, which is deleted with its model.
    """
    classes = next(dataset["id"] for dataset in api.get("/datasets") if dataset["name"] == "Classes")
    training = QUICK | {"max_epochs": EPOCHS, "patience": EPOCHS}
    body = plain(classes, "Interrupted", CLINICAL, training=training, split={"kind": "random", "train": 0.6,
                 "validation": 0.2, "test": 0.2})  # fmt: skip
    whole = asked_run(api, body)
    run(whole["job"]["id"], runs.train)
    undisturbed = [event["payload"] for event in api.events(whole["job"]["id"], "epoch")]
    api.client.delete(api.url(f"/models/{api.get('/runs/' + whole['id'])['model_id']}"))
    api.client.delete(api.url(f"/runs/{whole['id']}"))
    job_id = asked_run(api, body)["job"]["id"]
    child = os.fork()
    if child == 0:
        say = RunningJob.say

        def say_and_die(job: RunningJob, kind: str, **payload: object) -> None:
            say(job, kind, **payload)
            if kind == "epoch" and payload["epoch"] == KILLED_AFTER:
                os._exit(9)

        RunningJob.say = say_and_die  # type: ignore[method-assign]
        run(job_id, runs.train)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert api.get(f"/jobs/{job_id}")["status"] == "running"
    return undisturbed


def shown(api: Api) -> dict[str, object]:
    """Return what the API says of everything in the project."""
    paths = ["", "/recordings?size=100", "/datasets", "/runs", "/models", "/predictions", "/jobs", "/imports"]
    for kind in ("datasets", "runs", "models", "predictions", "jobs"):
        for one in api.get(f"/{kind}"):
            paths.append(f"/{kind}/{one['id']}")
            paths += [f"/jobs/{one['id']}/events"] if kind == "jobs" else []
            paths += [f"/predictions/{one['id']}/results?size=100"] if kind == "predictions" else []
    paths += [f"/imports/{one['id']}/outcomes?size=100" for one in api.get("/imports")["items"]]
    paths += [f"/recordings/{api.recordings()[n]['id']}" for n in (0, -1)]
    return {api.url(path): api.get(path) for path in paths}


def of_files(api: Api, folder: Path) -> dict[str, object]:
    """Write the models as files; return what each says of the recording in `ecg.hea`."""
    answers: dict[str, object] = {}
    parts = [("files", (name, (folder / name).read_bytes())) for name in ("ecg.hea", "ecg.dat")]
    for model in api.get("/models"):
        if model["name"] == "Fine-tuned":
            continue
        stem = model["name"].lower()
        (folder / f"{stem}.zip").write_bytes(api.client.get(api.url(f"/models/{model['id']}/package")).content)
        (folder / f"{stem}.onnx").write_bytes(api.client.get(api.url(f"/models/{model['id']}/onnx")).content)
        answer = api.client.post(api.url(f"/models/{model['id']}/predict-files"), files=parts)
        (one,) = answer.json()
        answers[stem] = {"model": model, "labels": one["prediction"]["labels"]}
    (folder / "numbers.onnx").unlink()
    return answers


def small(content: object) -> bytes:
    return gzip.compress(json.dumps(content, separators=(",", ":"), sort_keys=True).encode(), 9, mtime=0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
