"""The examples in the docstrings of the public package, run; its names, and its types."""

import doctest
import importlib
import pkgutil

import pytest

import exchangeai
from tests.client_shapes import API, SHAPES, text
from tests.client_shapes import json as json_module

MODULES = [
    "exchangeai",
    *(module.name for module in pkgutil.iter_modules(exchangeai.__path__, "exchangeai.")),
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    module = importlib.import_module(name)
    found = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert found.failed == 0


def test_the_functions_of_the_package_have_examples() -> None:
    for name in ("read", "preprocess", "measure", "embed", "simulate", "load_model"):
        assert ">>>" in getattr(exchangeai, name).__doc__, name


def test_every_name_of_the_package_is_there_and_documented() -> None:
    for name in exchangeai.__all__:
        assert getattr(exchangeai, name).__doc__, name


def test_the_shapes_of_the_client_are_those_of_the_api() -> None:
    assert SHAPES.read_text() == text(json_module.loads(API.read_text())), "run 'make openapi' and commit"
