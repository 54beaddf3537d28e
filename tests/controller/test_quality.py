"""What the codes of quality mean."""

import pytest
from webmacs_controller.sdk import Quality
from webmacs_controller.sdk.quality import is_good, is_usable, reason


@pytest.mark.parametrize("quality", Quality)
def test_the_words_for_a_code_begin_with_its_class(quality: Quality) -> None:
    kind = "good" if is_good(quality) else "uncertain" if is_usable(quality) else "bad"
    assert reason(quality).split(",")[0] == kind


@pytest.mark.parametrize(
    ("quality", "words"),
    [
        (16, "bad, sensor fault"),
        (18, "bad, sensor fault"),  # and the value stands at its upper limit
        (96, "uncertain, simulated"),
        (216, "good, entered by hand"),
        (255, "good"),
        (191, "uncertain"),
        (63, "bad"),
    ],
)
def test_any_byte_is_told_to_people(quality: int, words: str) -> None:
    assert reason(quality) == words
