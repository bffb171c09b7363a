"""Readers that do what a library may do to a hostile file; they run in parser processes of the tests only."""

import ctypes
import os
import signal
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from backend.ecg.errors import IncompleteSetError, LimitError
from backend.ecg.readers import FileSet, Limits, Reader, ReadOptions
from backend.ecg.recording import DeviceFacts, Patient, Recording, Statement

MAGIC = b"HOSTILE "
_hoard: list[bytearray] = []


def recording(name: str) -> Recording:
    """Return a recording in which everything is filled in."""
    signal_ = np.random.default_rng(1).normal(0, 1, (12, 700)).astype(np.float32)
    signal_[3] = np.nan
    return Recording(
        signal=signal_, rate=500.5, name=name, format="hostile", unit="arbitrary", derived=("III",), missing=("aVR",),
        step=np.linspace(0.001, 0.1, 12), start=datetime(2020, 2, 29, 12, 30, 1, 5, tzinfo=UTC),
        patient=Patient(id="Mül\udcffler", age=43.5, sex="F"),
        device=DeviceFacts(
            model="Ä 1", high_pass=0.05, notch=50.0, measurements={"qt": np.float32(400)},
            statements=(Statement("1", "SCP-ECG", "Sinus rhythm"), Statement("2", "MDC")),
        ),
        notes=("a", "µV"), declared=("rate", "leads"), stated_samples=701,
    )  # fmt: skip


def _segfault() -> None:
    ctypes.string_at(0)


def _hang() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT])
    time.sleep(600)


def _spin() -> None:
    while True:
        pass


def _eat_memory() -> None:
    _hoard.append(bytearray(3 << 30))


def _leak() -> None:
    _hoard.append(bytearray(90 << 20))


def _write() -> None:
    try:
        with (Path.cwd() / "written-by-a-parser").open("w") as file:
            file.write("x" * 10)
    except OSError as error:
        raise LimitError(f"refused: {error.strerror}") from None


def _open_many() -> None:
    try:
        kept = [socket.socket() for _ in range(1000)]
    except OSError as error:
        raise LimitError(f"refused: {error.strerror}") from None
    assert not kept


def _look_around() -> None:
    raise LimitError(f"{sorted(name for name in os.environ if 'SECRET' in name)}")


def _refuse() -> None:
    raise IncompleteSetError("something is missing")


def _print() -> None:
    os.write(1, b"noise " * 1000)
    print("noise " * 1000)  # noqa: T201


def _answer_nonsense() -> None:
    for handle in range(3, 12):
        try:
            os.write(handle, b"\x02\0\0\0{}" * 10)
        except OSError:
            continue


DEEDS: dict[bytes, Callable[[], None]] = {
    b"segfault": _segfault, b"exit": lambda: os._exit(3), b"hang": _hang, b"spin": _spin, b"memory": _eat_memory,
    b"leak": _leak, b"write": _write, b"open": _open_many, b"environment": _look_around, b"refuse": _refuse,
    b"print": _print, b"nonsense": _answer_nonsense, b"bug": lambda: {}["nothing"], b"nothing": lambda: None,
}  # fmt: skip


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    for word in files.main.data.removeprefix(MAGIC).split():
        DEEDS[word]()
    assert options.leads is None or isinstance(options.leads, tuple)
    return [recording(f"{files.name} {options.rate:g} {limits.samples} {os.getpid()}")]


HOSTILE = Reader(
    name="hostile", title="Hostile files", extensions=(), declares_units=False,
    recognises=lambda files: files.main.data.startswith(MAGIC), read=_read, third_party=True,
)  # fmt: skip
READERS = (HOSTILE,)
