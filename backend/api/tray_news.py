"""The jobs of everybody's projects, for all pages that are open: one look every second, however many listen.

People who see the same projects are told the same. A stream ends after a while, and the browser connects again: whose
rights have changed meanwhile sees what they may see now.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from anyio.lowlevel import RunVar
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic import TypeAdapter
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from backend.api.schemas.jobs import Job, TrayJob
from backend.api.turns import in_turn, of_loop
from backend.db.session import read_session
from backend.language.spoken import speaking, spoken
from backend.services import job_tray

log = logging.getLogger(__name__)

POLL_S = 1.0
PING_S = 15.0
LIFE_S = 300.0
_SHAPE: TypeAdapter[list[TrayJob]] = TypeAdapter(list[TrayJob])
_rooms: RunVar[dict[str, "TrayNews"]] = RunVar("tray_news")


def tray_news(url: str) -> "TrayNews":
    """Return the news of this event loop for a database."""
    return of_loop(_rooms, url, partial(TrayNews, url))


def shown(one: job_tray.Followed) -> TrayJob:
    """Return a followed job as it goes over the wire; what is left is told to the second."""
    left = None if one.seconds_left is None else round(one.seconds_left)
    return TrayJob(
        **Job.model_validate(one.job).model_dump(), project_name=one.project_name, thing=one.thing,
        thing_id=one.thing_id, title=one.title, seconds_left=left, can_keep=one.can_keep, can_resume=one.can_resume,
    )  # fmt: skip


@dataclass(eq=False, slots=True)
class _Listener:
    projects: frozenset[str] | None
    language: str
    shown: bytes = b""
    waiting: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)


class TrayNews:
    """Listeners, and the task that looks for them. A listener costs no thread and no connection."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._listeners: set[_Listener] = set()
        self._looking: asyncio.Task[None] | None = None
        self._came = asyncio.Event()

    async def follow(self, projects: Collection[str] | None) -> AsyncIterator[bytes]:
        """Yield the jobs of these projects (None: all) as `tray`, at once and whenever they have changed."""
        listener = _Listener(None if projects is None else frozenset(projects), spoken())
        self._listeners.add(listener)
        self._came.set()
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="tray-news")
        until = time.monotonic() + LIFE_S
        try:
            while time.monotonic() < until:
                try:
                    async with asyncio.timeout(PING_S):
                        event = await listener.waiting.get()
                except TimeoutError:
                    event = KEEPALIVE_COMMENT
                yield event
        finally:
            self._listeners.discard(listener)

    async def _look(self) -> None:
        while self._listeners:
            self._came.clear()
            asked = {(listener.projects, listener.language) for listener in self._listeners}
            try:
                news = await in_turn("news", _news, self._url, asked)
            except SQLAlchemyError as error:  # it may come back
                log.warning("The tray of jobs finds no database: %s", type(error).__name__)
                news = {}
            for listener in list(self._listeners):
                told = news.get((listener.projects, listener.language))
                if told is not None and told != listener.shown:
                    listener.waiting.put_nowait(told)
                    listener.shown = told
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._came.wait()


_Asked = tuple[frozenset[str] | None, str]  # whose jobs, and in which language


def _news(url: str, asked: Collection[_Asked]) -> dict[_Asked, bytes]:
    with read_session(url) as session:
        return {one: format_sse_event(event="tray", data_str=_told(session, *one)) for one in asked}


def _told(session: Session, projects: frozenset[str] | None, language: str) -> str:
    with speaking(language):
        return _SHAPE.dump_json([shown(one) for one in job_tray.tray(session, projects)]).decode()
