"""What a translation may cost, in steps and bytes: texts are written by whoever asks."""

import sys

import pytest

from backend.language import translator
from backend.language.spoken import german
from backend.language.translator import KEPT_BYTES, LONGEST, MOST_STEPS, STEP, Translator
from tests.language.filled import filled

NATURAL = (
    "The device has written the leads in another order than usual. Lead V3 is noisy for 4 s; the recording of 12.5 s "
    "was cut at its end. The site says: filters were 0.05 to 150 Hz, and the mains filter was at 50 Hz. Electrodes are "
    "those of the ward, which is not what the protocol asks for. "
)
ODD = [
    "a is b. ", NATURAL, "There is no comparison x in this project. ", "and 3 more ", "“a” is b; use c. ",
    "noise of 5 µV, ", "Left out: a. ", "x But: ", "Left out: ", "row 3: ", "a is ", "“", "”", "(", ". ", "\n", ": ",
    ", and 3 more, of 4 left out: 3 at 4 Hz 100 s of 3 s",
]  # fmt: skip


@pytest.mark.parametrize("odd", [*ODD, "different"])
def test_work_grows_no_faster_than_the_text(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translator, "MOST_STEPS", 10**9)  # by itself, not as it is cut off
    monkeypatch.setattr(translator, "STEP", 10**9)
    whole = odd * 2_000
    if odd == "different":  # sentences of which none has been read before
        whole = "".join(NATURAL.replace("Lead", f"Lead {number}").replace("is", f"is {number}") for number in range(9))
    for length in (125, 250, 500, 1_000, 2_000):
        assert german().translate(whole[:length])[1] <= 50 + 3 * length


@pytest.mark.parametrize("odd", ODD)
def test_work_has_an_end_however_odd_a_text_is(odd: str) -> None:
    assert (
        max(german().translate((odd * 2_000)[:n])[1] for n in (250, 500, LONGEST)) <= MOST_STEPS + 1 + LONGEST // STEP
    )


def test_a_sentence_takes_few_steps_however_many_there_are() -> None:
    steps = sorted(german().translate(one.english)[1] for one in filled())
    assert steps[len(steps) // 2] <= 5
    assert steps[-1] <= MOST_STEPS / 2


def test_a_text_longer_than_any_sentence_is_neither_read_nor_kept() -> None:
    one = Translator([("{name} is gone.", "{name} ist weg.", "")])
    assert one.say("x is gone.") == "x ist weg."
    kept = one.kept_bytes
    for number in range(20):
        text = f"{number}{'x' * LONGEST} is gone."
        assert one.say(text) == text
    assert one.kept_bytes == kept > 0


def test_what_is_kept_is_bounded_by_its_bytes_and_the_newest_stays() -> None:
    one = Translator([("{name} is gone.", "{name} ist weg.", "")])
    text = "{} is gone.".format
    for number in range(2 * KEPT_BYTES // LONGEST):
        one.say(text(str(number) + "µ" * (LONGEST - 100)))
        assert one.kept_bytes <= KEPT_BYTES
    kept = one._kept
    assert one.kept_bytes == sum(sys.getsizeof(a) + sys.getsizeof(b) for a, b in kept.items())
    assert next(reversed(kept)).startswith(str(number))
