"""All blobs of an installation as one stream: a backup, or the way from a folder into a store that speaks S3 and back.

The stream is a tar file. Each member has the name that the blob has in its store, so that it can be read with tar too.
"""

import hashlib
import io
import tarfile
from collections.abc import Iterator
from typing import BinaryIO

from sqlalchemy import select

from backend.db.session import read_session, write_session
from backend.errors import InvalidInputError
from backend.services import blobs
from backend.storage import Storage
from backend.storage.keys import is_key, name_of


def save(url: str, storage: Storage, target: BinaryIO) -> int:
    """Write every blob that a row names, each checked; return how many. Raises NotFoundError, DamagedError."""
    n = 0
    with tarfile.open(fileobj=target, mode="w|") as tar:
        for n, key in enumerate(_named(url), start=1):  # noqa: B007
            data = storage.get(key)
            member = tarfile.TarInfo(name_of(key))
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return n


def load(url: str, storage: Storage, source: BinaryIO) -> int:
    """Store every blob of a stream; return how many. Raises InvalidInputError for what is none, before it is kept."""
    n = 0
    try:
        with tarfile.open(fileobj=source, mode="r|") as tar:
            for member in tar:
                file = tar.extractfile(member) if member.isreg() else None
                if file is None:
                    continue
                key, data = member.name.removeprefix("./").replace("/", "", 1), file.read()
                if not is_key(key) or hashlib.sha256(data).hexdigest() != key:
                    raise InvalidInputError(
                        f"The stream holds “{member.name[:80]}”, which is no blob or damaged; {n} before it were kept. "
                        "Give what 'exchangeai blobs save' has written, or another copy of it."
                    )
                with write_session(url) as session:
                    blobs.put(session, storage, data, key)
                n += 1
    except tarfile.TarError:
        raise InvalidInputError(
            f"This is no tar file, or it is cut off; {n} of it were kept. Give what 'exchangeai blobs save' wrote."
        ) from None
    return n


def _named(url: str) -> Iterator[str]:
    """Yield every key that a row names, once."""
    for place, column in enumerate(blobs.NAMED_IN):
        last = ""
        while True:
            with read_session(url) as session:
                query = select(column).where(column > last).distinct().order_by(column).limit(blobs.AT_ONCE)
                keys = [str(key) for key in session.scalars(query)]
                earlier = {
                    key
                    for other in blobs.NAMED_IN[:place]
                    for key in session.scalars(select(other).where(other.in_(keys)))
                }
            if not keys:
                break
            yield from (key for key in keys if key not in earlier)
            last = keys[-1]
