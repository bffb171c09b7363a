"""Ask a platform for everything once, and keep what was sent and answered as the examples of the API's description.

`make examples` writes backend/api/examples.json anew; a new route gets its example by a line in `_ask_everything`.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.testclient import TestClient

from backend.api.description import EXAMPLES
from backend.db.session import write_session
from backend.main import create_app
from backend.services import users
from tests.api_examples_accounts import ask_identities, ask_retention, with_provider
from tests.api_examples_curves import ask_learning_curve
from tests.api_recorder import Recorder
from tests.dicom_objects import DICOM, RELATED, dicom_ecg, related
from tests.exchange.conftest import running
from tests.exchange.webdav_servers import PASSWORD, USER
from tests.installation import installation
from tests.openid_provider import openid_provider
from tests.samples import csv_file, wfdb_pair
from tests.shared_folder import SharedFolder, describe
from tests.trained import TINY, Trained, result_of, train_small_model

PASSWORD_OF_ADMIN = "four words make a password"
TABLE = "file,label\nrecord.hea,NORM\n"


def record(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the examples: operation -> {"request": …, "response": …}."""
    trained = train_small_model(folder / "data")
    with installation(folder / "data", dicom_destination="PACS@10.0.0.7:104"):
        app = create_app()
        with TestClient(app, base_url="http://127.0.0.1:8000") as client:
            recorder = Recorder(client, app)
            recorder.api.project = trained.project_id
            _ask_everything(recorder, trained)
            with running("wsgidav") as folder_server:
                _ask_exchange(recorder, trained, SharedFolder.new(folder_server))
            _ask_server_mode(recorder, folder / "data")
            return dict(sorted(recorder.found.items()))


def _ask_server_mode(to: Recorder, folder: Path) -> None:
    """Ask as an admin of an installation in which people sign in."""
    with openid_provider() as provider, installation(folder, mode="server", **with_provider(provider)):
        settings = _settings()
        with write_session(settings.resolved_database_url) as session:
            token = users.first_link(session)
        secret = {"name": users.FIRST, "password": PASSWORD_OF_ADMIN}
        chosen = to.ask("POST", "~/account/password-by-link", {"token": token, "password": PASSWORD_OF_ADMIN})
        to.api.client.headers["X-CSRF-Token"] = chosen["csrf_token"]
        to.api.project = to.api.new_project(name="Ward 4")  # no job waits in it
        to.api.upload({"ecg.csv": csv_file(1)}, rate="500")
        to.api.dataset("file_name,label,patient_id\necg.csv,NORM,MRN-4711\n")
        made = to.ask("POST", "~/users", {"name": "eva@hospital.example"})["user"]
        for method, path, body in (
            ("GET", "~/users", None), ("GET", f"~/users/{made['id']}", None),
            ("PATCH", f"~/users/{made['id']}", {"is_admin": False}), ("POST", f"~/users/{made['id']}/link", None),
            ("PUT", "/members", {"name": "eva@hospital.example", "role": "annotator"}), ("GET", "/members", None),
            ("GET", f"/members/{made['id']}", None), ("GET", "~/account", None), ("GET", "~/audit", None),
            ("POST", "~/audit/verify", None), ("POST", "/patients/find", {"patient": "MRN-4711"}),
            ("POST", "/patients/erase", {"patient": "MRN-4711"}),
        ):  # fmt: skip
            to.ask(method, path, body)
        ask_retention(to)
        ask_identities(to, made["id"])
        key = to.ask("POST", "~/api-keys", {"name": "Cart", "role": "annotator", "project_id": to.api.project})["key"]
        to.ask("GET", "~/api-keys")
        to.ask("GET", f"~/api-keys/{key['id']}")
        changed = {"password": PASSWORD_OF_ADMIN, "new_password": "another four good words"}
        to.ask("POST", "~/account/password", changed)
        to.ask("POST", "~/account/sign-in", secret | {"password": changed["new_password"]})


def _ask_everything(to: Recorder, trained: Trained) -> None:
    from workers import evaluations, explanations, predictions, stress_tests
    from workers.lifecycle import run

    settings = _settings()
    header, samples = wfdb_pair("record", n=5000, rate=500)
    ecg = [("record.hea", header + b"# Dx: 426783006\n"), ("record.dat", samples)]
    declared = {"rate": 500, "units_per_mv": 1000}
    for path in ("~/health", "~/system", "~/projects", "", "/runs", "/models", "/datasets", "/jobs", "/recordings"):
        to.ask("GET", path)
    to.ask("PATCH", "", {"description": "Simulated ECGs of five classes"})
    to.ask("POST", "~/projects", {"name": "Ward 3", "description": "Resting ECGs of 2026"})
    to.ask("POST", "~/projects/demo", {"name": "Demo", "n_recordings": 100, "seed": 1})

    report = to.send("/recordings", ecg)
    to.send("/recordings", [("ecg.csv", csv_file(1))], **declared)
    to.send("/recordings/preview", [("ecg.csv", csv_file(1))], **declared)
    to.ask("GET", "/imports")
    to.ask("GET", f"/imports/{report['import_id']}")
    to.ask("GET", f"/imports/{report['import_id']}/outcomes")
    (recording,) = report["outcomes"][0]["recording_ids"]
    to.ask("GET", f"/recordings/{recording}")
    to.ask("GET", "/recordings/facets")
    to.ask("GET", f"/recordings/{recording}/place", search="record", sort="created_at")
    to.ask("POST", "/views", {"name": "Infarctions", "query": {"label": "MI", "sort": "age"}})
    to.ask("GET", "/views")
    to.api.client.get(to.api.url("/export"))
    to.ask("GET", f"/recordings/{recording}/measurements")
    to.ask("POST", "/embeddings", {"recording_ids": [recording]})

    to.send("/datasets/preview", [("labels.csv", TABLE.encode())], "file")
    to.send("/datasets", [("labels.csv", TABLE.encode())], "file", name="Read by Dr. A", choice='{"labels": ["label"]}')
    for what in ("", "/statistics", "/sources"):
        to.ask("GET", f"/datasets/{trained.dataset_id}{what}")
    to.ask("GET", "/overview")
    sources = to.ask("GET", "/datasets/in-files")
    to.ask("POST", "/datasets/in-files", {"sources": [sources[0]["name"]], "name": "Labels in the files"})

    _ask_annotations(to, recording)
    training = {"dataset_id": trained.dataset_id, "architecture": "inception_time", "architecture_config": TINY}
    to.ask("POST", "/runs/estimate", training)
    queued = to.ask("POST", "/runs", training | {"name": "First", "training": {"max_epochs": 5}})
    candidates = [{"architecture": "rlign_logistic"}, {"architecture": "xresnet1d18", "training": {"max_epochs": 5}}]
    question = {"dataset_id": trained.dataset_id, "candidates": candidates}
    to.ask("POST", "/comparisons/estimate", question)
    compared = f"/comparisons/{to.ask('POST', '/comparisons', question)['id']}"
    to.ask("GET", "/comparisons")
    to.ask("POST", f"{compared}/cancel")
    to.ask("GET", compared)
    to.ask("POST", f"{compared}/resume")
    to.ask("POST", f"{compared}/cancel")
    to.ask("DELETE", compared)
    ask_learning_curve(to, _settings(), question | {"folds": 3})
    to.ask("GET", f"/runs/{trained.run_id}")
    for what in ("/sources", "/mistakes"):
        to.ask("GET", f"/runs/{trained.run_id}{what}")
    to.ask("GET", "/runs/side-by-side", run=[trained.run_id, queued["id"]])
    finished = to.ask("GET", f"/runs/{trained.run_id}")["job"]["id"]
    to.ask("GET", f"/jobs/{finished}")
    to.ask("GET", f"/jobs/{finished}/events")
    to.ask("POST", f"/jobs/{queued['job']['id']}/cancel")
    to.ask("POST", f"/jobs/{queued['job']['id']}/resume")
    to.api.client.post(to.api.url(f"/jobs/{queued['job']['id']}/cancel"))
    to.ask("GET", "~/jobs")
    to.api.upload({f"more/{n}.csv": csv_file(n) for n in range(2, 42)}, rate="500")  # a pre-training wants 64
    to.ask("POST", "/pretrainings", {"name": "Ours", "settings": {"minutes": 60}})

    model = f"/models/{trained.model_id}"
    to.ask("GET", model)
    to.ask("PATCH", model, {"licence": "CC BY 4.0", "intended_use": "Research"})
    to.ask("POST", f"{model}/predict", {"recording_id": recording})
    to.send(f"{model}/predict-files", [("ecg.csv", csv_file(1))], **declared)
    to.ask("PUT", "/webhook", {"url": "https://hospital.example/ecg-results", "form": "fhir"})
    to.ask("GET", "/webhook")
    to.send_raw("/intake", dicom_ecg(), DICOM, model_id=trained.model_id, reference="order 17")
    to.send_raw("/dicomweb/studies", related([dicom_ecg(1)]), RELATED)
    package = to.api.client.get(to.api.url(f"{model}/package")).content
    to.api.project, first = to.api.new_project(name="Another ward"), to.api.project
    to.send("/models", [("model.zip", package)], "file", name="From next door")
    to.api.project = first

    _ask_drift(to, trained)
    both = {"model_id": trained.model_id, "dataset_id": trained.dataset_id}
    wanted = {"model_id": trained.model_id, "recording_id": recording, "ways": ["occlusion", "nearest"]}
    explained = to.ask("POST", "/explanations", wanted)
    run(explained["job"]["id"], explanations.explain)
    result_of(settings, explained["job"]["id"])
    to.ask("GET", "/explanations", recording_id=recording)
    to.ask("GET", f"/explanations/{explained['id']}")
    to.ask("DELETE", f"/explanations/{explained['id']}")
    for noun, function, body in (
        ("predictions", predictions.predict, both),
        ("evaluations", evaluations.evaluate, both | {"include_seen": True}),
    ):
        made = to.ask("POST", f"/{noun}", body)
        run(made["job"]["id"], function)
        result_of(settings, made["job"]["id"])
        to.ask("GET", f"/{noun}")
        to.ask("GET", f"/{noun}/{made['id']}")
        if noun == "predictions":
            answers = to.ask("GET", f"/predictions/{made['id']}/results")["items"]
            one = answers[0]["recording_id"]
            to.api.client.get(to.api.url(f"/predictions/{made['id']}/recordings/{one}/dicom"), params={"kind": "sr"})
            to.ask("POST", f"/predictions/{made['id']}/dicom", {"recording_ids": [one], "kinds": ["sr", "pdf"]})
        else:
            to.ask("GET", f"/evaluations/{made['id']}/recordings", label="NORM", cell="true_positive")
            tested = to.ask("POST", f"/evaluations/{made['id']}/stress-test")
            run(tested["job"]["id"], stress_tests.test)
            to.ask("GET", f"/evaluations/{made['id']}/stress-test")
            to.ask("GET", "/evaluations/side-by-side", model_id=trained.model_id)


def _ask_drift(to: Recorder, trained: Trained) -> None:
    from workers import drift_checks
    from workers.lifecycle import run

    made = to.ask("POST", "/drift-checks", {"model_id": trained.model_id, "dataset_id": trained.dataset_id})
    run(made["job"]["id"], drift_checks.check)
    to.ask("GET", "/drift-checks", model_id=trained.model_id)
    to.ask("GET", f"/drift-checks/{made['id']}")
    to.ask("GET", f"/drift-checks/{made['id']}/recordings")


def _ask_annotations(to: Recorder, recording: str) -> None:
    labels = [{"name": "NORM"}, {"name": "AFIB", "code": "I48.9", "system": "ICD-10"}]
    asked = {"name": "Rhythm", "labels": labels, "n_readers": 2}
    here = f"/annotations/{to.ask('POST', '/annotations', asked)['id']}"
    region = {"label": "QRS", "from_ms": 480, "to_ms": 570, "leads": ["V1"]}
    said = {"recording_id": recording, "labels": ["AFIB"], "note": "Irregular", "regions": [region]}
    to.ask("PUT", f"{here}/readings/{1:032x}", said, reader="Dr. A")
    to.ask("PUT", f"{here}/readings/{2:032x}", {"recording_id": recording, "labels": ["NORM"]}, reader="Dr. B")
    to.ask("GET", f"{here}/recordings/{recording}", reader="Dr. A")
    to.ask("GET", f"{here}/disagreements")
    to.ask("PUT", f"{here}/recordings/{recording}/revealed", reader="Dr. C")
    adjudication = {"recording_id": recording, "labels": ["AFIB"], "role": "adjudicator"}
    to.ask("PUT", f"{here}/readings/{3:032x}", adjudication, reader="Dr. C")
    to.ask("GET", f"{here}/readings", reader="Dr. A")
    to.ask("GET", f"{here}/queue", reader="Dr. A", limit=2)
    to.ask("GET", f"{here}/agreement")
    to.ask("POST", f"{here}/datasets", {"fewest_readers": 2})
    to.ask("PUT", here, asked | {"blind": True})
    to.ask("GET", "/annotations")
    to.ask("GET", here, reader="Dr. A")
    to.ask("GET", "~/codes", words="AF", limit=5)


def _ask_exchange(to: Recorder, trained: Trained, shared: SharedFolder) -> None:
    from workers import exchange_jobs, exchanges
    from workers.lifecycle import run

    said = {"name": "Clinic", "url": shared.url, "username": USER, "password": PASSWORD, "access": "read_write"}
    exchange = to.ask("POST", "~/exchanges", said)["id"]
    here = f"~/exchanges/{exchange}"
    for method, path in (
        ("GET", "~/exchanges"),
        ("GET", here),
        ("POST", f"{here}/check"),
        ("GET", "~/exchanges/own-key"),
    ):
        to.ask(method, path)
    to.ask("PATCH", here, {"name": "Heart clinic"})
    describe(_settings(), trained.model_id)
    to.ask("GET", f"/models/{trained.model_id}/publication", exchange_id=exchange)
    pushed = {"exchange_id": exchange, "model_id": trained.model_id, "publisher": "Ward 3", "notes": "First version"}
    sent = to.ask("POST", "/transfers/push", pushed)
    run(sent["job"]["id"], exchanges.push)
    place = to.ask("GET", f"/transfers/{sent['id']}")["item"]
    to.ask("POST", f"{here}/listing")
    (listed,) = to.ask("GET", f"{here}/models")["items"]
    to.ask("GET", f"{here}/models/{place}")
    first = to.api.project
    to.api.project = to.api.new_project(name="Next door")
    pulled = {"exchange_id": exchange, "item": place, "trust": listed["fingerprint"]}
    run(to.ask("POST", "/transfers/pull", pulled)["job"]["id"], exchanges.pull)
    to.ask("GET", "/transfers")
    to.api.project = first
    (key,) = to.ask("GET", f"{here}/keys")
    to.ask("PUT", f"{here}/keys", {name: key[name] for name in ("publisher", "fingerprint", "status")})
    for method, path in (("GET", f"{here}/transfers"), ("GET", "~/models"), ("POST", f"{here}/index")):
        to.ask(method, path)
    _ask_round(to, trained, exchange, place)
    verifying = to.ask("POST", f"{here}/jobs", {"kind": "verify"})["id"]
    run(verifying, exchange_jobs.verify)
    for path in ("jobs", f"jobs/{verifying}", f"jobs/{verifying}/events"):
        to.ask("GET", f"{here}/{path}")
    queued = to.api.client.post(f"/api/v1{here[1:]}/jobs", json={"kind": "index"}).json()
    to.ask("POST", f"{here}/jobs/{queued['id']}/cancel")
    to.ask("POST", f"{here}/models/{place}/withdraw", {"reason": "Trained on too few recordings"})


def _ask_round(to: Recorder, trained: Trained, exchange: str, place: str) -> None:
    from workers import rounds, runs
    from workers.lifecycle import run

    tuning = {"method": "all", "max_epochs": 1, "batch_size": 16, "threads": 1}
    asked = {"dataset_id": trained.dataset_id, "base_model_id": trained.model_id, "training": tuning}
    queued = to.ask("POST", "/runs", asked | {"name": "Mine", "split": {"method": "holdout"}})
    run(queued["job"]["id"], runs.train)
    model = to.ask("GET", f"/runs/{queued['id']}")["model_id"]
    rules = {"fewest_sites": 1, "clip_norm": 5.0}
    to.ask("POST", f"~/exchanges/{exchange}/rounds", {"item": place, "coordinator": "Ward 3", "rules": rules})
    one = to.ask("GET", f"~/exchanges/{exchange}/rounds")["rounds"][0]
    at = f"/exchanges/{exchange}/rounds/{one['slug']}/{one['number']}"
    to.ask("GET", f"~{at}")
    to.ask("POST", f"~{at}/join", {"site": "Ward 3"})
    run(to.ask("POST", f"{at}/contribution", {"model_id": model})["job"]["id"], rounds.contribute)
    to.ask("DELETE", f"~{at}/contribution")
    run(to.ask("POST", f"{at}/contribution", {"model_id": model})["job"]["id"], rounds.contribute)
    run(to.ask("POST", f"{at}/merge", {"model_id": model, "publisher": "Ward 3"})["job"]["id"], rounds.merge)
    to.ask("POST", f"~{at}/undo", {"reason": "Labels of one site were wrong"})


def _settings() -> Any:
    from backend.settings import get_settings

    return get_settings()


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        EXAMPLES.write_text(json.dumps(record(Path(place)), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
