"""Files in batches: predicted or stored by one loop each, whoever sent them; a bad one stops nobody."""

import numpy as np
import pytest

from backend.db.session import read_session, write_session
from backend.ecg.readers import Limits, ReadOptions, SourceFile
from backend.errors import NotFoundError
from backend.ml.inference.predictor import Predictor
from backend.services import imports, ingest, predictions, projects
from backend.settings import Settings
from backend.storage import Storage
from tests.model_files import SPEC, files
from tests.samples import wfdb_pair

OPTIONS = ReadOptions()


def _batches(*names: str) -> list[list[ingest.ReadSet | ingest.Refusal]]:
    """Read each name as a batch of its own: "bad" is no ECG, any other a WFDB record."""
    result = []
    for seed, name in enumerate(names):
        if name == "bad":
            sources = [SourceFile("bad.txt", b"?")]
        else:
            sources = [
                SourceFile(f"{name}.{end}", data)
                for end, data in zip(("hea", "dat"), wfdb_pair(name, seed), strict=True)
            ]
        result += list(ingest.read_all(sources, OPTIONS, Limits()))
    return result


def test_each_recording_gets_an_answer_and_each_bad_file_its_reason() -> None:
    predictor = Predictor.from_bytes(files().onnx)
    answers = list(predictions.predict_files(predictor, _batches("r1", "bad", "r2")))
    assert [one.file_name for one in answers] == ["r1.hea", "bad.txt", "r2.hea"]
    assert [one.error is None for one in answers] == [one.answer is not None for one in answers] == [True, False, True]
    (result,) = _batches("r1")[0]
    assert isinstance(result, ingest.ReadSet)
    (recording,) = result.recordings
    alone = predictions.answer_recording(predictor, recording)
    assert answers[0].answer is not None
    np.testing.assert_allclose(answers[0].answer.outputs, alone.outputs, atol=1e-6)
    assert answers[0].answer.notes == [*alone.notes, *recording.notes]
    assert set(answers[0].answer.predicted) <= set(SPEC.labels)


def test_batches_of_files_are_stored_as_one_import_in_their_order(installed: Settings, storage: Storage) -> None:
    url = installed.resolved_database_url
    with write_session(url) as session:
        project = projects.create(session, "Ward").id
    batches = iter(_batches("r1", "bad", "r2"))
    import_id, outcomes = imports.read_and_store(url, storage, project, None, batches, OPTIONS)
    assert [(one.file_name, one.status) for one in outcomes] == [
        ("r1.hea", "imported"), ("bad.txt", "refused"), ("r2.hea", "imported")
    ]  # fmt: skip
    assert import_id is not None
    again, more = imports.read_and_store(url, storage, project, import_id, _batches("r1"), OPTIONS)
    assert (again, [one.status for one in more]) == (import_id, ["duplicate"])
    with read_session(url) as session:
        kept, n = imports.outcomes(session, import_id, imports.Query(), 1, 10)
        assert n == 4
        assert [row.file_name for row in kept] == ["r1.hea", "bad.txt", "r2.hea", "r1.hea"]
    assert imports.read_and_store(url, storage, project, None, [], OPTIONS) == (None, [])


def test_nothing_is_stored_in_a_project_that_is_not_there(installed: Settings, storage: Storage) -> None:
    with pytest.raises(NotFoundError, match="nowhere"):
        imports.read_and_store(installed.resolved_database_url, storage, "nowhere", None, _batches("r1"), OPTIONS)
