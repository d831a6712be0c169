"""Paragraphs and headings: where each character stands, what is marked, and what an update paints again."""

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage

from app.ui.theme import Appearance
from app.ui.tokens import DARK, LIGHT, Tokens
from app.ui.transcript.blocks.painted import HighlightKind, Look, PaintedBlock
from app.ui.transcript.markdown.content import Heading, Paragraph, Span, reading_text
from tests.ui.transcript.blocks.painting import changed_area, colours_in, laid_out, marked, picture, settle

FORMULA = r"\frac{a}{b}"
MIXED = (
    Span("Use "),
    Span("timeout_at", code=True),
    Span(" around 😀 the "),
    Span("whole", bold=True),
    Span(" loop, e\u0301 and 👩‍👩‍👧: "),
    Span(FORMULA, math=True),
    Span(" is in "),
    Span("the manual", link="https://example.org/manual"),
    Span(" with\na second line; "),
    Span("a cat", image="https://example.org/cat.png"),
    Span("1", footnote=True),
    Span(" " + "and more words " * 12),
)
WORDS = "Wait a little longer after each failure, and add jitter. "


@pytest.fixture(autouse=True)
def _fonts(appearance: Appearance) -> None:
    """The bundled fonts are there."""


def text(*spans: Span) -> Paragraph:
    return Paragraph(spans)


def middle_of(painter: PaintedBlock, words: str) -> QPointF:
    place = reading_text(painter.block).index(words)
    return painter.rect_at(place + len(words) // 2).center()


def inside_of(rect: QRectF) -> QPointF:
    return QPointF(rect.left() + 0.2, rect.center().y())


def test_every_place_is_found_where_it_stands() -> None:
    painter = laid_out(Paragraph(MIXED))
    whole = reading_text(painter.block)
    joined = {place for place, letter in enumerate(whole) if letter in "\u0301\u200d"}
    joined |= {place + 1 for place, letter in enumerate(whole) if letter == "\u200d"}
    formula = range(whole.index(FORMULA) + 1, whole.index(FORMULA) + len(FORMULA))
    footnote = whole.index("a cat") + len("a cat")

    for place in range(len(whole) + 1):
        found = painter.place_at(inside_of(painter.rect_at(place)))
        if place not in joined and place not in formula and place != footnote:
            assert found == place, (place, whole[place : place + 5])


def test_a_place_inside_a_formula_is_its_beginning() -> None:
    painter = laid_out(Paragraph(MIXED))
    whole = reading_text(painter.block)
    formula = whole.index(FORMULA)

    assert painter.rect_at(formula + 3) == painter.rect_at(formula)
    assert painter.place_at(inside_of(painter.rect_at(formula + 3))) == formula
    end_of_formula = painter.rect_at(formula).topRight() + QPointF(-0.2, 5)
    assert painter.place_at(end_of_formula) == formula + len(FORMULA)


def test_points_outside_have_the_nearest_place() -> None:
    painter = laid_out(text(Span("one\ntwo")))

    assert painter.place_at(QPointF(-50, -50)) == 0
    assert painter.place_at(QPointF(2_000, 5)) == 3
    assert painter.place_at(QPointF(2_000, 2_000)) == 7


def test_lines_are_22_pixels_high_and_more_of_them_in_less_width() -> None:
    wide, narrow = laid_out(text(Span(WORDS * 8))), laid_out(text(Span(WORDS * 8)), width=200)

    assert wide.height % 22 == narrow.height % 22 == 0
    assert narrow.height > 2 * wide.height
    assert laid_out(text()).height == laid_out(text(Span("a"))).height == 22
    assert laid_out(text(Span("a\n\nb"))).height == 66


def test_zoom_makes_lines_higher() -> None:
    assert laid_out(text(Span("a")), look=Look(LIGHT, 3.0)).height == 66


def test_a_formula_makes_its_own_line_higher_only() -> None:
    high = Span(r"\int_0^1 x\,dx", math=True, displayed=True)

    painter = laid_out(text(Span("a\n"), high, Span("\nc")))

    assert painter.rect_at(0).height() == 22
    assert painter.rect_at(2).height() > 30
    assert painter.rect_at(len(reading_text(painter.block))).height() == 22


def test_headings_are_as_large_as_the_design_says() -> None:
    heights = [laid_out(Heading(level, (Span("Title"),))).height for level in range(1, 7)]

    assert heights == [28, 25, 23, 22, 22, 22]


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_the_letters_have_the_colours_of_the_theme(tokens: Tokens) -> None:
    painter = laid_out(text(Span("H" * 10), Span("H" * 10, link="https://example.org")), look=Look(tokens))
    image = picture(painter)

    plain = painter.rect_at(0).united(painter.rect_at(9))
    link = painter.rect_at(10).united(painter.rect_at(19))
    assert tokens.text in colours_in(image, plain)
    assert tokens.accent not in colours_in(image, plain)
    assert tokens.accent in colours_in(image, link)
    assert tokens.text not in colours_in(image, link)


def test_code_stands_on_its_colour_and_other_text_does_not() -> None:
    painter = laid_out(text(Span("plain "), Span("code", code=True)))
    image = picture(painter)

    assert LIGHT.code in colours_in(image, painter.rect_at(7))
    assert LIGHT.code not in colours_in(image, painter.rect_at(0).united(painter.rect_at(4)))


def test_a_link_is_under_its_words_alone() -> None:
    painter = laid_out(Paragraph(MIXED))

    assert painter.link_at(middle_of(painter, "the manual")) == "https://example.org/manual"
    assert painter.link_at(middle_of(painter, " is in")) == ""
    assert painter.link_at(QPointF(-5, 5)) == painter.link_at(QPointF(5, -5)) == ""
    assert painter.link_at(QPointF(5, painter.height + 5)) == ""


def test_an_image_in_text_is_words_that_lead_to_its_address() -> None:
    remote = laid_out(text(Span("a cat", image="https://example.org/cat.png")))
    local = laid_out(text(Span("a cat", image="file:///etc/passwd")))
    without = laid_out(text(Span("", image="https://example.org/cat.png"), Span("x")))

    assert remote.link_at(middle_of(remote, "cat")) == "https://example.org/cat.png"
    assert local.link_at(middle_of(local, "cat")) == ""
    assert remote.rect_at(0).left() > 30  # behind "[image: "
    assert without.rect_at(0).left() > 100
    assert without.place_at(QPointF(3, 5)) == 0


@pytest.mark.parametrize("kind", list(HighlightKind))
def test_a_marked_word_changes_nothing_but_its_own_place(kind: HighlightKind) -> None:
    painter = laid_out(Paragraph(MIXED))
    start = reading_text(painter.block).index("whole")
    word = painter.rect_at(start).united(painter.rect_at(start + 4))

    changed = changed_area(picture(painter), picture(painter, marked(start, start + 5, kind)))

    assert word.adjusted(-1, -1, 1, 1).contains(changed)
    assert changed.width() > word.width() - 2
    assert changed.height() == word.height()


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_the_current_hit_is_readable_on_its_strong_colour(tokens: Tokens) -> None:
    painter = laid_out(text(Span("H" * 10), Span("H" * 10, link="https://example.org")), look=Look(tokens))

    colours = colours_in(
        picture(painter, marked(0, 20, HighlightKind.FOUND_CURRENT)), painter.rect_at(2).united(painter.rect_at(17))
    )

    assert {tokens.warn, tokens.on_accent} <= colours
    assert not {tokens.accent, tokens.text} & colours


def test_a_mark_over_a_line_break_covers_the_ends_of_both_lines() -> None:
    painter = laid_out(text(Span("first line\nsecond line")))

    changed = changed_area(picture(painter), picture(painter, marked(6, 17)))

    assert changed.top() == 0
    assert changed.bottom() == 44


def test_text_from_right_to_left_begins_at_the_right() -> None:
    painter = laid_out(text(Span("مرحبا بالعالم")))

    assert painter.rect_at(0).right() == pytest.approx(700, abs=1)
    assert painter.rect_at(3).right() < painter.rect_at(0).left()
    assert painter.place_at(QPointF(699, 5)) == 0
    assert painter.place_at(QPointF(5, 5)) == len("مرحبا بالعالم")


def test_a_mark_in_two_directions_is_in_two_parts() -> None:
    words = "abc مرحبا def"
    painter = laid_out(text(Span(words)))

    image = picture(painter, marked(6, 12, HighlightKind.FOUND))  # from within the Arabic word into "def"

    def is_marked(place: int) -> bool:
        return LIGHT.warn_soft in colours_in(image, painter.rect_at(place))

    assert [is_marked(place) for place in (1, 4, 7, 8, 10)] == [False, False, True, True, True]


@pytest.mark.parametrize(
    "stages",
    [
        ["Wait", "Wait a little", WORDS * 3, WORDS * 30, WORDS * 31 + "**", WORDS * 30 + "end"],
        ["x" * 990, "x" * 1_010, "x" * 3_000, "x" * 3_001],
        ["", "😀", "😀مرحبا", "😀مرحبا abc"],
        ["12", "12 مرحبا", "12 "],
        ["漢字" * 100, "漢字" * 800, "漢字" * 700 + "a"],
        ["a\nb", "a\nb\n", "a\nb\nc"],
    ],
)
def test_an_updated_paragraph_is_painted_as_a_fresh_one(stages: list[str]) -> None:
    grown = laid_out(text(Span(stages[0])))

    for stage in stages[1:]:
        assert grown.update_block(text(Span(stage)))
        settle(grown)
        fresh = laid_out(text(Span(stage)))
        assert grown.height == fresh.height
        assert picture(grown) == picture(fresh)


def test_spans_that_turn_into_others_are_painted_as_fresh_ones() -> None:
    stages = [
        (Span("Add **jitter"),),
        (Span("Add "), Span("jitter", bold=True)),
        (Span("Add "), Span("jitter", bold=True), Span(" and $x")),
        (Span("Add "), Span("jitter", bold=True), Span(" and "), Span("x^2", math=True), Span(" 😀 at ")),
        (Span("Add "), Span("jitter", bold=True), Span(" and "), Span("x^3", math=True)),
        (Span("Add "), Span("jitter", bold=True, link="https://example.org"), Span(" and "), Span("x", code=True)),
    ]
    grown = laid_out(text())
    for spans in stages:
        assert grown.update_block(Paragraph(spans))
        settle(grown)
        assert picture(grown) == picture(laid_out(Paragraph(spans)))


def test_above_what_an_update_says_nothing_changed() -> None:
    whole = WORDS * 40
    painter = laid_out(text(Span(whole)))
    before = picture(painter)

    painter.update_block(text(Span(whole + "And more. ")))
    settle(painter)

    assert painter.changed_from() >= before.height() - 2 * 22
    unchanged = before.copy(0, 0, before.width(), round(painter.changed_from()))
    assert picture(painter).copy(unchanged.rect()) == unchanged
    painter.lay_out(700)
    assert painter.changed_from() == painter.height


def test_a_word_that_grows_over_the_end_of_its_line_takes_the_line_before_with_it() -> None:
    painter = laid_out(text(Span("a " * 40 + "bb")), width=340)
    for count in range(2, 30):
        before = picture(painter)
        painter.update_block(text(Span("a " * 40 + "b" * (count + 1))))
        settle(painter, 340)
        changed = painter.changed_from()
        kept = before.copy(0, 0, before.width(), round(changed))
        assert picture(painter).copy(kept.rect()) == kept


def test_another_kind_or_level_needs_another_painter() -> None:
    painter = laid_out(text(Span("a")))
    heading = laid_out(Heading(1, (Span("a"),)))

    assert not painter.update_block(Heading(1, (Span("a"),)))
    assert not heading.update_block(Heading(2, (Span("a"),)))
    assert heading.update_block(Heading(1, (Span("ab"),)))


def test_what_was_given_back_is_made_again() -> None:
    painter = laid_out(Paragraph(MIXED))
    before, height = picture(painter), painter.height

    painter.release()

    assert painter.height == height
    assert picture(painter) == before


def test_a_formula_that_is_no_tex_is_its_source_with_the_reason() -> None:
    painter = laid_out(text(Span("see "), Span(r"\frac{a", math=True), Span(" here")))

    assert "not valid TeX" in painter.tooltip_at(middle_of(painter, "frac"))
    assert painter.tooltip_at(middle_of(painter, "here")) == ""
    assert painter.place_at(inside_of(painter.rect_at(8))) == 8


def test_a_formula_wider_than_the_line_is_made_smaller() -> None:
    painter = laid_out(text(Span("+".join("abcdef" * 20), math=True)), width=300)

    assert painter.rect_at(0).width() <= 300
    assert colours_in(picture(painter), QRectF(150, 0, 150, painter.height)) != {"#FFFFFF"}


@pytest.mark.parametrize(
    "bad",
    ["a\ud800b", "a\0b", "a\ufffcb", "a\u2029b\rc", "\u202e\u2066abc", "\u0301" * 500, "a\u200b" * 500, "\ufdfd" * 40],
)
def test_odd_characters_stand_somewhere(bad: str) -> None:
    painter = laid_out(text(Span(bad)))

    assert painter.height >= 22
    assert 0 <= painter.place_at(painter.rect_at(1).center()) <= len(bad)
    assert isinstance(picture(painter, marked(0, len(bad))), QImage)


def test_the_beginning_of_what_is_read_is_laid_out_from_its_own_side() -> None:
    right = laid_out(text(Span("1. "), Span("مرحبا")))
    left = laid_out(text(Span("1. "), Span("abc مرحبا")))

    assert right.rect_at(4).center().x() > 350
    assert left.rect_at(4).center().x() < 350
