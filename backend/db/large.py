"""What only Postgres has, for projects of hundreds of thousands of recordings: indexes of expressions, plans anew.

The tables say what holds everywhere. These indexes are made by migration 0028 (decision 0019); no answer depends on
them, only how long it takes. Parts of names and of lists in JSON are found by the extension `pg_trgm`, which comes with
Postgres, where the database may have it.
"""

from typing import Any, Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

_SECONDS: Final = "n_samples / CAST(rate AS FLOAT)"
INDEXES: Final = {
    "pg_recordings_project_id_id": "recordings (project_id, id)",
    "pg_recordings_project_format": "recordings (project_id, format, file_name, index, id)",
    "pg_recordings_project_device": "recordings (project_id, device, file_name, index, id)",
    "pg_recordings_project_rate": "recordings (project_id, rate, file_name, index, id)",
    "pg_recordings_project_sex": "recordings (project_id, sex, file_name, index, id)",
    "pg_recordings_project_age": "recordings (project_id, age, file_name, index, id)",
    "pg_recordings_project_duration": f"recordings (project_id, ({_SECONDS}), file_name, index, id)",
    "pg_dataset_entries_patient": "dataset_entries (patient_id)",
}
"""Name -> what of it is indexed."""
_NAMES: Final = ("file_name", "name", "record_id", "patient_id", "device", "format")
OF_TEXTS: Final = {
    "pg_recordings_names": f"recordings USING gin ({', '.join(f'{one} gin_trgm_ops' for one in _NAMES)})",
    "pg_recordings_findings": "recordings USING gin (CAST(findings AS VARCHAR) gin_trgm_ops)",
    "pg_dataset_entries_labels": "dataset_entries USING gin (CAST(labels AS VARCHAR) gin_trgm_ops)",
    "pg_prediction_results_predicted": "prediction_results USING gin (CAST(predicted AS VARCHAR) gin_trgm_ops)",
}
"""Those for which `pg_trgm` is needed: expressions as `backend.services.recording_filters` asks for them."""


def make_indexes(connection: Connection) -> None:
    """Make the indexes; those of parts of texts only where the extension can be had."""
    for name, what in INDEXES.items():
        connection.execute(text(f"CREATE INDEX {name} ON {what}"))
    if has_trigrams(connection):
        for name, what in OF_TEXTS.items():
            connection.execute(text(f"CREATE INDEX {name} ON {what}"))
    for table in ("recordings", "dataset_entries", "prediction_results"):
        connection.execute(text(f"ANALYZE {table}"))  # how frequent a label is says only what is counted of an index


def drop_indexes(connection: Connection) -> None:
    """Take the indexes away; the extension stays, somebody else may use it."""
    for name in (*INDEXES, *OF_TEXTS):
        connection.execute(text(f"DROP INDEX IF EXISTS {name}"))


def has_trigrams(connection: Connection) -> bool:
    """Say whether `pg_trgm` is there, after trying to have it: an owner of a database may, other users may not."""
    known = connection.scalar(text("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'"))
    if not known:
        return False
    try:
        with connection.begin_nested():
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except DBAPIError:  # whatever forbids it: then names are searched without an index
        return False
    return True


def plan_anew(connection: Any, _record: object) -> None:
    """Have each statement planned for the values that it asks for: some labels are everywhere, others are rare.

    What asks often and briefly is slower by helpers that have to be started, and by machine code made for it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_custom_plan")
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SET jit = off")
        cursor.execute("SET random_page_cost = 1.1")  # of a disk without moving parts, or of memory
    connection.commit()
