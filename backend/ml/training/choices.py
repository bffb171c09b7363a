"""The values that a training setting may have where they are not numbers, with what each means."""

from collections.abc import Mapping
from typing import Literal

from backend.ml.spec import Task
from backend.ml.training.setting import Choice

Monitor = Literal["val_loss", "macro_auroc", "macro_f1", "last_epoch"]
Method = Literal["scratch", "head", "all", "head_then_all"]
OptimizerName = Literal["adamw", "adam", "nadam", "adamax", "adafactor", "rmsprop", "sgd"]
Schedule = Literal["exponential", "one_cycle", "cosine"]
LossName = Literal["cross_entropy", "focal", "asymmetric"]
ThresholdRule = Literal["f1", "youden", "sensitivity_90", "specificity_90", "costs"]
Precision = Literal["auto", "float32", "bfloat16"]

LABELS: tuple[Task, ...] = ("single_label", "multi_label")

METHODS: Mapping[Method, Choice] = {
    "scratch": Choice(
        title="From scratch",
        help="A new model is trained on your recordings alone. Works best with a thousand recordings or more.",
    ),
    "head": Choice(
        title="Head only",
        help="The base model is kept as it is; only its last layer is trained. Takes seconds and works with few "
        "recordings.",
    ),
    "all": Choice(
        title="All layers",
        help="Every layer of the base model is trained further on your labels. Takes as long as from scratch.",
    ),
    "head_then_all": Choice(
        title="Head, then all layers",
        help="First the last layer alone, then all, the earlier ones in smaller steps, which preserves what the base "
        "model has learned. The best choice in most cases.",
    ),
}
MONITORS: Mapping[Monitor, Choice] = {
    "val_loss": Choice(title="Loss"),
    "macro_auroc": Choice(title="AUROC, mean over labels", tasks=LABELS),
    "macro_f1": Choice(title="F1, mean over labels", tasks=LABELS),
    "last_epoch": Choice(title="None: keep the last epoch", needs_epochs=True),
}
LOSSES: Mapping[LossName, Choice] = {
    "cross_entropy": Choice(title="Cross-entropy"),
    "focal": Choice(title="Focal"),
    "asymmetric": Choice(title="Asymmetric (for several labels at once)", tasks=("multi_label",)),
}
OPTIMIZERS: Mapping[OptimizerName, Choice] = {
    "adamw": Choice(title="AdamW"),
    "adam": Choice(title="Adam"),
    "nadam": Choice(title="NAdam"),
    "adamax": Choice(title="Adamax"),
    "adafactor": Choice(title="Adafactor (needs the least memory)"),
    "rmsprop": Choice(title="RMSprop"),
    "sgd": Choice(title="SGD with momentum"),
}
SCHEDULES: Mapping[Schedule, Choice] = {
    "exponential": Choice(title="Exponential decay after each epoch"),
    "one_cycle": Choice(title="One cycle: rises, then falls to zero"),
    "cosine": Choice(title="Cosine: falls slowly to zero"),
}
THRESHOLD_RULES: Mapping[ThresholdRule, Choice] = {
    "f1": Choice(title="Best F1", help="A balance of found recordings and false alarms. Usual where labels are rare."),
    "youden": Choice(title="Best sensitivity + specificity", help="Youden's index: both count the same."),
    "sensitivity_90": Choice(title="90 % sensitivity", help="Nine of ten recordings with the label are found."),
    "specificity_90": Choice(title="90 % specificity", help="Nine of ten recordings without the label are spared."),
    "costs": Choice(title="Lowest cost", help="A missed label costs as many false alarms as you say below."),
}
PRECISIONS: Mapping[Precision, Choice] = {
    "auto": Choice(title="Automatic"),
    "float32": Choice(title="float32 (exact)"),
    "bfloat16": Choice(title="bfloat16 (faster on a graphics card)"),
}
