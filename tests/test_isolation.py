"""Libraries of others in a process of their own: what they do to themselves costs one file and nothing else."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import numpy as np
import psutil
import pytest

from backend import isolation
from backend.ecg import readers
from backend.ecg.errors import EcgError, IncompleteSetError, LimitError, UnreadableFileError
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile
from backend.ecg.readers.wfdb.reader import READER as WFDB
from backend.ecg.recording import Recording
from backend.isolation import Parser, needs_isolation
from backend.settings import Settings
from tests.api_calls import Api
from tests.hostile_readers import HOSTILE, MAGIC, recording
from tests.samples import csv_file, wfdb_pair

UNLIMITED = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system limits no address space")
QUICK = Limits(seconds=1.0, samples=77)
PATIENT = Limits(seconds=20.0, samples=77)


@pytest.fixture
def parser() -> Iterator[Parser]:
    parser = Parser("tests.hostile_readers")
    yield parser
    parser.end()


def _files(deed: str, name: str = "a.hst") -> FileSet:
    return FileSet((SourceFile(name, MAGIC + deed.encode()),))


def _read(parser: Parser, deed: str, limits: Limits = PATIENT) -> Recording:
    (read,) = parser.read(HOSTILE, _files(deed), ReadOptions(rate=250), limits)
    return read


def test_a_recording_comes_through_whole(parser: Parser) -> None:
    read, expected = _read(parser, "nothing"), recording("")
    *words, pid = read.name.split()
    assert words == ["a.hst", "250", "77"]
    assert int(pid) == parser.pid != os.getpid()
    np.testing.assert_array_equal(read.signal, expected.signal)
    np.testing.assert_array_equal(read.step, expected.step)
    assert read.signal.flags.writeable
    for name in {field.name for field in fields(Recording)} - {"name", "signal", "step"}:
        assert getattr(read, name) == getattr(expected, name), name


def test_one_process_serves_one_file_after_the_other_and_many_threads(parser: Parser) -> None:
    with ThreadPoolExecutor(6) as pool:
        read = list(pool.map(lambda _: _read(parser, "nothing").name, range(30)))
    assert len(set(read)) == 1


@pytest.mark.parametrize("deed", ["segfault", "exit", "bug", "nonsense"])
def test_a_file_that_stops_its_parser_is_refused_and_the_next_is_read(parser: Parser, deed: str) -> None:
    with pytest.raises(UnreadableFileError, match=r"a\.hst made the program that reads Hostile files stop.*again"):
        _read(parser, deed)
    assert parser.pid is None
    assert _read(parser, "nothing").rate == 500.5


@pytest.mark.parametrize("deed", ["hang", "spin"])
def test_a_file_that_takes_too_long_is_refused_and_its_process_ended(parser: Parser, deed: str) -> None:
    _read(parser, "nothing")
    process = psutil.Process(parser.pid)
    with pytest.raises(LimitError, match=r"a\.hst could not be read within 1 s.*EXCHANGEAI_READ_SECONDS"):
        _read(parser, deed, QUICK)
    assert not process.is_running()
    assert _read(parser, "nothing").rate == 500.5


@UNLIMITED
def test_a_file_that_eats_memory_is_refused(parser: Parser) -> None:
    with pytest.raises(LimitError, match=r"a\.hst needs more than 1,536 MB.*EXCHANGEAI_READ_MEMORY"):
        _read(parser, "memory")
    assert _read(parser, "nothing").rate == 500.5


@UNLIMITED
def test_what_earlier_files_have_leaked_is_not_held_against_a_later_one(parser: Parser) -> None:
    pids = [_read(parser, "leak", Limits(seconds=20, memory=250 << 20)).name.split()[-1] for _ in range(4)]
    assert len(set(pids)) == 2


def test_a_file_is_not_blamed_for_a_process_that_has_died_in_the_meantime(parser: Parser) -> None:
    _read(parser, "nothing")
    psutil.Process(parser.pid).kill()
    assert _read(parser, "nothing").rate == 500.5


def test_a_parser_that_cannot_be_started_is_not_blamed_on_the_file(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(EcgError, match=r"a\.hst.*could not be started.*again"):
        _read(Parser("no_such_module"), "nothing")
    assert "no_such_module" in capfd.readouterr().err


def test_errors_of_the_reader_come_through_as_they_are(parser: Parser) -> None:
    with pytest.raises(IncompleteSetError, match=r"^something is missing$"):
        _read(parser, "refuse")
    assert parser.pid is not None


@pytest.mark.parametrize("deed", ["write", "open"])
def test_a_parser_writes_no_file_and_opens_few(parser: Parser, deed: str, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LimitError, match=r"^refused: (File too large|Too many open files)$"):
        _read(parser, deed)
    assert [path.stat().st_size for path in tmp_path.iterdir()] in ([], [0])


def test_a_parser_knows_no_secret_of_the_environment(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGEAI_SECRET_KEY", "s" * 40)
    with pytest.raises(LimitError, match=r"^\[\]$"):
        _read(parser, "environment")


def test_what_a_library_prints_is_no_answer(parser: Parser, capfd: pytest.CaptureFixture[str]) -> None:
    assert _read(parser, "print").rate == 500.5
    assert "noise" not in "".join(capfd.readouterr())


def test_an_idle_process_is_ended_and_a_new_one_started_when_it_is_needed() -> None:
    parser = Parser("tests.hostile_readers", idle_s=0.2)
    _read(parser, "nothing")
    deadline = time.monotonic() + 10
    while parser.pid is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert parser.pid is None
    assert _read(parser, "nothing").rate == 500.5
    parser.end()


def test_a_crash_leaves_no_thread_behind(parser: Parser) -> None:
    before = set(threading.enumerate())
    for _ in range(2):
        with pytest.raises(UnreadableFileError):
            _read(parser, "exit")
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()


def test_a_hanging_parser_ends_by_itself_when_the_platform_is_gone(tmp_path: Path) -> None:
    code = """
import sys, threading, time
from tests.hostile_readers import HOSTILE, MAGIC
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile
from backend.isolation import Parser
parser = Parser("tests.hostile_readers")
def read(deed, seconds):
    return parser.read(HOSTILE, FileSet((SourceFile("a", MAGIC + deed),)), ReadOptions(rate=9), Limits(seconds=seconds))
read(b"nothing", 20)
threading.Thread(target=read, args=(b"hang", 1.5), daemon=True).start()
time.sleep(0.3)
print(parser.pid, flush=True)
time.sleep(60)
"""
    path = os.pathsep.join(part for part in sys.path if part)
    platform = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": path}, cwd=tmp_path
    )
    assert platform.stdout is not None
    parser = psutil.Process(int(platform.stdout.readline()))
    platform.kill()
    platform.communicate()
    assert parser.is_running()
    psutil.wait_procs([parser], timeout=10)
    assert not parser.is_running()


def test_only_files_for_libraries_of_others_leave_the_process() -> None:
    text = FileSet((SourceFile("a.csv", csv_file()),))
    plain = FileSet((SourceFile("r.hea", b"r 1 100 10\nr.dat 16 200(0)/mV 16 0 0 0 0 I\n"),))
    assert [isolation.needs_isolation(readers.recognise(one), one) for one in (text, plain)] == [False, False]
    for code in (b"508", b"516", b"524x1:0+0"):
        flac = FileSet((SourceFile("r.hea", b"r 1 100 10\nr.flac " + code + b" 200(0)/mV 16 0 0 0 0 I\n"),))
        assert isolation.needs_isolation(readers.recognise(flac), flac)
    assert isolation.needs_isolation(HOSTILE, text)


def test_an_upload_with_hostile_files_stores_the_others_and_the_server_lives_on(
    api: Api, installed: Settings, parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "READERS", (HOSTILE, *readers.READERS))
    monkeypatch.setattr(isolation, "_PARSER", parser)
    files = {"1.csv": csv_file(1), "2.hst": MAGIC + b"segfault", "3.hst": MAGIC + b"nothing", "4.csv": csv_file(4)}
    report = api.upload(files, rate="250", units_per_mv="1000")
    assert [outcome["status"] for outcome in report["outcomes"]] == ["imported", "refused", "imported", "imported"]
    assert "2.hst" in report["outcomes"][1]["detail"]
    assert api.client.get("/api/v1/health").status_code == 200
    shown = next(row for row in api.recordings() if row["format"] == "hostile")
    assert shown["patient_id"].startswith("p-")


def test_the_error_of_another_process_names_the_file(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "READERS", (HOSTILE,))
    monkeypatch.setattr(isolation, "_PARSER", parser)
    with pytest.raises(EcgError, match=r"^ward/b\.hst: something is missing"):
        isolation.read(_files("refuse", "ward/b.hst"))


def test_of_wfdb_records_only_those_with_flac_signals_are_read_in_another_process():
    header, data = wfdb_pair("r1", 1, 50, 500)
    plain = FileSet((SourceFile("r1.hea", header.replace(b" 16 0 ", b" 16 524 ")), SourceFile("r1.dat", data)))
    assert not needs_isolation(WFDB, plain)
    packed = FileSet((SourceFile("r1.hea", header.replace(b".dat 16 ", b".dat 516 ")), SourceFile("r1.dat", data)))
    assert needs_isolation(WFDB, packed)
