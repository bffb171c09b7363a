"""The parser process: reads one set of files after the other as it is asked to, until nobody asks any more.

Started as `python -m backend.isolation.parser_child MODULE`, whose READERS it uses. Its limits are set by itself
before it sees a file. A signal ends it after the time of a file even if the platform that asked is gone.
"""

import sys
from importlib import import_module

import numpy as np

from backend.ecg.errors import EcgError
from backend.ecg.readers import Reader
from backend.isolation import wire
from backend.isolation.limits import address_space, close_doors, limit_work, streams


def main(module: str) -> None:
    """Answer on the standard output what is asked on the standard input."""
    readers: dict[str, Reader] = {reader.name: reader for reader in import_module(module).READERS}
    questions, answers = streams()
    close_doors()
    base = address_space()
    wire.send(answers, {"ready": True})
    while True:
        try:
            message, blocks = wire.receive(questions, sys.maxsize)
        except EOFError:
            return
        name, files, options, limits = wire.request_from(message, blocks)
        del blocks
        limit_work(limits.seconds, base and base + sum(len(file.data) for file in files.files) + limits.memory)
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                answer = wire.answer_of(readers[name].read(files, options, limits))
        except EcgError as error:
            answer = {"error": type(error).__name__, "text": str(error), "offers": error.offers}, []
        except MemoryError:
            answer = {"error": "MemoryError", "text": ""}, []
        limit_work(None)
        wire.send(answers, *answer)


if __name__ == "__main__":
    main(sys.argv[1])
