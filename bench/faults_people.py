"""Those who use an installation while its parts are killed, and remember what was acknowledged to them."""

import hashlib
import io
import logging
import threading
import time
from collections import Counter
from contextlib import suppress

import httpx2 as httpx
import numpy as np
import pydicom
from pynetdicom import AE

from tests.dicom_objects import dicom_ecg
from tests.platform_process import Platform

logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)  # a receiver that is killed is what it is about
DICOM = "1.2.840.10008.5.1.4.1.1.9.1.1"  # 12-lead ECG Waveform Storage
TITLE = "EXCHANGEAI"


class Uploads:
    """Somebody who uploads files, one or sixteen at a time, and remembers what was acknowledged."""

    def __init__(self, platform: Platform, project: str, pause_s: float) -> None:
        self._pause_s = pause_s
        self.address, self.project = platform.address, project
        self.kept: dict[str, str] = {}  # recording -> sha256 of its file
        self.ends: Counter[int] = Counter()
        self._number = 0
        self._some = (1, 16, 1, 1)  # sixteen at once are read by processes of their own

    def go_on(self, end: threading.Event) -> None:
        while not end.is_set():
            files = [("files", self._file()) for _ in range(self._some[self._number % len(self._some)])]
            try:
                answer = httpx.post(
                    f"{self.address}/api/v1/projects/{self.project}/recordings",
                    files=files, data={"rate": "100", "units_per_mv": "1000"}, timeout=30,
                )  # fmt: skip
            except httpx.TransportError:
                self.ends[0] += 1
                time.sleep(0.2)
                continue
            self.ends[answer.status_code] += 1
            if answer.status_code == 200:
                for (_, (_, data, _)), told in zip(files, answer.json()["outcomes"], strict=True):
                    self.kept[told["recording_ids"][0]] = hashlib.sha256(data).hexdigest()
            time.sleep(self._pause_s)

    def _file(self) -> tuple[str, bytes, str]:
        self._number += 1
        x = np.random.default_rng(self._number).integers(-900, 900, (200, 12))
        data = "I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6\n" + "\n".join(",".join(map(str, r)) for r in x)
        return f"{self._number}.csv", data.encode(), "text/csv"

    def lost(self, since: int) -> list[str]:
        """Return the recordings, from the one of a number on, whose file is not given back as it was sent."""
        with httpx.Client(base_url=f"{self.address}/api/v1/projects/{self.project}", timeout=30) as client:
            paths = ((key, f"/recordings/{key}/original") for key in list(self.kept)[since:])
            return [k for k, p in paths if hashlib.sha256(client.get(p).content).hexdigest() != self.kept[k]]


class Cart:
    """A cart that pushes ECGs by DICOM, and remembers what was acknowledged."""

    def __init__(self, port: int, pause_s: float) -> None:
        self._port, self._number, self._pause_s = port, 0, pause_s
        self.kept: dict[str, str] = {}  # SOP instance UID -> sha256 of its samples
        self.ends: Counter[int] = Counter()

    def go_on(self, end: threading.Event) -> None:
        while not end.is_set():
            entity = AE()
            entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 40
            entity.add_requested_context(DICOM)
            with suppress(RuntimeError, OSError):
                association = entity.associate("127.0.0.1", self._port, ae_title=TITLE)
                while association.is_established and not end.is_set():
                    self._number += 1
                    ecg = pydicom.dcmread(io.BytesIO(dicom_ecg(self._number)))
                    status = getattr(association.send_c_store(ecg), "Status", -1)
                    self.ends[status] += 1
                    if status == 0:
                        self.kept[str(ecg.SOPInstanceUID)] = _samples(ecg)
                    time.sleep(self._pause_s)
                association.release() if association.is_established else association.abort()
            time.sleep(0.3)

    def lost(self, client: httpx.Client, project: str, since: int) -> list[str]:
        """Return the objects, from the one of a number on, whose samples are not given back as they were sent."""
        rows: dict[str, str] = {}
        base, page = f"/api/v1/projects/{project}/recordings", 1
        while found := client.get(base, params={"page": page, "size": 200}).json()["items"]:
            rows |= {row["file_name"].removeprefix("0000-").removesuffix(".dcm"): row["id"] for row in found}
            page += 1
        lost = []
        for uid, expected in list(self.kept.items())[since:]:
            data = client.get(f"{base}/{rows[uid]}/original").content if uid in rows else b""
            if not data or _samples(pydicom.dcmread(io.BytesIO(data))) != expected:
                lost.append(uid)
        return lost


def _samples(ecg: pydicom.Dataset) -> str:
    return hashlib.sha256(ecg.WaveformSequence[0].WaveformData).hexdigest()
