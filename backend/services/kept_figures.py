"""Figures of a large project that take seconds to count: kept with the time they were counted at, and counted anew
while the earlier ones are shown (decision 0019). Those of a project that can be counted each time are never kept.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from backend.db.session import read_session, write_session
from backend.db.tables import KeptFigure, Project
from backend.services.counting import size_of
from backend.settings import get_settings

log = logging.getLogger(__name__)
T = TypeVar("T")

FRESH_S: Final = 60.0
PATIENCE: Final = 30
"""Times of what counting takes, for which figures are good: what takes 4 s is counted each two minutes at most."""
_going: set[tuple[str, str, str]] = set()
_lock = threading.Lock()


def figures(
    session: Session, project_id: str, name: str, kind: type[T], count: Callable[[Session], T]
) -> tuple[T, datetime | None]:
    """Return figures of a project; of a large one those that are kept and when they were counted.

    When old they are counted anew, beside this. `kind` is the dataclass of what is counted, which JSON can hold; `name`
    says whose figures they are.
    """
    if size_of(session, project_id) is None:
        return count(session), None
    kept = session.get(KeptFigure, (project_id, name), populate_existing=True)
    if kept is None:
        return _count(project_id, name, kind, count)
    if datetime.now(UTC) - kept.made_at > timedelta(seconds=max(FRESH_S, PATIENCE * kept.took_s)):
        _count_beside(project_id, name, kind, count)
    return TypeAdapter(kind).validate_python(kept.value["of"]), kept.made_at


def _count(project_id: str, name: str, kind: type[T], count: Callable[[Session], T]) -> tuple[T, datetime]:
    url = get_settings().resolved_database_url
    made_at, begun = datetime.now(UTC), time.monotonic()
    with read_session(url) as session:
        value = count(session)
    took = time.monotonic() - begun
    as_json: Any = TypeAdapter(kind).dump_python(value, mode="json")
    with write_session(url) as session:
        if session.get(Project, project_id, with_for_update={"key_share": True, "read": True}) is not None:
            session.merge(
                KeptFigure(project_id=project_id, name=name, value={"of": as_json}, took_s=took, made_at=made_at)
            )
    return value, made_at


def _count_beside(project_id: str, name: str, kind: type[T], count: Callable[[Session], T]) -> None:
    mine = (get_settings().resolved_database_url, project_id, name)
    with _lock:
        if mine in _going:
            return
        _going.add(mine)

    def work() -> None:
        try:
            _count(project_id, name, kind, count)
        except Exception:
            log.exception("Figures of a project could not be counted anew; the earlier ones stay")
        finally:
            with _lock:
                _going.discard(mine)

    threading.Thread(target=work, name="figures", daemon=True).start()
