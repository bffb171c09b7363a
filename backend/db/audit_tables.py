"""The tables of the audit log: who has seen or changed what, in a chain of which no line can be taken unnoticed."""

from datetime import datetime

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Json, Table


class AuditEntry(Table):
    """One access. It names rows by their ids, outlives them, and holds nothing of a patient."""

    __tablename__ = "audit_entries"
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)  # from 1, without gaps
    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[str] = mapped_column(String(64), index=True)
    person: Mapped[str] = mapped_column(Text)  # the name at that time
    via: Mapped[str] = mapped_column(String(20))  # local | session | key | shell | dicom | nobody
    action: Mapped[str] = mapped_column(String(100), index=True)  # operation of the API, command of the shell
    project_id: Mapped[str] = mapped_column(String(64), default="", index=True)
    subject: Mapped[Json] = mapped_column(default=dict)  # ids: {"recordings": [...], "n_recordings": 3, "model_id": …}
    status: Mapped[int] = mapped_column(Integer)  # of HTTP or DICOM; 0: in the shell, or stored
    seal: Mapped[str] = mapped_column(String(64))  # HMAC-SHA256 over this line and the seal of the one before


class AuditHead(Table):
    """The end of the chain: one row, which also lets writers wait for each other."""

    __tablename__ = "audit_heads"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, default=0)
    seal: Mapped[str] = mapped_column(String(64), default="")  # of the last line
    closed: Mapped[str] = mapped_column(String(64), default="")  # HMAC over number and seal: lines cannot be cut off
