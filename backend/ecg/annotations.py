"""Annotations of a recording: beats, changes of rhythm and waves, by the codes of PhysioNet.

Source: the WFDB applications guide, annot(5), and `ecgcodes.h`, https://physionet.org/physiotools/wag/annot-5.htm
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

SYMBOLS: Final[Mapping[int, str]] = MappingProxyType(
    dict(enumerate(" NLRaVFJASEj/Q~", 0))
    | {16: "|"}
    | dict(enumerate('sT*D"=pB^t+u?![]en@xf()r', 18))
    | {code: f"[{code}]" for code in range(42, 50)}
)
"""Code of an annotation -> the sign it is written as; 42 to 49 are for users of their own."""
BEATS: Final = frozenset("NLRaVFJASEj/QBenfr?")
"""Signs of beats; the others stand for rhythms, waves, noise and the like."""
RHYTHM: Final = "+"
RHYTHMS: Final = frozenset((
    "AB", "AFIB", "AFL", "AT", "ASYS", "AVB", "AVNRT", "B", "BBB", "BI", "BII", "BIII", "HGEA", "IVR", "J", "LBBB",
    "MISSB", "N", "NOD", "NSR", "P", "PACE", "PM", "PREX", "RBBB", "SAB", "SBR", "SNR", "SVT", "SVTA", "SVTACHY", "T",
    "VER", "VF", "VFIB", "VFL", "VFLT", "VT", "VTACH",
))  # fmt: skip
"""Rhythms as the databases of PhysioNet name them after "(". Other texts of annotations are free, and never kept."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation: `sample` (from 0, at the rate of the recording), `symbol` of SYMBOLS, and for a change of rhythm
    its name ("AFIB").

    `annotator` is the ending of the file it comes from: by PhysioNet's custom "atr" is the reference, by experts.
    `subtype`, `channel` and `number` mean what the annotator says; mostly nothing.
    """

    sample: int
    symbol: str
    rhythm: str = ""
    annotator: str = "atr"
    subtype: int = 0
    channel: int = 0
    number: int = 0
