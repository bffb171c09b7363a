"""Routes of the webhook of a project."""

from fastapi import APIRouter

from backend.api.deps import ProjectDep, ProjectWriteDep, ReadDep, SettingsDep, WriteDep
from backend.api.errors import responses
from backend.api.schemas.intake import Webhook, WebhookIn, WebhookMade
from backend.services import webhooks

router = APIRouter(prefix="/projects/{project_id}/webhook", tags=["hospital systems"])


@router.get("", operation_id="get_webhook", responses=responses(404))
def get_webhook(session: ReadDep, project: ProjectDep) -> Webhook:
    """Return where results are sent."""
    return Webhook.model_validate(webhooks.get(session, project.id))


@router.put("", operation_id="put_webhook", responses=responses(404))
def put_webhook(session: WriteDep, settings: SettingsDep, project: ProjectWriteDep, body: WebhookIn) -> WebhookMade:
    """Say where results are sent, and get a new secret. Deliveries are signed with it: docs/api.md says how."""
    row, secret = webhooks.put(session, settings, project.id, body.url, body.form)
    return WebhookMade(url=row.url, form=body.form, created_at=row.created_at, secret=secret)


@router.delete("", operation_id="delete_webhook", status_code=204, responses=responses(404))
def delete_webhook(session: WriteDep, project: ProjectWriteDep) -> None:
    """Send no results any more."""
    webhooks.delete(session, project.id)
