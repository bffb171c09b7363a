"""Recordings that were imported when a test says, and a clock that is turned instead of waited for."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from backend.db.session import read_session, write_session
from backend.db.tables import Recording
from backend.services import projects, retention, retention_pass
from backend.services.person import LOCAL
from backend.services.retention_pass import Done
from backend.settings import Settings
from backend.storage import storage_of

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Archive:
    """A project with a rule of retention, and the platform's clock."""

    def __init__(self, settings: Settings, now: datetime = START) -> None:
        self.settings, self.now = settings, now
        with write_session(settings.resolved_database_url) as session:
            self.project = projects.create(session, "Archive").id

    def add(self, imported_at: datetime, *, patient: str | None = None) -> str:
        """Add a recording; return its id."""
        key = uuid4().hex * 2
        with write_session(self.settings.resolved_database_url) as session:
            row = Recording(
                project_id=self.project, source_sha256=key, file_name=f"{key[:12]}.csv", name=key[:12], format="csv",
                rate=500.0, n_samples=5000, signal_key=key, created_at=imported_at, patient_id=patient,
                patient_alike=patient,
            )  # fmt: skip
            session.add(row)
            session.flush()
            return row.id

    def rule(self, days: int) -> None:
        with write_session(self.settings.resolved_database_url) as session:
            retention.put(session, self.project, days, "The law says so", LOCAL, self.now)

    def no_rule(self) -> None:
        with write_session(self.settings.resolved_database_url) as session:
            retention.remove(session, self.project)

    def run(self) -> Done | None:
        """Do a pass at the present time of the clock."""
        done = retention_pass.run(self.settings, storage_of(self.settings), self.now, self.project)
        return done[0] if done else None

    def pass_days(self, days: int) -> None:
        """Turn the clock, with a pass each day."""
        for _ in range(days):
            self.now += timedelta(days=1)
            self.run()

    def left(self) -> set[str]:
        with read_session(self.settings.resolved_database_url) as session:
            return {row.id for row in session.query(Recording).where(Recording.project_id == self.project)}

    def outlook(self) -> retention.Outlook:
        with read_session(self.settings.resolved_database_url) as session:
            rule = retention.get(session, self.project)
            assert rule is not None
            return retention.outlook(session, rule)
