"""Recordings to be written and read back: of many rates, steps, lengths and leads, with and without missing samples."""

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from backend.ecg.readers import FileSet, ReadOptions, SourceFile, group, read
from backend.ecg.readers.assemble import Facts, assemble
from backend.ecg.recording import Patient, Recording
from backend.ecg.signal_file import decode_signal, encode_signal
from backend.ecg.writers import write
from tests.samples import LEADS

RATES = (100.0, 128.0, 200.0, 250.0, 257.0, 300.0, 360.0, 400.0, 500.0, 512.0, 977.0, 1000.0)
FRACTIONS = (128.5, 333.25, 257.31, 499.999, 1000 / 3)
STEPS = (0.001, 0.005, 0.00488, 0.0025, 0.00122, 0.0024414, 1 / 204.8, 1e-4, 0.002)  # mV
EIGHT = ("I", "II", *LEADS[6:])


@dataclass(frozen=True)
class Case:
    """A recording and what it was made of: `samples` (k, n) of `names`, the lowest integer missing, times `step` mV."""

    recording: Recording
    names: tuple[str, ...]
    samples: NDArray[np.int32]
    step: float

    @property
    def missing(self) -> NDArray[np.bool_]:
        return self.samples == np.iinfo(np.int32).min

    def millivolts(self, lead: str) -> NDArray[np.float64]:
        """The samples of a lead that the source had, in mV."""
        row = self.names.index(lead)
        return np.where(self.missing[row], np.nan, self.samples[row] * self.step)


@st.composite
def cases(draw, rates=RATES + FRACTIONS, largest=32_000, gaps=True, shortest=13, longest=300) -> Case:
    names = draw(st.sampled_from([LEADS, LEADS, EIGHT, tuple(reversed(LEADS)), ("II", "V1"), ("aVR",)]))
    n = draw(st.integers(shortest, longest))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    top = draw(st.sampled_from([10, 2000, largest // 2]))  # sums of two leads stay in range
    samples = random.integers(-top, top, (len(names), n), endpoint=True).astype(np.int32)
    missing = np.iinfo(np.int32).min
    if gaps and draw(st.booleans()):
        samples[random.random(samples.shape) < 0.1] = missing
    step = draw(st.sampled_from(STEPS))
    recording = assemble(
        FileSet((SourceFile("source.xyz", b""),)),
        ReadOptions(partial=True),
        format="made",
        samples=samples,
        names=names,
        rate=draw(st.sampled_from(rates)),
        mv_per_step=step,
        missing_value=missing,
        facts=Facts(patient=Patient("p-0123456789abcdef", draw(st.sampled_from([None, 4.0, 63.0])), "F")),
    )
    return Case(recording, names, samples, step)


def floats(seed: int = 0, n: int = 500, largest: float = 3.0) -> Recording:
    """A recording without steps, its largest amplitude `largest` mV."""
    signal = np.random.default_rng(seed).normal(0, 1, (12, n))
    signal *= largest / np.abs(signal).max()
    return Recording(signal.astype(np.float32), 500.0, "floats.npy", "npy")


def arbitrary(seed: int = 0) -> Recording:
    return replace(floats(seed), unit="arbitrary")


def read_back(recording: Recording, name: str, **options) -> Recording:
    """Write a recording and read it with our own reader."""
    (files,) = group(write(recording, name, "folder/written"))
    (back,) = read(files, ReadOptions(partial=True, **options))
    assert back.format == name
    return back


def assert_same(back: Recording, recording: Recording) -> None:
    """The signal is what our store keeps of it, sample by sample; rate, leads and steps are the same."""
    stored, _ = decode_signal(encode_signal(recording))
    np.testing.assert_array_equal(back.signal, stored)
    assert back.rate == recording.rate
    assert back.missing == recording.missing
    assert back.unit == recording.unit
