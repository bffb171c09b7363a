"""Training on several devices at once: each takes its share of every batch and of what is validated.

This process averages the gradients, steps and saves as if it were alone; the others, one a GPU (or processes on the
CPU), hold no state: they have the weights of this one, in memory that they share or, on GPUs, sent before each step. So
whatever restores, resumes or stops a training needs to know of this process only.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, distributed

from backend.ml.data.training_data import TrainingData
from backend.ml.errors import SettingError, TrainingImpossibleError
from backend.ml.spec import ModelSpec
from backend.ml.training.config import TrainingConfig
from backend.ml.training.embeddings import Embedding
from backend.ml.training.learner import Learner, rows_of
from backend.ml.training.parallel_member import add_gradients, give_weights, join
from backend.ml.training.parallel_memory import SharedMemory
from backend.ml.training.parallel_messages import Assignment, Question, Share
from backend.ml.training.start import Base

PATIENCE = 600.0  # seconds until a member that lives but does not answer is given up
SHARE = 32  # records of a batch that each process has at least, where their number is not chosen by a person
LONG = 20_000  # records seen in all epochs from which a second process pays: 24 s (XResNet1d-18) or more, its start 3 s


@contextmanager
def learner_for(
    data: TrainingData,
    spec: ModelSpec,
    config: TrainingConfig,
    base: Base | None = None,
    embedding: Embedding | None = None,
    devices: int | None = None,
) -> Iterator[Learner]:
    """Give what trains on so many devices; its helping processes end with the block.

    `devices` are those that a training began with which goes on; None: what `devices_for` says.
    Raises SettingError where there are fewer GPUs.
    """
    learner = Learner(data, spec, config, base, embedding)
    if devices is None:
        devices = devices_for(learner)
    if devices == 1 or learner.only_head:
        yield learner
        return
    if learner.device.type == "cuda" and torch.cuda.device_count() < devices:
        raise SettingError(
            f"The training asks for {devices} GPUs, but there are {torch.cuda.device_count()}. Ask for fewer."
        )
    kind, threads = learner.device.type, torch.get_num_threads()
    learner = _LeadingLearner(data, spec, config, base)
    memory = SharedMemory(learner.network, devices - 1) if _shares_memory(kind) else None
    try:
        file = None if memory is None else memory.file
        task = Assignment(spec, config, base, data.y[data.split.train], kind, devices, file)
        with _members(task) as members:
            if kind == "cpu":
                torch.set_num_threads(max(1, threads // devices))
            learner.lead(members, memory)
            yield learner
    finally:
        torch.set_num_threads(threads)
        if memory is not None:
            memory.close_file()


def devices_for(learner: Learner) -> int:
    """Return on how many devices a training runs: `config.devices`, or by a rule where that is None.

    The rule knows the data, the settings and how many cores there are, and no time that was measured: batch
    normalisation has the statistics of a share, so a training must not get another number of them by chance. Two
    processes on a CPU it is where each has enough of every batch and the training is long beside their start.
    """
    config, n_train = learner.config, len(learner.data.split.train)
    if config.devices is not None:
        return config.devices
    free = config.threads is None and torch.get_num_threads() > 1
    if learner.only_head or learner.device.type != "cpu" or sys.platform.startswith("win") or not free:
        return 1
    if config.max_epochs * n_train < LONG:
        return 1
    return 2 if (config.batch_size or learner.batch_size()) >= 2 * SHARE else 1


def _shares_memory(kind: str) -> bool:
    return kind == "cpu"


class _Member:
    """A helping process, seen from here."""

    def __init__(self, rank: int, process: "subprocess.Popen[bytes]", connection: Connection) -> None:
        self.rank = rank
        self.process = process
        self.connection = connection

    def tell(self, message: object) -> None:
        """Send a message; raises TrainingImpossibleError where nobody is there."""
        try:
            self.connection.send(message)
        except OSError as problem:
            raise self.lost() from problem

    def answer(self, kind: str) -> Any:
        """Wait for an answer of that kind; raises TrainingImpossibleError for another one, or none."""
        until = time.monotonic() + PATIENCE
        while not wait([self.connection], timeout=1.0):
            if self.process.poll() is not None or time.monotonic() > until:
                raise self.lost()
        try:
            what, value = self.connection.recv()
        except (EOFError, OSError) as problem:
            raise self.lost() from problem
        if what != kind:
            raise TrainingImpossibleError(f"Process {self.rank + 1} of the training failed: {value}")
        return value

    def lost(self) -> TrainingImpossibleError:
        """Return the error that says that the process does not answer."""
        return TrainingImpossibleError(
            f"Process {self.rank + 1} of the training ended or does not answer (exit code {self.process.poll()}). "
            "Often memory is short: choose a smaller batch size or fewer devices."
        )


class _LeadingLearner(Learner):
    """A learner whose steps are shared."""

    members: list[_Member]
    memory: SharedMemory | None  # None: weights and gradients are sent

    def lead(self, members: list[_Member], memory: SharedMemory | None) -> None:
        """Share the steps from now on with `members`."""
        self.members, self.memory, self.processes = members, memory, 1 + len(members)

    @property
    def device_name(self) -> str:
        """Return "2 × cpu", or the number and name of the GPUs."""
        return f"{self.processes} × {super().device_name}"

    def step(self, rows: NDArray[np.intp], random: Generator) -> float:
        """Learn from the records `rows`, of which each process takes a part, and return the loss before the step."""
        batch = self.batch(rows, random)
        seed, precision, threads = int(random.integers(2**31)), self.precision(batch), torch.get_num_threads()
        parts = np.array_split(np.arange(len(rows)), min(self.processes, max(1, len(rows) // 2)))
        parts += [parts[0][:0]] * (self.processes - len(parts))
        for member, part in zip(self.members, parts[1:], strict=True):
            mine = rows_of(batch, part)
            member.tell(Share(mine, len(part) / len(rows), seed + member.rank, precision, threads))
        if self.memory is None:
            with self._exchange():
                give_weights(self.network)
        self.optimizer.zero_grad()
        share = len(parts[0]) / len(rows)
        loss = self.backward(rows_of(batch, parts[0]), precision).item() * share
        loss += sum(float(member.answer("loss")) for member in self.members)
        self._add_gradients(share)
        self.update()
        return loss

    def _add_gradients(self, share: float) -> None:
        if self.memory is not None:
            self.memory.add_gradients(share)
            return
        for member in self.members:
            member.tell("add")
        with self._exchange():
            add_gradients(self.network, share)

    def answers(self, rows: NDArray[np.intp]) -> Iterator[Tensor]:
        """Yield the logits of records, of which each process answers a part, in the order of `rows`."""
        weights = {name: value.cpu().numpy() for name, value in self.kept.state_dict().items()}
        size = self.n_answered * self.processes
        for start in range(0, len(rows), size):
            own, *others = np.array_split(rows[start : start + size], self.processes)
            asked = [(member, part) for member, part in zip(self.members, others, strict=True) if len(part)]
            for member, part in asked:
                member.tell(Question(weights if start == 0 else {}, self.data.x[part], self._facts(part)))
            yield from super().answers(own)
            for member, _ in asked:
                yield torch.from_numpy(member.answer("logits")).to(self.device)

    @contextmanager
    def _exchange(self) -> Iterator[None]:
        """Say in plain words where an exchange broke off because a process ended in its midst."""
        try:
            yield
        except RuntimeError as problem:
            gone = [member for member in self.members if member.process.poll() is not None]
            if not gone:
                raise
            raise gone[0].lost() from problem


@contextmanager
def _members(task: Assignment) -> Iterator[list[_Member]]:
    """Start the helping processes, join them in a group, and end them."""
    members: list[_Member] = []
    with tempfile.TemporaryDirectory(prefix="training-") as folder:
        meeting = Path(folder) / "meeting"
        try:
            for rank in range(1, task.devices):
                ours, theirs = Pipe()
                passed = [theirs.fileno()] + ([] if task.memory is None else [task.memory])
                command = [sys.executable, "-m", "backend.ml.training.parallel_member", str(theirs.fileno())]
                # not multiprocessing: a worker's processes may not have such children
                process = subprocess.Popen(command, pass_fds=passed, stdin=subprocess.DEVNULL)  # noqa: S603
                theirs.close()
                members.append(_Member(rank, process, ours))
                members[-1].tell((task, rank, str(meeting)))
            for member in members:
                member.answer("ready")  # it has loaded everything and waits, at the meeting where there is one
            if task.memory is None:
                join(task, 0, str(meeting))
            yield members
        finally:
            for member in members:
                member.connection.close()
            if distributed.is_initialized():
                distributed.destroy_process_group()
            for member in members:
                try:
                    member.process.wait(timeout=5)
                except subprocess.TimeoutExpired:
                    member.process.kill()
                    member.process.wait()
