"""One recording of a project: found in one question as in two, behind the same walls."""

from datetime import UTC, datetime

import pytest

from backend.db.session import write_session
from backend.db.tables import Recording
from backend.errors import NotFoundError
from backend.services import projects, recordings
from backend.services.person import Person, acting
from backend.settings import Settings


def test_a_recording_asked_for_at_once_stays_behind_the_walls_of_its_project(installed: Settings) -> None:
    with write_session(installed.resolved_database_url) as session:
        one, other = (projects.create(session, name) for name in ("One", "Other"))
        row = Recording(
            project_id=one.id, source_sha256="0" * 64, file_name="a.csv", name="a", format="csv", rate=500.0,
            n_samples=5000, signal_key="1" * 64,
        )  # fmt: skip
        session.add(row)
        session.flush()
        assert recordings.get_at_once(session, one.id, row.id) is row
        for project_id, words in ((other.id, "no recording"), ("0" * 32, "no project")):
            with pytest.raises(NotFoundError, match=words):
                recordings.get_at_once(session, project_id, row.id)
        somebody = Person(id="anna", name="Anna", via="session", roles={other.id: "admin"})
        with acting(somebody), pytest.raises(NotFoundError, match="no project"):
            recordings.get_at_once(session, one.id, row.id)
        one.deleted_at = datetime.now(UTC)
        session.flush()
        with pytest.raises(NotFoundError, match="no project"):
            recordings.get_at_once(session, one.id, row.id)
