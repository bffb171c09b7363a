"""The API of version 0.1.0 is still all there: clients written for it go on working, whatever has been added since."""

import gzip
import json
from collections.abc import Iterator
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

OLD = Path(__file__).parents[1] / "version_0_1_0" / "openapi.json.gz"
Schema = dict[str, Any]


def lost(old: Schema, new: Schema) -> list[str]:
    """Name what a client of the old API would miss in the new one, or would be refused for."""
    return list(_lost(old, new))


def _lost(old: Schema, new: Schema) -> Iterator[str]:
    for path, operations in old["paths"].items():
        for method, before in operations.items():
            place = f"{method.upper()} {path}"
            after = new["paths"].get(path, {}).get(method)
            if after is None:
                yield f"{place} is gone"
                continue
            asked = partial(_narrower, old, new, True)
            given = partial(_narrower, old, new, False)
            parameters = {(one["in"], one["name"]): one for one in after.get("parameters", [])}
            for one in before.get("parameters", []):
                now = parameters.pop((one["in"], one["name"]), None)
                if now is None:
                    yield f"{place}: the parameter {one['name']} is gone"
                else:
                    yield from asked(one["schema"], now["schema"], f"{place} {one['name']}")
                    if now.get("required") and not one.get("required"):
                        yield f"{place}: the parameter {one['name']} is required now"
            yield from (f"{place}: {one['name']} is required" for one in parameters.values() if one.get("required"))
            yield from _contents(before.get("requestBody", {}), after.get("requestBody", {}), place, asked)
            if after.get("requestBody", {}).get("required") and "requestBody" not in before:
                yield f"{place}: a body is required now"
            for status, answer in before["responses"].items():
                if status not in after["responses"]:
                    yield f"{place}: the answer {status} is gone"
                else:
                    now = _shared(new, after["responses"][status])
                    yield from _contents(answer, now, f"{place} {status}", given)


def _shared(api: Schema, answer: Schema) -> Schema:
    """Return an answer, which several operations may share."""
    found: Schema = api["components"]["responses"][answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
    return found


def _contents(before: Schema, after: Schema, place: str, compare: Any) -> Iterator[str]:
    for kind, content in before.get("content", {}).items():
        if kind not in after.get("content", {}):
            yield f"{place}: {kind} is gone"
        else:
            yield from compare(content.get("schema", {}), after["content"][kind].get("schema", {}), f"{place} {kind}")


def _alternatives(api: Schema, schema: Schema) -> list[Schema]:
    """Return the forms that a value may have; references are followed, so that names may change."""
    while "$ref" in schema:
        schema = api["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    either = schema.get("anyOf", schema.get("oneOf"))
    return [schema] if either is None else [form for one in either for form in _alternatives(api, one)]


def _narrower(old: Schema, new: Schema, asked: bool, before: Schema, after: Schema, place: str) -> Iterator[str]:
    """Compare two schemas: of what is sent all must still be taken, of what is answered all must still be there."""
    then, now = _alternatives(old, before), _alternatives(new, after)
    if any("type" not in form and "enum" not in form and "const" not in form for form in then):
        return  # anything at all
    for form in then:
        fitting = [one for one in now if one.get("type") == form.get("type")]
        if not fitting:
            yield f"{place} was {form.get('type')} and is {[one.get('type') for one in now]}"
        elif form.get("type") == "array":
            yield from _narrower(old, new, asked, form.get("items", {}), fitting[0].get("items", {}), f"{place}[]")
        elif "properties" in form:
            for one in fitting:
                yield from _objects(old, new, asked, form, one, place)
        elif isinstance(form.get("additionalProperties"), dict):
            inner = [one.get("additionalProperties", {}) for one in (form, fitting[0])]
            yield from _narrower(old, new, asked, *inner, f"{place}.*")
        elif asked and (gone := _values(form) - _values(fitting[0])):
            yield f"{place} no longer takes {', '.join(map(str, sorted(gone)))}"
        elif asked and not _values(form) and _values(fitting[0]):
            yield f"{place} takes only some texts now"
        elif "format" in form and form["format"] != fitting[0].get("format"):
            yield f"{place} was {form['format']}"
    kinds = {form.get("type") for form in then}
    if not asked and (strange := {str(one.get("type")) for one in now if one.get("type") not in kinds}):
        yield f"{place} may be {', '.join(sorted(strange))} now"


def _values(form: Schema) -> set[Any]:
    return {form["const"]} if "const" in form else set(form.get("enum", []))


def _objects(old: Schema, new: Schema, asked: bool, before: Schema, after: Schema, place: str) -> Iterator[str]:
    properties = after.get("properties", {})
    for name, schema in before["properties"].items():
        if name not in properties:
            yield f"{place}.{name} is gone"
        else:
            yield from _narrower(old, new, asked, schema, properties[name], f"{place}.{name}")
    was, now = set(before.get("required", [])), set(after.get("required", []))
    if asked:
        yield from (f"{place}.{name} is required" for name in sorted(now - was))
    else:
        yield from (f"{place}.{name} may be left out now" for name in sorted((was - now) & properties.keys()))


@pytest.fixture(scope="module")
def old() -> Schema:
    schema: Schema = json.loads(gzip.decompress(OLD.read_bytes()))
    return schema


def test_every_path_parameter_and_field_of_version_0_1_0_is_still_there(old: Schema, application: FastAPI) -> None:
    assert len(old["paths"]) > 30
    assert lost(old, application.openapi()) == []


def _schema(api: Schema, name: str) -> Schema:
    schema: Schema = api["components"]["schemas"][name]
    return schema


def test_what_is_taken_from_the_api_is_named(old: Schema) -> None:
    """Each change that would break a client is found, and found alone."""
    run = "/api/v1/projects/{project_id}/runs"

    def without(change: Any) -> set[str]:
        new = deepcopy(old)
        change(new)
        return {line.partition(": ")[2] or line for line in lost(old, new)}

    assert without(lambda new: None) == set()
    assert without(lambda new: new["paths"].pop(run + "/{run_id}")) == {
        f"GET {run}/{{run_id}} is gone", f"DELETE {run}/{{run_id}} is gone"
    }  # fmt: skip
    for change in (
        lambda new: _schema(new, "Job")["properties"].pop("progress"),
        lambda new: _schema(new, "Job")["required"].remove("progress"),
        lambda new: _schema(new, "Job")["properties"].update(progress={"type": "string"}),
        lambda new: _schema(new, "Job")["properties"].update(
            progress={"anyOf": [{"type": "number"}, {"type": "null"}]}
        ),
    ):
        found = without(change)
        assert found
        assert all("progress" in line for line in found)
    for change in (
        lambda new: _schema(new, "RunIn").update(required=["dataset_id", "name"]),
        lambda new: _schema(new, "RunIn")["properties"].update(name={"type": "integer"}),
        lambda new: _schema(new, "RunIn")["properties"].update(name={"type": "string", "enum": ["a"]}),
    ):
        found = without(change)
        assert found
        assert all("name" in line for line in found)
    asked = {"name": "since", "in": "query", "schema": {"type": "string"}}
    listed = new_parameters = deepcopy(old)
    new_parameters["paths"][run]["get"].setdefault("parameters", []).append(asked)
    assert lost(old, listed) == []  # an addition
    asked["required"] = True
    assert lost(old, listed) == [f"GET {run}: since is required"]


def test_an_object_without_a_form_may_get_one_and_names_may_change(old: Schema) -> None:
    new = deepcopy(old)
    typed = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    new["components"]["schemas"]["Evaluation"] = typed
    _schema(new, "Model")["properties"]["evaluation"] = {"$ref": "#/components/schemas/Evaluation"}
    assert lost(old, new) == []
    text = json.dumps(old).replace('#/components/schemas/Job"', '#/components/schemas/Task"')
    renamed = json.loads(text)
    renamed["components"]["schemas"]["Task"] = renamed["components"]["schemas"].pop("Job")
    assert lost(old, renamed) == []
