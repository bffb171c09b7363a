"""Sending results to a PACS by DICOM (C-STORE), where an installation names one: EXCHANGEAI_DICOM_DESTINATION."""

import logging
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from backend.db.tables import Job
from backend.errors import ConflictError, InvalidInputError, UnavailableError
from backend.services import jobs
from backend.services.dicom_results import KINDS, Kind
from backend.settings import Settings

INSTALL: Final = "pip install 'exchangeai[dicom-receiver]'"
SILENCE_S: Final = 60.0
MOST: Final = 1000
"""Recordings whose results one job sends at most."""
_FORM: Final = re.compile(r"([ -\[\]-~]{1,16})@(\[[0-9a-fA-F:]+\]|[^@:\s\[\]]+):(\d{1,5})")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where results are sent: AE title, host and port."""

    title: str
    host: str
    port: int


def destination(settings: Settings) -> Destination:
    """Return where results are sent. Raises ConflictError for nothing, InvalidInputError for another form."""
    if not settings.dicom_destination:
        raise ConflictError(
            "This installation sends no results by DICOM. Whoever runs it names a destination in "
            "EXCHANGEAI_DICOM_DESTINATION, such as PACS@10.0.0.7:104."
        )
    found = _FORM.fullmatch(settings.dicom_destination)
    if found is None or not 0 < int(found[3]) < 65536 or not found[1].strip():
        raise InvalidInputError(
            "EXCHANGEAI_DICOM_DESTINATION is an AE title of 1 to 16 signs, @, a host, a colon and a port: "
            "PACS@10.0.0.7:104."
        )
    return Destination(found[1].strip(), found[2].strip("[]"), int(found[3]))


def send(
    session: Session,
    settings: Settings,
    project_id: str,
    recording_ids: Collection[str],
    kinds: Sequence[Kind],
    *,
    prediction_id: str = "",
    model_id: str = "",
) -> Job:
    """Queue results of recordings for the destination: those of a prediction, or what a model says now.

    Raises as `destination`, InvalidInputError for no recording, too many, or no kind.
    """
    destination(settings)
    if not 0 < len(recording_ids) <= MOST:
        raise InvalidInputError(f"Name 1 to {MOST} recordings whose results are to be sent.")
    if not kinds or not set(kinds) <= set(KINDS):
        raise InvalidInputError(f"Name what is to be sent: {' and '.join(KINDS)}.")
    payload = {
        "recording_ids": list(dict.fromkeys(recording_ids)), "kinds": list(dict.fromkeys(kinds)),
        "prediction_id": prediction_id, "model_id": model_id,
    }  # fmt: skip
    return jobs.create(session, project_id, "dicom_results.send", payload)


def store(settings: Settings, to: Destination, files: Sequence[bytes]) -> int:
    """Send objects in their order in one association; return how many were taken before something stood in the way.

    Raises UnavailableError without pynetdicom or where the destination is away or has no room, ConflictError where it
    refuses what is sent.
    """
    sent = 0
    with _association(settings, to, files) as association:
        for data in files:
            answer = association.send_c_store(_dataset(data))
            status = answer.get("Status") if answer else None
            if status is None or status & 0xFF00 == 0xA700:
                return sent
            if status and status & 0xF000 != 0xB000:  # B000 and so on: taken, with a warning
                raise ConflictError(f"The DICOM destination refuses a result with status {status:#06x}.")
            sent += 1
    return sent


class _association:  # noqa: N801 - used as a function
    """An association with the destination, released at the end."""

    def __init__(self, settings: Settings, to: Destination, files: Sequence[bytes]) -> None:
        try:
            from pynetdicom import AE
        except ImportError:
            raise UnavailableError(f"pynetdicom is not installed, so nothing is sent. Install it: {INSTALL}") from None
        logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)  # its lines quote what is sent
        entity = AE(ae_title=settings.dicom_ae_title)
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = entity.connection_timeout = SILENCE_S
        for kind in sorted({str(_dataset(data).SOPClassUID) for data in files}):
            entity.add_requested_context(kind, "1.2.840.10008.1.2.1")
        self._entity, self._to = entity, to

    def __enter__(self) -> Any:
        self._made: Any = self._entity.associate(self._to.host, self._to.port, ae_title=self._to.title)
        if lacking := [str(one.abstract_syntax) for one in self._made.rejected_contexts]:
            self.__exit__()
            raise ConflictError(f"The DICOM destination takes no objects of the class {', '.join(lacking)}.")
        if self._made.is_established:
            return self._made
        if self._made.is_rejected:
            raise ConflictError("The DICOM destination refuses the association. Compare the AE titles on both sides.")
        raise UnavailableError("The DICOM destination does not answer.")

    def __exit__(self, *_: object) -> None:
        if self._made.is_established:
            self._made.release()


def _dataset(data: bytes) -> Any:
    from io import BytesIO

    from pydicom import dcmread

    return dcmread(BytesIO(data))
