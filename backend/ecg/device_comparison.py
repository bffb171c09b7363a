"""What the platform measures beside what the device measured itself, and where the two differ by more than they may."""

from dataclasses import dataclass

from backend.ecg.measure import Measurement
from backend.ecg.recording import MEASUREMENTS, DeviceFacts

LIMITS = {"heart_rate": 5.0, "rr": 60.0, "p": 30.0, "pr": 20.0, "qrs": 20.0, "qt": 60.0, "qtc": 60.0,
          "p_axis": 20.0, "qrs_axis": 20.0, "t_axis": 20.0}  # fmt: skip
"""From which difference on it is marked, in the units of MEASUREMENTS.

For durations and intervals twice the standard deviation from the reference that IEC 60601-2-25 accepts of a device in
global measurements: 15 ms for P, 10 ms for PQ and QRS, 30 ms for QT. It has none for rate and axes: those are ours.
"""


@dataclass(frozen=True, slots=True)
class Compared:
    """One measurement twice: `ours`, and the `device`'s; `difference` is ours less theirs, in `unit`.

    `differs` is whether it is beyond LIMITS; both are None where one side has no value.
    """

    name: str
    unit: str
    ours: float | None
    device: float | None
    difference: float | None
    differs: bool | None


def compare(found: Measurement, device: DeviceFacts) -> tuple[Compared, ...]:
    """Return one row for each of MEASUREMENTS that either side has, in that order.

    QTc is compared by Bazett's formula, which most devices use without saying so.
    """
    ours = {
        "heart_rate": found.heart_rate,
        "rr": found.rr_ms.mean if found.rr_ms else None,
        "p": found.p_ms,
        "pr": found.pr_ms,
        "qrs": found.qrs_ms,
        "qt": found.qt_ms,
        "qtc": found.qtc_ms.get("bazett"),
        "p_axis": found.p_axis,
        "qrs_axis": found.qrs_axis,
        "t_axis": found.t_axis,
    }
    rows = []
    for name, unit in MEASUREMENTS.items():
        mine, theirs = ours[name], device.measurements.get(name)
        if mine is None and theirs is None:
            continue
        difference = None
        if mine is not None and theirs is not None:
            difference = mine - theirs if unit != "°" else (mine - theirs + 180) % 360 - 180
        differs = None if difference is None else abs(difference) > LIMITS[name]
        rows.append(Compared(name, unit, mine, theirs, difference, differs))
    return tuple(rows)
