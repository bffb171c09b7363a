"""Sending results to the webhook of a project, again and again for a quarter of an hour where nobody takes them."""

import time
from datetime import UTC, datetime

import httpx2
import orjson

from backend.errors import ConflictError, UnavailableError
from backend.services import ecg_results, fhir_report, webhooks
from workers.lifecycle import RunningJob

PAUSES_S = (1, 2, 5, 10, 30, 60, 120, 240, 480)
TIMEOUT_S = 30.0
PASSING = (408, 425, 429)  # and all from 500 on


def deliver(job: RunningJob) -> None:
    """Predict the recordings and send what was found, signed. Raises ConflictError where the receiver refuses it."""
    asked = job.payload
    found = ecg_results.results_of(
        job.settings.resolved_database_url, job.storage, job.project_id, asked["model_id"], asked["recording_ids"]
    )
    with job.read() as session:
        hook = webhooks.get(session, job.project_id)
        url, form, secret = hook.url, hook.form, webhooks.secret_of(job.settings, hook)
    if form == "fhir":
        media_type = fhir_report.MEDIA_TYPE
        body = orjson.dumps(fhir_report.bundle(found, datetime.now(UTC), asked["reference"]))
    else:
        media_type = "application/json"
        body = orjson.dumps({"job_id": job.id, "reference": asked["reference"], "results": found})
    headers = {"Content-Type": media_type, "User-Agent": "ExChanGeAI", webhooks.DELIVERY: job.id}
    # Redirects are not followed and no proxy is taken from the environment: results go where a person has said.
    with httpx2.Client(timeout=TIMEOUT_S, trust_env=False) as client:
        for pause in (*PAUSES_S, None):
            job.check()
            signed = headers | {webhooks.SIGNATURE: webhooks.signature(secret, body, int(time.time()))}
            problem = _try(client, url, body, signed)
            if problem is None:
                job.progress(1.0, "The results were taken.", always=True)
                return
            job.log(problem)
            if pause is not None:
                job.pause(pause)
    raise UnavailableError(f"{problem} The results are in the project; ask for them there, or send the ECG again.")


def _try(client: httpx2.Client, url: str, body: bytes, headers: dict[str, str]) -> str | None:
    """Send once; return what stands in the way and may pass, None where it was taken. Raises ConflictError."""
    try:
        with client.stream("POST", url, content=body, headers=headers) as answer:
            status = answer.status_code
    except httpx2.TransportError as error:
        return f"The receiver of the webhook does not answer ({type(error).__name__})."
    if 200 <= status < 300:
        return None
    if status in PASSING or status >= 500:
        return f"The receiver of the webhook answers with {status}."
    raise ConflictError(f"The receiver of the webhook refuses the results with {status}. Check its address and secret.")
