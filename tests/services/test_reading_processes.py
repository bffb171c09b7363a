"""Files read by several processes at once: nothing is different for it, and a process that dies costs nobody a file."""

import os
import signal
import time
from collections.abc import Iterator

import psutil
import pytest

from backend.ecg.errors import EcgError
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile, group
from backend.services import ingest, reading_processes
from backend.services.read_set import ReadSet
from backend.services.reading_processes import Answer, Failed, ReadingProcesses, Unread, _answers_from
from tests.samples import csv_file, npy_file, wfdb_pair

OPTIONS = ReadOptions(rate=500, units_per_mv=1000)


@pytest.fixture
def processes() -> Iterator[ReadingProcesses]:
    processes = _started()
    yield processes
    processes.end()


def _started() -> ReadingProcesses:
    processes = ReadingProcesses(2)
    assert processes.read(_tables(8), OPTIONS, Limits()) == [Unread.HERE] * 8, "nobody waits for the start"
    deadline = time.monotonic() + 120
    while len(processes.pids) < 2 and time.monotonic() < deadline:
        assert processes.wait(60)
    return processes


def _tables(n: int) -> list[FileSet]:
    return group([SourceFile(f"{i}.csv", csv_file(i, n=600)) for i in range(n)])


def _of_all_kinds() -> list[FileSet]:
    header, data = wfdb_pair("r", 1)
    told = header + b"#Age: 95\n#Sex: Female\n#Dx: 426783006\n"
    dated = header.replace(b" 1000\n", b" 1000 10:20:30 01/02/2003\n", 1)
    files = {
        "a/r.hea": header, "a/r.dat": data, "a/r.atr": b"\x00\x50\x00\x00", "b/r.hea": told, "b/r.dat": data,
        "c/r.hea": dated, "c/r.dat": data, "d/r.hea": header, "x.npy": npy_file(2),
        "flat.csv": b"I,II\n" + b"0,0\n" * 700, "labels.csv": b"ecg_id,label\n1,NORM\n2,MI\n3,AFIB\n",
        "empty.csv": b"", "photo.jpg": b"\xff\xd8\xff\xe0" + bytes(50), "b\udcffd.csv": csv_file(9, n=700),
        "broken.csv": csv_file(3, n=600)[:-2000] + b"x,y,z\n1,2\n", "nan.csv": csv_file(4, n=600).replace(b"1", b"nan"),
    }  # fmt: skip
    return [*_tables(9), *group([SourceFile(*file) for file in files.items()])]


def _read_here(files: FileSet, options: ReadOptions = OPTIONS) -> ReadSet | EcgError:
    try:
        return ingest.read_set(files, options, Limits(), Unread.HERE)
    except EcgError as error:
        return error


@pytest.mark.parametrize("options", [OPTIONS, ReadOptions(partial=True), ReadOptions(500, 1, leads=("I", "II"))])
def test_what_they_read_and_refuse_is_what_is_read_and_refused_here(
    processes: ReadingProcesses, options: ReadOptions
) -> None:
    sets = _of_all_kinds()
    refused = 0
    for files, answer in zip(sets, processes.read(sets, options, Limits()), strict=True):
        expected = _read_here(files, options)
        if isinstance(expected, EcgError):
            refused += 1
            assert isinstance(answer, Failed), files.name
            assert (type(answer.error), str(answer.error)) == (type(expected), str(expected))
            assert list(answer.error.offers) == [dict(offer) for offer in expected.offers]
        else:
            assert ReadSet(files, read_there=_facts(answer)).facts == expected.facts, files.name
    assert 4 < refused < len(sets)


def _facts(answer: Answer) -> reading_processes.Facts:
    assert not isinstance(answer, Failed | Unread)
    return answer


def test_files_for_the_libraries_of_others_are_left_to_the_process_that_is_for_those(
    processes: ReadingProcesses,
) -> None:
    parquet = [SourceFile(f"{i}.parquet", b"PAR1" + bytes(40) + b"PAR1") for i in range(20)]
    assert processes.read(group(parquet), OPTIONS, Limits()) == [Unread.HERE] * 20


def test_few_files_and_large_ones_are_read_by_who_asks(
    processes: ReadingProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = _tables(reading_processes.LEAST_SETS - 1)
    assert processes.read(few, OPTIONS, Limits()) == [Unread.HERE] * len(few)
    large = SourceFile("large.csv", csv_file(1, n=9000))
    monkeypatch.setattr(reading_processes, "MOST_BYTES", 200_000)
    *small, last = processes.read(group([*(one.main for one in _tables(8)), large]), OPTIONS, Limits())
    assert last is Unread.HERE
    assert all(_facts(one) for one in small)


def test_a_process_that_dies_costs_no_file_and_is_replaced(processes: ReadingProcesses) -> None:
    dead, alive = processes.pids
    os.kill(dead, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(dead)], timeout=10)
    sets = _tables(40)
    answers = processes.read(sets, OPTIONS, Limits())
    assert Unread.APART in answers
    for files, answer in zip(sets, answers, strict=True):
        here = _read_here(files)
        assert isinstance(here, ReadSet)
        assert ingest.read_set(files, OPTIONS, Limits(), answer).facts == here.facts
    assert processes.pids == [alive]
    deadline = time.monotonic() + 60
    while len(processes.pids) < 2 and time.monotonic() < deadline:
        processes.read(_tables(8), OPTIONS, Limits())
        processes.wait(60)
    assert len(processes.pids) == 2
    assert dead not in processes.pids


def test_a_process_that_answers_what_it_was_not_asked_is_ended(
    processes: ReadingProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_few(message: dict[str, object], signals: list[bytearray], n: int) -> list[Answer]:
        return _answers_from(message, signals[:-1], n)

    pids = processes.pids
    monkeypatch.setattr(reading_processes, "_answers_from", too_few)
    assert set(processes.read(_tables(8), OPTIONS, Limits())) <= {Unread.APART, Unread.HERE}
    assert processes.pids == []
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_a_file_that_takes_too_long_is_tried_once_more_apart(processes: ReadingProcesses) -> None:
    answers = processes.read(_tables(12), OPTIONS, Limits(seconds=-3.0))
    assert Unread.APART in answers
    assert all(isinstance(one, Unread) for one in answers)


def test_they_end_when_nothing_comes_any_more() -> None:
    processes = _started()
    processes._idle_s = 0.2
    pids = [psutil.Process(pid) for pid in processes.pids]
    assert psutil.wait_procs(pids, timeout=30)[1] == []
    assert processes.pids == []


def test_on_one_core_nothing_is_started() -> None:
    processes = ReadingProcesses(1)
    assert processes.read(_tables(8), OPTIONS, Limits()) == [Unread.HERE] * 8
    assert not processes.wait(1)
