"""All built-in codes as one list, and the search in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from backend.ecg.readers.scp.statements import STATEMENTS
from backend.ecg.readers.snomed import SNOMED
from backend.ecg.terminology.icd10 import ICD10

System = Literal["SCP-ECG", "SNOMED-CT", "ICD-10"]


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a vocabulary, and what it means in words."""

    system: System
    code: str
    text: str


SYSTEMS: Final[Mapping[System, Mapping[str, str]]] = {"SCP-ECG": STATEMENTS, "SNOMED-CT": SNOMED, "ICD-10": ICD10}
CODES: Final = tuple(Code(system, code, text) for system, table in SYSTEMS.items() for code, text in table.items())

# What is said for short on a ward.
_WORDS: Final[Mapping[str, str]] = {
    "afib": "atrial fibrillation", "af": "atrial fibrillation", "afl": "atrial flutter", "lbbb": "left bundle branch",
    "rbbb": "right bundle branch", "mi": "myocardial infarction", "pvc": "premature ventricular",
    "pac": "premature atrial", "svt": "supraventricular tachycardia", "vt": "ventricular tachycardia",
    "vf": "ventricular fibrillation", "lvh": "left ventricular hypertrophy",
    "rvh": "right ventricular hypertrophy", "lafb": "left anterior fascicular", "lpfb": "left posterior fascicular",
    "wpw": "wolff-parkinson-white", "lqts": "long qt",
}  # fmt: skip


def search(words: str, limit: int = 50) -> list[Code]:
    """Return the codes that fit: all words stand in the text, or the code begins so; the closest first.

    Abbreviations such as AF or LBBB find what they stand for; ischemia finds ischaemia. Without words, the first codes.
    """
    asked = _plain(words)
    found = [(rank, place) for place, one in enumerate(CODES) if (rank := _rank(one, asked)) is not None]
    return [CODES[place] for _, place in sorted(found)[:limit]]


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("ischemi", "ischaemi").split())


def _rank(one: Code, asked: str) -> int | None:
    """Return how close a code is to what is asked for, 0 the closest; None where it is not meant."""
    code, text = one.code.casefold(), _plain(one.text)
    if asked in (code, text):
        return 0
    if text.startswith(asked):
        return 1
    if code.startswith(asked):
        return 2
    long = _WORDS.get(asked)
    if all(word in text for word in asked.split()):
        return 3
    return 4 if long and all(word in text for word in long.split()) else None
