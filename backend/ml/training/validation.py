"""How good an epoch was: the validation logits, judged as the settings ask for."""

import math
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from backend.ml.evaluation.classification import macro_auroc, macro_f1
from backend.ml.evaluation.regression import macro_r2
from backend.ml.inference.predictor import to_probabilities
from backend.ml.training.choices import Monitor
from backend.ml.training.events import EpochDone
from backend.ml.training.learner import Learner


def judge(
    learner: Learner,
    logits: Sequence[Tensor],
    earlier: Sequence[EpochDone],
    *,
    train_loss: float,
    rate: float,
    seconds: float,
    of_head: bool = False,
) -> EpochDone:
    """Return the epoch that follows the `earlier` ones, of which `logits` are those of the validation records.

    The epochs `of_head` are strengths of its penalty; the last of them is as good as any. Where no record validates,
    each epoch is better than the one before.
    """
    if not len(learner.data.split.validation):
        return EpochDone(len(earlier) + 1, train_loss, train_loss, None, None, rate, seconds, best=True)
    task = learner.spec.task
    truth = learner.data.y[learner.data.split.validation]
    auroc = f1 = r2 = None
    if task == "regression":  # in standard deviations or in units, R² is the same
        r2 = macro_r2(learner.y[learner.data.split.validation], torch.cat(list(logits)).cpu().numpy())
    else:
        probabilities = to_probabilities(torch.cat(list(logits)).cpu().numpy(), task)
        auroc, f1 = macro_auroc(truth, probabilities), macro_f1(truth, probabilities, task)
    done = EpochDone(
        epoch=len(earlier) + 1,
        train_loss=train_loss,
        val_loss=learner.validation_loss(logits),
        macro_auroc=auroc,
        macro_f1=f1,
        learning_rate=rate,
        seconds=seconds,
        best=False,
        macro_r2=r2,
    )
    monitor = learner.config.monitor
    # A regression has neither AUROC nor F1; of a validation part with a single class there is no AUROC.
    if of_head if monitor == "last_epoch" else getattr(done, monitor) is None:
        monitor = "val_loss"
    best = max((merit(one, monitor) for one in earlier), default=-math.inf)
    return replace(done, best=not earlier or merit(done, monitor) > best)


def merit(done: EpochDone, monitor: Monitor) -> float:
    """Return the monitored value of an epoch, turned so that more is better; undefined is worst."""
    if monitor == "last_epoch":
        return done.epoch
    if monitor == "val_loss":
        return -done.val_loss
    value: float | None = getattr(done, monitor)
    return -math.inf if value is None else value
