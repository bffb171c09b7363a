"""Figures of a large project: counted as plain Python counts them, kept with their time, and counted anew when old."""

import time
from datetime import timedelta

import pytest

from backend.db.session import read_session, write_session
from backend.db.tables import Dataset, KeptFigure, Recording
from backend.services import dataset_statistics, overview, projects, recording_facets
from backend.settings import Settings
from tests.services.test_large_projects import Made, Row, filled, large_from_here


@pytest.fixture
def large(on_each_database: Settings, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Made, list[Row]]:
    """A large project of an installation of its own: figures are counted anew by a thread, in the database of that."""
    large_from_here(monkeypatch)
    return filled(on_each_database.resolved_database_url)


def test_figures_are_right_and_say_when_they_were_counted(large: tuple[str, Made, list[Row]]) -> None:
    url, made, everything = large
    is_kept = not url.startswith("sqlite")
    with read_session(url) as session:
        first = overview.overview(session, made.project)
        again = overview.overview(session, made.project)
        facets, at = recording_facets.facets(session, made.project)
        said, _ = dataset_statistics.kept(session, session.get_one(Dataset, made.dataset))
        n = projects.counts(session, [made.project])[made.project]["n_recordings"]
    assert first.counts == again.counts
    assert (first.counted_at is not None, at is not None) == (is_kept, is_kept)
    assert first.counted_at == again.counted_at
    assert (n, first.counts.n_recordings, first.counts.n_labelled) == (len(everything),) * 3
    assert first.counts.n_patients == len({row["patient_id"] for row in everything} - {None})
    assert first.counts.n_with_findings == sum(bool(row["codes"]) for row in everything)
    assert dict(facets.finding) == {
        code: sum(code in row["codes"] for row in everything) for code in {c for r in everything for c in r["codes"]}
    }
    assert dict(said.labels)["MI"] == sum("MI" in row["labels"] for row in everything)


def test_old_figures_are_shown_while_they_are_counted_anew(large: tuple[str, Made, list[Row]]) -> None:
    url, made, everything = large
    if url.startswith("sqlite"):
        return
    with read_session(url) as session:
        projects.counts(session, [made.project])
    with write_session(url) as session:
        session.delete(session.get_one(Recording, everything[0]["id"]))
        kept = session.get_one(KeptFigure, (made.project, "size"))
        kept.made_at -= timedelta(hours=1)
    seen = []
    deadline = time.monotonic() + 60
    while not seen or (seen[-1] == len(everything) and time.monotonic() < deadline):
        with read_session(url) as session:
            seen.append(projects.counts(session, [made.project])[made.project]["n_recordings"])
        time.sleep(0.05)
    assert (seen[0], seen[-1]) == (len(everything), len(everything) - 1)
