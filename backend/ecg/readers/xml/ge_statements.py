"""Standard phrases of GE's 12SL interpretation as SNOMED CT codes. Any other text of a file is not kept.

Source: SNOMED CT as mapped for ECG diagnoses in the PhysioNet/Computing in Cardiology Challenges 2020 and 2021.
"""

import re
from collections.abc import Iterable

from backend.ecg.readers.facts import uncoded
from backend.ecg.readers.snomed import SNOMED
from backend.ecg.recording import Statement

_PHRASES = {
    "normal ecg": "164854000", "abnormal ecg": "102594003", "normal sinus rhythm": "426783006",
    "sinus rhythm": "426783006", "sinus bradycardia": "426177001", "marked sinus bradycardia": "426177001",
    "sinus tachycardia": "427084000", "sinus arrhythmia": "427393009", "marked sinus arrhythmia": "427393009",
    "atrial fibrillation": "164889003", "atrial flutter": "164890007", "1st degree a-v block": "270492004",
    "first degree a-v block": "270492004", "premature atrial complexes": "284470004",
    "occasional premature atrial complexes": "284470004", "frequent premature atrial complexes": "284470004",
    "premature ventricular complexes": "427172004", "occasional premature ventricular complexes": "427172004",
    "frequent premature ventricular complexes": "427172004", "right bundle branch block": "713427006",
    "incomplete right bundle branch block": "713426002", "left bundle branch block": "164909002",
    "left anterior fascicular block": "445118002", "left posterior fascicular block": "445211001",
    "left axis deviation": "39732003", "right axis deviation": "47665007", "rightward axis": "47665007",
    "left ventricular hypertrophy": "164873001", "right ventricular hypertrophy": "89792004",
    "prolonged qt": "111975006", "low voltage qrs": "251146004", "electronic ventricular pacemaker": "10370003",
    "electronic atrial pacemaker": "10370003", "supraventricular tachycardia": "426761007",
    "left atrial enlargement": "67741000119109",
    "nonspecific intraventricular block": "698252002", "nonspecific intraventricular conduction delay": "698252002",
}  # fmt: skip
_JOINED = re.compile(r"^(?:with|and) ")


def coded(phrases: Iterable[str]) -> tuple[tuple[Statement, ...], tuple[str, ...]]:
    """Return the statements for those `phrases` that are standard ones, and a note that counts the others.

    A phrase has to match as a whole, so that "possible …" or "… is no longer present" is never taken for its finding.
    """
    codes: dict[str, None] = {}
    others = 0
    for phrase in phrases:
        plain = _JOINED.sub("", " ".join(phrase[:200].lower().split()).rstrip(" .,;"))
        if plain in _PHRASES:
            codes[_PHRASES[plain]] = None
        else:
            others += 1
    return tuple(Statement(code, "SNOMED-CT", SNOMED[code]) for code in codes), uncoded(others)
