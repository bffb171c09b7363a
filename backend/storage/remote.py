"""Blobs in a store that speaks S3 (AWS, MinIO, Ceph, …), an object each.

Everything goes in one PUT, which is done wholly or not at all, with the digest that the store compares. An object is
written again even where it is there already: that costs no more than asking, and mends what is damaged.
"""

import base64
import hashlib
import logging
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import s3fs
from aiohttp import ClientError
from botocore.exceptions import BotoCoreError, NoCredentialsError
from fsspec.asyn import sync

from backend.errors import DiskFullError, StoreUnavailableError
from backend.settings import Settings
from backend.storage.copies import Copies
from backend.storage.keys import Entry, damaged, is_key, missing, name_of

log = logging.getLogger(__name__)

CONNECT_S, READ_S = 5, 30
"""How long a connection, and then each further piece of an answer, is waited for."""
TRIES = 3
WHOLE = 5 * 1024**3  # bytes: the most that S3 takes in one PUT; below it nothing is sent in parts that could be left
FULL = ("QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "StorageFull", "507")
SLOWEST = 1024**2  # bytes a second: below it a transfer is given up
ANSWER_S = 2.0  # within which a store that is asked whether it is there must say so

NO_ANSWER = "The store of files does not answer, so nothing was read or kept. Wait a moment, then try again."
REFUSED = (
    "The store of files refuses the platform's key. Have an administrator set EXCHANGEAI_STORAGE_KEY and "
    "EXCHANGEAI_STORAGE_SECRET, or give that key the right to list, read, write and delete in its bucket."
)
NO_KEY = "The store of files asks for a key. Have an administrator set EXCHANGEAI_STORAGE_KEY and _SECRET."
NO_BUCKET = "The store of files has no bucket of the name in EXCHANGEAI_STORAGE_URL. Have an administrator make it."
NO_ROOM = "The store of files is full, so this was not stored. Have an administrator make room; then try again."


@dataclass(frozen=True, slots=True)
class RemoteStorage:
    """Blobs below a prefix of a bucket. One may be handed to another process; each has connections of its own."""

    bucket: str
    prefix: str
    endpoint: str
    region: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    copies: Copies

    @classmethod
    def of(cls, settings: Settings) -> "RemoteStorage":
        """Return the store that the settings name."""
        bucket, _, prefix = settings.storage_url.removeprefix("s3://").partition("/")
        copies = Copies(settings.data_dir / "copies", settings.storage_copies_bytes)
        secret = settings.storage_secret.get_secret_value()
        return cls(
            bucket, prefix.strip("/"), settings.storage_endpoint, settings.storage_region, settings.storage_key, secret,
            copies,
        )  # fmt: skip

    def put(self, data: bytes, sha256: str = "") -> str:
        """Store bytes and return their key; the store has them for good by then."""
        digest = bytes.fromhex(sha256) if sha256 else hashlib.sha256(data).digest()
        key = digest.hex()
        proof = {"ChecksumSHA256": base64.b64encode(digest).decode()}
        # A limit for all of it: nobody else ends the wait for a server's leave to send (Expect: 100-continue).
        within = TRIES * READ_S + len(data) / SLOWEST
        self._ask(lambda store: store._pipe_file(self._name(key), data, chunksize=WHOLE, **proof), within=within)
        return key

    def get(self, key: str) -> bytes:
        """Return the bytes of a key."""
        data: bytes = self._ask(lambda store: store._cat_file(self._name(key)), key, within=WHOLE / SLOWEST)
        if hashlib.sha256(data).hexdigest() != key:
            raise damaged(key)
        return data

    def size(self, key: str) -> int:
        """Return how many bytes a blob has."""
        return int(self._ask(lambda store: store._info(self._name(key), refresh=True), key)["size"])

    def check(self, key: str) -> None:
        """Fetch a blob and compare it."""
        self.get(key)

    def checked_path(self, key: str) -> Path:
        """Return the path of a copy, which is made where there is none; only while the store has the blob itself."""
        try:
            self.size(key)
        except Exception:
            with suppress(OSError):  # why it is not handed out is what counts
                self.copies.drop(key)
            raise
        return self.copies.path(key, lambda: self.get(key))

    def delete(self, key: str) -> None:
        """Forget a blob and its copy here; copies on other machines end by themselves (`backend.storage.copies`)."""
        self._ask(lambda store: store._rm_file(self._name(key)))
        self.copies.drop(key)

    def entries(self) -> Iterator[Entry]:
        """Yield every blob, a thousand at each request; objects that are none are somebody else's."""
        below = f"{self.prefix}/" if self.prefix else ""
        request = {"Bucket": self.bucket, "Prefix": below}
        while True:
            page = self._ask(lambda store: store._call_s3("list_objects_v2", **request))
            for item in page.get("Contents", ()):
                name = item["Key"].removeprefix(below)
                key = name.replace("/", "", 1)
                if is_key(key) and name == name_of(key):
                    yield Entry(name, key, item["LastModified"].timestamp())
            if not page.get("IsTruncated"):
                return
            request["ContinuationToken"] = page["NextContinuationToken"]

    def discard(self, entry: Entry) -> None:
        """Do nothing: there are no unfinished writes."""

    def answers(self) -> bool:
        """Say whether the store answers soon, and lets us in. Raises StoreUnavailableError with the reason."""
        request = {"Bucket": self.bucket, "Prefix": self.prefix, "MaxKeys": 1}
        self._ask(lambda store: store._call_s3("list_objects_v2", **request), within=ANSWER_S)
        return True

    @property
    def _root(self) -> str:
        return f"{self.bucket}/{self.prefix}".rstrip("/")

    def _name(self, key: str) -> str:
        return f"{self._root}/{name_of(key)}"

    def _ask(self, question: Callable[[Any], Awaitable[Any]], key: str = "", within: float = 0) -> Any:
        """Ask the store; its errors become ours, without addresses, keys or what it says itself."""
        try:
            store = _connected(self, os.getpid())
            return sync(store.loop, question, store, timeout=within or TRIES * READ_S)
        except (OSError, BotoCoreError, ClientError) as problem:
            code = _code(problem)
            if isinstance(problem, FileNotFoundError) and key and code != "NoSuchBucket":
                raise missing(key) from None
            log.warning("The store of files: %s %s", type(problem).__name__, code)
            if code in FULL:
                raise DiskFullError(NO_ROOM) from None
            raise StoreUnavailableError(_words(problem)) from None


def _words(problem: Exception) -> str:
    if isinstance(problem, NoCredentialsError):
        return NO_KEY
    if isinstance(problem, PermissionError):
        return REFUSED
    return NO_BUCKET if isinstance(problem, FileNotFoundError) else NO_ANSWER


def _code(problem: BaseException | None) -> str:
    """Return the code in the answer of a store, such as NoSuchKey; "" where there was no answer."""
    while problem is not None:
        response = getattr(problem, "response", None)
        if isinstance(response, dict):
            return str(response.get("Error", {}).get("Code", ""))
        problem = problem.__cause__
    return ""


@lru_cache(maxsize=8)
def _connected(to: RemoteStorage, _process: int) -> Any:
    """Return the connections of a process, which a child that was forked must not go on with."""
    timing = {
        "connect_timeout": CONNECT_S,
        "read_timeout": READ_S,
        "retries": {"total_max_attempts": 1},  # s3fs tries again itself
        "request_checksum_calculation": "when_required",  # we send our own; some stores know no other
    }
    store = s3fs.S3FileSystem(
        key=to.key or None,
        secret=to.secret or None,
        endpoint_url=to.endpoint or None,
        client_kwargs={"region_name": to.region} if to.region else {},
        config_kwargs=timing,
        use_listings_cache=False,
        skip_instance_cache=True,
    )
    store.retries = TRIES
    return store
