"""Recordings prepared by other processes are those prepared here, in their order; one that is damaged stops nobody."""

from pathlib import Path

import numpy as np
import psutil
import pytest

from backend.ecg.preprocess import preset
from backend.ecg.signal_file import encode_signal
from backend.ecg.synthesize import simulate
from backend.storage import LocalStorage
from workers import prepare_many
from workers.prepare_many import CHUNK, prepared


def test_helping_processes_prepare_as_this_one_does_and_are_gone_afterwards(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    stored = [storage.put(encode_signal(simulate("NORM", seed, duration_s=2).recording)) for seed in range(3)]
    keys = [stored[number % 3] for number in range(CHUNK + 3)]
    keys[5] = "0" * 64
    here = list(prepared(storage, keys, preset("exchangeai"), 0))
    there = list(prepared(storage, keys, preset("exchangeai"), 2))
    assert isinstance(there[5], str)
    assert "missing" in there[5]
    assert here[5] == there[5]
    for one, other in zip(here[:5] + here[6:], there[:5] + there[6:], strict=True):
        np.testing.assert_array_equal(one, other)
    given_up = prepared(storage, keys, preset("exchangeai"), 1)
    next(given_up)
    given_up.close()
    assert _processes() == 0


def _processes() -> int:
    return len([one for one in psutil.Process().children() if "workers.prepare_many" in " ".join(one.cmdline())])


@pytest.mark.parametrize("waited_for", [False, True])
def test_a_thread_prepares_and_processes_join_in_where_that_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waited_for: bool
) -> None:
    monkeypatch.setattr(prepare_many, "PRICE_S", 0.0 if waited_for else 1e9)
    monkeypatch.setattr(prepare_many, "SHARE", 0.0)
    monkeypatch.setattr(prepare_many.os, "cpu_count", lambda: 3)
    storage = LocalStorage(tmp_path)
    stored = [storage.put(encode_signal(simulate("NORM", seed, duration_s=2).recording)) for seed in range(3)]
    keys = [stored[number % 3] for number in range(30 * CHUNK + 3)]
    keys[5] = keys[-1] = "0" * 64
    most, there = 0, []
    for one in prepared(storage, keys, preset("clinical")):
        there.append(one)
        if len(there) % CHUNK == 0:
            most = max(most, _processes())
    assert most == (2 if waited_for else 0)
    assert _processes() == 0
    for one, other in zip(prepared(storage, keys, preset("clinical"), 0), there, strict=True):
        np.testing.assert_array_equal(one, other)
