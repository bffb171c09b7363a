"""The settings that suit a fine-tuning: one place for the page, the shell and the benchmarks. Loads no torch."""

from collections.abc import Mapping

from backend.ml.architectures import ARCHITECTURES
from backend.ml.strict_json import JSON
from backend.ml.training.config import merged

METHOD = "head_then_all"
LAYER_DECAY = 0.6
FOREIGN: Mapping[str, JSON] = {
    "learning_rate": 0.003, "schedule": "one_cycle", "max_epochs": 30, "ema": 0.99, "mixup": 0.3,
}  # fmt: skip
"""Of a network that is known by its graph alone, most of which are convolutional."""


def fine_tuning(architecture: str, window_s: float | None) -> dict[str, object]:
    """Return the training settings that suit the fine-tuning of a base model, whatever the method.

    `architecture` is that of the base, one that the register does not know for a graph from elsewhere; `window_s` the
    length of the windows that the base looks at. They are the recipe of the architecture with these differences:

    - Kept is the epoch with the best validation loss in the whole schedule. With "head_then_all" the fitted head is the
      first epoch, so that where changing the body helps nothing the body stays as it is.
    - The layers before the head learn at rates that fall off less steeply than by the general default.
    - The rate is not searched for: from a fitted head the loss can only rise, and what is found is chance.
    """
    entry = ARCHITECTURES.get(architecture)
    usual = merged(FOREIGN, {} if entry is None else entry.recipe)
    return merged(
        usual,
        {
            "method": METHOD,
            "monitor": "val_loss",
            "patience": usual["max_epochs"],
            "layer_decay": LAYER_DECAY,
            "augmentation": {"crop_seconds": window_s},
        },
    )
