"""Dates that a spreadsheet has made of something else: 1-2 has become 2. Jan, MAR1 1-Mar, and both 44927."""

import re

_MONTH = (
    r"(?:jan|feb|mar|mär|mrz|maer|apr|mai|may|jun|jul|aug|sept?|okt|oct|nov|dez|dec|janv|févr|mars|avr|juin|juil|août|"
    r"déc|ene|abr|ago|dic|gen|mag|giu|lug|set|ott)"
)
_CLOCK = r"(?:[T ]\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?)?"
_YEAR = r"(?:18|19|20|21)\d\d"
_DATE = re.compile(
    rf"{_YEAR}-\d{{1,2}}-\d{{1,2}}{_CLOCK}|\d{{1,2}}([./-])\d{{1,2}}\1{_YEAR}{_CLOCK}|\d{{1,2}}/\d{{1,2}}/\d\d|"
    rf"\d{{1,2}}[. -]{{1,2}}{_MONTH}[a-zä]*\.?(?:[ .-]{{1,2}}\d{{2,4}})?|{_MONTH}\.?[ -]\d{{2,4}}",
    re.IGNORECASE,
)
_DAYS = range(32_874, 54_789)  # since 1900 as Excel counts them: from 1990 to 2049


def is_date(cell: str) -> bool:
    """Whether a text is a date as spreadsheets write them: a day, or a month, with a year or without."""
    return cell[:1].isalnum() and bool(_DATE.fullmatch(cell))


def may_be_days(cell: str) -> bool:
    """Whether a number may be a date as a spreadsheet keeps it: 44927 is the first of January 2023."""
    return len(cell) == 5 and cell.isascii() and cell.isdigit() and int(cell) in _DAYS
