"""HL7 aECG made here: sequence sets of leads in µV at 100 Hz."""

from tests.samples import LEADS, microvolts

MARKS = 'xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def lead(name: str, digits: object, scale: str = "1", unit: str = "uV", origin: str = "0") -> str:
    written = digits if isinstance(digits, str) else " ".join(map(str, digits))
    return (
        f'<component><sequence><code code="MDC_ECG_LEAD_{name.upper()}" codeSystem="2.16.840.1.113883.6.24"/>'
        f'<value xsi:type="SLIST_PQ"><origin value="{origin}" unit="{unit}"/><scale value="{scale}" unit="{unit}"/>'
        f"<digits>{written}</digits></value></sequence></component>"
    )


def clock(increment: str = "0.01", unit: str = "s", head: str = 'value="0" unit="s"') -> str:
    return (
        '<component><sequence><code code="TIME_RELATIVE"/><value xsi:type="GLIST_PQ">'
        f'<head {head}/><increment value="{increment}" unit="{unit}"/></value></sequence></component>'
    )


def sequences(*parts: str) -> str:
    return f"<component><sequenceSet>{''.join(parts)}</sequenceSet></component>"


def aecg(*sets: str, code: str = "RHYTHM", more: str = "") -> str:
    series = f'<component><series><code code="{code}"/>{"".join(sets)}</series></component>'
    return f"<AnnotatedECG {MARKS}>{more}{series}</AnnotatedECG>"


SIGNAL = microvolts(3, 200)
TWELVE = [lead(name, row) for name, row in zip(LEADS, SIGNAL, strict=True)]
