"""Taking turns: how much the web process does at once. Whoever waits here holds no thread and no connection.

Python computes in one thread at a time. More threads than a few make every answer later, and a connection to the
database that is held while its request waits for a thread can stop all others. So a request waits here first, in the
order of arrival, and then gets thread and connection at once: together these numbers stay below the database's pool
(`backend.db.session`) and the threads of the server (40). As long as the queue moves, a request waits in it: a flood
is answered late, but answered. Only where nothing moves any more, or the queue is full, is it told to come again.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import Literal, ParamSpec, TypeVar

from anyio import CancelScope, CapacityLimiter, current_time, move_on_after, to_thread
from anyio.lowlevel import RunVar

from backend.errors import BusyError

Lane = Literal[
    "read", "write", "upload", "preview", "table", "predict", "model", "exchange", "deletion", "news", "access",
    "login", "audit", "provider",
]  # fmt: skip
LANES: dict[str, int] = {
    "read": 12,  # short requests that only read
    "write": 6,  # short requests that write; SQLite lets one of them on at a time
    "upload": 2,  # one is read while the other is stored
    "preview": 2,
    "table": 1,  # tables of labels
    "predict": 2,
    "model": 1,  # a model that is taken in
    "exchange": 2,  # a server elsewhere is asked
    "deletion": 1,
    "news": 1,  # of the jobs that somebody watches
    "access": 4,  # who is asking (server mode)
    "login": 2,  # a password is looked at: 64 MiB and a core
    "audit": 2,
    "provider": 4,  # an OpenID provider is asked
}
ALIKE = 3
"""Requests of one kind at once: a flood of one is in its own way, and not in that of the others."""
PATIENCE_S = 30.0
"""Where no request of a kind has ended for so long, those that wait for their turn are told to come again."""
MOST_WAITING = 2000
"""Requests of one kind that wait at most; what they hold of memory stays bounded."""

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
_limiters: RunVar[dict[str, CapacityLimiter]] = RunVar("turns")
_queues: RunVar[dict[str, "_Queue"]] = RunVar("queues")


@asynccontextmanager
async def turn(lane: Lane, kind: str) -> AsyncIterator[None]:
    """Wait for the turn of a short request of this kind. Raises BusyError where it does not come."""
    me, queue = object(), of_loop(_queues, kind, _Queue)
    async with AsyncExitStack() as held:
        with queue.waiting() as patience:
            for name, places in ((kind, ALIKE), (lane, LANES[lane])):
                limiter = _limiter(name, places)
                await limiter.acquire_on_behalf_of(me)
                held.callback(limiter.release_on_behalf_of, me)
        if patience.cancelled_caught:
            raise _busy()
        try:
            yield
        finally:
            queue.moves()


class _Queue:
    """The requests of one kind that wait for their turn. Each that ends gives those that still wait new patience."""

    def __init__(self) -> None:
        self._scopes: set[CancelScope] = set()

    @contextmanager
    def waiting(self) -> Iterator[CancelScope]:
        if len(self._scopes) >= MOST_WAITING:
            raise _busy()
        with move_on_after(PATIENCE_S) as scope:
            self._scopes.add(scope)
            try:
                yield scope
            finally:
                self._scopes.discard(scope)

    def moves(self) -> None:
        deadline = current_time() + PATIENCE_S
        for scope in self._scopes:
            if deadline - scope.deadline > PATIENCE_S / 10:  # setting a timer anew for each is not worth it
                scope.deadline = deadline


def _busy() -> BusyError:
    return BusyError("The platform has more to do than it can at the moment. Try again in a few seconds.")


async def in_turn(lane: Lane, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function that takes its time in a thread, when it is its turn; it waits for that as long as it takes."""
    limiter = _limiter(lane, LANES[lane])
    return await to_thread.run_sync(partial(function, *args, **kwargs), limiter=limiter)


def _limiter(name: str, places: int) -> CapacityLimiter:
    return of_loop(_limiters, name, partial(CapacityLimiter, places))


def of_loop(var: RunVar[dict[str, T]], name: str, make: Callable[[], T]) -> T:
    """Return what this event loop has under a name, made where it has nothing yet."""
    try:
        known = var.get()
    except LookupError:  # the first of this event loop
        known = {}
        var.set(known)
    if name not in known:
        known[name] = make()
    return known[name]
