"""Who reads: the one place where the identity of a reader comes from.

In server mode it is who has signed in; in local mode the name that a person gives, which nobody checks.
"""

from typing import Annotated

from fastapi import Depends, Query

from backend.api.deps import PersonDep, SettingsDep
from backend.errors import InvalidInputError


async def reader(
    settings: SettingsDep,
    person: PersonDep,
    reader: Annotated[
        str,
        Query(max_length=200, description="Name of the person who reads, such as Dr. A; where people sign in, theirs."),
    ] = "",
) -> str:
    """Return the name of the reader, "" where nobody says who reads."""
    return person.name if settings.has_accounts else reader.strip()


async def _named(reader: Annotated[str, Depends(reader)]) -> str:
    if not reader:
        raise InvalidInputError("Say who reads: add your name as `reader`. It is kept with each label.")
    return reader


ReaderDep = Annotated[str, Depends(reader)]
NamedReaderDep = Annotated[str, Depends(_named)]
"""Of what is kept under the reader's name."""
