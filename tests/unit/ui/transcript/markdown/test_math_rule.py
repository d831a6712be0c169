"""Mathematics in running text is told from prices."""

import pytest

from app.ui.transcript.markdown.content import Paragraph, Span
from app.ui.transcript.markdown.math_rule import MAX_LENGTH
from app.ui.transcript.markdown.stream_parser import parse_blocks


def _formulas(text: str) -> list[Span]:
    (block,) = parse_blocks(text)
    assert isinstance(block, Paragraph)
    return [span for span in block.spans if span.math]


@pytest.mark.parametrize(
    "text", ["so $x^2$ it", "so \\(x^2\\) it", "so \\( x^2 \\) it", "($x^2$)", "$x^2$ has 2", "$x^2$."]
)
def test_a_formula_in_a_line(text: str) -> None:
    assert _formulas(text) == [Span("x^2", math=True)]


@pytest.mark.parametrize("text", ["so $$x^2$$ it", "so \\[x^2\\] it", "so $$\nx^2 $$ it"])
def test_a_displayed_formula_in_a_paragraph(text: str) -> None:
    assert _formulas(text) == [Span("x^2", math=True, displayed=True)]


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $6",
        "between $5/month and $6/month",
        "US$5 to US$6",
        "5$ or 6$",
        "$ a $",
        "\\$a\\$",
        "`$a$`",
        "set `$HOME` and $PATH`",
        "$unclosed",
        "\\(unclosed",
        "$$",
        "$$ $$",
        "\\(\\)",
        f"${'a' * (MAX_LENGTH + 1)}$",
    ],
)
def test_what_is_no_formula(text: str) -> None:
    assert _formulas(text) == []


def test_formulas_side_by_side_stay_two() -> None:
    assert _formulas("$a$$b$") == [Span("a", math=True), Span("b", math=True)]


def test_a_formula_keeps_marks_of_emphasis() -> None:
    assert _formulas("$a_1 * b_2 * c$") == [Span("a_1 * b_2 * c", math=True)]
