"""Readings saved by several processes at once, below the web API, which lets them in one after the other."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

from backend.db.session import write_session
from backend.errors import ConflictError
from backend.services import annotation_readings, annotations
from backend.services.annotation_readings import Said
from backend.settings import get_settings
from tests.api_calls import Api
from tests.label_sets import ANNA, Readers

AT_ONCE = 6


def test_of_readings_that_replace_the_same_one_at_once_one_is_kept_and_the_others_are_told(
    api_on_each_database: Api,
) -> None:
    readers = Readers(api_on_each_database, 1)
    url, together = get_settings().resolved_database_url, Barrier(AT_ONCE)

    def save(_: int) -> str:
        together.wait()
        try:
            with write_session(url) as session:
                label_set = annotations.get(session, api_on_each_database.project, readers.set["id"])
                said = Said(id=uuid4().hex, recording_id=readers.ids[0], labels=["MI"], done=True)
                annotation_readings.save(session, label_set, ANNA, said)
        except ConflictError:
            return "told"
        return "kept"

    for _ in range(3):
        with ThreadPoolExecutor(AT_ONCE) as pool:
            outcomes = sorted(pool.map(save, range(AT_ONCE)))
        assert outcomes in (["kept", *["told"] * (AT_ONCE - 1)], ["told"] * AT_ONCE)
    assert readers.get("/readings", reader=ANNA)["total"] == 1
