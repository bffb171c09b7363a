"""FHIR observations made here: one component a lead, in µV at 100 Hz."""

from typing import Any

from tests.samples import LEADS, microvolts

MDC = "urn:iso:std:iso:11073:10101"
CODES = dict(zip(LEADS, (131329, 131330, 131389, 131390, 131391, 131392, *range(131331, 131337)), strict=True))
SIGNAL = microvolts(11, 200)


def sampled(row: Any, **more: Any) -> dict[str, Any]:
    data = row if isinstance(row, str) else " ".join(map(str, row))
    origin = {"value": 0, "unit": "mV", "system": "http://unitsofmeasure.org", "code": "mV"}
    return {"origin": origin, "period": 10, "factor": 0.001, "dimensions": 1, "data": data} | more


def component(lead: str, row: Any, **more: Any) -> dict[str, Any]:
    coding = {"system": MDC, "code": str(CODES[lead]), "display": f"MDC_ECG_LEAD_{lead.upper()}"}
    return {"code": {"coding": [coding]}, "valueSampledData": sampled(row, **more)}


def observation(components: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    found = (
        [component(lead, row) for lead, row in zip(LEADS, SIGNAL, strict=True)] if components is None else components
    )
    return {
        "resourceType": "Observation", "status": "final", "effectiveDateTime": "2015-02-19T09:30:35+01:00",
        "subject": {"reference": "Patient/f001", "display": "P. van de Heuvel"},
        "performer": [{"display": "A. Langeveld"}], "note": [{"text": "felt dizzy"}], "component": found, **more,
    }  # fmt: skip


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}
