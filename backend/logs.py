"""Logging: one line an event on standard error; never a patient's data, a file's content or a secret.

A line names the request or the job that it belongs to, where there is one, so that the lines of one can be found.
"""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

OCCASION: ContextVar[tuple[str, str]] = ContextVar("occasion", default=("", ""))
"""What is being done at the moment: ("request" or "job", its id), or two empty texts."""

_NOISY = ("httpx", "httpx2", "alembic.runtime.plugins", "alembic.runtime.migration", "multipart")


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        kind, number = OCCASION.get()
        return super().format(record) + (f" [{kind} {number}]" if kind else "")


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        kind, number = OCCASION.get()
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {f"{kind}_id": number} if kind else {}
        line |= getattr(record, "fields", {})
        line |= {"exception": self.formatException(record.exc_info)} if record.exc_info else {}
        return json.dumps(line, ensure_ascii=False, default=str)


def configure_logging(level: str, form: str = "text") -> None:
    """Set up the root logger once for this process: `form` is "text", or "json" for one object a line.

    In JSON, what is given as `extra={"fields": {…}}` stands beside the message.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_Json() if form == "json" else _Text("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    if form == "json":
        for name in ("uvicorn", "uvicorn.error"):  # which has handlers of its own by now
            logging.getLogger(name).handlers.clear()
            logging.getLogger(name).propagate = True
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
