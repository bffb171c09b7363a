"""Who, when, with what, and what the device measured: the facts of an aECG that are not its samples."""

import re
from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element

from backend.ecg.readers.assemble import Facts
from backend.ecg.readers.facts import age_at, age_in_years, identifier, measurements, model_name, moment, sex
from backend.ecg.readers.units import seconds
from backend.ecg.readers.xml.tree import attribute, text, to_number
from backend.ecg.recording import DeviceFacts, Patient, Statement

_MDC = "2.16.840.1.113883.6.24"
_REPORTED_AGE = ("21612-7", "30525-0")  # LOINC
_MEASURED = {
    "MDC_ECG_HEART_RATE": "heart_rate", "MDC_ECG_TIME_PD_RR": "rr", "MDC_ECG_TIME_PD_P": "p",
    "MDC_ECG_TIME_PD_PR": "pr", "MDC_ECG_TIME_PD_QRS": "qrs", "MDC_ECG_TIME_PD_QT": "qt",
    "MDC_ECG_TIME_PD_QTC": "qtc", "MDC_ECG_TIME_PD_QTCB": "qtc", "MDC_ECG_TIME_PD_QTCF": "qtc",
    "MDC_ECG_ANGLE_P_FRONT": "p_axis", "MDC_ECG_ANGLE_QRS_FRONT": "qrs_axis", "MDC_ECG_ANGLE_T_FRONT": "t_axis",
}  # fmt: skip
_STATED = ("MDC_ECG_RHY", "MDC_ECG_INTERPRETATION", "MDC_ECG_INTERPRETATION_STATEMENT")
_CODE = re.compile(r"MDC_ECG_[A-Z0-9_]{1,60}")


def facts(root: Element, series: Element) -> Facts:
    """Return the facts of the file whose rhythm is `series`. Names, places and free text are never read."""
    stated = _stated_age(root)
    start = _time(series.find("effectiveTime")) or _time(root.find("effectiveTime"))
    subject = root.find(".//trialSubject")
    author = series.find("author/seriesAuthor")
    filters = _filters(series)
    return Facts(
        start=start,
        patient=Patient(
            id=identifier(attribute(subject, "id", "extension") or attribute(subject, "id", "root")),
            age=age_at(moment(attribute(subject, "subjectDemographicPerson/birthTime", "value")), start)
            if stated is None
            else stated,
            sex=sex(attribute(subject, "subjectDemographicPerson/administrativeGenderCode", "code")),
        ),
        device=DeviceFacts(
            model=model_name(
                text(author, "manufacturerOrganization/name"),
                text(author, "manufacturedSeriesDevice/manufacturerModelName"),
            ),
            high_pass=filters.get("HIGH_PASS"),
            low_pass=filters.get("LOW_PASS"),
            notch=filters.get("NOTCH"),
            measurements=_measurements(series),
            statements=_statements(series),
        ),
    )


def _time(element: Element | None) -> datetime | None:
    """The begin of an interval, else its centre, else a single point in time."""
    found = (attribute(element, path, "value") for path in ("low", "center", "."))
    return next((start for value in found if (start := moment(value))), None)


def span(series: Element) -> tuple[str | None, str | None]:
    """The times at which a series began and ended, as they are written."""
    low, high = (attribute(series, f"effectiveTime/{end}", "value") for end in ("low", "high"))
    return low, high


def _stated_age(root: Element) -> float | None:
    for observation in root.iterfind("controlVariable/relatedObservation"):
        if attribute(observation, "code", "code") in _REPORTED_AGE:
            unit = attribute(observation, "value", "unit") or "a"
            return age_in_years(to_number(attribute(observation, "value", "value")), unit)
    return None


def _filters(series: Element) -> dict[str, float]:
    """Cut-off and notch frequencies in Hz by kind."""
    found: dict[str, float] = {}
    for variable in series.iter("controlVariable"):
        kind = (attribute(variable, "code", "code") or "").upper().rpartition("FILTER_")[2]
        for part in variable.iterfind("component/controlVariable"):
            code = (attribute(part, "code", "code") or "").upper()
            frequency = to_number(attribute(part, "value", "value"))
            unit = (attribute(part, "value", "unit") or "Hz").lower()
            if code.endswith("_FREQ") and unit == "hz" and frequency and frequency > 0:
                found.setdefault(kind, frequency)
    return found


def _annotations(series: Element) -> Iterator[Element]:
    """Annotations of the whole recording, those on the representative beat first; none on single beats or leads."""
    for scope in (*series.iterfind("derivation/derivedSeries"), series):
        for found in scope.iterfind("subjectOf/annotationSet"):
            if found.find("author/assignedEntity/assignedAuthorType/assignedPerson") is None:
                yield from _walk(found)


def _walk(parent: Element) -> Iterator[Element]:
    for annotation in parent.iterfind("component/annotation"):
        code = (attribute(annotation, "code", "code") or "").upper()
        if code == "MDC_ECG_BEAT" or _of_one_lead(annotation):
            continue
        yield annotation
        yield from _walk(annotation)


def _of_one_lead(annotation: Element) -> bool:
    boundaries = annotation.iterfind("support/supportingROI/component/boundary")
    return any("_ECG_LEAD_" in (attribute(boundary, "code", "code") or "").upper() for boundary in boundaries)


def _measurements(series: Element) -> dict[str, float]:
    found: dict[str, float | None] = {}
    for annotation in _annotations(series):
        code = (attribute(annotation, "code", "code") or "").upper().removesuffix("_GL")
        value, unit = to_number(attribute(annotation, "value", "value")), attribute(annotation, "value", "unit") or ""
        key = _MEASURED.get(code)
        if key is None or value is None:
            continue
        if code.startswith("MDC_ECG_TIME_"):
            factor = seconds(unit or "ms")
            value = round(value * factor * 1000, 6) if factor else None
        found.setdefault(key, value)
    return measurements(found)


def _statements(series: Element) -> tuple[Statement, ...]:
    codes: dict[str, None] = {}
    for annotation in _annotations(series):
        code = attribute(annotation, "value", "code") or ""
        coded = attribute(annotation, "value", "codeSystem") in (_MDC, None)
        if (attribute(annotation, "code", "code") or "").upper() in _STATED and coded and _CODE.fullmatch(code):
            codes[code] = None
    return tuple(Statement(code, "MDC") for code in codes)
