"""Parts of a signal over the wire: where they begin, how many samples, and that no peak is lost on the way."""

import numpy as np
import pytest
from numpy.typing import NDArray

from backend.ecg.display import from_payload
from tests.api_calls import Api, refusal
from tests.samples import microvolts, wfdb_pair

N, RATE = 60_000, 100
MV = microvolts(3, N, RATE).astype(np.float32) / 1000


@pytest.fixture
def path(api: Api) -> str:
    header, samples = wfdb_pair("long", seed=3, n=N, rate=RATE)
    ids = api.upload({"long.hea": header, "long.dat": samples})["outcomes"][0]["recording_ids"]
    return api.url(f"/recordings/{ids[0]}/signal")


def _asked(api: Api, path: str, **query: object) -> tuple[NDArray[np.float32], float]:
    answer = api.client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    signal, header = from_payload(answer.content)
    return signal, header["rate"]


def test_a_part_is_what_the_whole_has_there(api: Api, path: str) -> None:
    part, rate = _asked(api, path, from_s=123.4, seconds=30)
    assert (part.shape, rate) == ((12, 3000), 100.0)
    assert np.allclose(part, MV[:, 12340:15340], atol=1e-6)
    last, _ = _asked(api, path, from_s=595, seconds=30)
    assert last.shape == (12, 500)


def test_filters_see_the_whole_recording_whichever_part_is_asked_for(api: Api, path: str) -> None:
    whole, _ = _asked(api, path, filter="0.5-40")
    part, _ = _asked(api, path, filter="0.5-40", from_s=200, seconds=10)
    assert np.allclose(part, whole[:, 20_000:21_000], atol=2e-3)


def test_thinned_it_is_small_and_each_lead_keeps_its_peaks(api: Api, path: str) -> None:
    thinned, rate = _asked(api, path, points=2000)
    assert thinned.shape[1] <= 2000
    assert thinned.shape[1] / rate == pytest.approx(N / RATE, rel=0.01)
    assert np.allclose(thinned.max(1), MV.max(1), atol=1e-6)
    assert np.allclose(thinned.min(1), MV.min(1), atol=1e-6)
    minute, _ = _asked(api, path, from_s=60, seconds=60, points=1000)
    assert np.allclose(minute.max(1), MV[:, 6000:12_000].max(1), atol=1e-6)


def test_what_is_not_there_is_refused_with_how_long_it_is(api: Api, path: str) -> None:
    assert "600 s" in refusal(api.client.get(path, params={"from_s": 600}), 422, "InvalidInputError")
    for query in ({"from_s": -1}, {"seconds": 0}, {"points": 1}, {"points": 10**9}, {"from_s": "nan"}):
        assert api.client.get(path, params=query).status_code == 422, query
