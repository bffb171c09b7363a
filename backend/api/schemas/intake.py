"""Wire shapes of the doors for hospital systems."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from backend.api.schemas.base import Schema
from backend.api.schemas.jobs import Job
from backend.api.schemas.recordings import Outcome
from backend.services.dicom_results import Kind
from backend.services.dicom_sender import MOST
from backend.services.ecg_results import EcgResult
from backend.services.webhooks import Form


class IntakeReport(Schema):
    """What became of the files of a request, and what is found in them."""

    reference: str = Field(description="The sender's own number, as it was sent.")
    import_id: str
    outcomes: list[Outcome]
    results: list[EcgResult] = Field(description="One a recording; empty where they are sent to the webhook.")
    job: Job | None = Field(None, description="The delivery to the webhook, where that was asked for.")


class DicomSendIn(Schema):
    """Which results are sent to the DICOM destination."""

    recording_ids: list[Annotated[str, StringConstraints(max_length=64)]] = Field(min_length=1, max_length=MOST)
    kinds: list[Kind] = Field(["sr"], min_length=1, max_length=2, description="sr: structured report; pdf: document.")


class WebhookIn(Schema):
    """Where the results of a project are to be sent."""

    url: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    form: Form = Field("json", description="json: as the API answers; fhir: a Bundle of FHIR R4 DiagnosticReports.")


class Webhook(Schema):
    """Where the results of a project are sent."""

    url: str
    form: Form
    created_at: datetime


class WebhookMade(Webhook):
    """A webhook with its secret, which is shown this once."""

    secret: str = Field(description="Key of the signature of each delivery (HMAC-SHA256).")
