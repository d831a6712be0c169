"""Long running text is read in parts, which say what the whole says."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.ui.transcript.markdown import parting
from app.ui.transcript.markdown.content import Spans, spans_text
from app.ui.transcript.markdown.dialect import make_parser
from app.ui.transcript.markdown.parting import MAX_PART, PART, parts
from app.ui.transcript.markdown.running_text import Definitions, RunningText
from app.ui.transcript.markdown.spans import spans_of

_PHRASES = [
    "plain words here ",
    "**bold and *italic* words** ",
    "*it _goes_ on* ",
    "`code * with [marks` ",
    '[a link](https://example.org/x_y "its title") ',
    "[brackets] and (more) ",
    "$x_1 * y$ ",
    "costs $5 and $6 ",
    "snake_case_name ",
    "\\(a * b\\) ",
    "~~gone~~ ",
    "5 * 3 ",
    "end. ",
]


def _whole(text: str) -> Spans:
    parser = make_parser()
    (inline,) = parser.parseInline(text, Definitions().environment())
    return spans_of(inline.children or ())


def _in_parts(text: str) -> Spans:
    return RunningText(make_parser(), Definitions()).read(text)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(_PHRASES), min_size=20, max_size=120))
def test_parts_say_what_the_whole_says(phrases: list[str]) -> None:
    text = "".join(phrases).strip()
    assert _in_parts(text) == _whole(text)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([*_PHRASES, "**", "[", "`", "$", "word", "\\("]), min_size=20, max_size=200), st.data())
def test_text_that_grows_keeps_its_parts(phrases: list[str], data: st.DataObject) -> None:
    text = "".join(phrases)
    shorter = list(parts(text[: data.draw(st.integers(0, len(text)))]))
    assert list(parts(text))[: len(shorter) - 1] == shorter[:-1]


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.text("ab *_[]()`$\\~<&@:", max_size=3000))
@example("[" * 2000)
@example("a" * 10_000)
def test_parts_are_the_text_and_not_too_long(text: str) -> None:
    found = list(parts(text))
    assert "".join(found) == text
    assert max(map(len, found)) <= MAX_PART


def test_a_part_ends_soon_where_nothing_is_open() -> None:
    first, *_ = parts("word " * 1000)
    assert PART < len(first) <= PART + 5


def test_emphasis_that_goes_on_is_not_cut() -> None:
    text = "**" + "word " * 300 + "end** " + "more " * 200
    assert _in_parts(text)[0].bold
    assert len(_in_parts(text)[0].text) == 5 * 300 + 3


def test_emphasis_that_never_ends_is_text() -> None:
    text = "**" + "word " * 3000
    assert spans_text(_in_parts(text.strip())) == text.strip()


@pytest.mark.parametrize("unit", ["[", "![a](", "*a ", "a**b", "$", "\\(", "<a", "&amp;", "~~a"])
def test_a_part_has_few_marks(unit: str) -> None:
    text = unit * (8000 // len(unit))
    most = max(sum(part.count(mark) for mark in "[]*$`<&~\\") for part in parts(text))
    assert most <= parting.PART
