"""What the sender of a model says of it, read out of a form."""

import pytest

from backend.errors import InvalidInputError
from backend.services.model_declared import Declared


def test_what_is_declared_is_read_from_text() -> None:
    said = Declared.parse(labels="NORM, MI ,STTC", architecture_config='{"depth": 2}', task="", preset=None)
    assert (said.labels, said.architecture_config, said.task) == (("NORM", "MI", "STTC"), {"depth": 2}, None)
    assert Declared.parse(labels='["a, b", "c"]').labels == ("a, b", "c")
    for wrong in ({"labels": "[1, 2]"}, {"labels": "['a']"}, {"labels": "x" * 300}, {"architecture_config": "{'a': 1}"},
                  {"architecture_config": "[]"}):  # fmt: skip
        with pytest.raises(InvalidInputError):
            Declared.parse(**wrong)
