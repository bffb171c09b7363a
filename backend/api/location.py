"""Where what a request has made, or queued, is to be found: the header `Location` of 201 and 202."""

from collections.abc import Container
from typing import Annotated

from fastapi import Depends, Request, Response


class Location:
    """Says it in the answer to the present request."""

    def __init__(self, request: Request, response: Response) -> None:
        self._request, self._response = request, response

    def says(self, route: str, *, keep: Container[str] | None = None, **ids: str) -> None:
        """Name the GET route of what was made, such as `get_run`, and its id; other ids of the path stay.

        Where the other route has not all of them, `keep` names those that it has.
        """
        path = self._request.path_params.items()
        same = {name: value for name, value in path if name not in ids and (keep is None or name in keep)}
        where = self._request.app.url_path_for(route, **ids, **same)
        self._response.headers["Location"] = self._request.scope.get("root_path", "") + where


async def _location(request: Request, response: Response) -> Location:
    return Location(request, response)


LocationDep = Annotated[Location, Depends(_location)]
