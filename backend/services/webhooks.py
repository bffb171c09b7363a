"""Webhooks: where the results of a project are sent, and how a receiver knows that they come from here.

Each delivery is signed as `t=TIME,v1=HMAC`, HMAC-SHA256 (RFC 2104) under the project's secret over "TIME.BODY": who
holds the secret knows sender and content, and refuses what is old.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Final, Literal
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from backend.db.tables import Job, Webhook
from backend.errors import InvalidInputError, NotFoundError
from backend.sealing import seal, unseal
from backend.services import jobs, model_library
from backend.settings import Settings

Form = Literal["json", "fhir"]
SIGNATURE: Final = "X-ExChanGeAI-Signature"
DELIVERY: Final = "X-ExChanGeAI-Delivery"


def get(session: Session, project_id: str) -> Webhook:
    """Return the webhook of a project. Raises NotFoundError."""
    row = session.get(Webhook, project_id)
    if row is None:
        raise NotFoundError("This project has no webhook. Say with PUT where its results are to be sent.")
    return row


def put(session: Session, settings: Settings, project_id: str, url: str, form: Form) -> tuple[Webhook, str]:
    """Say where results are sent; return that and a new secret, which is shown this once. Raises InvalidInputError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
        raise InvalidInputError("The address of a webhook is like https://host/path, without a user in it.")
    secret = secrets.token_hex(32)
    row = session.get(Webhook, project_id) or Webhook(project_id=project_id)
    row.url, row.form = url, form
    row.sealed_secret = seal(settings.resolved_secret_key, secret, _purpose(project_id, url))
    session.add(row)
    session.flush()
    return row, secret


def delete(session: Session, project_id: str) -> None:
    """Send no results any more. Raises NotFoundError."""
    session.delete(get(session, project_id))


def secret_of(settings: Settings, row: Webhook) -> str:
    """Return the secret that deliveries are signed with. Raises UnavailableError where it cannot be unsealed."""
    return unseal(settings.resolved_secret_key, row.sealed_secret, _purpose(row.project_id, row.url))


def send(session: Session, project_id: str, model_id: str, recording_ids: Sequence[str], reference: str = "") -> Job:
    """Queue the results of recordings for the project's webhook. Raises NotFoundError without one, or no such model."""
    get(session, project_id)
    model = model_library.usable(session, project_id, model_id)
    payload = {"model_id": model.id, "recording_ids": list(recording_ids), "reference": reference}
    return jobs.create(session, project_id, "webhooks.deliver", payload)


def signature(secret: str, body: bytes, moment: int) -> str:
    """Return the header that signs a body at a moment (seconds since 1970)."""
    return f"t={moment},v1={hmac.digest(secret.encode(), b'%d.' % moment + body, hashlib.sha256).hex()}"


def _purpose(project_id: str, url: str) -> str:
    return f"webhook of {project_id} to {url}"
