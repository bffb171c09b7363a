"""Pseudonyms: what is kept of a patient's identifier, so that recordings of one patient are known to belong together.

HMAC-SHA256 (RFC 2104) under a key that never leaves the installation: without it nobody can try identifiers out, and
two projects, whose keys differ, cannot be joined by patient.
"""

import hashlib
import hmac

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
