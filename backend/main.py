"""The web application: the API under /api/v1, its documentation under /docs, and the page everywhere else."""

import logging
import os

# Threads that wait for each other within a product of small matrices take more of the processor than the product. Read
# when numpy is loaded; networks have threads of their own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from threading import Thread

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from backend.api import (
    account,
    annotations,
    api_keys,
    audit,
    codes,
    comparisons,
    datasets,
    description,
    dicom_results,
    dicomweb,
    drawings,
    drift_checks,
    embeddings,
    errors,
    evaluations,
    exchange_jobs,
    exchanges,
    explanations,
    imports,
    intake,
    jobs,
    learning_curves,
    library,
    measurements,
    members,
    model_files,
    models,
    oidc,
    overview,
    patients,
    predictions,
    pretrainings,
    probes,
    projects,
    readings,
    recording_lists,
    recordings,
    retention,
    rounds,
    runs,
    stress_tests,
    system,
    transfers,
    tray,
    users,
    views,
    webhooks,
)
from backend.api.gate import Gate
from backend.api.guard import Guard
from backend.api.headers import Headers
from backend.api.languages import Languages
from backend.api.metrics import Metrics
from backend.api.occasions import Occasions
from backend.db.migrate import upgrade
from backend.db.session import read_session
from backend.logs import configure_logging
from backend.process import stop_with_parent
from backend.services import project_deletion
from backend.services import users as accounts
from backend.settings import Settings, get_settings
from backend.storage import storage_of

log = logging.getLogger(__name__)
_NOT_BUILT = "The page has not been built yet. Run 'make build'."
STATIC = Path(__file__).parent / "static"
ROUTERS = (
    system, projects, overview, recording_lists, views, recordings, drawings, measurements, imports, datasets,
    annotations, readings, codes, runs, comparisons, learning_curves, models, model_files, pretrainings, embeddings,
    predictions, evaluations, explanations, drift_checks, stress_tests, exchanges, exchange_jobs, transfers, rounds,
    library, jobs, tray, intake, webhooks, dicomweb, dicom_results, account, oidc, users, members, api_keys, audit,
    patients, retention,
)  # fmt: skip

NOT_COMPRESSED = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/octet-stream", "application/pdf")
"""Answers that are sent as they are: signals and files are small already, or noise to a compressor."""


def create_app() -> FastAPI:
    """Return the application, configured from the settings of this process."""
    settings = get_settings()
    configure_logging(settings.log_level, settings.log_format)
    app = FastAPI(
        title="ExChanGeAI",
        version=version("exchangeai"),
        summary="12-lead ECGs: read, look, label, train, export, predict.",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    errors.install(app)
    description.install(app)
    for module in ROUTERS:
        app.include_router(module.router, prefix="/api/v1")
    app.include_router(probes.router)
    app.add_api_route("/docs", _docs, include_in_schema=False)
    app.add_api_route("/{path:path}", _page, include_in_schema=False)
    app.state.metrics = Metrics()
    # Each one added is put around those before it.
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=5, exclude_content_types=NOT_COMPRESSED)
    app.add_middleware(Gate, routes_of=app)
    app.add_middleware(Guard, hosts=settings.hosts, max_bytes=settings.upload_bytes)
    if settings.trusted_proxy:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxy)
    app.add_middleware(Occasions, metrics=app.state.metrics, lines=settings.log_format == "json")
    app.add_middleware(Headers)
    app.add_middleware(Languages)
    return app


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    stop_with_parent()
    settings = get_settings()
    await run_in_threadpool(upgrade, settings.resolved_database_url)
    if settings.has_accounts and not await run_in_threadpool(_has_admin, settings):
        # Not a link: logs are collected, and read by others.
        log.warning("Nobody can sign in as admin yet. Make the first one: exchangeai users add NAME --admin")
    unfinished = await run_in_threadpool(project_deletion.unfinished, settings.resolved_database_url)
    if unfinished:  # the last process did not live to finish them
        Thread(target=_finish_deletions, args=(settings, unfinished), name="deletions", daemon=True).start()
    yield


def _has_admin(settings: Settings) -> bool:
    with read_session(settings.resolved_database_url) as session:
        return accounts.has_admin(session)


def _finish_deletions(settings: Settings, project_ids: Sequence[str]) -> None:
    for project_id in project_ids:
        project_deletion.finish(settings.resolved_database_url, storage_of(settings), project_id)


def _docs() -> FileResponse:
    if not (STATIC / "swagger" / "index.html").is_file():
        raise HTTPException(404, _NOT_BUILT)
    return FileResponse(STATIC / "swagger" / "index.html", headers={"Cache-Control": "no-cache"})


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long, or with a zero byte, is the name of no file
        return False


def _page(path: str) -> FileResponse:
    """Serve the built page; paths that are no file belong to the page's own router."""
    if path.startswith("api/"):
        raise HTTPException(404, f"There is no /{path}. The API is described at /docs.")
    file = Path(os.path.normpath(STATIC / path))
    if file.is_relative_to(STATIC) and _is_file(file):
        immutable = path.startswith("assets/")  # their names hold a hash of their content
        return FileResponse(file, headers={"Cache-Control": "max-age=31536000, immutable" if immutable else "no-cache"})
    if not (STATIC / "index.html").is_file():
        raise HTTPException(404, _NOT_BUILT)
    return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})
