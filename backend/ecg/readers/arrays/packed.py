"""Samples packed into smaller numbers, as NetCDF and others do, and numbers beside samples that may be their scale.

Source: Climate and Forecast conventions 1.11, sections 2.5.1 (missing data) and 8.1 (packed data),
https://cfconventions.org/Data/cf-conventions/cf-conventions-1.11/cf-conventions.html
"""

import re

import numpy as np
from numpy.typing import NDArray

from backend.ecg.readers.arrays.per_record import Arrays, load
from backend.ecg.readers.arrays.stacks import Values
from backend.ecg.readers.column_names import plain_name

PACKING = frozenset(("scalefactor", "addoffset", "fillvalue", "missingvalue"))
"""Attributes with one meaning: value = stored · scale_factor + add_offset, in the unit that the array states."""
_ZEROS = frozenset(("baseline", "baselines", "adczero", "adczeros"))
# Names that mean one thing here and another there: with them a unit says nothing of whole numbers as stored.
_FACTOR = re.compile(
    r"(?!.*(?:sampl|decimat|filter|time|risk))(?:.*(?:scal(?:e|ing)|factor|resolution|sensitivity|gain|multiplier|calib|"
    r"(?:per|/)(?:adu|bit|lsb|count|step)|lsb|bitweight|stepsize|quantum|conversion).*)"
)
_OFFSET = re.compile(r"(?:.*(?:offset|baselines?|adczeros?|zerolevel|zeropoint|bias).*|zeros?)")
_MOST = 4096  # numbers of an array that may be a scale for each lead
_LOOK = 1 << 16
_MISSING = -32768


def may_be_scale(name: str) -> bool:
    """Whether an array of this name may be a factor or an offset of the samples beside it."""
    plain = plain_name(name)
    return bool(_FACTOR.fullmatch(plain) or _OFFSET.fullmatch(plain))


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


def without_zero(arrays: Arrays, values: Values, k: int) -> Values:
    """Return the values less the baseline beside them, of which there is one or one for each of `k` leads."""
    zeros = [
        load(array).reshape(-1).astype(np.float64)
        for name, array in arrays.items()
        if plain_name(name) in _ZEROS and array.dtype.kind in "iuf" and np.prod(array.shape) in (1, k)
    ]
    if not zeros or not zeros[0].any():
        return values
    zero: NDArray[np.float64] = zeros[0]
    each = zero.size > 1 and values.shape[-2] == k
    wide = values.astype(np.float64)
    out = np.where(wide == _MISSING, _MISSING, wide - (zero.reshape(-1, 1) if each else zero))
    whole = values.dtype.kind in "iu" and np.array_equal(zero, np.rint(zero))
    return out.astype(np.int64) if whole else out


def says_another_scale(arrays: Arrays, values: Values, stated: bool) -> bool:
    """Whether whole numbers have a factor or an offset beside them that may not be in their unit already.

    Where the steps of a mV are `stated` factors change nothing, and a baseline is known to be in steps.
    """
    if not is_whole(values):
        return False
    for name, array in arrays.items():
        owned = "@" in name and not name.startswith("@") and plain_name(name) in PACKING
        if owned or array.dtype.kind not in "iuf" or np.prod(array.shape) > _MOST:
            continue
        plain = plain_name(name)
        offset = bool(_OFFSET.fullmatch(plain))
        if (stated and (not offset or plain in _ZEROS)) or not (offset or _FACTOR.fullmatch(plain)):
            continue
        said = load(array).reshape(-1)
        if said.size and not (said == (0.0 if offset else 1.0)).all():
            return True
    return False


def is_whole(values: Values) -> bool:
    """Whether samples are whole numbers, as converters give them, in whatever type."""
    if values.dtype.kind in "iu":
        return True
    some = values.reshape(-1)[:_LOOK].astype(np.float64)
    return bool(np.array_equal(some, np.rint(some), equal_nan=True) and np.nanmax(np.abs(some), initial=0.0) > 1)
