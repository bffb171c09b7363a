"""Files made here in which every field of words holds a canary; the patient's own identifier is 77."""

import base64
import io
import json
from collections.abc import Callable

import numpy as np

from tests.samples import LEADS, csv_file, microvolts

CANARY = "CANARYNAME"


def matlab(tree: dict[str, object]) -> bytes:
    from scipy.io import savemat

    written = io.BytesIO()
    savemat(written, tree)
    return written.getvalue()


def hdf5() -> bytes:
    import h5py

    written = io.BytesIO()
    with h5py.File(written, "w") as file:
        group = file.create_group(CANARY)  # a group may be called after the patient
        group["signal"] = microvolts()
        group["name"] = CANARY
        for where in (file, group, group["signal"]):
            where.attrs["patient_name"] = CANARY
            where.attrs["fs"] = 100.0
    return written.getvalue()


def parquet() -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({**dict(zip(LEADS, microvolts(), strict=True)), "patient_name": [CANARY] * 1000})
    written = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({"patient": CANARY, "note": CANARY}), written)
    return written.getvalue()


def npz() -> bytes:
    written = io.BytesIO()
    np.savez(written, x=microvolts(), fs=100, name=np.array(CANARY), note=np.array([CANARY] * 3))
    return written.getvalue()


def fhir() -> bytes:
    sampled = [
        {
            "code": {"coding": [{"code": lead}], "text": lead},
            "valueSampledData": {
                "origin": {"value": 0, "unit": "uV"}, "period": 10, "dimensions": 1, "data": " ".join(map(str, row)),
            },
        }
        for lead, row in zip(LEADS, microvolts(n=300), strict=True)
    ]  # fmt: skip
    people = {"text": CANARY, "div": CANARY, "display": CANARY}
    patient = {"resourceType": "Patient", "id": "77", "birthDate": CANARY, "name": [{"family": CANARY}], **people}
    device = {"resourceType": "Device", "id": "d", "serialNumber": CANARY, "manufacturer": "A", "note": [people]}
    observation = {
        "resourceType": "Observation", "component": sampled, "note": [{"text": CANARY}], "performer": [people],
        "subject": {"reference": "Patient/77", "display": CANARY}, "device": {"reference": "Device/d", **people},
        "effectiveDateTime": CANARY, "status": CANARY, "method": people,
        "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": CANARY}], "text": CANARY},
        "interpretation": [{"coding": [{"display": CANARY}], "text": CANARY}],
    }  # fmt: skip
    entries = [{"resource": resource, "fullUrl": CANARY} for resource in (patient, device, observation)]
    return json.dumps({"resourceType": "Bundle", "id": CANARY, "entry": entries}).encode()


def kardia() -> bytes:
    samples = dict(zip(("leadI", "leadII", "leadIII"), microvolts(n=300).tolist(), strict=False))
    tree = {
        "id": CANARY, "patientID": "77", "recordedAt": CANARY, "note": CANARY, "tags": [CANARY], "heartRate": 60,
        "algorithmDetermination": CANARY, "overread": {"name": CANARY}, "owner": CANARY, "email": CANARY,
        "deviceInfo": {"hardwareType": "Triangle", "serial": CANARY, "id": CANARY},
        "data": {"raw": {"frequency": 300, "amplitudeResolution": 500, "samples": samples}},
    }  # fmt: skip
    return json.dumps(tree).encode()


def mortara() -> bytes:
    channels = "".join(
        f'<CHANNEL NAME="{lead}" UNITS_PER_MV="1000" SAMPLE_FREQ="500" DURATION="300" BITS="16" FORMAT="SIGNED" '
        f'ENCODING="BASE64" DATA="{base64.b64encode(row.astype("<i2").tobytes()).decode()}"/>'
        for lead, row in zip(LEADS, microvolts(n=300), strict=True)
    )
    people = f'<SUBJECT ID="77" LAST_NAME="{CANARY}" FIRST_NAME="{CANARY}" DOB="{CANARY}" COMMENTS="{CANARY}"/>'
    site = f'<SITE FACILITY_NAME="{CANARY}"/><SOURCE MODEL="ELI" SERIAL="{CANARY}" ACQUIRING_TECH="{CANARY}"/>'
    statement = f'<AUTOMATIC_INTERPRETATION><STATEMENT TEXT="{CANARY}" REASON="{CANARY}"/></AUTOMATIC_INTERPRETATION>'
    return f'<ECG ACQUISITION_TIME="{CANARY}">{people}{site}{statement}{channels}</ECG>'.encode()


MADE: dict[str, Callable[[], bytes]] = {
    "a.mat": lambda: matlab({"ECG": {"data": microvolts().astype(float), "name": CANARY, "sex": "Male"}}),
    "b.mat": lambda: matlab({"val": microvolts(), "name": CANARY, "notes": np.array([CANARY, CANARY], object)}),
    "a.h5": hdf5,
    "a.parquet": parquet,
    "a.npz": npz,
    "a.csv": lambda: f"# Patient: {CANARY}\n# {CANARY} Street 1\n".encode() + csv_file(),
    "b.csv": lambda: f"Name;{CANARY}\nRate: 100 Hz\n".encode() + csv_file().replace(b",", b";"),
    "fhir.json": fhir,
    "kardia.json": kardia,
    "mortara.xml": mortara,
}
