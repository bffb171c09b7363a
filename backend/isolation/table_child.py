"""The process that reads one table of labels, and ends. Started as `python -m backend.isolation.table_child`."""

import json
from dataclasses import asdict
from importlib import import_module

from backend.isolation import wire
from backend.isolation.limits import address_space, close_doors, limit_work, streams
from backend.ml.data.label_tables.cells import kind_of, read
from backend.ml.errors import LabelTableError


def main() -> None:
    """Answer on the standard output the one question that comes on the standard input."""
    questions, answers = streams()
    close_doors()
    wire.send(answers, {"ready": True})
    message, blocks = wire.receive(questions, wire.MOST_BYTES)
    data = bytes(blocks.pop())
    # Loaded before the limits hold, so that these leave room for the table alone.
    import_module("openpyxl" if kind_of(data) == "xlsx" else "pyarrow.parquet")
    base = address_space()
    limit_work(message["seconds"], base and base + len(data) + message["memory"])
    try:
        cells = read(data)
        wire.send(answers, {}, [json.dumps(asdict(cells)).encode()])
    except LabelTableError as error:
        wire.send(answers, {"error": str(error)})
    except MemoryError:
        wire.send(answers, {"error": "The table needs more memory than a table of labels may take. Save it as CSV."})


if __name__ == "__main__":
    main()
