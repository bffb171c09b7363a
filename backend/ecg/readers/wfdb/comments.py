"""What the comments of a WFDB header say: age, sex, identifier, and the codes of the CinC challenges; no free text.

Source: header(5) of the WFDB applications guide; the headers of the PhysioNet/CinC Challenges 2020 and 2021.
"""

import re

from backend.ecg.recording import Patient, Statement

_FACT = re.compile(r"^[#\s<]*(age|sex|gender|patient[ _]?id)[\s>]*[:=]\s*(\S+)", re.IGNORECASE)
_MIT_FACTS = re.compile(r"^#\s*(-?\d{1,3})\s+([MF])\b")
_CODES = re.compile(r"^#\s*Dx\s*:\s*(.*)$", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")

# The scored diagnoses of the 2021 challenge, doi:10.1088/1361-6579/ac79fd, with the wording of SNOMED CT.
_SNOMED = {
    "164889003": "atrial fibrillation", "164890007": "atrial flutter", "6374002": "bundle branch block",
    "426627000": "bradycardia", "733534002": "complete left bundle branch block",
    "713427006": "complete right bundle branch block", "270492004": "first degree atrioventricular block",
    "713426002": "incomplete right bundle branch block", "445118002": "left anterior fascicular block",
    "39732003": "left axis deviation", "164909002": "left bundle branch block", "251146004": "low QRS voltages",
    "698252002": "nonspecific intraventricular conduction disorder", "10370003": "pacing rhythm",
    "365413008": "poor R wave progression", "284470004": "premature atrial contraction",
    "427172004": "premature ventricular contractions", "164947007": "prolonged PR interval",
    "111975006": "prolonged QT interval", "164917005": "Q wave abnormal", "47665007": "right axis deviation",
    "59118001": "right bundle branch block", "427393009": "sinus arrhythmia", "426177001": "sinus bradycardia",
    "426783006": "sinus rhythm", "427084000": "sinus tachycardia", "63593006": "supraventricular premature beats",
    "164934002": "T wave abnormal", "59931005": "T wave inversion", "17338001": "ventricular premature beats",
}  # fmt: skip


def patient(comments: list[str]) -> Patient:
    """Return identifier, age in years and sex."""
    facts: dict[str, str] = {}
    for comment in comments:
        if found := _FACT.match(comment):
            facts.setdefault(found[1].lower().replace("_", " ").replace("gender", "sex"), found[2])
        elif mit := _MIT_FACTS.match(comment):
            facts.setdefault("age", mit[1])
            facts.setdefault("sex", mit[2])
    age = float(facts["age"]) if _NUMBER.fullmatch(facts.get("age", "")) else None
    sex = facts.get("sex", "").upper()[:1]
    return Patient(
        id=facts.get("patient id") or facts.get("patientid"),
        age=age if age is not None and 0 <= age <= 130 else None,
        sex="F" if sex == "F" else "M" if sex == "M" else None,
    )


def statements(comments: list[str]) -> tuple[Statement, ...]:
    """Return the SNOMED CT codes of a `#Dx:` line; what is no code is left out."""
    codes = [code for line in comments if (found := _CODES.match(line)) for code in re.split(r"[,;\s]+", found[1])]
    known = dict.fromkeys(code for code in codes if re.fullmatch(r"[1-9]\d{5,17}", code))
    return tuple(Statement(code, "SNOMED-CT", _SNOMED.get(code)) for code in known)
