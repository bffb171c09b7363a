"""XLI, the compression of Philips Sierra: against an encoder, against ecgdatakit, and under attack."""

import contextlib

import numpy as np
import pytest
from ecgdatakit.parsing.codecs.xli import xli_decode
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, LimitError, UnreadableFileError
from backend.ecg.readers import FileSet, SourceFile, read
from backend.ecg.readers.xml.sierra_xli import decode_xli
from tests.ecg.sierra_files import lzw, sierra_file, xli_block, xli_lead
from tests.samples import microvolts


def counts(n: int = 1000, seed: int = 0) -> np.ndarray:
    return microvolts(seed, n, 500).astype(np.int64) // 2


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(-32768, 32767), min_size=2, max_size=400))
def test_any_16_bit_samples_survive_compression_also_steps_that_wrap(values):
    (decoded,) = decode_xli(xli_lead(values), 1, 1000)
    assert decoded.tolist() == values


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(2, 3000))
def test_xli_is_decoded_as_ecgdatakit_decodes_it(seed, n):
    signal = np.cumsum(np.random.default_rng(seed).integers(-20, 21, (3, n)), axis=1)
    block = b"".join(map(xli_lead, signal))
    for ours, theirs in zip(decode_xli(block, 9, n), xli_decode(block), strict=True):
        assert (ours == theirs).all()


@pytest.mark.parametrize(
    ("block", "error", "message"),
    [
        (b"\1\0\0", UnreadableFileError, "cut off"),
        (b"\xff\xff\xff\x7f\1\0\0\0abc", UnreadableFileError, "2,147,483,647 bytes, but 3"),
        (b"\xff\xff\xff\xff\1\0\0\0abc", UnreadableFileError, "-1 bytes"),
        (b"\0\0\0\0\1\0\0\0", UnreadableFileError, "0 bytes"),
        (b"\5\0\0\0\1\0\0\0\xff\xc0\0\0\0", UnreadableFileError, "no samples"),
        (b"\5\0\0\0\1\0\0\0\x50\0\0\0\0", UnreadableFileError, "contradict"),
    ],
)
def test_lying_headers_and_impossible_codes_are_refused(block, error, message):
    with pytest.raises(error, match=message):
        decode_xli(block, 12, 1000)


def test_a_bomb_is_stopped_at_the_limit():
    packed = lzw(bytes(2_000_000))
    block = len(packed).to_bytes(4, "little") + bytes(4) + packed
    assert len(packed) < 20_000
    assert len(decode_xli(block, 1, 1_000_000)[0]) == 1_000_000
    with pytest.raises(LimitError, match="more than 999,999 samples"):
        decode_xli(block, 1, 999_999)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_damaged_blocks_only_raise_errors_of_the_tree(data):
    block = bytearray(xli_block(counts(100)))
    for _ in range(data.draw(st.integers(1, 8))):
        block[data.draw(st.integers(0, len(block) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(EcgError):
        (recording,) = read(FileSet((SourceFile("ecg.xml", sierra_file(bytes(block), n=100)),)))
        assert recording.signal.shape[0] == 12
