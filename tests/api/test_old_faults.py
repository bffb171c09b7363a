"""Faults seen in platforms of this kind, each of which must not come back; those not told elsewhere."""

import re
from pathlib import Path

import numpy as np
import pytest

from backend.ecg.display import from_payload
from backend.ecg.errors import UserError
from backend.ml.inference.predictor import Predictor
from backend.settings import Settings
from tests.api_calls import Api
from tests.samples import LEADS, csv_file, microvolts
from tests.trained import Trained


def _csv(columns: list[str], values: np.ndarray) -> bytes:
    return "\n".join([",".join(columns), *(",".join(f"{x:g}" for x in row) for row in values)]).encode()


def _signal(api: Api, name: str) -> np.ndarray:
    (recording,) = [row for row in api.recordings() if row["file_name"] == name]
    return from_payload(api.client.get(api.url(f"/recordings/{recording['id']}/signal")).content)[0]


def test_columns_in_another_order_are_put_in_place_by_their_names(api: Api) -> None:
    order = np.random.default_rng(5).permutation(12)
    values = microvolts(1).T[:, order]
    api.upload({"a.csv": _csv([LEADS[index] for index in order], values)}, rate="100")
    np.testing.assert_allclose(_signal(api, "a.csv"), microvolts(1) / 1000, atol=1e-6)


def test_units_are_never_guessed_from_the_size_of_the_values(api: Api) -> None:
    small = microvolts(1).T / 1000  # really mV, but declared as µV
    (asked,) = api.send({"a.csv": _csv(list(LEADS), small)}, units_per_mv="").json()["outcomes"]
    assert asked["status"] == "refused"
    assert "states no unit" in asked["detail"]
    report = api.upload({"a.csv": _csv(list(LEADS), small)}, rate="100")
    np.testing.assert_allclose(_signal(api, "a.csv"), microvolts(1) / 1e6, atol=1e-7)
    assert report["outcomes"][0]["findings"], "an amplitude a thousand times too small must be told"


@pytest.mark.parametrize("seconds", [3, 60])
def test_recordings_shorter_or_longer_than_ten_seconds_are_stored_whole(api: Api, seconds: int) -> None:
    api.upload({"a.csv": csv_file(2, n=100 * seconds)}, rate="100")
    np.testing.assert_allclose(_signal(api, "a.csv"), microvolts(2, n=100 * seconds) / 1000, atol=1e-6)
    assert api.recordings()[0]["duration_s"] == seconds


def test_settings_cannot_be_changed_over_the_network(api: Api) -> None:
    assert not [path for path in api.client.get("/openapi.json").json()["paths"] if "setting" in path]
    assert api.client.post("/api/v1/settings", json={"port": 1}).status_code in (404, 405)


def test_without_a_setting_only_this_machine_is_answered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings().host == "127.0.0.1"


def test_the_documentation_of_the_api_needs_no_other_host(api: Api) -> None:
    page = api.client.get("/docs").text
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", page)
    assert "connect-src 'self'" in api.client.get("/docs").headers["Content-Security-Policy"]


def test_code_in_the_metadata_of_a_model_is_never_run(trained_api: Api, trained: Trained, tmp_path: Path) -> None:
    import onnx

    data = trained_api.client.get(trained_api.url(f"/models/{trained.model_id}/onnx")).content
    trace = tmp_path / "owned"
    for key in ("target_keys", "exchangeai"):
        model = onnx.load_from_string(data)
        del model.metadata_props[:]
        model.metadata_props.add(key=key, value=f"__import__('pathlib').Path({str(trace)!r}).touch()")
        with pytest.raises(UserError):
            Predictor.from_bytes(model.SerializeToString())
    assert not trace.exists()


def test_deleting_needs_the_right_address_and_no_page_visit_deletes_anything(api: Api) -> None:
    api.upload({"a.csv": csv_file()})
    for path in api.client.get("/openapi.json").json()["paths"]:
        address = path.replace("{project_id}", api.project)
        if "{" not in address and "stream" not in address:
            assert api.client.get(address).status_code < 500
    assert api.get("/recordings")["total"] == 1


def test_two_clients_of_one_machine_see_the_same_projects(api: Api, application) -> None:
    from starlette.testclient import TestClient

    api.new_project(name="Shared")
    other = TestClient(application, base_url="http://localhost:8000")
    assert [row["name"] for row in other.get("/api/v1/projects").json()] == ["Shared"]
