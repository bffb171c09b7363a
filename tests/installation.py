"""An installation of the platform for one test: settings through the environment, data in a folder of its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from unittest.mock import patch
from uuid import UUID

from backend.db.session import engine_for
from backend.queue import celery_app
from backend.services import models
from backend.settings import Settings, get_settings
from tests.stores import wanted_of

PREFIX = "EXCHANGEAI_"
SECRET = "of the tests: the same pseudonyms, and so the same parts, in every run"


@contextmanager
def same_ids(seed: str) -> Iterator[None]:
    """Draw the ids of this process from `seed`: with the SECRET they decide pseudonyms, and these who tests a model."""
    draw = Random(seed)
    with patch("backend.db.base.uuid4", lambda: UUID(int=draw.getrandbits(128), version=4)):
        yield


@contextmanager
def installation(folder: Path, **values: str) -> Iterator[Settings]:
    """Make this process an installation whose data are in `folder`; `values` are further settings, in lower case."""
    wanted = {"data_dir": str(folder), "log_level": "WARNING", "secret_key": SECRET} | wanted_of(folder) | values
    before = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    _replace({PREFIX + name.upper(): value for name, value in wanted.items()})
    _forget()
    try:  # settings that are refused leave nothing behind either
        settings = get_settings()
        yield settings
        engine_for(settings.resolved_database_url).dispose()
    finally:
        _replace(before)
        _forget()


def _replace(values: dict[str, str]) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
    os.environ.update(values)


def _forget() -> None:
    for cached in (get_settings, engine_for, celery_app, models._load):
        cached.cache_clear()
