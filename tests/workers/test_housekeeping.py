"""A platform as a person starts it erases what is due by itself: one of its workers does, the others leave it alone."""

from datetime import timedelta
from pathlib import Path

from backend.db.migrate import upgrade
from backend.db.session import read_session
from backend.db.tables import Housekeeping, RetentionRule, utc_now
from tests.installation import installation
from tests.old_recordings import Archive
from tests.platform_process import running_platform, until

DAY = timedelta(days=1)


def test_a_worker_erases_what_is_due_and_only_that(tmp_path: Path) -> None:
    with installation(tmp_path / "data") as settings:
        upgrade(settings.resolved_database_url)
        archive = Archive(settings, utc_now() - 30 * DAY)
        archive.add(archive.now - 400 * DAY)
        young = archive.add(archive.now)
        archive.rule(365)
        url = settings.resolved_database_url
    with running_platform(tmp_path) as running:
        running.wait_for_workers()

        def is_done() -> bool:
            with read_session(url) as session:
                rule = session.get(RetentionRule, archive.project)
                owed = session.get(Housekeeping, "rewriting the database")
                return rule is not None and rule.n_erased == 1 and owed is None

        until(is_done)
        left = running.client.get(f"/api/v1/projects/{archive.project}/recordings").json()["items"]
        assert [one["id"] for one in left] == [young]
        shown = running.client.get(f"/api/v1/projects/{archive.project}/retention").json()
        assert (shown["rule"]["n_erased"], shown["outlook"]["coming"]) == (1, [])
