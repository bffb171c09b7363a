"""Processes that must not outlive the one that started them."""

import logging
import os
import signal
import threading
import time

log = logging.getLogger(__name__)

SUPERVISED = "EXCHANGEAI_SUPERVISED"
"""Set in the environment of processes that `exchangeai` starts and looks after."""

PATIENCE_S = 4.0


def stop_with_parent() -> None:
    """In a supervised process, end it and its process group when its parent is gone, however that came about.

    The group is the process's own: `backend.cli.processes.Child` starts each in a session of its own.
    """
    if os.environ.get(SUPERVISED):
        threading.Thread(target=_watch, args=(os.getppid(),), name="parent-watch", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    log.warning("The process that started this one is gone; stopping")
    os.kill(os.getpid(), signal.SIGTERM)
    # A worker would first finish its training, for hours perhaps; its job goes on from the checkpoint another time.
    time.sleep(PATIENCE_S)
    os.killpg(os.getpgrp(), signal.SIGKILL)
