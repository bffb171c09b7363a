"""Records in WFDB: the real ones beside the project, and small ones that wfdb writes."""

from pathlib import Path

import numpy as np
import wfdb

from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, SourceFile, group

FORMATS = Path("../shared/data/formats")


def record(stem: Path) -> FileSet:
    """The set of a record: the header and every file beside it that it names."""
    sets = group(SourceFile(path.name, path.read_bytes()) for path in sorted(stem.parent.glob(stem.name + ".*")))
    return next(files for files in sets if files.name.endswith(".hea"))


def written(folder: Path, d_signal: np.ndarray, fmt: str = "16", gain: float = 1000.0, **more: object) -> FileSet:
    """A twelve-lead record written by wfdb."""
    k = d_signal.shape[1]
    fields = {"adc_gain": [gain] * k, "baseline": [0] * k, "sig_name": list(LEADS[:k]), "units": ["mV"] * k} | more
    wfdb.wrsamp("rec", fs=500, d_signal=d_signal, fmt=[fmt] * k, write_dir=str(folder), **fields)
    return record(folder / "rec")


def ramp(n: int = 50, k: int = 12) -> np.ndarray:
    return np.arange(n * k).reshape(n, k) % 401 - 200
