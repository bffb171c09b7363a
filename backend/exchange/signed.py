"""A signed folder: small files and their sums, signed, that appear all at once and are read only as what was signed."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from backend.exchange.errors import AbsentError, ExchangeError, ListingError, QuarantinedError
from backend.exchange.layout import INCOMING, MAX_SMALL, SIGNATURE, SUMS, incoming
from backend.exchange.progress import Progress, silent
from backend.exchange.signing import PublicKey, SigningKey, verify
from backend.exchange.sums import from_sums, to_sums
from backend.exchange.webdav import Folder


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signed folder says: the sum of each of its files, and who has signed them."""

    path: str
    sums: Mapping[str, str]  # name -> SHA-256
    key: PublicKey


def put(
    folder: Folder, path: str, files: Mapping[str, bytes], key: SigningKey, *, progress: Progress = silent
) -> dict[str, str]:
    """Write files into a new folder at `path`, signed; return their sums. Nobody sees it before all of it is there.

    Raises TakenError where there is one already, and what `Folder` raises.
    """
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    listed = to_sums(sums)
    above, _, _ = path.rpartition("/")
    place = f"{above}/{incoming()}"
    folder.make_folder(place)
    try:
        with TemporaryDirectory(prefix="signed-") as scratch:
            for name, data in files.items():
                if len(data) <= MAX_SMALL:
                    folder.write(f"{place}/{name}", data)
                else:
                    source = Path(scratch) / name
                    source.write_bytes(data)
                    folder.upload(f"{place}/{name}", source, progress)
        folder.write(f"{place}/{SUMS}", listed)
        folder.write(f"{place}/{SIGNATURE}", key.sign(listed))
        folder.move(place, path)
    except BaseException:
        with suppress(ExchangeError):  # why it failed is what counts, not that the rest could not be removed
            folder.delete(place)
        raise
    return sums


def look(folder: Folder, path: str, names: tuple[str, ...]) -> Signed | None:
    """Return what was signed in the folder at `path`, None where there is none; no file of it is read yet.

    Raises QuarantinedError where its sums are not those of exactly these names, or not signed.
    """
    try:
        listed, _ = folder.read(f"{path}/{SUMS}", MAX_SMALL)
        signature, _ = folder.read(f"{path}/{SIGNATURE}", MAX_SMALL)
    except AbsentError:
        if folder.find(path) is None:
            return None
        raise QuarantinedError(f"{path} is not signed.") from None
    try:
        key = verify(listed, signature)
        sums = from_sums(listed, names)
    except ListingError as problem:
        raise QuarantinedError(f"{path}: {problem}") from problem
    return Signed(path, sums, key)


def read(folder: Folder, signed: Signed, name: str, most: int) -> bytes:
    """Return a small file of a signed folder. Raises QuarantinedError where it is not what was signed."""
    data, _ = folder.read(f"{signed.path}/{name}", most)
    _check(signed, name, hashlib.sha256(data).hexdigest())
    return data


def download(folder: Folder, signed: Signed, name: str, into: Path, most: int, *, progress: Progress = silent) -> None:
    """Download a file of a signed folder. Raises QuarantinedError where it is not what was signed."""
    folder.download(f"{signed.path}/{name}", into, most=most, progress=progress)
    with into.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != signed.sums[name]:
        into.unlink()
    _check(signed, name, found)


def names(folder: Folder, path: str) -> list[str]:
    """Return the names of the folders at `path`, none where there is no such folder or they are not complete yet."""
    try:
        entries = folder.list(path)
    except AbsentError:
        return []
    return [one.name for one in entries if one.is_folder and not one.name.startswith(INCOMING)]


def _check(signed: Signed, name: str, found: str) -> None:
    if found != signed.sums[name]:
        raise QuarantinedError(
            f"{signed.path}/{name} is not the file that was signed: it was changed, or its upload broke off."
        )
