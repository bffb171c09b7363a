"""Bodies that are files themselves: raw, of a form, or parts of a DICOMweb request; and how they are described."""

import re
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from backend.ecg.errors import LimitError
from backend.ecg.readers import SourceFile
from backend.errors import InvalidInputError

MOST_BYTES = 256 * 1024**2
"""Of a body that is held in memory: hundreds of ECGs."""

OCTETS, DICOM, FORM, RELATED = (
    "application/octet-stream", "application/dicom", "multipart/form-data", "multipart/related",
)  # fmt: skip
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILES = {"type": "array", "items": {"type": "string", "format": "binary"}}
RAW_OR_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            OCTETS: _BINARY,
            DICOM: _BINARY,
            FORM: {"schema": {"type": "object", "properties": {"files": _FILES}, "required": ["files"]}},
        },
    }
}
INSTANCES: dict[str, Any] = {"requestBody": {"required": True, "content": {RELATED: _BINARY}}}


async def files_of(request: Request, name: str) -> list[SourceFile]:
    """Return the files of a form, or the body as one file of this name. Raises LimitError, InvalidInputError."""
    kind = _kind(request)
    if kind == FORM:
        async with request.form() as form:
            sent = [one for one in form.getlist("files") if isinstance(one, UploadFile)]
            return [SourceFile((one.filename or "ecg").replace("\\", "/"), await one.read()) for one in sent]
    if kind not in (OCTETS, DICOM):
        raise InvalidInputError(f"Send a file as {DICOM} or {OCTETS}, or files as a form ({FORM}, field files).")
    return [SourceFile(name or ("ecg.dcm" if kind == DICOM else "ecg"), await _held(request))]


async def instances_of(request: Request) -> list[bytes]:
    """Return the DICOM instances of a DICOMweb request (multipart/related, RFC 2387). Raises InvalidInputError."""
    found = re.search(r'boundary="?([^";,]{1,200})"?', request.headers.get("content-type", ""))
    if _kind(request) != RELATED or found is None:
        raise InvalidInputError(f'Send DICOM instances as {RELATED}; type="{DICOM}"; boundary=…')
    body = await _held(request)
    parts = (b"\r\n" + body).split(b"\r\n--" + found[1].encode())
    if len(parts) < 3 or not parts[-1].startswith(b"--"):
        raise InvalidInputError("The body breaks off, or has no part. Send it again.")
    return [part.partition(b"\r\n\r\n")[2] for part in parts[1:-1]]


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _held(request: Request) -> bytes:
    received: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MOST_BYTES:
            raise LimitError(f"A body that is a file itself may have {MOST_BYTES // 1024**2} MB. Send a form, or less.")
        received.append(chunk)
    return b"".join(received)
