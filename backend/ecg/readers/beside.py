"""What stands beside the samples of a recording in tables and arrays: its identifier, its patient, its labels."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from backend.ecg.readers.column_names import AGES, PATIENT_IDS, SEXES
from backend.ecg.readers.facts import age_in_years, age_of, identifier, sex
from backend.ecg.recording import Patient

_BYTES = re.compile(r"b(['\"])([^'\"\\]*)\1")
_LONGEST = 200  # characters of a label: more is a report, and no label


def of_bytes(text: str) -> str:
    """Return the text whose bytes Python has written as "b'II'"; any other as it is."""
    found = _BYTES.fullmatch(text)
    return found[2] if found else text


def as_text(value: Any) -> str:
    """Return an identifier as text: a whole number without decimals, a text as it is."""
    number = isinstance(value, float | np.floating) and np.isfinite(value) and float(value) == int(value)
    return str(int(value)) if number else str(value)


def as_label(value: Any) -> str | float:
    """Return a label as it is stored: a text, or a number (1.0 and 0.0 for true and false)."""
    return str(value)[:_LONGEST] if isinstance(value, str) else float(value)


def patient_of(facts: Mapping[str, Any]) -> Patient:
    """Return the patient that single values say, by the plain names of their columns or arrays."""
    first = {kind: next((facts[name] for name in facts if name in kind), None) for kind in (PATIENT_IDS, AGES, SEXES)}
    named, age, of_sex = first.values()
    return Patient(
        id=None if named is None else identifier(as_text(named), may_be_zero=True),
        age=age_of(age) if isinstance(age, str) else None if age is None else age_in_years(float(age)),
        sex=sex(of_sex) if isinstance(of_sex, str) else None,
    )
