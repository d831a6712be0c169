"""TeX as SVG: what is drawn, what is not and why, and that no TeX takes long."""

import re

import pytest

from app.ui.transcript.blocks.math_drawing import LONGEST_SOURCE, MathDrawing, MathError, draw_math


def drawn(source: str, is_displayed: bool = False) -> MathDrawing:
    return draw_math(source, 14, "#B4501E", is_displayed)


def height(drawing: MathDrawing) -> float:
    return drawing.ascent + drawing.descent


@pytest.mark.parametrize(
    "source",
    [
        "x",
        "a < b",
        r"a \& b",
        r"x = \frac{-b \pm \sqrt{b^2-4ac}}{2a}",
        r"\sum_{i=0}^n i^2 = \frac{n(n+1)(2n+1)}{6}",
        r"\begin{pmatrix}1&2\\3&4\end{pmatrix}",
        r"f(x)=\begin{cases}x & x>0\\ -x & \text{else}\end{cases}",
        r"\begin{aligned} a &= b + c \\ &= \frac{d}{e} \end{aligned}",
        r"\mathbb{R} \to \mathcal{L}",
        r"\text{Größe 日本}",
        r"\begin{pmatrix}1&2\\3&4\end{pmatrix}^{-1}",
        r"\begin{bmatrix}1\\2\end{bmatrix}^T \begin{vmatrix}\begin{matrix}1\end{matrix}\end{vmatrix}_2",
        r"\tfrac{1}{2} \xrightarrow{a} \color{red}{b}",
    ],
)
def test_common_formulas_are_drawn_in_their_colour(source: str) -> None:
    drawing = drawn(source, is_displayed=True)

    assert drawing.svg.startswith("<svg")
    assert set(re.findall(r'fill="(#\w+)"', drawing.svg)) == {"#B4501E"}
    assert drawing.width > 5
    assert drawing.ascent > 3


def test_a_fraction_stands_below_the_baseline_too_and_is_higher_when_displayed() -> None:
    inline, displayed = drawn(r"\frac{a}{b}"), drawn(r"\frac{a}{b}", is_displayed=True)

    assert inline.descent > 3
    assert drawn("x").descent < 3
    assert height(displayed) > height(inline)


def test_a_fraction_may_ask_to_be_as_high_as_displayed() -> None:
    assert height(drawn(r"\dfrac{a}{b}")) > height(drawn(r"\frac{a}{b}"))
    assert height(drawn(r"\displaystyle\sum_{i=1}^n")) > height(drawn(r"\sum_{i=1}^n"))


def test_fences_are_as_high_as_what_they_hold() -> None:
    fraction = r"\frac{\frac{a}{b}}{\frac{c}{d}}"

    fenced = drawn(rf"\left({fraction}\right)", is_displayed=True)

    assert height(fenced) >= height(drawn(fraction, is_displayed=True))
    assert height(drawn(r"\left(x\right)")) < height(fenced) / 2


@pytest.mark.parametrize(
    "source",
    [
        r"\frac{a", r"\frac", "{", "^", "_", "x^x^x", "&", r"\left(", r"\right)", r"\begin{matrix}",
        r"\genfrac", r"\limits", r"\begin{matrix}&&&\end{matrix}",
        r"\text{<mspace width='9em'/>}", r"\sqrt[", r"\substack", r"\overset",
    ],
)  # fmt: skip
def test_what_is_no_tex_says_so(source: str) -> None:
    with pytest.raises(MathError, match="formula"):
        drawn(source)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "empty"),
        (" \n", "empty"),
        (r"\foo{x}", r"\\foo is not known"),
        (r"\end{matrix}", r"\\end is not known"),
        ("x" * (LONGEST_SOURCE + 1), "too long to be drawn: 2,001 characters"),
        ("a\0b", "characters that cannot be drawn"),
        ("\ud800", "characters that cannot be drawn"),
        ("{" * 900 + "x" + "}" * 900, "nested too deeply"),
        (r"\frac{1}{" * 150 + "x" + "}" * 150, "nested too deeply"),
        (r"\left(" * 100 + "x" + r"\right)" * 100, "nested too deeply"),
        (r"\begin{matrix}" * 60 + "x" + r"\end{matrix}" * 60, "nested too deeply"),
        (r"\left(" * 12 + "x" + r"\right)" * 12, "too large"),
        ("x" * LONGEST_SOURCE, "too large"),
        ("x^2+" * 499, "too large"),
        (r"\hspace{99999999em}x", "too large"),
    ],
)
def test_what_is_not_drawn_has_its_reason(source: str, reason: str) -> None:
    with pytest.raises(MathError, match=reason):
        drawn(source)


@pytest.mark.parametrize("around", [("{", "}"), (r"\frac{1}{", "}"), (r"\sqrt{", "}"), ("x^{", "}")])
def test_deep_but_harmless_nesting_is_drawn(around: tuple[str, str]) -> None:
    """ziamath by itself takes twice the time for each brace: hours for these."""
    opening, closing = around

    assert drawn(opening * 19 + "x" + closing * 19).width > 5


def test_rows_are_laid_out_as_by_ziamath_itself() -> None:
    """Bars and fences beside something high have its height, also within a script."""
    bars = drawn(r"\left|\frac{a}{b}\right|_{x=0}", is_displayed=True)

    assert height(bars) > height(drawn(r"|x|_{x=0}", is_displayed=True)) + 5
