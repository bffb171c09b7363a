"""A worker that dies, as by SIGKILL, once so many bytes of a model have been fetched: JOB BYTES."""

import os
import sys

from workers import exchanges
from workers.lifecycle import RunningJob, run


def main(job_id: str, enough: int) -> None:
    """Pull a model as a worker does, up to there."""

    def die(_job: RunningJob, _share: float) -> object:
        def tell(done: int, _total: int) -> None:
            if done > enough:
                os._exit(9)

        return tell

    exchanges.progress_of = die  # type: ignore[assignment]
    run(job_id, exchanges.pull)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
