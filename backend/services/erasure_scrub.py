"""Taking what names a recording or patient out of texts and JSON that stay: lists of ids, notes, messages."""

import re
from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import JSON, String, inspect
from sqlalchemy.orm import Session

from backend.db.tables import Table

SHORTEST: Final = 3
"""A name of fewer characters is no name of anybody, and is found in every text."""
GONE: Final = "(erased)"
_AT_ONCE: Final = 200  # names of one pattern


class Scrubber:
    """Replaces names in texts, and takes them out of lists and mappings."""

    def __init__(self, names: Collection[str]) -> None:
        self.names = frozenset(name for name in names if len(name) >= SHORTEST)
        longest_first = sorted(self.names, key=lambda name: (-len(name), name))
        self._patterns = [
            re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in longest_first[start : start + _AT_ONCE]))
            for start in range(0, len(longest_first), _AT_ONCE)
        ]

    def text(self, text: str) -> str:
        """Return a text with names replaced where they stand as words."""
        for pattern in self._patterns:
            text = pattern.sub(GONE, text)
        return text

    def value(self, value: Any) -> Any:
        """Return JSON without items and keys that are names, and with names replaced in its other texts."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self.value(one) for key, one in value.items() if key not in self.names}
        if isinstance(value, list):
            return [self.value(one) for one in value if not (isinstance(one, str) and one in self.names)]
        return value

    def row(self, row: Table) -> bool:
        """Scrub all texts and JSON of a row but its keys; say whether any held a name."""
        found = False
        for column in inspect(type(row)).columns:
            if column.primary_key or column.foreign_keys or not isinstance(column.type, JSON | String):
                continue
            before = getattr(row, column.key)
            after = self.value(before)
            if after != before:
                setattr(row, column.key, after)
                found = True
        return found

    def rows(self, session: Session, statement: Any) -> int:
        """Scrub the rows that a statement selects, one after the other; return how many held a name."""
        return sum(self.row(row) for row in session.scalars(statement.execution_options(yield_per=100)))
