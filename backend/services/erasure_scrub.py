"""Taking what names a recording or patient out of texts and JSON that stay: lists of ids, notes, messages."""

import re
from collections.abc import Collection
from typing import Any, Final

from sqlalchemy.orm import Session

from backend.db.tables import Table
from backend.services.erasure_columns import PROSE, ways_of
from backend.services.erasure_names import Names

GONE: Final = "(erased)"
_AT_ONCE: Final = 200  # names of one pattern
_MARK: Final = re.compile(r"p-[0-9a-f]{16}|[0-9a-f]{64}|[0-9a-f]{32}")  # as pseudonyms, hashes and ids are made


class Scrubber:
    """Replaces names in texts, and takes ids and names of files out of lists and mappings."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._alone = names.marks | names.files
        odd = {one for one in names.marks if not _MARK.fullmatch(one)}
        self._files = _patterns(odd | names.files)
        self._all = _patterns(odd | names.files | names.words)

    def text(self, text: str) -> str:
        """Return a text with all names replaced where they stand by themselves, and not within a longer name."""
        return self._without(text, self._all)

    def value(self, value: Any, *, prose: bool = False) -> Any:
        """Return JSON without items and keys that are ids or names of files, and without these in its other texts.

        Texts at keys of PROSE, and all of a value that is `prose` itself, are taken as `text` takes them.
        """
        if isinstance(value, str):
            return self._without(value, self._all if prose else self._files)
        if isinstance(value, dict):
            return {
                self._without(key, self._files): self.value(one, prose=key in PROSE)
                for key, one in value.items()
                if key not in self._alone
            }
        if isinstance(value, list):
            kept = [one for one in value if not (isinstance(one, str) and one in self._alone)]
            return [self.value(one, prose=prose) for one in kept]
        return value

    def row(self, row: Table) -> bool:
        """Scrub the columns of a row that may hold names; say whether any did."""
        found = False
        for name, way in ways_of(row.__tablename__).items():
            before = getattr(row, name)
            after = before if way == "left" else self.value(before, prose=way == "prose")
            if after != before:
                setattr(row, name, after)
                found = True
        return found

    def rows(self, session: Session, statement: Any) -> int:
        """Scrub the rows that a statement selects, one after the other; return how many held a name."""
        return sum(self.row(row) for row in session.scalars(statement.execution_options(yield_per=100)))

    def _without(self, text: str, patterns: list[re.Pattern[str]]) -> str:
        text = _MARK.sub(lambda found: GONE if found[0] in self.names.marks else found[0], text)
        for pattern in patterns:
            text = pattern.sub(GONE, text)
        return text


def _patterns(names: Collection[str]) -> list[re.Pattern[str]]:
    """Return what finds names that are no part of a longer word: ecg-1 is neither in ecg-12 nor in ecg-1.csv."""
    ordered = sorted(names, key=lambda name: (-len(name), name))
    some = [ordered[start : start + _AT_ONCE] for start in range(0, len(ordered), _AT_ONCE)]
    return [re.compile(rf"(?<!\w)(?<!\w[-.])(?:{'|'.join(map(re.escape, names))})(?!\w)(?![-.]\w)") for names in some]
