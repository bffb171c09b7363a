"""Logging: one line an event on standard error; never a patient's data, a file's content or a secret."""

import logging


def configure_logging(level: str) -> None:
    """Set up the root logger once for this process."""
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True)
    for noisy in ("httpx", "alembic.runtime.plugins", "alembic.runtime.migration", "multipart"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
