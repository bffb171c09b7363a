"""The DICOM receiver, with dcmtk's own programs as cart: `make test-servers` installs them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from backend.services.dicom_receiver import Door, Receiver
from backend.settings import Settings
from backend.storage import Storage
from tests.api_calls import Api
from tests.dicom_objects import dicom_ecg

pytestmark = pytest.mark.skipif(shutil.which("storescu") is None, reason="dcmtk is not installed")


def test_echoscu_and_storescu_are_served(api: Api, installed: Settings, storage: Storage, tmp_path: Path) -> None:
    api.url()
    files = [tmp_path / f"{seed}.dcm" for seed in range(3)]
    for seed, file in enumerate(files):
        file.write_bytes(dicom_ecg(seed))
    (tmp_path / "none.dcm").write_bytes(dicom_ecg(7)[:2000])
    with Receiver(installed, storage, Door(api.project, "127.0.0.1", 0, "WARD3")) as receiver:
        to = ["-aec", "WARD3", "127.0.0.1", str(receiver.port)]
        subprocess.run(["echoscu", *to], check=True, timeout=60)
        # --required: the cart proposes what its files are, instead of all classes of dcmtk (which lack some of ECGs)
        subprocess.run(["storescu", "--required", *to, *files], check=True, timeout=60)
        wrong = subprocess.run(["echoscu", "-aec", "OTHER", *to[2:]], capture_output=True, timeout=60)
        assert wrong.returncode != 0
    assert len(api.recordings()) == 3
