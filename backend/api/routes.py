"""Which operation a request goes to, known before the application is asked: the router's own patterns, in its order."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from re import Pattern
from typing import NamedTuple

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette._utils import get_route_path
from starlette.types import Scope


class Route(NamedTuple):
    """A route of the application; `operation` is its operation id, or the name of one that is not described."""

    operation: str
    pattern: Pattern[str]
    methods: frozenset[str]
    path: str


class Routes:
    """All routes of an application."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    @cached_property
    def all(self) -> Sequence[Route]:
        """The routes, in the order in which the router looks at them."""
        return [
            Route(
                str(getattr(one, "operation_id", None) or one.name), one.path_regex,
                frozenset(one.methods or ()), str(one.path),
            )
            for one in iter_route_contexts(self._app.routes)
        ]  # fmt: skip

    def find(self, scope: Scope) -> tuple[str, Mapping[str, str]] | None:
        """Return the operation of a request and what its path names; None where no route takes it."""
        path, method = get_route_path(scope), scope["method"]
        for route in self.all:
            if method in route.methods and (match := route.pattern.match(path)):
                return route.operation, match.groupdict()
        return None
