"""What the comments of a WFDB header say: age, sex, identifier, date, the codes of the CinC challenges; no free text.

Source: header(5) of the WFDB applications guide; the headers of the PhysioNet/CinC Challenges 2020 and 2021.
"""

import re
from datetime import datetime

from backend.ecg.readers.facts import age_of, identifier, moment
from backend.ecg.readers.facts import sex as sex_of
from backend.ecg.readers.snomed import SNOMED
from backend.ecg.recording import Patient, Statement

# A line may hold several facts: "# <age>: 25  <sex>: M".
_KEY = re.compile(
    r"(?:^|(?<=[\s#<;,]))<?(age|sex|gender|patient[ _]?id|diagnos[ie]s|medications)>?\s*[:=]", re.IGNORECASE
)
_MIT_FACTS = re.compile(r"^#\s*(-?\d{1,3})\s+([MF])\b")
_BEHIND_AGE = re.compile(r"\d{1,3}\s+([MF])\b")
# A word before it makes it another fact ("gestational age", "mother's age"), unless it is the value of one before.
_WORD_BEFORE = re.compile(r"([^\W\d_]{4,}|\w+['’]s)\s+$")
_VALUES = frozenset(("years", "year", "months", "weeks", "days", "male", "female", "unknown"))
_CODES = re.compile(r"^#\s*Dx\s*:\s*(.*)$", re.IGNORECASE)
_NAMES = {"gender": "sex", "patientid": "id"}
# "# ECG date: 16/05/1991", and no other date, such as "# Admission date: ...".
_OF = r"(?:ecg|ekg|recording|record|acquisition|measurement|examination|exam)"
_RECORDED = re.compile(
    rf"(?:(?:^[#\s]+|[;,]\s*)<?(?P<own>{_OF}[ _-]?(?P<kind>date[ _/]?time|date|time)|date[ _]of[ _](?:the[ _])?{_OF}|"
    rf"(?:recorded|acquired)[ _](?:on|at))|^[#\s]+<?(?P<plain>date[ _/]?time|date|time))>?"
    r"\s*(?:[(\[][^)\]]*[)\]]\s*)?[:=]\s*(?P<value>[^;,(\[]*)",
    re.IGNORECASE,
)
_ORDER = re.compile(r"\b(dd|mm)[-/. ](?:dd|mm)[-/. ]yyyy\b", re.IGNORECASE)
_DAY = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(?=\d{4}\b)")
_CLOCK = re.compile(r"\d{1,2}:\d\d(?::\d\d(?:\.\d{1,6})?)?(?: ?[AP]M)?", re.IGNORECASE)


def patient(comments: list[str]) -> Patient:
    """Return identifier, age in years ("6 months" is half a year, 300 stands for above 89) and sex."""
    facts: dict[str, str] = {}
    for comment in comments:
        found = [one for one in _KEY.finditer(comment) if _is_own(comment, one)]
        for one, end in zip(found, [*(one.start() for one in found), len(comment)][1:], strict=True):
            key = re.sub(r"[ _]", "", one[1].lower())
            facts.setdefault(_NAMES.get(key, key), comment[one.end() : end].strip(" \t;,"))
        if not found and (mit := _MIT_FACTS.match(comment)):
            facts.setdefault("age", mit[1])
            facts.setdefault("sex", mit[2])
    if "sex" not in facts and (behind := _BEHIND_AGE.match(facts.get("age", ""))):
        facts["sex"] = behind[1]
    word = facts.get("sex", "").split(" ")[0].strip(".,;")
    return Patient(
        id=identifier(facts.get("id", "").split(" ")[0]),
        age=age_of(facts.get("age")),
        sex=sex_of(word),
    )


def _is_own(comment: str, found: re.Match[str]) -> bool:
    """Whether an age is that of the patient, and no other."""
    before = _WORD_BEFORE.search(comment[: found.start()])
    return found[1].lower() != "age" or before is None or before[1].lower() in _VALUES


def statements(comments: list[str]) -> tuple[Statement, ...]:
    """Return the SNOMED CT codes of a `#Dx:` line; what is no code is left out."""
    codes = [code for line in comments if (found := _CODES.match(line)) for code in re.split(r"[,;\s]+", found[1])]
    known = dict.fromkeys(code for code in codes if re.fullmatch(r"[1-9]\d{5,17}", code))
    return tuple(Statement(code, "SNOMED-CT", SNOMED.get(code)) for code in known)


def recorded(comments: list[str], clock: str = "") -> datetime | None:
    """Return when the record was taken, by a comment such as "# ECG date: 1991-05-16"; None where none is clear.

    `clock` is the time of day of the record line, which goes before that of a comment of its own ("# ECG time: 10:12").
    Of 05/06/1991, or with points, day and month are told apart only where a comment states their order ("dd/mm/yyyy").
    Dates that contradict each other count for nothing. What is called a date and nothing more counts where no comment
    says whose it is.
    """
    orders = {found[1].lower() for comment in comments for found in _ORDER.finditer(comment)}
    days: dict[bool, list[datetime | None]] = {True: [], False: []}
    dated: list[tuple[bool, str]] = []
    for found in (found for comment in comments for found in _RECORDED.finditer(comment)):
        value = found["value"].strip()
        if (found["kind"] or found["plain"] or "").lower() == "time":
            clock = clock or (value if _CLOCK.fullmatch(value) else "")
        else:
            dated.append((found["own"] is not None, value))
    for own, value in dated:
        days[own].append(_moment(value if _CLOCK.search(value) else f"{value} {clock}", orders))
    said = set(days[True] or days[False])
    return said.pop() if len(said) == 1 else None


def _moment(text: str, orders: set[str]) -> datetime | None:
    """Parse a date with or without a time; which of two numbers is the day must follow from them or from `orders`."""
    day = _DAY.match(text)
    if day is None:
        return moment(text)
    order = next(iter(orders)) if len(orders) == 1 else None
    found = moment(_DAY.sub(r"\1/\3/", text, count=1), month_first=None if order is None else order == "mm")
    contradicts = (
        found is not None and order is not None and int(day[1]) != (found.month if order == "mm" else found.day)
    )
    return None if contradicts else found
