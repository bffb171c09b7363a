"""SCP-ECG: what is read of patient and device, and what never is."""

import struct
from datetime import datetime

from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile
from backend.ecg.readers.scp.reader import READER
from backend.ecg.recording import Statement
from tests import scp_files as scp


def one(data: bytes):
    (recording,) = READER.read(FileSet((SourceFile("a.scp", data),)), ReadOptions(), Limits())
    return recording


def test_facts_are_read_by_allow_list():
    device = struct.pack("<HHHBB6sBB", 1, 2, 3, 0, 17, b"AT-101", 20, 192) + bytes(19) + b"\1\0SERIAL-9\0\0\0\0"
    who = b"".join(
        (
            scp.tag(0, b"Hidden\0"), scp.tag(1, b"Person\0"), scp.tag(2, b"P-77\0"),
            scp.tag(4, struct.pack("<HB", 18, 2)), scp.tag(8, b"\2"), scp.tag(14, device),
            scp.tag(20, b"Doctor Secret\0"), scp.tag(25, struct.pack("<HBB", 2020, 2, 29)),
            scp.tag(26, bytes((23, 5, 7))), scp.tag(27, struct.pack("<H", 5)), scp.tag(28, struct.pack("<H", 150)),
            scp.tag(29, b"\2"), scp.tag(255, b""),
        )
    )  # fmt: skip
    measured = struct.pack(
        "<BBHH5H3hHHHHBH", 1, 0, 800, 29999, 50, 150, 200, 290, 600, 29999, 30, 999, 0, 75, 75, 410, 1, 0
    )
    coded = b"NORM\0SR\0Smith\0"
    text = b"Free words on Smith, SBRAD\0"
    statements = bytes((1, 228, 7, 1, 1, 0, 0, 0, 2))
    statements += struct.pack("<BHB", 1, len(coded) + 1, 1) + coded + struct.pack("<BHB", 2, len(text) + 1, 2) + text
    recording = one(scp.rhythm(scp.eight(), more={1: who, 7: measured, 11: statements}))
    assert (recording.patient.id, recording.patient.age, recording.patient.sex) == ("P-77", 1.5, "F")
    assert recording.start == datetime(2020, 2, 29, 23, 5, 7)
    assert recording.device.model == "Schiller AT-101"
    assert (recording.device.high_pass, recording.device.low_pass, recording.device.notch) == (0.05, 150, 50)
    wanted = {"rr": 800, "heart_rate": 75, "p": 100, "pr": 150, "qrs": 90, "qt": 400, "qtc": 410, "qrs_axis": 30}
    assert recording.device.measurements == wanted
    assert recording.device.statements == (
        Statement("NORM", "SCP-ECG", "normal ECG"),
        Statement("SR", "SCP-ECG", "sinus rhythm"),
    )
    assert not any(word in repr(recording) for word in ("Hidden", "Person", "Secret", "SERIAL", "Smith"))


def test_a_wrong_length_of_a_field_with_a_fixed_length_is_mended_and_others_say_nothing():
    wrong = struct.pack("<BH", 8, 999) + b"\1"
    rest = scp.tag(2, b"P-1\0") + scp.tag(255, b"")
    recording = one(scp.rhythm(scp.eight(), more={1: wrong + rest}))
    assert (recording.patient.id, recording.patient.sex) == ("P-1", "M")
    assert one(scp.rhythm(scp.eight(), more={1: struct.pack("<BH", 0, 999) + rest})).patient.id is None
