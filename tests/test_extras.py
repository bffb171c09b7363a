"""An installation without pyarrow: all but Parquet works, and who needs it is told how to add it."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backend.ecg import extras
from backend.ecg.errors import UnsupportedFormatError
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, read
from backend.isolation.table import read_table
from backend.ml.errors import LabelTableError
from tests.api_calls import Api, refusal
from tests.trained import Trained

ADD = r"pip install 'exchangeai\[parquet\]'"
IMPORTS = """
import sys
sys.modules["pyarrow"] = None
import backend.main, backend.cli, workers.app, exchangeai, backend.isolation.parser_child, backend.isolation.table_child
import importlib
for module in importlib.import_module("backend.cli.app").MODULES.values():
    importlib.import_module(module)
from backend.ecg.extras import is_here
assert not is_here("pyarrow")
print("done")
"""


def _table(**columns: object) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)


@pytest.mark.usefixtures("without")
def test_a_parquet_file_is_refused_with_what_to_install() -> None:
    data = _table(**dict.fromkeys(LEADS, np.zeros(1000)))
    with pytest.raises(UnsupportedFormatError, match=rf"ecg\.parquet.*{ADD}"):
        read(FileSet((SourceFile("ecg.parquet", data),)), ReadOptions(rate=100.0, units_per_mv=1.0))


@pytest.mark.usefixtures("without")
def test_a_parquet_table_of_labels_is_refused_with_what_to_install() -> None:
    with pytest.raises(LabelTableError, match=ADD):
        read_table(_table(file=["a.csv"], label=["NORM"]))
    assert read_table(b"file,label\na.csv,NORM\n").rows


@pytest.mark.usefixtures("without")
def test_rows_of_an_evaluation_are_refused_as_parquet(trained_api: Api, trained: Trained) -> None:
    from tests.api.test_evaluations import ask

    evaluation = ask(trained_api, trained, include_seen=True)
    address = trained_api.url(f"/evaluations/{evaluation['id']}")
    assert "pip install" in refusal(trained_api.client.get(f"{address}/parquet"), 503, "UnavailableError")
    assert trained_api.client.get(f"{address}/csv").status_code == 200


def test_nothing_but_parquet_needs_pyarrow(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", IMPORTS], capture_output=True, text=True, cwd=Path(__file__).parents[1],
        env={"PATH": "", "EXCHANGEAI_DATA_DIR": str(tmp_path)},
    )  # fmt: skip
    assert ran.stdout.strip() == "done", ran.stderr
