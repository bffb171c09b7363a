"""Mutants of real files through every reader: nothing but a recording or an EcgError may come out.

    python bench/fuzz_readers.py [--cases 200000] [--first 0] [--only edf] [--seconds 5] [--gib 1]

Each case is read, checked and stored as an upload is. It fails when anything but an EcgError is raised, when it takes
longer than --seconds, when the process needs more than --gib above what it had before, or when the process dies.
Cases are numbers: the same number is the same mutant (tests/mutations.py), so that a failure is repeated by
--first N --cases 1. Exits with 1 on failure.
"""

import argparse
import faulthandler
import multiprocessing as mp
import resource
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from multiprocessing.connection import Connection, wait
from typing import cast

from tests.mutations import OPTIONS, mutant, named, seeds, through


class Late(BaseException):
    """A case that takes too long. No Exception, so that no reader swallows it."""


def work(pipe: Connection, first: int, step: int, last: int, only: str, seconds: float, gib: float) -> None:
    """Run the cases first, first + step, … and tell the parent of each before and after."""

    def ring(*_: object) -> None:
        raise Late

    faulthandler.enable()
    warnings.simplefilter("error")
    signal.signal(signal.SIGALRM, ring)
    pool = named(seeds(), only) if only else None
    through(mutant(first, pool), OPTIONS[0])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    resource.setrlimit(resource.RLIMIT_AS, (int((gib + 3) * 2**30),) * 2)
    tally: Counter[str] = Counter()
    for number in range(first, last, step):
        files, options = mutant(number, pool), OPTIONS[(number // 7) % len(OPTIONS)]
        pipe.send(("at", number, files.name))
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            tally[through(files, options)] += 1
        except Late:
            pipe.send(("found", number, files.name, f"took more than {seconds:g} s\n{traceback.format_exc(-3)}"))
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            signal.setitimer(signal.ITIMER_REAL, 0)
            where = traceback.format_exc(-4)
            pipe.send(("found", number, files.name, f"{type(error).__name__}: {str(error)[:300]}\n{where[-1200:]}"))
        signal.setitimer(signal.ITIMER_REAL, 0)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if peak - before > gib * 2**20:
            pipe.send(("found", number, files.name, f"needed {(peak - before) / 2**20:.2f} GiB"))
            before = peak
    pipe.send(("done", dict(tally), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 2**10))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--only", default="", help="seeds with this in their path")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--gib", type=float, default=1)
    parser.add_argument("--workers", type=int, default=2)
    a = parser.parse_args()
    start = time.monotonic()
    last, step = a.first + a.cases, min(a.workers, a.cases)
    context = mp.get_context("forkserver")
    pending = [(a.first + k, k) for k in range(step)]
    running: dict[Connection, tuple[mp.process.BaseProcess, list]] = {}
    tally: Counter[str] = Counter()
    found: dict[str, list[int]] = {}
    rise = 0.0
    while pending or running:
        while pending:
            first, _ = pending.pop()
            mine, theirs = context.Pipe(duplex=False)
            process = context.Process(target=work, args=(theirs, first, step, last, a.only, a.seconds, a.gib))
            process.start()
            theirs.close()
            running[mine] = (process, [first, "?", time.monotonic()])
        for pipe in cast(list[Connection], wait(list(running), timeout=1)):
            process, at = running[pipe]
            try:
                message = pipe.recv()
            except EOFError:
                process.join()
                del running[pipe]
                keep(found, at[0], at[1], f"process died (exit {process.exitcode})")
                if at[0] + step < last:
                    pending.append((at[0] + step, 0))
                continue
            if message[0] == "at":
                at[:] = [message[1], message[2], time.monotonic()]
            elif message[0] == "found":
                keep(found, *message[1:])
            else:
                tally.update(message[1])
                rise = max(rise, message[2])
                process.join()
                del running[pipe]
        for process, at in running.values():
            if time.monotonic() - at[2] > 6 * a.seconds and process.is_alive():
                keep(found, at[0], at[1], "hangs in code that no signal reaches")
                process.kill()
    for title, numbers in found.items():
        print(f"{len(numbers)} cases ({', '.join(map(str, numbers[:5]))}): {title}\n")
    print(
        f"{a.cases:,} mutants of {len(seeds())} sets in {time.monotonic() - start:.0f} s: {tally['read']:,} read, "
        f"{tally['refused']:,} refused, {sum(map(len, found.values())):,} failures; "
        f"memory rose by up to {rise:.0f} MiB."
    )
    sys.exit(bool(found))


def keep(found: dict[str, list[int]], number: int, name: str, what: str) -> None:
    """Note a failure; failures that look the same are counted together."""
    title = f"{name}: {what}"
    alike = next((key for key in found if key.split("\n")[-3:] == title.split("\n")[-3:] and "\n" in key), title)
    found.setdefault(alike, []).append(number)


if __name__ == "__main__":
    main()
