"""JSON objects that are served as they are stored, typed by the frozen dataclass that writes them."""

from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, NotRequired, Union, get_args, get_origin, get_type_hints

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema
from typing_extensions import TypedDict


class JsonOf:
    """Says that a field holds the JSON object of a dataclass, just as it was written.

    Every field is there, but those that a later version brought (`metadata={"since": …}`) are missing from objects
    that an earlier one wrote: nothing is filled in, so that what is served can be read back by the class itself.
    """

    def __init__(self, kind: type) -> None:
        self.kind = kind

    def __get_pydantic_core_schema__(self, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler.generate_schema(_object(self.kind))


@cache
def _object(kind: type) -> Any:
    """Return the TypedDict of a dataclass."""
    hints = {name: _plain(hint) for name, hint in get_type_hints(kind).items()}
    members = {
        item.name: NotRequired[hints[item.name]] if "since" in item.metadata else hints[item.name]
        for item in fields(kind)
    }
    made: Any = TypedDict(kind.__name__, members)  # type: ignore[misc]
    made.__doc__, made.__module__ = kind.__doc__, kind.__module__
    return made


def _plain(hint: Any) -> Any:
    """Replace a dataclass, or one that may be None, by its TypedDict."""
    if is_dataclass(hint):
        return _object(hint)  # type: ignore[arg-type]
    if get_origin(hint) in (Union, UnionType):
        return Union[tuple(map(_plain, get_args(hint)))]  # noqa: UP007  # of types that are known only here
    return hint
