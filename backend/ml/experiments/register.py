"""The experiments by name, without torch: what each asks, and the module that does it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from backend.ml.errors import SettingError


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A question, and the module with `runs` (what is to be done) and `do` (one of these)."""

    name: str
    title: str
    question: str
    module: str
    by_label: bool = False  # the table shows every label
    needs_base: bool = False  # it starts from a pre-trained model


EXPERIMENTS: Mapping[str, Experiment] = MappingProxyType({
    one.name: one
    for one in (
        Experiment(
            name="one_fold", title="One fold", module="backend.ml.experiments.one_fold",
            question="How far do XceptionTime and InceptionTime get from scratch on a single fold, at home and "
            "elsewhere?",
        ),
        Experiment(
            name="start", title="What to start from", module="backend.ml.experiments.start_from", needs_base=True,
            question="Is the pre-trained network better with its head alone or with all layers, than the same network "
            "with random weights, and than training from scratch?",
        ),
        Experiment(
            name="few_labels", title="Few labels", module="backend.ml.experiments.few_labels", needs_base=True,
            question="From how many labelled ECGs on does pre-training pay, and from how many on does it stop?",
        ),
        Experiment(
            name="mixture", title="The mixture and its parts", module="backend.ml.experiments.mixture",
            question="At equal computing: is the mixture better than each expert alone, and is learned routing better "
            "than a fixed or a random one?",
        ),
        Experiment(
            name="objectives", title="Objectives of pre-training", module="backend.ml.experiments.objectives",
            question="What should be told in pre-training: the aligned beat, gaps in the signal, or which copies "
            "belong together?",
        ),
        Experiment(
            name="rate_and_alignment", title="100 Hz and aligned beats", by_label=True,
            module="backend.ml.experiments.rate_and_alignment",
            question="What do 100 Hz and aligned beats cost, label by label, such as rhythms and narrow deflections?",
        ),
    )
})  # fmt: skip


def experiment(name: str) -> Experiment:
    """Return the experiment of that name; raises SettingError that lists the known ones."""
    if name not in EXPERIMENTS:
        raise SettingError(f"There is no experiment “{name[:80]}”; there are {', '.join(EXPERIMENTS)}.")
    return EXPERIMENTS[name]
