"""What jobs say, for all streams of this process: one look at the database every moment, however many listen."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from anyio.lowlevel import RunVar
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from sqlalchemy.exc import SQLAlchemyError

from backend.api.schemas.jobs import ExchangeJob, Job, JobEvent
from backend.api.turns import in_turn, of_loop
from backend.db import tables
from backend.db.session import read_session
from backend.language.spoken import speaking, spoken
from backend.services import jobs

log = logging.getLogger(__name__)

POLL_S = 0.4
SOON_S = 0.02  # after somebody new listens; many who come at once are looked after together
MOST = 5_000  # events of a job at a time
PING_S = 15.0
LIFE_S = 300.0  # then whoever listens asks anew, and is asked who they are
END = format_sse_event(event="end", data_str="{}")
_rooms: RunVar[dict[str, "JobNews"]] = RunVar("job_news")


def job_news(url: str) -> "JobNews":
    """Return the news of this event loop for a database."""
    return of_loop(_rooms, url, partial(JobNews, url))


@dataclass(eq=False, slots=True)
class _Listener:
    job_id: str
    number: int  # of the last event told
    language: str
    shown: str = ""  # the job as last told
    waiting: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)


class JobNews:
    """Listeners to jobs, and the task that looks for them. A listener costs no thread and no connection."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._listeners: set[_Listener] = set()
        self._came = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None

    async def follow(self, job_id: str, number: int) -> AsyncIterator[bytes]:
        """Yield the events of a job numbered above `number`, `job` whenever it has changed, and `end` at its end.

        Each as it goes over the wire, and a comment where nothing happens for a while. It breaks off after LIFE_S: a
        browser comes again by itself, with the number of the last event.
        """
        until = time.monotonic() + LIFE_S
        listener = _Listener(job_id, number, spoken())
        self._listeners.add(listener)
        self._came.set()
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="job-news")
        try:
            while True:
                try:
                    async with asyncio.timeout(PING_S):
                        event = await listener.waiting.get()
                except TimeoutError:
                    event = KEEPALIVE_COMMENT
                yield event
                if event is END or time.monotonic() > until:
                    return
        finally:
            self._listeners.discard(listener)

    async def _look(self) -> None:
        while self._listeners:
            self._came.clear()
            listeners = list(self._listeners)
            numbers: dict[str, int] = {}
            for listener in listeners:
                numbers[listener.job_id] = min(listener.number, numbers.get(listener.job_id, listener.number))
            languages = {listener.language for listener in listeners}
            try:
                news = await in_turn("news", _news, self._url, numbers, languages)
            except SQLAlchemyError as error:  # it may come back; until then the listeners hear that the line is open
                log.warning("The streams of jobs find no database: %s", type(error).__name__)
                await asyncio.sleep(POLL_S)
                continue
            for listener in listeners:
                if listener in self._listeners:
                    self._tell(listener, news[listener.job_id, listener.language])
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._came.wait()
                    await asyncio.sleep(SOON_S)

    def _tell(self, listener: _Listener, news: "_News") -> None:
        for number, event in news.events:
            if number > listener.number:
                listener.waiting.put_nowait(event)
                listener.number = number
        if news.job != listener.shown and news.job:
            listener.waiting.put_nowait(format_sse_event(event="job", data_str=news.job))
            listener.shown = news.job
        if news.ended:
            listener.waiting.put_nowait(END)
            self._listeners.discard(listener)


@dataclass(frozen=True, slots=True)
class _News:
    job: str  # empty where it has been deleted
    events: list[tuple[int, bytes]]
    ended: bool


def _news(url: str, numbers: Mapping[str, int], languages: Collection[str]) -> dict[tuple[str, str], _News]:
    """Return the news of each job in each language, with its events above the number given."""
    news = {(job, language): _News("", [], ended=True) for job in numbers for language in languages}
    with read_session(url) as session:
        for row, events in jobs.news(session, numbers, MOST):
            for language in languages:
                with speaking(language):
                    told = [(event.number, _event(event)) for event in events]
                    ended = row.status in jobs.FINISHED and len(told) < MOST
                    news[row.id, language] = _News(_job(row), told, ended)
    return news


def _job(row: tables.Job) -> str:
    shape = Job if row.exchange_id is None else ExchangeJob
    return shape.model_validate(row).model_dump_json()


def _event(row: tables.JobEvent) -> bytes:
    shown = JobEvent.model_validate(row).model_dump_json()
    return format_sse_event(id=str(row.number), event=row.kind, data_str=shown)
