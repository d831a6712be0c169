"""The first letter that has a direction says in which a text runs."""

import pytest

from app.ui.transcript.markdown.direction import runs_leftward


@pytest.mark.parametrize(
    ("texts", "leftward"),
    [
        (["right"], False),
        (["שלום right"], True),
        (["مرحبا"], True),
        (["123 – ", "(", "שלום"], True),
        (["123 ", "a", "שלום"], False),
        (["1" * 900 + "שלום"], True),
        (["12 " * 1_000_000, "שלום"], False),
        ([], False),
    ],
)
def test_the_first_letter_with_a_direction_decides(texts: list[str], leftward: bool) -> None:
    assert runs_leftward(texts) is leftward
