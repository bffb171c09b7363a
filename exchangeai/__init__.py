"""12-lead ECGs in Python: read, preprocess, measure, embed and predict, here or on a running platform.

>>> import exchangeai as ex
>>> recording = ex.simulate("NORM", seed=1)
>>> recording.signal.shape, recording.rate
((12, 5000), 500.0)
>>> round(ex.measure(recording).heart_rate)
60
>>> ex.embed(recording).shape
(512,)

Nothing here needs PyTorch, a database, or a running platform, but `Client`, which talks to one. Errors that a person
can mend are `UserError`s, whose text says what to do.
"""

from importlib.metadata import version

from backend.ecg.errors import EcgError, UserError
from backend.ecg.leads import LEADS
from backend.ecg.measure import Measurement
from backend.ecg.preprocess import Preprocessing
from backend.ecg.recording import Recording
from backend.ml.errors import MlError, ModelInvalidError
from exchangeai.client import Client
from exchangeai.computing import embed, measure, preprocess, simulate
from exchangeai.errors import (
    ApiError,
    BusyError,
    ConflictError,
    JobFailedError,
    NotFoundError,
    RefusedError,
    UnreachableError,
)
from exchangeai.exchange import Exchange
from exchangeai.explanations import Explanation, ExplanationMap
from exchangeai.jobs import Event, Job
from exchangeai.models import Model, Prediction, load_model
from exchangeai.project import Project
from exchangeai.reading import Recordings, Refused, read

__version__: str = version("exchangeai")

__all__ = [
    "LEADS",
    "ApiError",
    "BusyError",
    "Client",
    "ConflictError",
    "EcgError",
    "Event",
    "Exchange",
    "Explanation",
    "ExplanationMap",
    "Job",
    "JobFailedError",
    "Measurement",
    "MlError",
    "Model",
    "ModelInvalidError",
    "NotFoundError",
    "Prediction",
    "Preprocessing",
    "Project",
    "Recording",
    "Recordings",
    "Refused",
    "RefusedError",
    "UnreachableError",
    "UserError",
    "__version__",
    "embed",
    "load_model",
    "measure",
    "preprocess",
    "read",
    "simulate",
]
