"""Saved views: kept by name in a project, replaced by the same name, gone when deleted."""

from tests.api_calls import Api, refusal

QUERY = {"label": "MI", "sort": "age", "order": "desc"}


def _save(api: Api, name: str, query: dict[str, str]):
    return api.client.post(api.url("/views"), json={"name": name, "query": query})


def test_a_view_is_kept_listed_replaced_and_deleted(api_on_each_database: Api) -> None:
    api = api_on_each_database
    assert api.get("/views") == []
    assert _save(api, "Women", {"sex": "F"}).status_code == 201
    first = _save(api, "Infarctions", {"label": "STEMI"}).json()
    again = _save(api, " Infarctions ", QUERY).json()
    assert (again["id"], again["query"]) == (first["id"], QUERY)
    assert [(view["name"], view["query"]) for view in api.get("/views")] == [
        ("Infarctions", QUERY), ("Women", {"sex": "F"}),
    ]  # fmt: skip
    assert api.client.delete(api.url(f"/views/{again['id']}")).status_code == 204
    assert [view["name"] for view in api.get("/views")] == ["Women"]
    refusal(api.client.delete(api.url(f"/views/{again['id']}")), 404, "NotFoundError")


def test_a_project_keeps_a_hundred_views(api: Api) -> None:
    assert [_save(api, f"View {n}", QUERY).status_code for n in range(100)] == [201] * 100
    assert "Delete" in refusal(_save(api, "One more", QUERY), 409, "ConflictError")
    assert _save(api, "View 7", {}).status_code == 201
