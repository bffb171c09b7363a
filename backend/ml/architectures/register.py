"""The networks one can train. Each takes (n_leads, n_samples, n_labels, **config) and has a file of its own.

This register does not import torch, so that a web process can list the choices; `build` does, when called.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from backend.ml.errors import SettingError
from backend.ml.strict_json import JSON

if TYPE_CHECKING:
    from backend.ml.architectures.network import Network

EXPERTS = ("xception_time", "inception_time", "xresnet1d", "transformer")
"""Of the mixture `cardx`, in the order of its routes."""
RECOMMENDED = "xception_time"
"""What the page, the API and the shell train where nobody says otherwise (docs/results.md says why)."""


@dataclass(frozen=True)
class Option:
    """One setting of an architecture: a number from `low` to `high`, whole where its default is."""

    default: int | float
    low: int | float
    high: int | float
    help: str

    def complete(self, value: JSON, what: str) -> int | float:
        """Return the value; raises SettingError for what is of another kind or out of range."""
        whole = isinstance(self.default, int)
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            raise SettingError(f"{what} should be a {'whole ' if whole else ''}number, not {value!r:.40}.")
        if not self.low <= value <= self.high:
            raise SettingError(f"{what} should be from {self.low} to {self.high}, not {value!r:.40}.")
        return value


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """A network family, described for people and for `build`.

    `recipe` are the training settings, and `input` the changes to the preprocessing, that suit it best; whoever asks
    for others gets those. `demands` are values of the preprocessing without which it is not that network.
    """

    name: str
    title: str
    summary: str  # for people who know ECGs, not networks: what it is good for, how slow it is
    reference: str
    module: str  # holds a function `build(n_leads, n_samples, n_labels, **config) -> Network`
    options: Mapping[str, Option] = field(default_factory=dict)
    fixed: Mapping[str, int] = field(default_factory=dict)  # arguments of `build` that make it this member of a family
    recipe: Mapping[str, JSON] = field(default_factory=dict)
    demands: Mapping[str, JSON] = field(default_factory=dict)
    parameters: int = 0  # with five labels, twelve leads and the default options
    published_parameters: int | None = None  # of the reference, where it says so
    takes_patient: bool = False  # age and sex may be given with the ECG
    experts: tuple[str, ...] = ()  # of a sparse network, of which an ECG is seen by a few
    always_on: str = ""  # the one that sees every ECG, where the option `always_on` is 1
    convex: bool = False  # has a head alone, which is fitted to its optimum: no epochs, no learning rate
    epoch_ms: float = 5.0  # a record of 2.5 s in one training pass, on two cores: for the estimate before a training

    @property
    def defaults(self) -> dict[str, JSON]:
        """Return the configuration one gets without asking for anything."""
        return {name: option.default for name, option in self.options.items()}

    def complete(self, config: Mapping[str, JSON]) -> dict[str, int | float]:
        """Return `config` with the defaults filled in; raises SettingError for an unknown or impossible setting."""
        unknown = sorted(set(config) - set(self.options))
        if unknown:
            has = ", ".join(self.options) or "none"
            raise SettingError(f"{self.title} has no setting {', '.join(unknown)}; it has {has}.")
        return {
            name: option.complete(config.get(name, option.default), f"{self.title}: {name}")
            for name, option in self.options.items()
        }

    def build(self, n_leads: int, n_samples: int, n_labels: int, config: Mapping[str, JSON], *, seed: int) -> "Network":
        """Return the network with freshly drawn weights, the same for the same seed; loads torch.

        It maps (batch, n_leads, n_samples) float32 to (batch, n_labels) logits. Raises SettingError.
        """
        import torch

        full = self.complete(config)
        with torch.random.fork_rng(devices=[]):  # the caller's random numbers are left as they were
            torch.manual_seed(seed)
            builder: Any = import_module(self.module).build
            network: Network = builder(n_leads, n_samples, n_labels, **self.fixed, **full)
        return network


_RECIPE: dict[str, JSON] = {
    "learning_rate": 0.01, "schedule": "one_cycle", "max_epochs": 30, "monitor": "last_epoch",
    "ema": 0.99, "mixup": 0.3,
}  # fmt: skip
"""What suits the convolutional networks; docs/results.md says how it was chosen."""

_XRESNET: dict[str, Any] = {
    "recipe": _RECIPE,
    "reference": "He et al. 2019, arXiv:1812.01187; for ECGs Strodthoff et al. 2021, arXiv:2004.13701",
    "module": "backend.ml.architectures.xresnet1d",
    "options": {
        "width": Option(64, 8, 256, "Channels of a residual block."),
        "dropout": Option(0.2, 0.0, 0.9, "Share of the embedding that is left out, at random, in training."),
    },
}

ARCHITECTURES: Mapping[str, Architecture] = {
    entry.name: entry
    for entry in (
        Architecture(
            name="inception_time",
            title="InceptionTime",
            summary="Convolutions of three lengths side by side, six modules deep; small.",
            reference="Ismail Fawaz et al. 2020, Data Min Knowl Disc 34:1936, arXiv:1909.04939",
            module="backend.ml.architectures.inception_time",
            options={
                "filters": Option(
                    32, 4, 128, "Filters of each branch; half of it makes the network four times cheaper."
                ),
                "depth": Option(6, 1, 12, "Inception modules, with a residual connection over every three."),
                "kernel": Option(39, 3, 99, "Longest convolution in samples; the others are half and a quarter of it."),
            },
            recipe=_RECIPE | {"learning_rate": 0.003},
            published_parameters=457_000,
            parameters=457_605,
            epoch_ms=2.5,
        ),
        Architecture(
            name="xception_time",
            title="XceptionTime",
            summary="Separable convolutions of three lengths, four modules deep. Small; the best on ECGs of others.",
            reference="Rahimian et al. 2019, arXiv:1911.03803",
            module="backend.ml.architectures.xception_time",
            options={
                "filters": Option(16, 4, 64, "Filters of the first module; the next have 2, 4 and 8 times as many.")
            },
            recipe=_RECIPE | {"learning_rate": 0.003},
            published_parameters=401_000,
            parameters=401_365,
            epoch_ms=2.9,
        ),
        Architecture(
            name="xresnet1d18", title="XResNet1d-18", fixed={"depth": 18}, parameters=347_909, epoch_ms=0.4, **_XRESNET,
            summary="A residual network: five times as quick as XceptionTime and nearly as good.",
        ),
        Architecture(
            name="xresnet1d50", title="XResNet1d-50", fixed={"depth": 50}, parameters=888_965, epoch_ms=1.0, **_XRESNET,
            summary="A deeper residual network.",
        ),
        Architecture(
            name="xresnet1d101", title="XResNet1d-101", fixed={"depth": 101}, parameters=1_807_237, epoch_ms=1.6,
            **_XRESNET,
            summary="The residual network that led the PTB-XL benchmark; the slowest of its family.",
        ),
        Architecture(
            name="transformer",
            title="Transformer",
            summary="Attention over short patches of the ECG. Wants more data than convolutions do.",
            reference="Vaswani et al. 2017, arXiv:1706.03762; patches as in Dosovitskiy et al. 2021, arXiv:2010.11929",
            module="backend.ml.architectures.transformer",
            options={
                "width": Option(128, 8, 512, "Numbers a patch; a multiple of the heads."),
                "depth": Option(6, 1, 24, "Blocks of attention."),
                "heads": Option(4, 1, 32, "Attentions side by side in a block."),
                "patch": Option(5, 1, 100, "Samples from one patch to the next: 5 are 50 ms at 100 Hz."),
                "dropout": Option(0.1, 0.0, 0.9, "Share of the numbers that are left out at random in training."),
            },
            recipe=_RECIPE | {"learning_rate": 0.001},
            parameters=1_278_021,
            epoch_ms=3.0,
        ),
        Architecture(
            name="dsail_snu",
            title="DSAIL SNU",
            summary="A wide residual network with squeeze-and-excitation, first or second in the 2021 challenge.",
            reference="Han et al. 2021, Computing in Cardiology 48, doi:10.23919/CinC53138.2021.9662719",
            module="backend.ml.architectures.dsail_snu",
            options={
                "filters": Option(16, 4, 64, "Filters of the first group; the next have 2, 4 and 8 times as many."),
                "blocks": Option(3, 1, 6, "Residual blocks of each of the four groups."),
                "dropout": Option(0.2, 0.0, 0.9, "Share of the values that is left out, at random, in training."),
            },
            recipe=_RECIPE | {"learning_rate": 0.003},
            published_parameters=1_815_000,
            takes_patient=True,
            parameters=1_811_737,
            epoch_ms=1.0,
        ),
        Architecture(
            name="s4",
            title="S4",
            summary="A state-space model, made for long signals. Slow on a laptop.",
            reference="Gu et al. 2022, arXiv:2111.00396 and arXiv:2206.11893; for ECGs Mehari & Strodthoff 2023, "
            "arXiv:2211.07579",
            module="backend.ml.architectures.s4",
            options={
                "width": Option(128, 4, 1024, "Channels; 512 in the paper, sixteen times the work."),
                "depth": Option(4, 1, 12, "Layers."),
                "states": Option(8, 2, 128, "Numbers a channel remembers, in pairs."),
                "dropout": Option(0.2, 0.0, 0.9, "Share of the numbers that are left out at random in training."),
            },
            recipe=_RECIPE | {"learning_rate": 0.003},
            parameters=148_741,
            epoch_ms=3.3,
        ),
        Architecture(
            name="ecg_fm",
            title="ECG-FM",
            summary="A foundation model of 90 million parameters; for a GPU, or with the head only.",
            reference="McKeen et al. 2025, JAMIA Open, arXiv:2408.05178",
            module="backend.ml.architectures.ecg_fm",
            options={
                "width": Option(768, 8, 1024, "Numbers a step; a multiple of the heads."),
                "depth": Option(12, 1, 24, "Blocks of attention."),
                "heads": Option(12, 1, 16, "Attentions side by side in a block."),
                "inner": Option(3072, 8, 4096, "Width inside a block."),
                "stem": Option(256, 4, 1024, "Channels of the four convolutions at the start."),
                "reach": Option(128, 1, 256, "Steps of 16 samples that tell a step where it stands."),
                "dropout": Option(0.0, 0.0, 0.9, "Share of the numbers that are left out at random in training."),
            },
            recipe={"learning_rate": 0.00005, "augmentation": {"crop_seconds": 5.0}},
            demands={
                "rate": 500.0, "standardise": "lead", "bandpass": None, "high_pass": None, "notch": None,
                "baseline_ms": None, "clip": None,
            },
            published_parameters=90_883_072,
            parameters=90_377_093,
            epoch_ms=270.0,
        ),
        Architecture(
            name="cardx",
            title="CardX",
            summary="A foundation model: a residual network, and beside it, for each ECG, one of three others. Made to "
            "be pre-trained; start from its weights, with the head only.",
            reference="ExChanGeAI, arXiv:2503.13570; sparse mixtures: Shazeer et al. 2017, arXiv:1701.06538",
            module="backend.ml.architectures.cardx",
            options={
                "width": Option(64, 8, 128, "Channels behind the stem, a multiple of 8; 8 times as many embed."),
                "always_on": Option(
                    1, 0, 1, "1: the residual network sees every ECG, the router adds one of three. 0: two of four."
                ),
            },
            recipe=_RECIPE | {"learning_rate": 0.003},
            experts=EXPERTS,
            always_on="xresnet1d",
            parameters=14_352_249,
            epoch_ms=2.3,
        ),
        Architecture(
            name="rlign_logistic",
            title="Rlign and logistic regression",
            summary="The beats are aligned, and each sample of their median has a weight. Seconds to train, easy to "
            "explain; blind to the rhythm.",
            reference="Plagwitz et al. 2024, arXiv:2407.15555",
            module="backend.ml.architectures.rlign_logistic",
            demands={"align": "median_beat", "rate": 100.0},
            convex=True,
            parameters=60_005,
            epoch_ms=0.1,
        ),
    )
}  # fmt: skip


def architecture(name: str) -> Architecture:
    """Return the architecture of that name; raises SettingError that lists the known ones."""
    if name not in ARCHITECTURES:
        raise SettingError(f"There is no architecture “{name[:80]}”; there are {', '.join(ARCHITECTURES)}.")
    return ARCHITECTURES[name]
