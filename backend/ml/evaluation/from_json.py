"""Reading results that came with a model from elsewhere: every value is checked against the class that writes it."""

import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from backend.ml.errors import ModelInvalidError
from backend.ml.evaluation.regression import RegressionEvaluation
from backend.ml.evaluation.results import Evaluation
from backend.ml.evaluation.routes import RouterReport
from backend.ml.spec import ModelSpec
from backend.ml.strict_json import JSON

_OF_ANOTHER = "The results in the package are not those of its model"
_MOST_ITEMS = 200_000
_LONGEST_TEXT = 2000
_LARGEST = 2**53


def read_evaluation(data: object, spec: ModelSpec) -> dict[str, JSON]:
    """Return results as `to_dict` of an evaluation gave them, checked.

    Raises ModelInvalidError for what is no evaluation, or not one of a model of this task and these labels.
    """
    regression = spec.task == "regression"
    found: dict[str, Any] = _checked(RegressionEvaluation if regression else Evaluation, data, "The results")
    rows = found["targets" if regression else "classes"]
    if found["task"] != spec.task or [row["label"] for row in rows] != list(spec.labels):
        raise ModelInvalidError(f"{_OF_ANOTHER}: task or labels differ. Export the model again.")
    confusion = found.get("confusion")
    if confusion is not None and {len(confusion), *map(len, confusion)} != {len(spec.labels)}:
        raise ModelInvalidError(f"{_OF_ANOTHER}: the confusion matrix differs. Export the model again.")
    return found


def read_routes(data: object) -> dict[str, JSON]:
    """Return a report on routes as its `to_dict` gave it, checked. Raises ModelInvalidError for what is none."""
    found: dict[str, Any] = _checked(RouterReport, data, "The routes")
    if {len(found["shares"]), *(len(one["shares"]) for one in found["by_label"])} != {len(found["experts"])}:
        raise ModelInvalidError("The routes in the package are not those of its experts. Export the model again.")
    return found


def _checked(kind: Any, data: object, where: str) -> Any:
    """Return `data` where it is JSON of the type `kind`; raises ModelInvalidError that names the place."""
    origin, arguments = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return _checked_fields(kind, data, where)
    if origin is tuple:
        if isinstance(data, list | tuple) and len(data) <= _MOST_ITEMS:
            kinds = (arguments[0],) * len(data) if arguments[-1] is Ellipsis else arguments
            if len(kinds) == len(data):
                return [_checked(one, item, where) for one, item in zip(kinds, data, strict=True)]
    elif origin in (Union, UnionType):
        if data is None and NoneType in arguments:
            return None
        return _checked(next(one for one in arguments if one is not NoneType), data, where)
    elif origin is Literal:
        if isinstance(data, str) and data in arguments:
            return data
    elif kind is str:
        if isinstance(data, str) and len(data) <= _LONGEST_TEXT:
            return data
    elif _is_number(kind, data):
        return data
    raise ModelInvalidError(f"{where} cannot be used: {data!r:.60} has no place there. Export the model again.")


def _is_number(kind: Any, data: object) -> bool:
    allowed = {int: int, float: int | float}.get(kind)
    if allowed is None or isinstance(data, bool) or not isinstance(data, allowed):
        return False
    assert isinstance(data, int | float)
    return math.isfinite(data) and abs(data) <= _LARGEST


def _checked_fields(kind: Any, data: object, where: str) -> dict[str, Any]:
    every = get_type_hints(kind)
    hints = {item.name: every[item.name] for item in fields(kind)}
    required = {item.name for item in fields(kind) if item.default is MISSING and item.default_factory is MISSING}
    if not isinstance(data, Mapping) or not required <= set(data) <= set(hints):
        wanted = ", ".join(sorted(hints))
        raise ModelInvalidError(f"{where} should have the fields {wanted}. Export the model again.")
    return {name: _checked(hints[name], value, f"{where}: {name}") for name, value in data.items()}
