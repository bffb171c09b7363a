"""SCP-ECG records written for the tests, in every coding that the standard knows."""

import binascii
import struct
from collections.abc import Mapping, Sequence

import numpy as np

from tests.samples import LEADS, microvolts

NUMBERS = {"I": 1, "II": 2, "V1": 3, "V2": 4, "V3": 5, "V4": 6, "V5": 7, "V6": 8, "III": 61, "aVR": 62, "aVL": 63,
           "aVF": 64}  # fmt: skip
EIGHT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
# prefix bits, whole bits, mode, value, code with its first bit lowest
SWITCHING = (
    ((1, 1, 1, 0, 0), (2, 18, 1, 0, 0b01), (2, 2, 0, 2, 0b11)),
    ((1, 9, 1, 0, 1), (1, 1, 0, 1, 0)),
)


def record(sections: Mapping[int, bytes], version: int = 20, mark: bytes = b"SCPECG") -> bytes:
    """Return a record of sections given without their headers."""
    whole = {number: _section(number, body, version) for number, body in sections.items()}
    count = max(12, *(number + 1 for number in whole))
    size_0 = 16 + 10 * count
    place = 6 + size_0
    pointers = struct.pack("<HII", 0, size_0, 7)
    for number in range(1, count):
        size = len(whole.get(number, b""))
        pointers += struct.pack("<HII", number, size, place + 1 if size else 0)
        place += size
    head = struct.pack("<HIBB6s", 0, size_0, version, version, mark.ljust(6, b"\0"))
    body = struct.pack("<H", binascii.crc_hqx(head + pointers, 0xFFFF)) + head + pointers
    body += b"".join(whole[number] for number in sorted(whole))
    rest = struct.pack("<I", len(body) + 6) + body
    return struct.pack("<H", binascii.crc_hqx(rest, 0xFFFF)) + rest


def _section(number: int, body: bytes, version: int) -> bytes:
    body += b"\0" * (len(body) % 2)
    rest = struct.pack("<HIBB6x", number, len(body) + 16, version, version) + body
    return struct.pack("<H", binascii.crc_hqx(rest, 0xFFFF)) + rest


def tag(number: int, value: bytes) -> bytes:
    """Return one field of section 1."""
    return struct.pack("<BH", number, len(value)) + value


def leads(names: Sequence[str], spans: Sequence[tuple[int, int]], subtracted: bool = False) -> bytes:
    """Return section 3."""
    fields = (struct.pack("<IIB", *span, NUMBERS[name]) for name, span in zip(names, spans, strict=True))
    return bytes([len(names), 4 | int(subtracted) | len(names) % 32 << 3]) + b"".join(fields)


def beats(length_ms: int, fiducial: int, marks: Sequence[tuple[int, int, int, int]], zones=()) -> bytes:
    """Return section 4: beats as kind, first, fiducial and last sample, and protected zones."""
    body = struct.pack("<HHH", length_ms, fiducial, len(marks))
    body += b"".join(struct.pack("<HIII", *mark) for mark in marks)
    return body + b"".join(struct.pack("<II", *zone) for zone in zones)


def block(rows: Sequence[np.ndarray], nanovolts: int, microseconds: int, order=0, bimodal=0, coding="raw") -> bytes:
    """Return section 5 or 6 with the samples of each lead."""
    coded = [encode(differences(row, order), coding) for row in rows]
    head = struct.pack("<HHBB", nanovolts, microseconds, order, bimodal)
    return head + struct.pack(f"<{len(coded)}H", *(len(part) % 65536 for part in coded)) + b"".join(coded)


def tables(coding: str) -> dict[int, bytes]:
    """Return section 2 for a coding."""
    if coding == "raw":
        return {}
    if coding == "huffman":
        return {2: struct.pack("<H", 19999)}
    body = struct.pack("<H", len(SWITCHING))
    for rows in SWITCHING:
        body += struct.pack("<H", len(rows)) + b"".join(struct.pack("<BBBhI", *row) for row in rows)
    return {2: body}


def differences(row: np.ndarray, order: int) -> np.ndarray:
    """Return the values that stand for a row: the first `order` samples, then differences of that order."""
    row = np.asarray(row, np.int64)
    return np.concatenate([row[:order], np.diff(row, order)]) if order else row


def encode(values: np.ndarray, coding: str) -> bytes:
    """Return the bytes of one lead, an even number of them."""
    if coding == "raw":
        return np.asarray(values).astype("<i2").tobytes()
    bits = "".join(map(_default_code, values)) if coding == "huffman" else _switched(values)
    bits += "0" * (-len(bits) % 16)
    return int(bits or "0", 2).to_bytes(len(bits) // 8, "big")


def _default_code(value: int) -> str:
    size = abs(int(value))
    if size == 0:
        return "0"
    if size <= 8:
        return "1" * size + "0" + str(int(value < 0))
    if size < 128:
        return "1" * 9 + "0" + f"{value & 0xFF:08b}"
    return "1" * 10 + f"{value & 0xFFFF:016b}"


def _switched(values: np.ndarray) -> str:
    """Code zeros and large values by the first table, small ones by the second, switching where the table changes."""
    bits, second = "", False
    for value in map(int, values):
        small = value != 0 and -128 <= value < 128
        if small != second:
            bits += "0" if second else "11"
            second = small
        bits += f"1{value & 0xFF:08b}" if second else "0" if value == 0 else f"10{value & 0xFFFF:016b}"
    return bits + ("0" if second else "")


def eight(n: int = 1000, seed: int = 0) -> np.ndarray:
    """Return (8, n) whole numbers of the leads that devices store, small enough for every coding."""
    return microvolts(seed, n)[[LEADS.index(lead) for lead in EIGHT]].astype(np.int64)


def rhythm(rows, names=EIGHT, coding="raw", order=0, nanovolts=1000, more=None, spans=None) -> bytes:
    """Return a record of the leads `names`, with `more` sections beside those of the signal."""
    spans = spans or [(1, len(row)) for row in rows]
    return record(
        {
            3: leads(names, spans),
            6: block(rows, nanovolts, 2000, order, coding=coding),
            **tables(coding),
            **(more or {}),
        }
    )
