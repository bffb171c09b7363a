"""Stores of blobs for the tests: the folder of an installation, or a real S3 server (moto) in a process of its own.

With TEST_STORE=s3 every installation of the tests keeps its blobs in such a server; the suite is the same.
"""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import httpx2 as httpx
import s3fs

from backend.settings import Settings
from backend.storage import LocalStorage, Storage, storage_of
from backend.storage.remote import RemoteStorage
from tests.servers import end_with_the_tests, free_port, running, wait_for

BUCKET = "ecgs"
KEY, SECRET = "key-of-the-tests", "secret-of-the-tests"
_ENDPOINT = "TEST_STORE_ENDPOINT"


@contextmanager
def s3_server(port: int = 0, **environment: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run an S3 server with an empty bucket; yield its address and its process. It holds all in memory."""
    port = port or free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], env=os.environ | environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=end_with_the_tests(signal.SIGKILL),
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    with running(process, signal.SIGKILL):
        wait_for(process, lambda: httpx.get(f"{address}/moto-api/", timeout=30), httpx.TransportError)
        client(address).call_s3("create_bucket", Bucket=BUCKET)  # one request: some servers count them
        yield address, process


@lru_cache
def client(address: str) -> s3fs.S3FileSystem:
    """Return a client of an S3 server that is not ours."""
    return s3fs.S3FileSystem(key=KEY, secret=SECRET, endpoint_url=address, skip_instance_cache=True)


def settings_of(address: str, prefix: str) -> dict[str, str]:
    """Return the settings by which an installation keeps its blobs in a server."""
    return {
        "storage_url": f"s3://{BUCKET}/{prefix}", "storage_endpoint": address, "storage_key": KEY,
        "storage_secret": SECRET,
    }  # fmt: skip


def wanted_of(folder: Path) -> dict[str, str]:
    """Return what TEST_STORE adds to the settings of an installation in a folder."""
    address = os.environ.get(_ENDPOINT)
    return settings_of(address, hashlib.sha256(str(folder).encode()).hexdigest()[:16]) if address else {}


@contextmanager
def store_of_the_tests() -> Iterator[None]:
    """Start the server that TEST_STORE asks for."""
    if os.environ.get("TEST_STORE") != "s3":
        yield
        return
    with s3_server() as (address, _):
        os.environ[_ENDPOINT] = address
        yield
        del os.environ[_ENDPOINT]


def copy_blobs(source: Path, target: Settings) -> None:
    """Give an installation the blobs of another one that lies in a folder; in a folder they are copied with it."""
    if wanted_of(source):
        there = storage_of(Settings(data_dir=source, **wanted_of(source)))
        for key, data in blobs_of(there).items():
            storage_of(target).put(data, key)


def blobs_of(storage: Storage) -> dict[str, bytes]:
    """Return all that lies in a store, as it lies there."""
    return {entry.key or entry.name: raw(storage, entry.name) for entry in storage.entries()}


def raw(storage: Storage, name: str) -> bytes:
    """Return what lies under a name, whether it is what it should be or not."""
    if isinstance(storage, LocalStorage):
        return (storage.folder / name).read_bytes()
    assert isinstance(storage, RemoteStorage)
    data: bytes = client(storage.endpoint).cat_file(f"{storage._root}/{name}")
    return data


def replace(storage: Storage, key: str, data: bytes | None) -> None:
    """Put other bytes in the place of a blob, or none, as a fault of the store would."""
    name = f"{key[:2]}/{key[2:]}"
    if isinstance(storage, LocalStorage):
        path = storage.folder / name
        path.unlink() if data is None else path.write_bytes(data)
        return
    assert isinstance(storage, RemoteStorage)
    there = client(storage.endpoint)
    there.rm_file(f"{storage._root}/{name}") if data is None else there.pipe_file(f"{storage._root}/{name}", data)
