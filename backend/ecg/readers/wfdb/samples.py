"""WFDB signal files: bytes to integer samples for each storage format.

Source: the WFDB applications guide, signal(5), https://physionet.org/physiotools/wag/signal-5.htm
"""

import io

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnreadableFileError

Samples = NDArray[np.signedinteger]

# The sample that means "no value here", by format.
INVALID: dict[str, int] = {
    "16": -32768, "61": -32768, "160": -32768, "516": -32768, "80": -128, "508": -128, "212": -2048, "310": -512,
    "311": -512, "24": -(1 << 23), "524": -(1 << 23), "32": -(1 << 31),
}  # fmt: skip
_PLAIN = {"8": "<i1", "16": "<i2", "32": "<i4", "61": ">i2", "80": "u1", "160": "<u2"}
_FLAC_BITS = {"508": 8, "516": 16, "524": 24}


def bytes_needed(fmt: str, n_samples: int) -> int:
    """Return the bytes `n_samples` take in an uncompressed format."""
    if fmt in _PLAIN:
        return n_samples * np.dtype(_PLAIN[fmt]).itemsize
    if fmt == "24":
        return 3 * n_samples
    if fmt == "212":
        return -(-3 * n_samples // 2)
    # Three samples in four bytes; the tail of a 310 block needs both of its halves only for its third sample.
    whole, rest = divmod(n_samples, 3)
    return 4 * whole + (0, 2, 4 if fmt == "310" else 3)[rest]


def samples_in(fmt: str, n_bytes: int) -> int:
    """Return how many whole samples `n_bytes` of an uncompressed format hold."""
    if fmt == "212":
        return 2 * n_bytes // 3
    if fmt in ("310", "311"):
        whole, rest = divmod(n_bytes, 4)
        return 3 * whole + ((0, 0, 1, 1) if fmt == "310" else (0, 0, 1, 2))[rest]
    return n_bytes // (3 if fmt == "24" else np.dtype(_PLAIN[fmt]).itemsize)


def decode(fmt: str, data: bytes, offset: int, n_samples: int) -> Samples:
    """Return the first `n_samples` samples after `offset` bytes, as stored one after the other (differences in 8).

    The caller has checked with `bytes_needed` that the bytes are there.
    """
    if fmt in _PLAIN:
        raw = np.frombuffer(data, _PLAIN[fmt], n_samples, offset)
        if fmt == "80":
            return raw.astype(np.int16) - np.int16(128)
        if fmt == "160":
            return (raw.astype(np.int32) - 32768).astype(np.int16)
        return raw
    raw = np.frombuffer(data, np.uint8, bytes_needed(fmt, n_samples), offset)
    if fmt == "24":
        wide = np.zeros((n_samples, 4), np.uint8)
        wide[:, 1:] = raw.reshape(-1, 3)
        return wide.view("<i4")[:, 0] >> 8
    return _unpack_212(raw, n_samples) if fmt == "212" else _unpack_three(raw, n_samples, fmt)


def decode_flac(fmt: str, data: bytes, offset: int, n_frames: int, n_channels: int, most: int, name: str) -> Samples:
    """Return (n_frames, n_channels) samples of a FLAC signal file from sample `offset`; 0 frames mean all.

    Raises UnreadableFileError for a damaged stream, another number of channels or a finer resolution than `fmt`.
    """
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(data)) as stream:
            bits = {"PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}.get(stream.subtype, 32)
            if stream.format != "FLAC" or stream.channels != n_channels or bits > _FLAC_BITS[fmt]:
                raise UnreadableFileError(
                    f"{name} is {stream.format} with {stream.channels} channels of {bits} bits; the header promises "
                    f"FLAC with {n_channels} of at most {_FLAC_BITS[fmt]}. Upload the header and data of one record."
                )
            n_frames = n_frames or max(0, stream.frames - offset)
            if not 0 < n_frames <= most:
                raise UnreadableFileError(f"{name} holds {n_frames:,} samples a signal, not 1 to {most:,}. Split it.")
            if stream.frames - offset < n_frames:
                raise UnreadableFileError(
                    f"{name} holds {max(0, stream.frames - offset)} samples a signal, the header promises {n_frames}. "
                    "The file is cut off: copy it again."
                )
            stream.seek(offset)
            samples = stream.read(n_frames, dtype="int32", always_2d=True)
    except (soundfile.SoundFileError, RuntimeError, OverflowError, MemoryError) as error:
        raise UnreadableFileError(f"{name} is not a readable FLAC signal file ({error}). Copy it again.") from error
    if len(samples) != n_frames:
        raise UnreadableFileError(f"{name} breaks off after {len(samples)} of {n_frames} samples. Copy it again.")
    shifted: Samples = samples >> (32 - bits)  # libsndfile fills the upper bits
    return shifted


def _signed(values: NDArray[np.uint16], bits: int) -> NDArray[np.int16]:
    """Read the lowest `bits` of each value as two's complement."""
    return (values << (16 - bits)).view(np.int16) >> (16 - bits)


def _unpack_212(raw: NDArray[np.uint8], n_samples: int) -> NDArray[np.int16]:
    """Two 12-bit samples in three bytes: low byte, two high nibbles, low byte."""
    blocks = np.zeros((-(-n_samples // 2), 3), np.uint16)
    blocks.reshape(-1)[: raw.size] = raw
    out = np.empty((len(blocks), 2), np.uint16)
    out[:, 0] = blocks[:, 0] | (blocks[:, 1] << 8)
    out[:, 1] = blocks[:, 2] | (blocks[:, 1] >> 4 << 8)
    return _signed(out.reshape(-1)[:n_samples], 12)


def _unpack_three(raw: NDArray[np.uint8], n_samples: int, fmt: str) -> NDArray[np.int16]:
    """Three 10-bit samples in four bytes, laid out as 310 or 311."""
    blocks = np.zeros((-(-n_samples // 3), 4), np.uint16)
    blocks.reshape(-1)[: raw.size] = raw
    first, second = blocks[:, 0] | (blocks[:, 1] << 8), blocks[:, 2] | (blocks[:, 3] << 8)
    out = np.empty((len(blocks), 3), np.uint16)
    if fmt == "310":
        out[:, 0], out[:, 1] = first >> 1, second >> 1
        out[:, 2] = (first >> 11) | (second >> 11 << 5)
    else:
        out[:, 0] = first
        out[:, 1] = (first >> 10) | (second << 6)
        out[:, 2] = second >> 4
    return _signed(out.reshape(-1)[:n_samples], 10)
