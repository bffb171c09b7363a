"""Processes that must not outlive the one that started them."""

import logging
import os
import signal
import threading
import time

log = logging.getLogger(__name__)

SUPERVISED = "EXCHANGEAI_SUPERVISED"
"""Set in the environment of processes that `exchangeai` starts and looks after."""


def stop_with_parent() -> None:
    """In a supervised process, end it (as by SIGTERM) when its parent is gone, however that came about."""
    if os.environ.get(SUPERVISED):
        threading.Thread(target=_watch, args=(os.getppid(),), name="parent-watch", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    log.warning("The process that started this one is gone; stopping")
    os.kill(os.getpid(), signal.SIGTERM)
