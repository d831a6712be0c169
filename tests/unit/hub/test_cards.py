"""The text of a model card is what stands behind the facts for machines."""

import pytest

from app.hub.cards import without_front_matter


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("# Small", "# Small"),
        ("---\nlicense: mit\n---\n# Small\n", "# Small"),
        ("\ufeff---\r\nlicense: mit\r\ntags:\r\n- gguf\r\n---\r\n\r\n# Small", "# Small"),
        ("---\n---\n# Small", "# Small"),
        ("---\nlicense: mit\n---", ""),
        ("---\nlicense: mit\n# Small", "---\nlicense: mit\n# Small"),
        ("# Small\n---\nnot: facts\n---\nmore", "# Small\n---\nnot: facts\n---\nmore"),
        ("---\nlicense: mit\n---\na\n---\nb", "a\n---\nb"),
        ("", ""),
    ],
)
def test_facts_for_machines_are_cut_off(text: str, left: str) -> None:
    assert without_front_matter(text) == left


def test_a_long_card_takes_no_long_time() -> None:
    text = "---\n" + "a\n" * 400_000
    assert without_front_matter(text) == text.strip()
