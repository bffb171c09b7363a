"""One form of paging for all lists: `page` and `size` ask, the headers `X-Total-Count` and `Link` answer.

Lists that may be long answer with a `Page` and begin with page 1. The others answer with an array as they always have:
whole, until a page of it is asked for. Whoever follows `rel="next"` gets all of any list.
Source: web linking, RFC 8288.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, TypeVar

from fastapi import Depends, Query, Request, Response

LARGEST_PAGE = 500
LAST_PAGE = 1_000_000
T = TypeVar("T")

Number = Annotated[int, Query(ge=1, le=LAST_PAGE)]
Size = Annotated[int, Query(ge=1, le=LARGEST_PAGE)]


class Paging:
    """The page that is asked for, and the answer in which it is told what more there is."""

    def __init__(self, request: Request, response: Response, page: int | None, size: int) -> None:
        self.page = page or 1
        self.size = size
        self._whole = page is None
        self._request, self._response = request, response

    @property
    def start(self) -> int:
        """Place of the first item of the page, from 0."""
        return (self.page - 1) * self.size

    def tell(self, total: int) -> int:
        """Put into the headers how many there are on all pages, and where the next and the last one are."""
        last = max(1, -(-total // self.size))
        links = [("first", 1), ("prev", self.page - 1), ("next", self.page + 1), ("last", last)]
        self.link({name: {"page": number, "size": self.size} for name, number in links if 1 <= number <= last}, total)
        return total

    def go_on(self, total: int, last_id: str | None) -> None:
        """Put into the headers about how many there are, and that the next page begins behind the last item of this."""
        self.link({"next": {"after": last_id, "size": self.size}} if last_id else {}, total, without=["page"])

    def link(self, links: Mapping[str, Mapping[str, int | str]], total: int, without: Sequence[str] = ()) -> None:
        """Put links into the headers: relation -> what changes in the query of this request."""
        self._response.headers["X-Total-Count"] = str(total)
        if links:
            url = self._request.url.replace(scheme="", netloc="").remove_query_params(without)
            self._response.headers["Link"] = ", ".join(
                f'<{url.include_query_params(**changes)}>; rel="{name}"' for name, changes in links.items()
            )

    def of(self, rows: Sequence[T]) -> Sequence[T]:
        """Return the page of a short list, or the whole where no page is asked for, and tell of the rest."""
        if self._whole:
            self.link({}, len(rows))
            return rows
        self.tell(len(rows))
        return rows[self.start : self.start + self.size]

    @property
    def whole(self) -> bool:
        """Whether no page is asked for, so that all are wanted."""
        return self._whole


async def _page(request: Request, response: Response, page: Number = 1, size: Size = 50) -> Paging:
    return Paging(request, response, page, size)


async def _page_if_asked(
    request: Request,
    response: Response,
    page: Annotated[int | None, Query(ge=1, le=LAST_PAGE, description="None: the whole list.")] = None,
    size: Size = 50,
) -> Paging:
    return Paging(request, response, page, size)


PageDep = Annotated[Paging, Depends(_page)]
"""Of a list that may be long; it answers with a `Page`."""
ArrayPageDep = Annotated[Paging, Depends(_page_if_asked)]
"""Of a list that was an array in the first version, and is one still."""
