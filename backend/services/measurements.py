"""What is measured in a stored recording: rate, intervals, axes, ST levels, waves, quality; and its aligned form."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.db.tables import Recording
from backend.ecg import display
from backend.ecg.align import align
from backend.ecg.align.template import Aggregate, Scale
from backend.ecg.beats import r_peaks
from backend.ecg.delineate import WAVES, delineate
from backend.ecg.device_comparison import compare
from backend.ecg.measure import measure
from backend.ecg.recording import DeviceFacts, Unit
from backend.ecg.signal_file import decode_signal
from backend.ecg.signal_quality import assess
from backend.services.recordings import signal, unit_of
from backend.storage import Storage


def measurements(storage: Storage, recording: Recording) -> dict[str, Any]:
    """Return `ecg.measure.Measurement` as a mapping, with `waves` (s, a mapping a beat) and `quality`."""
    device = DeviceFacts(measurements=recording.device_facts.get("measurements", {}))
    samples = signal(storage, recording)
    return measure_signal(samples, recording.rate, unit_of(recording), recording.missing_leads, device)


def measure_signal(
    samples: NDArray[np.float32],
    rate: float,
    unit: Unit,
    missing: Collection[str] = (),
    device: DeviceFacts | None = None,
) -> dict[str, Any]:
    """Measure a signal (12, n) at `rate` Hz that lacks the leads `missing`; everything in it can be written as JSON.

    `compared` sets it beside what the `device` measured itself.
    """
    beats = r_peaks(samples, rate)
    delineation = delineate(samples, rate, beats)
    points = delineation.points
    waves = [
        {name: None if np.isnan(points[name][beat]) else round(float(points[name][beat]) / rate, 4) for name in WAVES}
        for beat in range(len(beats.samples))
    ]
    found = measure(samples, rate, unit, delineation)
    rows = compare(found, device or DeviceFacts())
    result = asdict(found) | {"waves": waves, "quality": None, "compared": [asdict(row) for row in rows]}
    if unit == "mV":
        result["quality"] = asdict(assess(samples, rate, peaks=beats.samples, missing=missing))
    else:
        result["reasons"]["quality"] = "Without a scale in mV the quality of the signal cannot be judged."
    return result


def aligned(storage: Storage, recording: Recording, scale: Scale, aggregate: Aggregate | None) -> bytes:
    """Return the recording aligned to 60 beats a minute (`ecg.align`), as the page's canvas takes it."""
    samples, rate = decode_signal(storage.get(recording.signal_key))
    result = align(samples, rate, scale=scale, aggregate=aggregate)
    return display.to_payload(result.signal, rate, unit=unit_of(recording))
