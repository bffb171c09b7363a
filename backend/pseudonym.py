"""Pseudonyms: what is kept of a patient's identifier, so that recordings of one patient are known to belong together.

HMAC-SHA256 (RFC 2104) under a key that never leaves the installation: without it nobody can try identifiers out, and
two projects, whose keys differ, cannot be joined by patient.
"""

import hashlib
import hmac
import re
import unicodedata
from typing import Final

OLDEST = 90.0
"""Ages above 89 years are kept as this: so old are few enough to be recognised (HIPAA, 45 CFR 164.514(b)(2)(i)(C))."""


def kept_age(age: float | None) -> float | None:
    """Return an age in years as it may be kept; see `OLDEST`."""
    return OLDEST if age is not None and age > OLDEST - 1 else age


def project_key(secret: bytes, project_id: str) -> bytes:
    """Derive the key of a project from the secret of the installation."""
    return hmac.digest(secret, b"patients of the project " + project_id.encode(), "sha256")


def pseudonym(key: bytes, patient_id: str) -> str:
    """Return the pseudonym of an identifier: "p-" and 16 hexadecimal digits. Blanks around it do not count."""
    digest = hmac.new(key, patient_id.strip().encode("utf-8", "surrogatepass"), hashlib.sha256)
    return f"p-{digest.hexdigest()[:16]}"


_RUNS: Final = re.compile(r"\d+|[^\W\d_]+")


def normal_form(patient_id: str) -> str:
    """Return what all spellings of one identifier share: "P001", "p001 ", "P-001", "P 1" are all "p-1".

    Letters and numbers in their order, without case, zeros in front and what stands between them; "1-23" and "12-3"
    stay two. A number with nothing but zeros behind its point is whole, as a spreadsheet writes it.
    """
    text = re.sub(r"(?<=\d)[.,]0+$", "", unicodedata.normalize("NFKC", patient_id).strip().casefold())
    return "-".join(run.lstrip("0") or "0" for run in _RUNS.findall(text)) or text


def spelling(patient_id: str) -> str:
    """Say how an identifier is written, without saying any of it: "capital letters, “-”, zeros in front"."""
    text = unicodedata.normalize("NFKC", patient_id).strip()
    said = []
    if any(sign.isupper() for sign in text):
        said.append("capital letters")
    if any(sign.islower() for sign in text):
        said.append("small letters")
    signs = sorted({sign for sign in text if not sign.isalnum()})
    said += [
        "blanks between" if sign.isspace() else f"“{sign}”" for sign in signs if sign.isspace() or sign.isprintable()
    ]
    if not all(sign.isspace() or sign.isprintable() for sign in signs):
        said.append("signs that cannot be shown")
    if any(run.isdecimal() and run.startswith("0") for run in _RUNS.findall(text)):
        said.append("zeros in front")
    return ", ".join(said) or "plain number"
