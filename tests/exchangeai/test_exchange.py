"""Models shared from Python: published, found, compared, fetched, verified and withdrawn on a running platform."""

import pytest

import exchangeai as ex
from tests.exchange.webdav_servers import PASSWORD, USER
from tests.installation import SECRET
from tests.platform_process import running_platform
from tests.shared_folder import SharedFolder
from tests.trained import Trained


def test_a_model_is_shared_from_python_alone(trained: Trained, shared: SharedFolder) -> None:
    with running_platform(trained.folder.parent, secret_key=SECRET) as running:
        client = ex.Client(running.address)
        with pytest.raises(ex.RefusedError, match="does not accept this user name and password"):
            client.add_exchange("Clinics", shared.url, user=USER, password="wrong", write=True)
        assert list(client.exchanges()) == []
        clinics = client.add_exchange("Clinics", shared.url, user=USER, password=PASSWORD, write=True)
        assert client.exchange("Clinics").id == clinics.id
        with pytest.raises(ex.NotFoundError, match="add_exchange"):
            client.exchange("Nobody")

        ward = client.project("Simulated")
        with pytest.raises(ex.RefusedError, match="licence"):
            ward.publish(trained.model_id, clinics, publisher="Ward 3")
        ward.describe_model(trained.model_id, licence="CC BY 4.0", intended_use="Simulated ECGs")
        _, job = ward.publish(trained.model_id, clinics, publisher="Ward 3", notes="First")
        published = job.wait()
        assert published["item"] == "tiny/1"

        assert clinics.read() == []
        (found,) = clinics.models(label="norm")
        assert (found["place"], found["publisher"], found["notes"]) == ("tiny/1", "Ward 3", "First")
        assert found["fingerprint"] == published["fingerprint"]
        assert "Simulated ECGs" in clinics.card("tiny/1")
        (verdict,) = clinics.verify().wait()["models"]
        assert verdict["sound"] is True

        other = client.create_project("Ward 4")
        with pytest.raises(ex.ConflictError, match=found["fingerprint"]):
            other.fetch(clinics, "tiny/1")
        clinics.trust("Ward 3", found["fingerprint"])
        (key,) = clinics.keys()
        assert (key["status"], key["publisher"]) == ("trusted", "Ward 3")
        transfer, job = other.fetch(clinics, "tiny/1", name="Theirs")
        made = job.wait()["model_id"]
        assert transfer["direction"] == "pull"
        assert [(one["id"], one["name"]) for one in other.models() if one["origin"] == "imported"] == [(made, "Theirs")]

        assert clinics.rebuild_index().wait()["n_versions"] == 1
        clinics.withdraw("tiny/1", "Wrong labels").wait()
        assert list(clinics.models()) == []
        with pytest.raises(ex.JobFailedError, match="is not on"):
            clinics.withdraw("tiny/9", "x").wait()
        clinics.remove()
        assert list(client.exchanges()) == []
