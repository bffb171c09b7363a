"""Where an ancestor keeps no list of what it has seen, nothing is called not seen: everywhere the same is said."""

import io

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.db.session import write_session
from backend.db.tables import Model, Run
from backend.ml.data import seen_list
from backend.ml.data.seen_list import Identity, SeenByModel
from backend.services import seen, shipped
from backend.settings import get_settings
from tests.api.test_evaluations import ask, exported
from tests.api_calls import Api
from tests.trained import Trained

CARD = "learned from A; never from B."
BASE = SeenByModel(name="Base", known=False, told=CARD)


@pytest.fixture
def of_unknown(trained_api: Api, trained: Trained) -> list[str]:
    """Let the model come from one that keeps no list; return the ids of its test part."""
    with write_session(get_settings().resolved_database_url) as session:
        model = session.get_one(Model, trained.model_id)
        model.seen = seen_list.to_bytes([*seen.list_of(session, model), BASE])
        return list(session.get_one(Run, trained.run_id).split["test"])


def _identity(number: int) -> Identity:
    return Identity(f"{number:032x}", f"{number:064x}", None)


@given(
    st.dictionaries(st.integers(1, 30), st.sampled_from(["train", "validation", "test", ""]), min_size=1),
    st.lists(st.booleans(), min_size=1, max_size=3),
)
def test_what_nobody_has_learned_from_is_new_only_where_all_ancestors_are_known(
    part_of: dict[int, str], known: list[bool]
) -> None:
    parts = {
        part: [_identity(n) for n, one in part_of.items() if one == part] for part in ("train", "validation", "test")
    }
    chain = [
        seen_list.seen_in("Own", parts, "p"),
        *(SeenByModel(name=f"B{n}", known=one) for n, one in enumerate(known)),
    ]
    said = seen.look_up(chain, [_identity(n) for n in part_of])
    for n, part in part_of.items():
        otherwise = {"": "no", "test": "test"}.get(part) if all(known) else "not known"
        assert said[_identity(n).recording_id].status == {"train": "training"}.get(
            part, part if part == "validation" else otherwise
        )


def test_an_evaluation_says_of_its_own_test_part_that_an_ancestor_may_have_seen_it(
    trained_api: Api, trained: Trained, of_unknown: list[str]
) -> None:
    shown = ask(trained_api, trained)
    assert (shown["n_not_known"], shown["result"]["n"]) == (len(of_unknown), len(of_unknown))
    assert CARD in shown["not_known_told"]
    (said,) = (one["text"] for one in shown["cautions"] if one["kind"] == "seen")
    assert "not known" in said
    assert CARD in said
    assert {row["seen"] for row in exported(trained_api, shown)} == {"not known"}
    table = pq.read_table(
        io.BytesIO(trained_api.client.get(trained_api.url(f"/evaluations/{shown['id']}/parquet")).content)
    )
    assert table["seen"].null_count == len(of_unknown)
    report = trained_api.client.get(trained_api.url(f"/evaluations/{shown['id']}/report")).text
    assert "Read the figures with care" in report
    assert CARD in report
    beside = trained_api.get("/evaluations/side-by-side", model_id=trained.model_id)
    assert {cell["n_not_known"] for cell in beside["cells"]} == {len(of_unknown)}
    page = trained_api.get(f"/evaluations/{shown['id']}/recordings", label="NORM", cell="true_negative", threshold=1)
    assert {row["seen_not_known"] for row in page["items"]} == {True}


def test_a_prediction_says_the_same_with_what_the_card_says(
    trained_api: Api, trained: Trained, of_unknown: list[str]
) -> None:
    asked = {"recording_id": of_unknown[0]}
    answer = trained_api.client.post(trained_api.url(f"/models/{trained.model_id}/predict"), json=asked).json()
    assert answer["seen"] == "not known"
    assert "in the test of “Tiny”" in answer["seen_text"]
    assert "“Base”" in answer["seen_text"]
    assert CARD in answer["seen_text"]


def test_the_shipped_card_names_in_one_sentence_what_it_has_learned_from_and_what_never() -> None:
    (card,) = (one for one in shipped.shipped().values() if one.name == "cardx")
    assert card.learnt_from.startswith("learned from PTB-XL folds 1 to 8")
    assert "never from PTB-XL fold 9 or 10, LUDB" in card.learnt_from
    assert card.learnt_from.count(". ") == 0
    assert "passes" not in card.learnt_from
