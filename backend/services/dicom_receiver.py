"""A DICOM receiver (storage SCP): carts and PACS push ECGs into a project with C-STORE; C-ECHO asks if it is there.

An object is acknowledged only when its recording is committed. A disk that is full or a database that is away is told
as "out of resources", upon which senders keep the object and try again (DICOM PS3.4, B.2.3). Where accesses are
recorded each object is a line of the audit log, which names its sender by the AE title.
"""

import logging
import socket
import threading
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from backend.db.session import write_session
from backend.ecg.readers.dicom.identity import ECG_CLASSES
from backend.errors import DiskFullError, InvalidInputError, UnavailableError, UserError
from backend.services import audit, dicom_intake, touched
from backend.services.dicom_results import Kind
from backend.services.person import Person
from backend.settings import Settings
from backend.storage import Storage

if TYPE_CHECKING:
    from pynetdicom.events import Event

log = logging.getLogger(__name__)

INSTALL = "pip install 'exchangeai[dicom-receiver]'"
VERIFICATION = "1.2.840.10008.1.1"
SUCCESS, OUT_OF_RESOURCES, CANNOT_UNDERSTAND = 0x0000, 0xA700, 0xC000
ASSOCIATIONS = 10
SILENCE_S = 60.0
MOST_BYTES = 64 * 1024**2
"""Of one object: a day of twelve leads is larger, and comes by other ways."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where the receiver listens, how it is called and by whom (AE titles; none: by anybody), and what it does."""

    project_id: str
    host: str
    port: int
    ae_title: str
    peers: Sequence[str] = ()
    model_id: str = ""  # whose results of what comes go to the project's webhook
    answers: Sequence[Kind] = ()  # or as these to the DICOM destination of the installation


class Receiver:
    """A running receiver; leaving its `with` block lets the associations that go on end and closes the door."""

    def __init__(self, settings: Settings, storage: Storage, door: Door) -> None:
        """Raises UnavailableError without pynetdicom or where the port is taken, InvalidInputError for a title."""
        self._settings, self._storage, self._door = settings, storage, door
        self._received: dict[int, int] = defaultdict(int)  # association -> bytes of the object that is coming
        try:
            from pynetdicom import AE, evt
        except ImportError:
            raise UnavailableError(
                f"pynetdicom is not installed, so nothing is received. Install it: {INSTALL}"
            ) from None
        logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)  # its lines quote what is received
        try:
            entity = AE(ae_title=door.ae_title)
            entity.require_calling_aet = list(door.peers)
        except ValueError:
            raise InvalidInputError(
                "An AE title has 1 to 16 letters, digits or signs of ASCII, other than the backslash."
            ) from None
        entity.require_called_aet = True
        entity.maximum_associations = ASSOCIATIONS
        entity.network_timeout = entity.dimse_timeout = entity.acse_timeout = SILENCE_S
        for kind in (*ECG_CLASSES, VERIFICATION):
            entity.add_supported_context(kind)
        handlers: list[Any] = [
            (evt.EVT_C_STORE, self._store),
            (evt.EVT_PDU_RECV, self._count),
            (evt.EVT_CONN_CLOSE, self._forget),
        ]
        _check_port(door.host, door.port)
        server = entity.start_server((door.host, door.port), block=False, evt_handlers=handlers)
        assert server is not None
        self._server: Any = server
        self.port: int = server.server_address[1]

    def _store(self, event: "Event") -> int:
        with touched.noting() as recordings:
            status = self._kept(event)
        try:
            self._record(event, recordings, status)
        except (SQLAlchemyError, OSError) as error:
            log.warning("An object is not acknowledged, as the audit log cannot be written: %s", type(error).__name__)
            return OUT_OF_RESOURCES
        return status

    def _record(self, event: "Event", recordings: Collection[str], status: int) -> None:
        """Write who has sent what into the audit log, where one is kept, before the sender gets its answer."""
        if not self._settings.keeps_audit:
            return
        sender = Person(id="dicom", name=event.assoc.requestor.ae_title.strip(), via="dicom")
        subject = audit.of_recordings(recordings)
        with write_session(self._settings.resolved_database_url) as session:
            audit.append(
                session, self._settings.resolved_secret_key, sender, "dicom C-STORE",
                project_id=self._door.project_id, subject=subject, status=status,
            )  # fmt: skip

    def _kept(self, event: "Event") -> int:
        try:
            data = event.encoded_dataset()
            _, (stored,) = dicom_intake.store(
                self._settings, self._storage, self._door.project_id, [data], self._door.model_id, self._door.answers
            )
        except (DiskFullError, UnavailableError, SQLAlchemyError, OSError) as error:
            log.warning("An object was not kept, and its sender told to try again: %s", type(error).__name__)
            return OUT_OF_RESOURCES
        except UserError as error:
            log.warning("An object was refused: %s", type(error).__name__)
            return CANNOT_UNDERSTAND
        finally:
            self._received.pop(id(event.assoc), None)
        if stored.problem:
            log.warning("An object was refused: %s", stored.problem)
            return CANNOT_UNDERSTAND
        log.info("An object was kept as %s", ", ".join(stored.recording_ids))
        return SUCCESS

    def _count(self, event: "Event") -> None:
        """End the association of whoever sends more than an object may have."""
        before = self._received[id(event.assoc)]
        self._received[id(event.assoc)] += len(event.pdu)
        if before <= MOST_BYTES < self._received[id(event.assoc)]:
            log.warning("An object of more than %s MB was broken off", MOST_BYTES // 1024**2)
            # Not here, in the thread that receives: it would wait for itself.
            threading.Thread(target=event.assoc.abort, daemon=True).start()

    def _forget(self, event: "Event") -> None:
        self._received.pop(id(event.assoc), None)

    def __enter__(self) -> "Receiver":
        """Return the receiver."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the door."""
        self._server.shutdown()
        self._server.ae.shutdown()


def _check_port(host: str, port: int) -> None:
    """Raise UnavailableError where nobody can listen: pynetdicom would leave the socket open with which it failed."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            raise UnavailableError(
                f"Port {port} of {host} cannot be used ({error.strerror}). Name another with --port."
            ) from None
