"""Models that come with the platform: offered in every project, kept once, and what they say of an ECG."""

import hashlib

import numpy as np
import pytest
from safetensors.numpy import load
from sqlalchemy import select

from backend.db.session import write_session
from backend.db.tables import Model, Recording
from backend.errors import NotFoundError
from backend.ml.architectures import ARCHITECTURES
from backend.ml.inference.onnx_weights import named_weights
from backend.ml.packaging.package import MODEL, WEIGHTS
from backend.services import embeddings, models, runs, shipped
from backend.settings import get_settings
from backend.storage import Storage, storage_of
from tests.trained import Trained

LARGEST = 35 << 20


def session():
    return write_session(get_settings().resolved_database_url)


def storage() -> Storage:
    return storage_of(get_settings())


def test_each_is_small_and_is_what_its_manifest_says() -> None:
    assert "cardx" in shipped.shipped()
    for one in shipped.shipped().values():
        onnx = (one.folder / MODEL).read_bytes()
        weights = named_weights(onnx)
        for name, content in (
            (MODEL, onnx),
            (WEIGHTS, weights),
            (shipped.CARD, (one.folder / shipped.CARD).read_bytes()),
        ):
            facts = one.manifest.files[name]
            assert (facts.size, facts.sha256) == (len(content), hashlib.sha256(content).hexdigest()), name
        assert len(onnx) <= LARGEST
        assert sum(array.size for name, array in load(weights).items() if "head." not in name) > 14_000_000
        assert one.manifest.spec.architecture in ARCHITECTURES
        assert not one.manifest.has_head
        for told in ("PTB-XL", "CODE-15", "fold 9", "passes", "licen"):
            assert told in one.card, told


def test_a_training_keeps_it_once_and_starts_from_its_weights(trained: Trained) -> None:
    request = runs.Request(trained.dataset_id, base_model_id="cardx", training={"method": "head"})
    with session() as open_session:
        assert [row.id for row in shipped.offered(open_session, trained.project_id)] == list(shipped.shipped())
        assert runs.estimate(open_session, trained.project_id, request).seconds > 0  # before it is kept
        kept = shipped.keep(open_session, storage(), trained.project_id, "cardx")
        assert shipped.keep(open_session, storage(), trained.project_id, "CardX") == kept
        assert shipped.keep(open_session, storage(), trained.project_id, trained.model_id) == trained.model_id
        run = runs.create(open_session, trained.project_id, runs.Request(trained.dataset_id, base_model_id=kept))
        assert (run.base_model_id, run.architecture, run.name) == (
            kept,
            "cardx",
            "CardX, fine-tuned on Simulated diagnoses",
        )
        assert [row.id for row in shipped.offered(open_session, trained.project_id)] == [
            name for name in shipped.shipped() if name != "cardx"
        ]
        model = models.get(open_session, trained.project_id, kept)
        assert shipped.base(open_session, trained.project_id, "cardx") is model
        assert model.weights_key == shipped.find("cardx").manifest.files[WEIGHTS].sha256
        assert shipped.card(model) == shipped.find("cardx").card
        assert models.has_head(model) is False


def test_an_unknown_one_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(NotFoundError, match=r"No model 'cardy' comes with the platform; there are cardx"):
        shipped.find("cardy")


def test_an_ecg_has_one_embedding_whatever_its_rate_its_scale_and_its_company() -> None:
    seconds = np.arange(5000) / 500
    beat = np.exp(-(((seconds % 0.8) - 0.4) ** 2) / 0.0008)
    signal = np.stack([(i - 4.5) / 6 * beat + 0.05 * np.sin(7 * seconds + i) for i in range(12)])
    found = embeddings.embed(np.stack([signal, 2 * signal, signal[::-1]]), 500.0)
    assert found.shape == (3, 512)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[0], found[1], atol=1e-3)  # the amplitude is not looked at
    assert np.abs(found[0] - found[2]).max() > 0.1
    np.testing.assert_allclose(embeddings.embed(signal[None], 500.0)[0], found[0], atol=1e-3)
    slower = embeddings.embed(signal[None, :, ::2], 250.0)[0]
    assert np.corrcoef(slower, found[0])[0, 1] > 0.95 > np.corrcoef(found[2], found[0])[0, 1]


def test_stored_recordings_are_embedded_and_a_partial_one_says_why_not(trained: Trained) -> None:
    with session() as open_session:
        rows = open_session.scalars(select(Recording).limit(2)).all()
        rows[1].missing_leads = ["V6"]
        open_session.flush()
        found = embeddings.embed_stored(open_session, storage(), trained.project_id, [row.id for row in rows])
        assert (found[0].embedding is not None, found[0].error) == (True, "")
        assert found[1].embedding is None
        assert "lacks leads V6" in found[1].error
        assert open_session.scalars(select(Model)).all() != []
        with pytest.raises(NotFoundError):
            embeddings.embed_stored(open_session, storage(), trained.project_id, ["nothing"])
