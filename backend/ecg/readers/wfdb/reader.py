"""WFDB records: a header and the signal files it names (PhysioNet, PTB-XL, the CinC challenges)."""

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import leads_among, place_leads, shown
from backend.ecg.readers.options import Reader, ReadOptions, settle_rate, settle_unit
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.readers.units import millivolts
from backend.ecg.readers.wfdb.header import DEFAULT_GAIN, Header, looks_like_header, parse_header
from backend.ecg.readers.wfdb.record import Digital, Members, decode_record
from backend.ecg.readers.wfdb.samples import Samples
from backend.ecg.readers.wfdb.segments import Joined, join_segments
from backend.ecg.recording import Declaration, DeviceFacts, Recording

_FLAC = re.compile(rb"(?m)^[^\s#]\S*[ \t]+(?:508|516|524)(?=[x:+\s])")  # the second field of a signal line


class WfdbSignals(NamedTuple):
    """Physical signals (n, k) float64 in `units`, as `wfdb.rdrecord(...).p_signal`, with names and the rate in Hz."""

    signals: NDArray[np.float64]
    names: tuple[str, ...]
    units: tuple[str, ...]
    rate: float


def read_wfdb_signals(files: FileSet, limits: Limits | None = None) -> WfdbSignals:
    """Read any record of one rate, also one without twelve leads. Raises EcgError as `READER.read` does."""
    header = parse_header(files.main.data, files.name)
    limits = limits or Limits()
    if not isinstance(header, Header):
        joined = join_segments(files, header, limits, leads_only=False)
        return WfdbSignals(joined.values.T, joined.names, joined.units, joined.rate)
    digital = decode_record(Members(files), header, files.name, limits, leads_only=False)
    names, units = zip(*((s.name, s.unit) for s in digital.signals), strict=True)
    return WfdbSignals(digital.physical().T, names, units, digital.rate)


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    header = parse_header(files.main.data, files.name)
    source: Digital | Joined
    if isinstance(header, Header):
        source = decode_record(Members(files), header, files.name, limits)
        names, units = zip(*((s.name, s.unit) for s in source.signals), strict=True)
    else:
        source = join_segments(files, header, limits)
        names, units = source.names, source.units
    notes = source.notes
    declared: tuple[Declaration, ...] = () if source.stated_rate else ("rate",)
    if not any(names) and len(names) == len(options.order):
        names, declared = options.order, (*declared, "leads")
        notes = (f"The header names no leads: {', '.join(names)} were assumed, in order.", *notes)
    names, renamed = options.named(names)
    if renamed:
        declared, notes = (*declared, "leads"), (*renamed, *notes)
    leads = [row for row, lead in enumerate(leads_among(names)) if lead]
    factors = np.ones(len(names))
    first = {units[row]: names[row] for row in reversed(leads)}  # each unit with the first lead that has it
    scales = {unit: settle_unit(unit, lead, options) for unit, lead in first.items()}
    factors[leads] = [scales[units[row]] for row in leads]
    silent = {unit for unit in first if millivolts(unit) is None}
    no_voltage = [row for row in leads if units[row] in silent]
    arbitrary = bool(no_voltage) and options.unit == "arbitrary"
    if arbitrary and len(no_voltage) < len(leads):
        raise UnreadableFileError(
            f"{files.name} gives some leads in a unit of voltage and others not. Correct the units in the header."
        )
    if no_voltage or source.uncalibrated:
        declared = (*declared, "unit")
    if isinstance(source, Digital):
        baselines, gains = source.scales
        gains /= factors  # now samples per mV
        if source.uncalibrated:
            gains, scale_note = _uncalibrated(source, gains, options)
            notes += (scale_note,)
        signal: NDArray[np.float32] = _physical(source.samples, baselines, gains)
        if source.invalid is not None:
            signal[source.invalid] = np.nan
        steps: NDArray[np.float64] | None = np.abs(1 / gains)
    else:
        signal = (source.values * factors[:, None]).astype(np.float32)
        steps = None if source.steps is None else source.steps * factors
    placed = place_leads(signal, names, options.partial)
    return [
        Recording(
            signal=placed.signal,
            rate=source.rate,
            name=files.name,
            format="wfdb",
            unit="arbitrary" if arbitrary else "mV",
            record_id=header.record.replace("\\", "/").rpartition("/")[2] or None,
            derived=placed.derived,
            missing=placed.missing,
            step=None if steps is None else placed.steps(steps),
            start=header.start,
            patient=header.patient,
            device=DeviceFacts(statements=header.statements),
            declared=declared,
            stated_samples=source.stated_samples if isinstance(source, Digital) else None,
            notes=notes + settle_rate(options, source.rate, "The header")[1] + placed.notes,
        )
    ]


def _physical(samples: Samples, baselines: NDArray[np.float64], gains: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return (samples - baseline) / gain. In float32 where all are exact in it: as good, and faster."""
    exact = (
        samples.dtype.itemsize <= 2 and not np.any(gains.astype(np.float32) - gains) and np.abs(baselines).max() < 1e6
    )
    kind: type[np.float32 | np.float64] = np.float32 if exact else np.float64
    physical: NDArray[np.floating] = samples.astype(kind)
    if baselines.any():
        np.subtract(physical, baselines[:, None], out=physical, casting="same_kind", dtype=kind)
    np.divide(physical, gains[:, None], out=physical, casting="same_kind", dtype=kind)
    return physical.astype(np.float32, copy=False)


def _uncalibrated(source: Digital, gains: NDArray[np.float64], options: ReadOptions) -> tuple[NDArray[np.float64], str]:
    """Return the gains with those declared for signals of gain 0 (header(5): not calibrated), and what was done."""
    open_rows = [signal.uncalibrated for signal in source.signals]
    names = shown(source.uncalibrated)
    if options.units_per_mv is None:
        return gains, (
            f"The header states that {names} {'is' if sum(open_rows) == 1 else 'are'} not calibrated (gain 0 or none): "
            f"{DEFAULT_GAIN:g} steps per mV apply, the default of the format. Do not rely on the amplitudes, or "
            "declare the units per mV."
        )
    gains = np.where(open_rows, options.units_per_mv, gains)
    return gains, f"Of {names}, not calibrated in the header, one mV is {options.units_per_mv:g} steps, as declared."


def _has_flac(files: FileSet) -> bool:
    """Whether a signal file goes to libsndfile: one of format 508, 516 or 524, told from the headers alone."""
    headers = [files.main, *(file for file in files.files[1:] if file.base.lower().endswith(".hea"))]
    return any(_FLAC.search(header.data[:65536]) for header in headers)


READER = Reader(
    name="wfdb",
    title="WFDB (.hea with .dat or .mat)",
    extensions=(".hea", ".dat", ".mat"),
    declares_units=True,
    recognises=lambda files: looks_like_header(files.main.data),
    read=_read,
    third_party=_has_flac,
)
