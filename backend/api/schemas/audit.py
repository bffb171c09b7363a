"""Wire shapes of the audit log."""

from datetime import datetime
from typing import Any

from pydantic import Field

from backend.api.schemas.base import Schema


class AuditEntry(Schema):
    """One access."""

    number: int = Field(description="From 1, without gaps.")
    at: datetime
    person_id: str
    person: str = Field(description="Their name at that time.")
    via: str = Field(description="session, key, shell, dicom, retention, local or nobody.")
    action: str = Field(description="Operation of the API, command of the shell, or dicom C-STORE.")
    project_id: str
    subject: dict[str, Any] = Field(description="Ids of what was seen or changed; recordings are named and counted.")
    status: int = Field(description="Of HTTP, or of DICOM (0: stored); 0 in the shell.")
    seal: str


class AuditVerdict(Schema):
    """What a look at the whole chain has found."""

    holds: bool
    number: int = Field(description="The last line that holds.")
    seal: str = Field(description="Its seal; number and seal, written down elsewhere, show later whether all is there.")
    fault: str
