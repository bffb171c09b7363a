"""Cross-validation: the recipe of a run, repeated for each fold, and once more for the model that is kept.

Where only the head is fitted, the strength of its penalty is chosen by folds inside those who learn, and the head is
then fitted to all of them. Another network is trained as ever, with an eighth of those who learn to validate on; the
one that is kept is trained on everybody for the median of the epochs that were best.
"""

import time
from collections.abc import Collection, Generator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median_low

import numpy as np
import torch
from numpy.typing import NDArray

from backend.counted import counted
from backend.ml.data.folds import PARTS_OF_HEAD, PARTS_OF_NETWORK, Folds, inside
from backend.ml.data.split import Split, value_groups
from backend.ml.data.training_data import TrainingData, check_finite
from backend.ml.evaluation.fold_spread import CrossValidation as CrossValidationFacts
from backend.ml.evaluation.out_of_fold import with_prior
from backend.ml.spec import ModelSpec
from backend.ml.training import checkpoint as checkpoints
from backend.ml.training import hardware
from backend.ml.training.answers import in_units, logits_of
from backend.ml.training.config import TrainingConfig
from backend.ml.training.embeddings import Embedding, embed_all
from backend.ml.training.events import EpochDone, Event, FoldDone, FoldStarted, Kept, Stopped
from backend.ml.training.learner import Learner, only_the_head
from backend.ml.training.start import Base
from backend.ml.training.train import ShouldStop, trained_network
from backend.ml.training.train import train as train_once
from backend.ml.training.validation import merit


class CrossValidation:
    """All trainings of a cross-validation; what a base makes of the records is computed once where it stays.

    `checkpoint` names the files in which each training is kept while it runs. Raises what `train.train` raises, and
    SplitError where the patients of a label are too few to be parted once more.
    """

    def __init__(
        self,
        data: TrainingData,
        spec: ModelSpec,
        config: TrainingConfig,
        folds: Folds,
        checkpoint: Path,
        *,
        seed: int,
        base: Base | None = None,
        should_stop: ShouldStop = lambda: False,
    ) -> None:
        if config.devices is None:
            config = replace(config, devices=1)
        self.data, self.spec, self.config, self.folds, self.base = data, spec, config, folds, base
        self.checkpoint, self.seed, self.should_stop = checkpoint, seed, should_stop
        self.only_head = only_the_head(spec, config)
        self.embedding: Embedding | None = None
        self.cancelled = False

    def run(self, done: Collection[tuple[int, int]] = ()) -> Generator[Event]:
        """Train and answer fold after fold, but for those that are `done`, given as (repeat, fold) from 0.

        Ends with a Stopped where it was cancelled.
        """
        for repeat in range(self.folds.repeats):
            for fold in range(self.folds.k):
                if (repeat, fold) in done:
                    continue
                yield FoldStarted(repeat, fold)
                finished = yield from self._fold(repeat, fold)
                if finished is None:
                    return
                yield finished

    def keep(self, epochs: Sequence[int], strengths: Sequence[int]) -> Generator[Event]:
        """Train the model that is kept on all who learn, into the file `checkpoint`; the last event is Stopped.

        `epochs` and `strengths` are those of the folds.
        """
        everyone = self.folds.learns(0, -1)  # but for a run that learns from a share
        kept: Kept | None = Kept(median_low(epochs), median_low(strengths))
        if self.only_head:
            kept = yield from self._strength(0, -1)
        if kept is not None:
            yield from self._train(self.checkpoint, Split(everyone, everyone[:0], everyone[:0]), kept)

    def about(self, checkpoint: Path) -> CrossValidationFacts:
        """Return how it was done, with what is kept, whose checkpoint this is."""
        state = checkpoints.load(checkpoint)
        best, n, learnt = state.best_epoch if state else 0, len(self.data.y), len(self.folds.learns(0, -1))
        if self.only_head:
            how = f"with regularisation strength {best}, which folds within them chose"
        else:
            how = f"for {counted(best, 'epoch')}, the median of what was best in the folds"
        kept = (
            f"It has learned from all {n} recordings, {how}. What it decides by (calibration, thresholds) was chosen "
            "on the out-of-fold outputs."
            if learnt == n
            else f"It has learned from {learnt} of {n} recordings, {how}. What it decides by (calibration, thresholds) "
            "was chosen on the out-of-fold outputs."
        )
        only_train = int((self.folds.fold[0] < 0).sum())
        return CrossValidationFacts(
            folds=self.folds.k,
            repeats=self.folds.repeats,
            n_only_trained=only_train,
            kept=kept,
            over="repeats" if self.folds.repeats > 1 else "folds",
            divided_by="patient" if self.folds.source is None else "source",
        )

    def _fold(self, repeat: int, fold: int) -> Generator[Event, None, FoldDone | None]:
        start = time.perf_counter()
        tests = self.folds.tests(repeat, fold)
        file = self._file(f"{repeat}-{fold}")
        kept: Kept | None = None
        if self.only_head:
            kept = yield from self._strength(repeat, fold)
            learn = self.folds.learns(repeat, fold)
            split = Split(learn, learn[:0], tests)
        else:
            (split,) = self._inside(repeat, fold, PARTS_OF_NETWORK, only_first=True)
        if self.cancelled:
            return None
        stopped = yield from self._train(file, split, kept)
        if stopped is None:
            return None
        state = checkpoints.load(file)
        logits = self._answers(file, tests)
        if self.spec.task != "regression" and not self.config.class_weights:
            logits = with_prior(logits, self.data.y[split.train], self.data.y, self.spec.task)
        file.unlink(missing_ok=True)
        return FoldDone(
            repeat, fold, tests, logits, stopped.best_epoch, stopped.epochs, state.strength if state else 0,
            time.perf_counter() - start, len(split.train), len(split.validation),
        )  # fmt: skip

    def _strength(self, repeat: int, fold: int) -> Generator[Event, None, Kept | None]:
        """Return the strength of the head that those who learn while `fold` tests choose among themselves."""
        inner = self._inside(repeat, fold, PARTS_OF_HEAD)
        histories: list[tuple[EpochDone, ...]] = []
        for part, split in enumerate(inner):
            file = self._file(f"{repeat}-{fold}-{part}")
            stopped = yield from self._train(file, replace(split, test=split.validation))
            if stopped is None:
                return None
            state = checkpoints.load(file)
            histories.append(state.history if state else ())
            file.unlink(missing_ok=True)
        steps = min(map(len, histories))
        merits = [self._merit([history[step] for history in histories], inner) for step in range(steps)]
        return Kept(1 + int(np.argmax(merits)))

    def _merit(self, tried: Sequence[EpochDone], inner: Sequence[Split]) -> float:
        """Return the mean, over those who validate, of what the settings ask for of one strength."""
        n = np.array([len(split.validation) for split in inner])
        monitor = self.config.monitor
        if monitor == "last_epoch" or any(getattr(one, monitor) is None for one in tried):
            monitor = "val_loss"  # as `validation.judge` does
        return float(n @ [merit(one, monitor) for one in tried] / n.sum())

    def _train(self, file: Path, split: Split, kept: Kept | None = None) -> Generator[Event, None, Stopped | None]:
        """Train once; return how it ended, None where it was cancelled."""
        if self.only_head and self.embedding is None:
            yield from self._embed()
        if self.should_stop() or self.cancelled:
            self.cancelled = True
            yield Stopped("cancelled", 0, 0)
            return None
        events = train_once(
            replace(self.data, split=split), self.spec, self.config, file, base=self.base,
            should_stop=self.should_stop, kept=kept, embedding=self.embedding,
        )  # fmt: skip
        ended: Stopped | None = None
        for event in events:
            if isinstance(event, Stopped):
                ended = event
            yield event
        if ended is None or ended.reason == "cancelled":
            self.cancelled = True
            return None
        return ended

    def _embed(self) -> Generator[Event]:
        """Let the body answer once for every record."""
        check_finite(self.data)
        everyone = np.arange(len(self.data.y))
        whole = replace(self.data, split=Split(everyone, everyone[:0], everyone[:0]))
        with hardware.threads(self.config.threads):
            learner = Learner(whole, self.spec, self.config, self.base)
            parts = embed_all(learner.network, learner.data.x, learner.data.patient, learner.window)
            while True:
                if self.should_stop():
                    self.cancelled = True
                    return
                try:
                    yield next(parts)
                except StopIteration as end:
                    self.embedding = end.value
                    return

    def _answers(self, file: Path, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the logits (n, L) of the network of a checkpoint for the records `rows`."""
        state = checkpoints.load(file)
        if self.embedding is None or state is None:
            network = trained_network(self.spec, self.config, file, base=self.base)
        else:
            network = self.embedding.network
            network.head.load_state_dict({name.removeprefix("head."): value for name, value in state.best.items()})
        if state is not None and state.target_scale is not None:
            in_units(network, *state.target_scale)
        if self.embedding is None:
            return logits_of(network, self.data, self.spec, rows)
        with torch.inference_mode():
            values = torch.from_numpy(self.embedding.values[rows]).to(network.head.weight.device)
            found: NDArray[np.float32] = network.head(values).float().cpu().numpy()
        return found

    def _inside(self, repeat: int, fold: int, parts: int, *, only_first: bool = False) -> list[Split]:
        values = self.spec.task == "regression"
        y = value_groups(self.data.y) if values else self.data.y
        return inside(
            self.folds, y, repeat, fold, seed=self.seed, parts=parts, only_first=only_first, each_label=not values
        )

    def _file(self, name: str) -> Path:
        return self.checkpoint.with_name(f"{self.checkpoint.stem}-{name}{self.checkpoint.suffix}")
