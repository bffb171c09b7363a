"""`Model.explain`: the same maps as on the platform, from a file, without torch."""

from pathlib import Path

import numpy as np

import exchangeai as ex
from backend.ml.explanations.waves import SEGMENTS, lay
from tests.ml.explanations.planted_models import PLAIN, of_samples


def test_the_planted_lead_and_wave_are_found_and_the_maps_say_whether_they_are_evidence(tmp_path: Path) -> None:
    recording = ex.simulate("NORM", seed=3, rate=100.0)
    laid = lay(recording.signal, 100.0, PLAIN)
    weight = np.zeros((12, 1000), np.float32)
    weight[8, laid.codes == SEGMENTS.index("T")] = 0.05
    (tmp_path / "model.onnx").write_bytes(of_samples(weight))
    found = ex.load_model(tmp_path / "model.onnx").explain(recording)
    assert found.label == "planted"
    leads, waves = found.maps
    assert max(waves.cells, key=lambda place: abs(waves.cells[place])) == ("V3", "T")
    assert max(leads.leads, key=lambda lead: abs(leads.leads[lead])) == "V3"
    assert waves in found.evidence
    assert "weights" in found.missing
    assert found.beat is not None
    assert found.beat.shape == (12, 200)
    assert len(found.beat_waves) == 200
