"""What a supervisor asks, outside of the API: is the process alive, can it do its work, how much has it to do."""

from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from backend.api.deps import SettingsDep
from backend.api.metrics import CONTENT_TYPE
from backend.services.readiness import readiness

router = APIRouter(include_in_schema=False)


@router.get("/health")
async def health() -> dict[str, str]:
    """Say that the process lives: who gets no answer should start it again."""
    return {"status": "ok"}


@router.get("/ready")
def ready(settings: SettingsDep) -> JSONResponse:
    """Say what works; with 503 where requests should go elsewhere."""
    found = readiness(settings)
    return JSONResponse({"status": found.status} | asdict(found), 503 if found.status == "unready" else 200)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Return the figures for Prometheus."""
    return Response(request.app.state.metrics.text(), media_type=CONTENT_TYPE)
