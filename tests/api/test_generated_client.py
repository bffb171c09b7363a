"""A client that others' tools make from the description of the API uploads, trains and predicts on a real platform."""

import importlib
import subprocess
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from backend.ecg.synthesize import simulate_set
from backend.ecg.writers import write
from tests.platform_process import Platform, running_platform
from tests.trained import QUICK, TINY

ROOT = Path(__file__).parents[2]
GENERATOR = Path(sys.executable).parent / "openapi-python-client"
SETTINGS = """
package_name_override: generated_exchangeai
content_type_overrides:
  application/zip: application/octet-stream
  application/pdf: application/octet-stream
  application/dicom: application/octet-stream
  multipart/related: application/octet-stream
post_hooks: []
"""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a client made by openapi-python-client, which must have nothing to warn of."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "settings.yaml").write_text(SETTINGS)
    made = subprocess.run(
        [GENERATOR, "generate", "--path", ROOT / "frontend" / "openapi.json", "--config", folder / "settings.yaml",
         "--output-path", folder / "generated_exchangeai", "--meta", "none", "--fail-on-warning"],
        capture_output=True, text=True, cwd=folder, timeout=300,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running_platform(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


@pytest.fixture
def client(generated: Path, platform: Platform) -> Iterator[Any]:
    with importlib.import_module("generated_exchangeai").Client(base_url=platform.address, timeout=60.0) as client:
        yield client


def _call(tag: str, operation: str, **arguments: Any) -> Any:
    """Call an operation of the generated client; its errors are answers of another type."""
    answer = importlib.import_module(f"generated_exchangeai.api.{tag}.{operation}").sync(**arguments)
    assert type(answer).__name__ != "ErrorBody", answer
    assert answer is not None
    return answer


def test_it_uploads_labels_trains_and_predicts(client: Any, platform: Platform) -> None:
    models, types = (importlib.import_module(f"generated_exchangeai.{name}") for name in ("models", "types"))
    platform.wait_for_workers()
    project = _call("projects", "create_project", client=client, body=models.ProjectIn(name="By others"))

    def file(name: str, data: bytes) -> Any:
        return types.File(payload=BytesIO(data), file_name=name, mime_type="application/octet-stream")

    ecgs, table = [], ["file,label,patient"]
    for n, one in enumerate(simulate_set(40, seed=3)):
        ecgs += [file(part.name, part.data) for part in write(one.recording, "wfdb", f"ecg{n}")]
        table.append(f"ecg{n}.hea,{one.label},{one.patient_id}")
    body = models.BodyUploadRecordings(files=ecgs)
    report = _call("recordings", "upload_recordings", project_id=project.id, client=client, body=body)
    assert report.imported == 40

    labels = models.BodyCreateDataset(file=file("labels.csv", "\n".join(table).encode()), name="Truth")
    dataset = _call("datasets", "create_dataset", project_id=project.id, client=client, body=labels)
    assert dataset.n_matched == 40

    asked = models.RunIn.from_dict(
        {"dataset_id": dataset.id, "architecture": "inception_time", "architecture_config": TINY, "training": QUICK}
    )
    run = _call("runs", "create_run", project_id=project.id, client=client, body=asked)
    for _ in range(900):
        job = _call("jobs", "get_job", project_id=project.id, job_id=run.job.id, client=client)
        if job.status in ("done", "failed", "cancelled"):
            break
        time.sleep(0.2)
    assert job.status == "done", job
    model = _call("runs", "get_run", project_id=project.id, run_id=run.id, client=client).model_id

    sent = models.BodyPredictFiles(files=ecgs[:2])
    (answer,) = _call("models", "predict_files", project_id=project.id, model_id=model, client=client, body=sent)
    assert answer.prediction.model_id == model
    assert sum(one.probability for one in answer.prediction.labels) == pytest.approx(1, abs=1e-4)
    package = _call("models", "get_package", project_id=project.id, model_id=model, client=client)
    assert package.payload.read(2) == b"PK"


def test_it_gets_errors_as_what_they_are(client: Any) -> None:
    get = importlib.import_module("generated_exchangeai.api.projects.get_project")
    answer = get.sync_detailed(project_id="none", client=client)
    assert (answer.status_code, answer.parsed.error) == (404, "NotFoundError")
