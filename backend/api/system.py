"""Routes about this installation."""

from dataclasses import asdict
from importlib.metadata import version

from fastapi import APIRouter

from backend.api.deps import ReadDep, SettingsDep
from backend.api.schemas.system import (
    ArchitectureInfo,
    ChoiceInfo,
    FormatInfo,
    Health,
    MethodInfo,
    OptionInfo,
    PresetInfo,
    SettingChoice,
    SettingInfo,
    System,
    WorkerInfo,
    WriterInfo,
)
from backend.ecg.preprocess import PRESETS
from backend.ecg.preprocess.description import describe
from backend.ecg.readers import READERS
from backend.ecg.synthesize import CLASSES
from backend.ecg.writers import WRITERS
from backend.ml.architectures import ARCHITECTURES, RECOMMENDED, Architecture
from backend.ml.training.choices import METHODS
from backend.ml.training.config import SETTINGS, TrainingConfig
from backend.ml.training.setting import Setting
from backend.services import jobs, runs

router = APIRouter(tags=["system"])


@router.get("/health", operation_id="get_health")
def get_health() -> Health:
    """Say that the platform answers."""
    return Health(status="ok", version=version("exchangeai"))


@router.get("/system", operation_id="get_system")
def get_system(session: ReadDep, settings: SettingsDep) -> System:
    """Return what this installation can read, train and simulate, and which workers live."""
    return System(
        version=version("exchangeai"),
        formats=[
            FormatInfo(
                name=reader.name, title=reader.title, extensions=list(reader.extensions),
                declares_units=reader.declares_units, source=reader.source,
            )
            for reader in READERS
        ],
        writers=[
            WriterInfo(name=writer.name, title=writer.title, extension=writer.extension) for writer in WRITERS
        ],
        presets=[PresetInfo(name=name, steps=describe(value), value=asdict(value)) for name, value in PRESETS.items()],
        architectures=[
            _architecture(entry) for entry in ARCHITECTURES.values()
        ],
        methods=[
            MethodInfo(name=name, title=choice.title, help=choice.help, needs_base=name != "scratch")
            for name, choice in METHODS.items()
        ],
        training_choices=[
            ChoiceInfo(setting=name, values=list(entry.choices))
            for name, entry in SETTINGS.items() if entry.choices and name != "method"
        ],
        training_settings=[_setting(name, entry) for name, entry in SETTINGS.items()],
        workers=[WorkerInfo.model_validate(worker) for worker in jobs.living_workers(session)],
        training_defaults=TrainingConfig().to_dict(),
        simulated_classes=dict(CLASSES),
        upload_bytes=settings.upload_bytes,
    )  # fmt: skip


def _architecture(entry: Architecture) -> ArchitectureInfo:
    return ArchitectureInfo(
        name=entry.name, title=entry.title, description=entry.summary, reference=entry.reference,
        config=entry.defaults,
        options=[
            OptionInfo(
                name=name, default=option.default, low=option.low, high=option.high,
                whole=isinstance(option.default, int), help=option.help,
            )
            for name, option in entry.options.items()
        ],
        recipe=dict(entry.recipe), preprocessing=asdict(runs.preprocessing_for(entry)), parameters=entry.parameters,
        recommended=entry.name == RECOMMENDED, takes_patient=entry.takes_patient,
        convex=entry.convex,
    )  # fmt: skip


def _setting(name: str, entry: Setting) -> SettingInfo:
    return SettingInfo(
        name=name, title=entry.title, help=entry.help, default=entry.default, low=entry.low, high=entry.high,
        step=entry.step, whole=entry.whole, automatic=entry.automatic or None,
        choices=[
            SettingChoice(
                value=value, title=choice.title, help=choice.help, tasks=list(choice.tasks),
                needs_epochs=choice.needs_epochs,
            )
            for value, choice in entry.choices.items()
        ],
        tasks=list(entry.tasks), needs_epochs=entry.needs_epochs,
        when={other: list(values) for other, values in entry.when.items()},
        unless={other: list(values) for other, values in entry.unless.items()},
    )  # fmt: skip
