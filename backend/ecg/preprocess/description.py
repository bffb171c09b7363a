"""A preprocessing in plain words."""

from backend.ecg.preprocess import MAX_GAP_S, Preprocessing


def describe(p: Preprocessing) -> list[str]:
    """Return what `p` does to a recording, one plain sentence a step, in order, with what becomes of the ST segment."""
    lines = [
        f"Gaps of up to {MAX_GAP_S * 1000:g} ms are bridged by a straight line; longer ones become zero at the end.",
        *_frequencies(p),
        f"Resampled to {p.rate:g} samples a second{_manner(p)}.",
        f"Of a longer recording the { {'start': 'first', 'centre': 'middle', 'end': 'last'}[p.long] } "
        f"{p.window_s:g} s are used.",
    ]
    if p.clip is not None:
        quantile, margin = p.clip
        lines.append(
            f"Outliers are clipped: in each lead, what lies more than {margin:g} times the range between the "
            f"{quantile * 100:g} % and {(1 - quantile) * 100:g} % quantiles beyond them."
        )
    lines += _baseline(p)
    lines.append(_scale(p))
    shorter = {"zero": "is filled up with zeros", "edge": "is filled up with its last value", "refuse": "is refused"}
    lines.append(
        f"A recording shorter than {p.window_s:g} s {shorter[p.short]}{'' if p.short == 'refuse' else ' at its end'}."
    )
    if p.align is not None:
        lines.append(_alignment(p))
    return lines


def _frequencies(p: Preprocessing) -> list[str]:
    lines = []
    if p.notch is not None:
        hum = "Mains hum, where it stands out at 50 or 60 Hz," if p.notch == "auto" else f"Mains hum at {p.notch:g} Hz"
        lines.append(f"{hum} is taken out by a narrow notch; the ST segment stays as it is.")
    if p.high_pass is not None:
        lines.append(
            f"High-pass {p.high_pass:g} Hz: slower drift (breathing) is removed without shifting the waves in time. "
            + _st_of_corner(p.high_pass)
        )
    if p.bandpass is not None:
        low, high = p.bandpass
        lines.append(
            f"Band-pass {low:g} to {high:g} Hz: slower drift (breathing) and faster noise (muscle, mains) are removed "
            "without shifting the waves in time. " + _st_of_corner(low)
        )
    return lines


def _st_of_corner(hz: float) -> str:
    return "ST levels stay." if hz <= 0.67 else "A corner above 0.67 Hz bends the ST segment."


def _manner(p: Preprocessing) -> str:
    by = " by a polyphase filter" if p.resampling == "polyphase" else ""
    return f"{by}, the ends mirrored so that they do not ring" if p.edges == "mirror" else by


def _baseline(p: Preprocessing) -> list[str]:
    if p.baseline_ms is None:
        return []
    if p.baseline == "two_stage":
        return [
            f"Baseline: the moving median over {p.baseline_ms / 3:g} ms and, of that, over {p.baseline_ms:g} ms is "
            "subtracted. It follows drift quickly, and a raised or lowered ST segment in part."
        ]
    lines = [f"Baseline: the moving median over {p.baseline_ms:g} ms is subtracted."]
    if p.baseline_ms < 600:
        lines.append("A baseline window this short also flattens the ST segment and the T wave.")
    elif p.baseline_ms < 1500:
        lines.append("A baseline window of this length bends the ST segment by some hundredths of a mV.")
    return lines


def _scale(p: Preprocessing) -> str:
    if p.standardise == "none":
        unit = {1.0: "mV", 1000.0: "µV"}.get(p.units_per_mv, f"1/{p.units_per_mv:g} mV")
        return f"Amplitudes are given to the network in {unit}."
    if p.standardise == "minmax":
        return "Lowest and highest value of the recording become -1 and 1, so absolute amplitudes are lost."
    of = "each lead" if p.standardise == "lead" else "the recording, all leads together,"
    return f"The mean of {of} becomes 0 and its standard deviation 1, so absolute amplitudes are lost."


def _alignment(p: Preprocessing) -> str:
    what = "made one median beat" if p.align == "median_beat" else f"put one after the other, {p.window_s:g} s of them"
    return (
        f"The beats are brought to 60 a minute and {what}: the heart rate and irregular rhythm are lost. A recording "
        "without beats that can be aligned is refused."
    )
