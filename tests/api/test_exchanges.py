"""The API of exchanges: passwords go in and never out; what is offered is found, read, trusted, fetched, published."""

from typing import Any

import pytest

from backend.settings import get_settings
from tests.api_calls import Api, refusal
from tests.exchange.webdav_servers import PASSWORD, USER
from tests.shared_folder import USE, SharedFolder, describe
from tests.trained import Trained
from workers import exchanges as worker
from workers.lifecycle import run

EXCHANGES = "/api/v1/exchanges"


def _body(shared: SharedFolder, **changes: object) -> dict[str, object]:
    said = {"name": "Clinic", "url": shared.url, "username": USER, "password": PASSWORD, "access": "read_write"}
    return said | changes


def _add(api: Api, shared: SharedFolder, **changes: object) -> dict[str, Any]:
    answer = api.client.post(EXCHANGES, json=_body(shared, **changes))
    assert answer.status_code == 201, answer.text
    assert PASSWORD not in answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def _ok(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def _publish(api: Api, trained: Trained, exchange_id: str, **changes: object) -> str:
    describe(get_settings(), trained.model_id)
    body = {"exchange_id": exchange_id, "model_id": trained.model_id, "publisher": "Ward 3"} | changes
    begun = _ok(api.client.post(api.url("/transfers/push"), json=body), 202)
    run(begun["job"]["id"], worker.push)
    done = api.get(f"/transfers/{begun['id']}")
    assert done["job"]["status"] == "done", done
    return str(done["item"])


def test_a_password_is_kept_and_nowhere_shown(trained_api: Api, shared: SharedFolder) -> None:
    added = _add(trained_api, shared)
    assert (added["has_password"], added["listed_at"], added["n_models"]) == (True, None, 0)
    client, address = trained_api.client, f"{EXCHANGES}/{added['id']}"
    answers = [
        client.get(EXCHANGES), client.get(address), client.patch(address, json={"name": "Hospital"}),
        client.post(f"{address}/check"), client.post(f"{address}/listing"), client.get(f"{address}/models"),
    ]  # fmt: skip
    for answer in answers:
        _ok(answer)
        assert PASSWORD not in answer.text
    assert answers[3].json()["writable"] is True
    assert answers[4].json()["exchange"]["listed_at"]


def test_a_wrong_password_and_a_server_that_is_not_there_are_told_in_words(
    trained_api: Api, shared: SharedFolder
) -> None:
    wrong = _add(trained_api, shared, password="wrong")
    text = refusal(trained_api.client.post(f"{EXCHANGES}/{wrong['id']}/check"), 422, "AccessRefusedError")
    assert "wrong" not in text.split()
    nobody = _add(trained_api, shared, name="Nobody", url="http://127.0.0.1:9/", password=None)
    refusal(trained_api.client.post(f"{EXCHANGES}/{nobody['id']}/listing"), 503, "UnreachableError")


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"url": "file:///etc/passwd"}, 422, "AddressError"), ({"name": " "}, 422, "InvalidInputError"),
        ({"access": "all"}, 422, "InvalidInputError"), ({"certificate": "x"}, 422, "InvalidInputError"),
    ],
)  # fmt: skip
def test_what_is_no_exchange_is_refused(
    trained_api: Api, shared: SharedFolder, changes: dict[str, str], status: int, error: str
) -> None:
    refusal(trained_api.client.post(EXCHANGES, json=_body(shared, **changes)), status, error)


def test_a_refused_address_does_not_show_the_password_that_came_with_it(trained_api: Api, shared: SharedFolder) -> None:
    answer = trained_api.client.post(EXCHANGES, json=_body(shared, url=f"http://u:{'geheim'}@[nonsense/"))
    assert answer.status_code == 422
    assert "geheim" not in answer.text


def test_a_model_is_published_found_read_trusted_and_fetched(
    trained_api: Api, trained: Trained, shared: SharedFolder
) -> None:
    api, client = trained_api, trained_api.client
    exchange = _add(api, shared)
    address = f"{EXCHANGES}/{exchange['id']}"
    place = _publish(api, trained, exchange["id"], notes="First")
    assert _ok(client.post(f"{address}/listing"))["exchange"]["n_models"] == 1
    (listed,) = _ok(client.get(f"{address}/models"))["items"]
    assert (listed["place"], listed["publisher"], listed["signature"], listed["notes"]) == (
        place, "Ward 3", "new", "First",
    )  # fmt: skip
    assert listed["here"][0]["model_id"] == trained.model_id
    detail = _ok(client.get(f"{address}/models/{place}"))
    assert detail["verified"] is True
    assert USE in detail["card"]
    assert detail["model"]["fingerprint"] == listed["fingerprint"]
    api.project = other = api.new_project(name="Other")
    body = {"exchange_id": exchange["id"], "item": place}
    assert listed["fingerprint"] in refusal(client.post(api.url("/transfers/pull"), json=body), 409, "ConflictError")
    begun = _ok(client.post(api.url("/transfers/pull"), json=body | {"trust": listed["fingerprint"]}), 202)
    run(begun["job"]["id"], worker.pull)
    done = api.get(f"/transfers/{begun['id']}")
    assert (done["job"]["status"], done["quarantined"]) == ("done", None), done
    assert api.get(f"/models/{done['model_id']}")["project_id"] == other
    assert [event["payload"] for event in api.events(begun["job"]["id"], "result")] == [
        {"model_id": done["model_id"], "transfer_id": begun["id"]}
    ]
    assert _ok(client.get(f"{address}/transfers"))["total"] == 2
    assert api.get("/transfers")["total"] == 1
    (key,) = _ok(client.get(f"{address}/keys"))
    assert (key["fingerprint"], key["status"]) == (listed["fingerprint"], "trusted")
    assert _ok(client.get(f"{EXCHANGES}/own-key"))["fingerprint"] == listed["fingerprint"]
    refusal(client.post(api.url("/transfers/pull"), json=body), 409, "ConflictError")  # it is here


def test_models_are_found_by_what_they_say_of_themselves(
    trained_api: Api, trained: Trained, shared: SharedFolder
) -> None:
    exchange = _add(trained_api, shared)
    place = _publish(trained_api, trained, exchange["id"], also_onnx=True)
    client, address = trained_api.client, f"{EXCHANGES}/{exchange['id']}"
    _ok(client.post(f"{address}/listing"))
    (model,) = [one for one in _ok(client.get(f"{address}/models"))["items"] if not one["bare"]]
    label, size = model["labels"][0], model["size"]
    fits = [
        {"text": "tiny ward"}, {"label": label.lower()}, {"task": "single_label"}, {"architecture": "inception"},
        {"licence": "cc by"}, {"lead": "V6"}, {"most_bytes": size},
        {"lineage": model["sha256"]}, {"order": "smallest"}, {"order": "newest"}, {"order": "name"},
    ]  # fmt: skip
    fails = [
        {"text": "tiny nobody"}, {"label": "no label"}, {"task": "regression"}, {"architecture": "s4"},
        {"licence": "MIT"}, {"lead": "V7"}, {"most_bytes": 10}, {"least_score": 1}, {"lineage": "f" * 64},
    ]  # fmt: skip

    def places(query: dict[str, object]) -> list[str]:
        return [one["place"] for one in _ok(client.get(f"{address}/models", params=query))["items"]]

    for query in fits:
        assert place in places(query), query
    for query in fails:
        assert place not in places(query), query
    both = [places({"size": 1, "page": page}) for page in (1, 2, 3)]
    assert sorted(both[0] + both[1]) == sorted([place, "tiny.onnx"])
    assert both[2] == []


def test_a_publication_says_what_is_missing_and_what_is_left_out(
    trained_api: Api, trained: Trained, shared: SharedFolder
) -> None:
    exchange = _add(trained_api, shared)
    path, asked = f"/models/{trained.model_id}/publication", {"exchange_id": exchange["id"]}
    told = trained_api.get(path, **asked)
    assert (told["slug"], told["versions"], told["ready"], len(told["missing"])) == ("tiny", [], False, 2)
    describe(get_settings(), trained.model_id)
    told = trained_api.get(path, **asked)
    assert (told["missing"], told["ready"]) == ([], True)
    assert all(finding["mended"] for finding in told["findings"])
    describe(get_settings(), trained.model_id, intended_use="Like /home/meier/Meier_Anna_1950.dcm")
    told = trained_api.get(path, **asked)
    assert told["ready"] is False
    assert any(not finding["mended"] for finding in told["findings"]), told["findings"]


def test_a_version_is_withdrawn_with_a_reason_and_the_index_is_made_anew(
    trained_api: Api, trained: Trained, shared: SharedFolder
) -> None:
    exchange = _add(trained_api, shared)
    place = _publish(trained_api, trained, exchange["id"])
    client, address = trained_api.client, f"{EXCHANGES}/{exchange['id']}"
    (shared.path / "index.json").unlink()
    assert _ok(client.post(f"{address}/index"))["exchange"]["n_models"] == 1
    assert (shared.path / "index.json").exists()
    withdrawn = _ok(client.post(f"{address}/models/{place}/withdraw", json={"reason": "Wrong labels"}))
    assert withdrawn["exchange"]["n_models"] == 0
    (item,) = _ok(client.get(f"{address}/models", params={"withdrawn": True}))["items"]
    assert item["withdrawn"] == "Wrong labels"
    _ok(client.patch(address, json={"access": "read"}))
    for path, body in ((f"models/{place}/withdraw", {"reason": "x"}), ("index", {})):
        refusal(client.post(f"{address}/{path}", json=body), 409, "ConflictError")


def test_a_key_is_refused_and_forgotten_over_the_api(trained_api: Api, shared: SharedFolder) -> None:
    address = f"{EXCHANGES}/{_add(trained_api, shared)['id']}/keys"
    body = {"fingerprint": "ab12 cd34", "publisher": "Ward", "status": "refused"}
    assert _ok(trained_api.client.put(address, json=body))["status"] == "refused"
    assert trained_api.client.delete(f"{address}/ab12%20cd34").status_code == 204
    assert _ok(trained_api.client.get(address)) == []


def test_an_unknown_exchange_is_a_404_everywhere(trained_api: Api) -> None:
    from backend.api.exchanges import router

    bodies = {"withdraw": {"reason": "x"}, "keys": {"fingerprint": "a", "publisher": "b", "status": "trusted"}}
    tried = 0
    for route in router.routes:
        if "{exchange_id}" not in route.path:
            continue
        path = f"/api/v1{route.path}".format(exchange_id="nobody", slug="a", version=1, fingerprint="f")
        for method in route.methods:
            body = bodies.get(path.rsplit("/", 1)[-1], {}) if method in ("POST", "PUT", "PATCH") else None
            refusal(trained_api.client.request(method, path, json=body), 404, "NotFoundError")
            tried += 1
    assert tried >= 13


def test_the_library_pages_the_models_of_all_projects(trained_api: Api, trained: Trained) -> None:
    page = _ok(trained_api.client.get("/api/v1/models"))
    assert [(one["id"], one["project_name"]) for one in page["items"]] == [(trained.model_id, "Simulated")]
    other = trained_api.new_project(name="Other")
    usable = _ok(trained_api.client.get(trained_api.url("/models", other), params={"everywhere": True}))
    assert [one["id"] for one in usable] == [trained.model_id]
    assert usable[0]["score"]["measure"] == "macro_auroc"
    assert _ok(trained_api.client.get(trained_api.url("/models", other))) == []
