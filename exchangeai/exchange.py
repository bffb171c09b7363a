"""An exchange of a platform: models of others found, verified, and withdrawn; see `Project.fetch` and `publish`."""

from collections.abc import Iterator
from typing import Any, Literal

from exchangeai.connection import Connection, JsonBody
from exchangeai.jobs import Job
from exchangeai.paging import pages
from exchangeai.shapes import ExchangeInfo, ExchangeModelInfo, KeyInfo


class Exchange:
    """A WebDAV folder in which a platform shares models, by its id."""

    def __init__(self, connection: Connection, exchange_id: str) -> None:
        self._connection = connection
        self.id = exchange_id

    def info(self) -> ExchangeInfo:
        """Return its name, address and access, and when its list was read last."""
        shown: ExchangeInfo = self._connection.json("GET", self._path(""))
        return shown

    def read(self) -> list[str]:
        """Read its list anew; return what could not be read. Raises ApiError where the server does not answer."""
        notes: list[str] = self._connection.json("POST", self._path("/listing"))["notes"]
        return notes

    def models(self, text: str = "", **wanted: Any) -> Iterator[ExchangeModelInfo]:
        """Yield what it offers, as its list was read last: the newest versions, the best by their own test first.

        `wanted` narrows it down: `label`, `task`, `architecture`, `licence`, `lead`, `most_bytes`, `least_score`,
        `old_versions`, `withdrawn`, `order` (docs/api.md).
        """
        return pages(self._connection, self._path("/models"), text=text, **wanted)

    def card(self, place: str) -> str:
        """Return the card of a version, such as afib-detector/2, as Markdown, verified by its signature."""
        card: str = self._connection.json("GET", self._path(f"/models/{place}"))["card"]
        return card

    def verify(self, place: str = "") -> Job:
        """Queue that a model, or all of them, is fetched and verified; `models` of the result has the verdicts."""
        return self._job("verify", item=place)

    def rebuild_index(self) -> Job:
        """Queue that its index is made anew from the models in it."""
        return self._job("index")

    def withdraw(self, place: str, reason: str) -> Job:
        """Queue that a version which was published from this platform is withdrawn; others read the reason."""
        return self._job("withdraw", item=place, reason=reason)

    def keys(self) -> Iterator[KeyInfo]:
        """Yield the keys that were trusted or refused in it."""
        return pages(self._connection, self._path("/keys"))

    def trust(self, publisher: str, fingerprint: str) -> None:
        """Trust a key as that of a publisher, once you have compared it with what the publisher tells you."""
        body = {"publisher": publisher, "fingerprint": fingerprint, "status": "trusted"}
        self._connection.json("PUT", self._path("/keys"), JsonBody(body))

    def remove(self) -> None:
        """Have the platform forget it, its password and its keys; models that came from it stay."""
        self._connection.json("DELETE", self._path(""))

    def _job(self, kind: Literal["verify", "index", "withdraw"], **said: str) -> Job:
        made = self._connection.json("POST", self._path("/jobs"), JsonBody({"kind": kind} | said))
        return Job(self._connection, self.id, made["id"], of="exchanges")

    def _path(self, path: str) -> str:
        return f"/exchanges/{self.id}{path}"

    def __repr__(self) -> str:
        return f"<Exchange {self.id}>"
