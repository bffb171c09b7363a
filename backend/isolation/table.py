"""Reading tables of labels: Excel workbooks and Parquet files in a process of its own, everything else here.

The libraries that take those apart are not ours; a file that makes them crash, hang or eat memory costs that one file.
"""

import json
import logging

from backend.isolation.process import ChildProcess, NotStartedError, StoppedError, TimeUpError
from backend.ml.data.label_tables.cells import Cells, kind_of, read
from backend.ml.errors import LabelTableError

log = logging.getLogger(__name__)

MODULE = "backend.isolation.table_child"
SECONDS = 120.0
MEMORY = 4 << 30  # bytes beyond the file itself: a cell is an object of Python
MOST_BYTES = 1 << 30  # of the answer


def read_table(data: bytes) -> Cells:
    """Return the cells of a table of labels. Raises LabelTableError, saying why it cannot be read and what to do."""
    kind = kind_of(data)
    return _elsewhere(data) if kind in ("xlsx", "parquet") else read(data)


def _elsewhere(data: bytes) -> Cells:
    try:
        child = ChildProcess(MODULE)
    except NotStartedError as error:
        log.error("The process that reads tables cannot be started: %s", error.__cause__)
        raise LabelTableError(
            "The table was not read: the program that does so could not be started. Save it as CSV, or try again."
        ) from None
    try:
        answer, blocks = child.exchange({"seconds": SECONDS, "memory": MEMORY}, [data], SECONDS, MOST_BYTES)
        if "error" in answer:
            raise LabelTableError(str(answer.get("error"))[:2000])
        made = json.loads(bytes(blocks[0]))
        return Cells(tuple(made["header"]), made["rows"], str(made["kind"]), tuple(made["notes"]))
    except TimeUpError:
        raise LabelTableError(f"The table takes longer than {SECONDS:g} s to read. Save it as CSV.") from None
    except (StoppedError, KeyError, TypeError, ValueError, IndexError) as error:
        log.warning("A table stopped the process that read it: %s", error)
        raise LabelTableError(
            "The table made the program that reads it stop, as damaged and hostile files do. Save it as CSV."
        ) from None
    finally:
        child.end()
