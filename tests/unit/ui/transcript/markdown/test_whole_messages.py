"""Reading by pieces comes to what markdown-it reads in the whole message."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ui.transcript.markdown.content import Block
from app.ui.transcript.markdown.footnotes import footnote_of
from app.ui.transcript.markdown.stream_parser import parse_blocks
from tests.unit.ui.transcript.markdown.examples import examples
from tests.unit.ui.transcript.markdown.whole import read_whole

_WITHOUT_MATH = {name: text for name, text in examples().items() if "$$" not in text and "\\[\n" not in text}


def _by_footnote(blocks: list[Block]) -> list[Block]:
    return sorted(blocks, key=lambda block: footnote_of(block) or "")


@pytest.mark.parametrize("name", sorted(name for name in _WITHOUT_MATH if not name.startswith("mathematics")))
def test_an_example(name: str) -> None:
    assert _by_footnote(list(parse_blocks(examples()[name]))) == _by_footnote(read_whole(examples()[name]))


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(sorted(_WITHOUT_MATH.values())), min_size=2, max_size=4))
def test_examples_one_after_the_other(texts: list[str]) -> None:
    text = "\n\n".join(texts)
    assert _by_footnote(list(parse_blocks(text))) == _by_footnote(read_whole(text))
