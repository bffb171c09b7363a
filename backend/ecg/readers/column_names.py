"""Names of columns, arrays and attributes that say which recording, patient or label a value is of, its rate or unit.

Names are compared by `plain_name`, so that "ECG-ID", "ecg_id" and "record/ecg id" are one.
"""

import re

RECORD_IDS = frozenset((
    "id", "ids", "uid", "ecgid", "ecgids", "ekgid", "recordid", "recordids", "record", "records", "recordname",
    "recordnames", "recordingid", "recordingids", "recording", "recordings", "aufnahme", "aufzeichnung", "studyid",
    "studyids", "examid", "examids", "idexam", "exam",
    "traceid", "traceids", "caseid", "case", "filename", "filenames", "file",
    "filenamehr", "filenamelr",
))  # fmt: skip
PATIENT_IDS = frozenset(("patientid", "patientids", "subjectid", "subjectids"))  # "patient" may be a name
AGES = frozenset(("age", "ages", "alter"))
SEXES = frozenset(("sex", "sexes", "gender", "geschlecht"))
LABELS = frozenset((
    "y", "label", "labels", "target", "targets", "class", "classes", "diagnosis", "diagnoses", "diagnose", "diagnosen",
    "dx", "rhythm", "rhythmus", "superclass", "superclasses", "diagnosticsuperclass", "diagnosticclass", "scpcode",
    "scpcodes", "snomed", "snomedct", "category", "befund",
))  # fmt: skip
RATES = frozenset((
    "fs", "samplingrate", "samplingfrequency", "samplerate", "samplefrequency", "samplingfreq", "samplefreq", "sfreq",
    "srate",
))  # fmt: skip
"""Sampling rates in Hz."""
UNITS = frozenset(("unit", "units"))
LABEL_NAMES = frozenset(("labelnames", "classnames", "classlabels", "targetnames"))
"""Arrays that name the columns of a one-hot array of labels."""


def plain_name(name: str) -> str:
    """Return the last part of a name in lower case, without punctuation: "record/Sampling_Rate" -> "samplingrate"."""
    return re.sub(r"[\W_]+", "", last_part(name)).lower()


def last_part(name: str) -> str:
    """The name without the groups it is in, which may be called after patients."""
    return re.split(r"[/@]", name)[-1]
