"""Exchanges: WebDAV folders in which this installation shares models, their sealed passwords and trusted keys."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.session import read_session
from backend.db.tables import Exchange, Job, PublisherKey, Transfer, new_id
from backend.errors import ConflictError, InvalidInputError, NotFoundError
from backend.exchange.addresses import Address, address_of
from backend.exchange.trust import Trust
from backend.exchange.webdav import Folder
from backend.sealing import seal, unseal
from backend.services import jobs
from backend.settings import Settings

Access = Literal["read", "read_write"]
T = TypeVar("T")
TRUSTED: Final = "trusted"
REFUSED: Final = "refused"
MOST_CERTIFICATE: Final = 1 << 20  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a person says of an exchange; in a change None leaves as it is. An empty password takes the old one away.

    `url` is the address of a WebDAV folder, a share link or the address of a folder in a cloud's web page.
    """

    name: str | None = None
    url: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    access: Access | None = None
    certificate: str | None = None
    plain_http: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """All that is needed to open an exchange, without a session. The password does not show in texts."""

    exchange_id: str
    name: str
    url: str
    username: str
    password: str = field(repr=False)
    certificate: str
    plain_http: bool

    @contextmanager
    def folder(self, timeout: float = 30, attempts: int = 4) -> Iterator[Folder]:
        """Open the folder; nothing is asked of the server yet. Raises AddressError."""
        with TemporaryDirectory(prefix="exchange-") as place:
            verify: Path | Literal[True] = True
            if self.certificate:
                verify = Path(place) / "authority.pem"
                verify.write_text(self.certificate)
            with Folder(
                self.url, self.username, self.password, verify=verify, timeout=timeout, attempts=attempts,
                plain_http=self.plain_http,
            ) as folder:  # fmt: skip
                yield folder


def add(session: Session, settings: Settings, request: Request) -> Exchange:
    """Add an exchange; the password is sealed. Raises AddressError, InvalidInputError, ConflictError for its name."""
    if not (request.name or "").strip() or not (request.url or "").strip():
        raise InvalidInputError("An exchange needs a name and the address of its folder.")
    row = Exchange(id=new_id(), name="", url="", username="", access="read", certificate="", plain_http=False)
    row.listing = []
    _set(session, settings, row, request)
    session.add(row)
    session.flush()
    return row


def change(session: Session, settings: Settings, row: Exchange, request: Request) -> None:
    """Change an exchange. A password does not go with it to another address or user: it must be given again."""
    _set(session, settings, row, request)
    session.flush()


def remove(session: Session, row: Exchange) -> None:
    """Forget an exchange, its password and keys; models that came from it stay. Raises ConflictError."""
    transfers = select(Transfer.job_id).where(Transfer.exchange_id == row.id)
    of_it = (Job.exchange_id == row.id) | Job.id.in_(transfers)
    if session.scalar(select(Job.id).where(of_it, Job.status.not_in(jobs.FINISHED)).limit(1)) is not None:
        raise ConflictError("Something is going on in this exchange. Wait for it, or cancel it first.")
    session.delete(row)


def get(session: Session, exchange_id: str) -> Exchange:
    """Return an exchange. Raises NotFoundError."""
    row = session.get(Exchange, exchange_id)
    if row is None:
        raise NotFoundError(f"There is no exchange {exchange_id}. Open the list of exchanges to see those there are.")
    return row


def find(session: Session, name_or_id: str) -> Exchange:
    """Return the exchange with this name or id. Raises NotFoundError."""
    row = session.scalar(select(Exchange).where((Exchange.id == name_or_id) | (Exchange.name == name_or_id)))
    if row is None:
        raise NotFoundError(f"There is no exchange named {name_or_id!r}. 'exchangeai exchange ls' lists them.")
    return row


def list_exchanges(session: Session) -> Sequence[Exchange]:
    """Return all exchanges by name."""
    return session.scalars(select(Exchange).order_by(Exchange.name)).all()


def connection(settings: Settings, row: Exchange) -> Connection:
    """Return how an exchange is opened. Raises UnavailableError where its password cannot be unsealed."""
    sealed = row.sealed_secret
    return Connection(
        exchange_id=row.id, name=row.name, url=row.url, username=row.username,
        password="" if sealed is None else unseal(settings.resolved_secret_key, sealed, _purpose(row)),
        certificate=row.certificate, plain_http=row.plain_http,
    )  # fmt: skip


def in_folder(
    settings: Settings, exchange_id: str, do: Callable[[Folder], T], *, timeout: float = 30, attempts: int = 4
) -> T:
    """Do something in the folder of an exchange, with no session open meanwhile. Raises what `Folder` raises."""
    with read_session(settings.resolved_database_url) as session:
        opened = connection(settings, get(session, exchange_id))
    with opened.folder(timeout, attempts) as folder:
        return do(folder)


def check_writable(row: Exchange) -> None:
    """Raise ConflictError for an exchange that is only read."""
    if row.access != "read_write":
        raise ConflictError(
            f"The exchange “{row.name}” is read-only here. Choose another one, or allow writing in its settings."
        )


def trust_of(session: Session, exchange_id: str) -> Trust:
    """Return whose signatures count in an exchange."""
    known: dict[str, set[str]] = {}
    refused: set[str] = set()
    for key in keys(session, exchange_id):
        if key.status == REFUSED:
            refused.add(key.fingerprint)
        else:
            known.setdefault(key.publisher, set()).add(key.fingerprint)
    return Trust(known, refused)


def keys(session: Session, exchange_id: str) -> Sequence[PublisherKey]:
    """Return the keys that a person has trusted or refused in an exchange."""
    query = select(PublisherKey).where(PublisherKey.exchange_id == exchange_id)
    return session.scalars(query.order_by(PublisherKey.publisher, PublisherKey.first_seen)).all()


def decide(
    session: Session, exchange_id: str, publisher: str, fingerprint: str, status: Literal["trusted", "refused"],
    public_key: str = "",
) -> PublisherKey:  # fmt: skip
    """Keep that a key is trusted as that of a publisher, or refused."""
    fingerprint = fingerprint.strip()
    if not fingerprint:
        raise InvalidInputError("Say which key is meant, by its fingerprint.")
    row = session.scalar(
        select(PublisherKey).where(PublisherKey.exchange_id == exchange_id, PublisherKey.fingerprint == fingerprint)
    ) or PublisherKey(exchange_id=exchange_id, fingerprint=fingerprint)
    row.publisher, row.status = publisher[:200], status
    row.public_key = public_key or row.public_key or ""
    session.add(row)
    session.flush()
    return row


def forget(session: Session, exchange_id: str, fingerprint: str) -> None:
    """Forget what was decided of a key: it is new again. Raises NotFoundError."""
    row = session.scalar(
        select(PublisherKey).where(PublisherKey.exchange_id == exchange_id, PublisherKey.fingerprint == fingerprint)
    )
    if row is None:
        raise NotFoundError(f"Nothing was decided of a key {fingerprint} in this exchange.")
    session.delete(row)


def _set(session: Session, settings: Settings, row: Exchange, request: Request) -> None:
    name = row.name if request.name is None else request.name.strip()
    other = session.scalar(select(Exchange.id).where(Exchange.name == name, Exchange.id != row.id))
    if other is not None:
        raise ConflictError(f"There is an exchange named “{name}” already. Choose another name.")
    meant = _address(row, request)
    moved = (meant.url, meant.user) != (row.url, row.username)
    if moved and row.sealed_secret is not None and not meant.password and request.password is None:
        raise InvalidInputError("The address or user is another one: give the password for it again.")
    row.name, row.url, row.username = name, meant.url, meant.user
    row.access = request.access or row.access
    row.plain_http = row.plain_http if request.plain_http is None else request.plain_http
    if request.certificate is not None:
        row.certificate = _certificate(request.certificate)
    password = meant.password or request.password
    if password:
        row.sealed_secret = seal(settings.resolved_secret_key, password, _purpose(row))
    elif request.password is not None or moved:
        row.sealed_secret = None
    row.has_secret = row.sealed_secret is not None


def _address(row: Exchange, request: Request) -> Address:
    user = row.username if request.username is None else request.username.strip()
    if request.url is None:
        return Address(row.url, user)
    return address_of(request.url.strip(), user, request.password or "")


def _purpose(row: Exchange) -> str:
    """What a password is sealed for: sent to another address, or as that of another user, it does not open."""
    return f"exchange {row.id} {row.username}@{row.url}"


def _certificate(pem: str) -> str:
    text = pem.strip()
    if text and (len(text) > MOST_CERTIFICATE or "-----BEGIN CERTIFICATE-----" not in text):
        raise InvalidInputError(
            "The certificate should be that of the authority as PEM text, from -----BEGIN CERTIFICATE----- on."
        )
    if "PRIVATE KEY" in text:
        raise InvalidInputError("This holds a private key. Give the certificate alone.")
    return text
