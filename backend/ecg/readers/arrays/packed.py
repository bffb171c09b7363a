"""Samples packed into smaller numbers by the attributes of their array, as NetCDF and others do.

Source: Climate and Forecast conventions 1.11, sections 2.5.1 (missing data) and 8.1 (packed data),
https://cfconventions.org/Data/cf-conventions/cf-conventions-1.11/cf-conventions.html
"""

import numpy as np

from backend.ecg.readers.arrays.per_record import Arrays, load
from backend.ecg.readers.arrays.stacks import Values
from backend.ecg.readers.column_names import plain_name

PACKING = frozenset(("scalefactor", "addoffset", "fillvalue", "missingvalue"))
"""Attributes with one meaning: value = stored · scale_factor + add_offset, in the unit that the array states."""
SCALES = frozenset(("scale", "gain", "gains", "resolution", "offset", "offsets", "baseline", "baselines", "lsb"))
"""Names that mean one thing here and another there: with them a unit says nothing of whole numbers as stored."""


def unpacked(values: Values, name: str, arrays: Arrays) -> Values:
    """Return the `values` of the array `name` as its attributes unpack them, NaN where one marks them as missing."""
    found: dict[str, float] = {}
    for key, array in arrays.items():
        owner, at, attribute = key.partition("@")
        if at and owner == name and plain_name(attribute) in PACKING and array.dtype.kind in "iuf":
            said = load(array).reshape(-1)
            if said.size == 1:
                found[plain_name(attribute)] = float(said[0])
    if not found:
        return values
    out = values.astype(np.float64)
    for missing in ("fillvalue", "missingvalue"):
        if missing in found:
            out[values == found[missing]] = np.nan
    out = out * found.get("scalefactor", 1.0) + found.get("addoffset", 0.0)
    changed = len(found.keys() & {"scalefactor", "addoffset"}) > 0 or bool(np.isnan(out).any())
    return out if changed else values


def says_another_scale(arrays: Arrays, values: Values) -> bool:
    """Whether whole numbers have a scale, gain or offset beside them that may not be in their unit already."""
    for name, array in arrays.items():
        if values.dtype.kind in "iu" and plain_name(name) in SCALES and array.dtype.kind in "iuf":
            said = load(array).reshape(-1)
            neutral = 0.0 if plain_name(name).startswith(("offset", "baseline")) else 1.0
            if said.size and not (said == neutral).all():
                return True
    return False
