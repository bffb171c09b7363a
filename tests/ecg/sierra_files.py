"""Philips Sierra XML made for the tests: an encoder of XLI by its description, and files around it."""

import base64
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tests.samples import LEADS

PULSE = np.concatenate([np.zeros(50), np.full(100, 200), np.zeros(50)]).astype(np.int64)


def lzw(data: bytes) -> bytes:
    """Compress by LZW into codes of 10 bits, ended by 1023."""
    table = {bytes((value,)): value for value in range(256)}
    codes, run = [], b""
    for value in data:
        longer = run + bytes((value,))
        if longer in table:
            run = longer
            continue
        codes.append(table[run])
        if len(table) < 1023:
            table[longer] = len(table)
        run = longer[-1:]
    bits = "".join(f"{code:010b}" for code in [*codes, table[run], 1023])
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def xli_lead(samples: Sequence[int]) -> bytes:
    """Compress one lead of two samples or more."""
    x = [int(value) for value in samples]
    second = [x[i] - 2 * x[i - 1] + x[i - 2] for i in range(2, len(x))]
    words = np.array(x[:2] + [64 - value for value in second[1:]] + [64] * bool(second), np.int64)
    words = words.astype(np.uint16)
    packed = lzw((words >> 8).astype(np.uint8).tobytes() + (words & 255).astype(np.uint8).tobytes())
    first = (-second[0] + 32768) % 65536 - 32768 if second else 0
    return len(packed).to_bytes(4, "little") + b"\1\0" + first.to_bytes(2, "little", signed=True) + packed


def xli_block(samples: NDArray[np.integer]) -> bytes:
    """Compress (12, n) samples, the four dependent limb leads as residuals."""
    stored = np.array(samples, np.int64)
    one, two, three = stored[:3].copy()
    stored[2] = two - one - three
    stored[3] = -stored[3] - (one + two) // 2
    stored[4] = (one - three) // 2 - stored[4]
    stored[5] = (two + three) // 2 - stored[5]
    return b"".join(map(xli_lead, stored))


def sierra_file(
    content: bytes | str, attributes: str = 'compression="XLI"', n: int = 1000, labels: str = " ".join(LEADS)
) -> bytes:
    """Return a file of version 1.04 at 500 Hz and 5 µV around Base64 of `content`, or text as it is."""
    text = base64.encodebytes(content).decode() if isinstance(content, bytes) else content
    encoding = "Base64" if isinstance(content, bytes) else "Plain"
    return f"""<?xml version="1.0" encoding="utf-8"?>
<restingecgdata xmlns="http://www3.medical.philips.com">
<documentinfo><documenttype>PhilipsECG</documenttype><documentversion>1.04</documentversion></documentinfo>
<dataacquisition date="2008-12-23" time="19:44:46">
<machine detaildescription="Philips Medical Products:M5000:C.01">PageWriter Touch</machine>
<signalcharacteristics><samplingrate>500</samplingrate><resolution>5</resolution>
<acquisitiontype>10-WIRE</acquisitiontype><numberchannelsallocated>12</numberchannelsallocated>
</signalcharacteristics></dataacquisition>
<patient><generalpatientdata><patientid>---</patientid><MRN>77</MRN><name><lastname>Doe</lastname></name>
<age defaultage="50"><months>18</months></age><sex>Female</sex></generalpatientdata></patient>
<interpretations><interpretation><globalmeasurements><heartrate>60</heartrate><pdur>508</pdur><print>144</print>
<qtint>Failed</qtint><pfrontaxis>-19</pfrontaxis></globalmeasurements>
<statement><statementcode>SR</statementcode><leftstatement>Sinus rhythm in Mrs Doe</leftstatement></statement>
<statement><statementcode>seen by Dr Doe</statementcode></statement></interpretation></interpretations>
<waveforms><parsedwaveforms dataencoding="{encoding}" {attributes} numberofleads="{len(labels.split())}"
leadlabels="{labels}" durationperchannel="{n * 2}" samplespersecond="500"
resolution="5" hipass="0.05" lowpass="150" notchfiltered="True"
notchfilterfreqs="60 120" bitspersample="16">{text}</parsedwaveforms></waveforms></restingecgdata>""".encode()
