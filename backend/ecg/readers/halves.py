"""Numbers with decimal commas between separating commas: cut at each comma they are twice as many, and all wrong."""

from collections.abc import Sequence
from itertools import pairwise

_FEWEST = 8  # numbers that tell the halves of one from samples
_MOST = 4096
_SIGNED = 0.02  # of the numbers, that a part with a sign in front of a comma and none behind is no chance


def are_halves(wholes: Sequence[str], parts: Sequence[str], in_time: bool = True) -> bool:
    """Whether `wholes` and `parts`, the numbers before and behind every other comma, are the halves of one number.

    Decimals have no sign, and may begin with a zero or be all the same. `in_time` says that `wholes` and `parts` are
    one after the other in time, as samples of one lead: then they are halves as well where the next sample is far off
    and the one after that is near.
    """
    wholes, parts = wholes[:_MOST], parts[:_MOST]
    if len(wholes) < _FEWEST or len(wholes) != len(parts):
        return False
    if not all(part.isdecimal() for part in parts) or not all(one.lstrip("+-").isdecimal() for one in wholes):
        return False
    if any(len(part) > 1 and part.startswith("0") for part in parts) or "-0" in wholes:
        return True
    if sum(one.startswith("-") for one in wholes) > max(2.0, _SIGNED * len(wholes)):
        return True
    if len(set(parts)) == 1 and len(set(wholes)) > 1:
        return True
    if not in_time:
        return False
    numbers, behind = list(map(int, wholes)), list(map(int, parts))
    moved = sum(abs(a - b) for a, b in pairwise(numbers))
    apart = sum(abs(a - b) for a, b in zip(numbers, behind, strict=True))
    alike = len({len(part) for part in parts}) == 1
    return moved < (0.5 if alike else 0.2) * apart
