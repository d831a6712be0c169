"""What stands around blocks, and below turns: bars, markers, buttons; where they stand and in which colours."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app.core.conversation import Role
from app.core.settings import OverflowPolicy
from app.ui.transcript.blocks.block_tools import CodeTools
from app.ui.transcript.blocks.image_block import ImageTools
from app.ui.transcript.frames import is_leftward
from app.ui.transcript.markdown.content import Paragraph, Span
from app.ui.transcript.memory import MemoryStart
from app.ui.transcript.message_actions import ACTIONS_HEIGHT
from app.ui.transcript.text_view import MessageTextView
from tests.ui.messages import answer, message
from tests.ui.transcript.reading import OpenPage

LONG_LABEL = "a-label-that-is-much-longer-than-any-number"


def shown(page: OpenPage, text: str) -> QImage:
    """Show an answer; what is on screen."""
    page.view.show_messages([message(1, Role.USER, "?"), answer(text)])
    page.qtbot.waitUntil(lambda: page.view.is_settled)
    QApplication.processEvents()
    return page.view.viewport().grab().toImage()


def colours_in(picture: QImage, area: QRect) -> set[str]:
    return {picture.pixelColor(x, y).name() for x, y in points_of(picture, area)}


def ink_in(page: OpenPage, picture: QImage, area: QRect) -> list[tuple[int, int]]:
    """The points of an area that are not of the page's own colour."""
    paper = page.view.look.tokens.surface.lower()
    return [(x, y) for x, y in points_of(picture, area) if picture.pixelColor(x, y).name() != paper]


def points_of(picture: QImage, area: QRect) -> Iterator[tuple[int, int]]:
    seen = area.intersected(picture.rect())
    return ((x, y) for y in range(seen.top(), seen.bottom() + 1) for x in range(seen.left(), seen.right() + 1))


def line_of(page: OpenPage, words: str) -> QRect:
    """The whole viewport's width in the line in which words begin."""
    text = page.view.page.rect_of(page.place_of(words)).toRect()
    return QRect(0, text.top(), page.view.viewport().width(), text.height())


def test_a_quotes_text_is_quieter_and_its_bar_goes_on_between_paragraphs(page: OpenPage) -> None:
    picture = shown(page, "Plain.\n\n> quoted\n>\n> and on")
    tokens = page.view.look.tokens
    assert tokens.text.lower() in colours_in(picture, line_of(page, "Plain"))
    quoted = colours_in(picture, line_of(page, "quoted"))
    assert tokens.text_2.lower() in quoted
    assert tokens.text.lower() not in quoted
    left, first, last = int(page.view.column.left()), line_of(page, "quoted"), line_of(page, "and on")
    bar = colours_in(picture, QRect(left, first.top(), 2, last.bottom() - first.top()))
    assert bar == {tokens.line.lower()}


@pytest.mark.parametrize(("item", "is_at_right"), [("פריט", True), ("item", False)])
def test_a_marker_stands_where_its_text_begins(page: OpenPage, item: str, is_at_right: bool) -> None:
    picture = shown(page, f"- {item}")
    column, line = page.view.column, line_of(page, item)
    left, right = (QRect(int(x), line.top(), 20, line.height()) for x in (column.left(), column.right() - 20))
    assert bool(ink_in(page, picture, right)) is is_at_right
    assert bool(ink_in(page, picture, left)) is not is_at_right


@pytest.mark.parametrize(
    ("text", "said"),
    [("1. plain", "plain"), ("1. # A heading", "A heading"), (r"1. $\dfrac{\dfrac{a}{b}}{c}$ high", " high")],
)
def test_a_markers_letters_stand_on_the_line_of_the_text(page: OpenPage, text: str, said: str) -> None:
    picture = shown(page, text)
    baseline = page.view.page.painter_at(page.place_of(said)).first_baseline()
    assert baseline is not None
    area = page.view.stack.items[1].area_of(0)
    top = page.view.area_of(1).top() + area.top()
    number = QRect(int(page.view.column.left()), int(top), 20, int(area.height()))
    lowest = max(y for _, y in ink_in(page, picture, number))
    assert lowest + 1 == pytest.approx(top + baseline, abs=1)


def test_a_footnotes_long_label_is_cut_and_its_text_stands_beside_it(page: OpenPage) -> None:
    picture = shown(page, f"Text.[^{LONG_LABEL}]\n\n[^{LONG_LABEL}]: The note.")
    note, text = line_of(page, "The note"), page.point_of("The note").x()
    assert not ink_in(page, picture, QRect(0, note.top(), int(page.view.column.left()) - 1, note.height()))
    assert not ink_in(page, picture, QRect(text - 5, note.top(), 4, note.height()))


def test_long_numbers_keep_the_edge_of_a_lists_text(page: OpenPage) -> None:
    shown(page, "99. before\n100. after")
    assert page.point_of("before").x() == page.point_of("after").x()


def test_the_last_word_below_an_answer_ends_where_the_column_does(page: OpenPage) -> None:
    picture = shown(page, "Words.")
    foot = page.foot()
    area = QRect(foot.mapTo(page.view.viewport(), foot.rect().topLeft()), foot.size())
    rightmost = max(x for x, _ in ink_in(page, picture, area))
    assert rightmost == pytest.approx(page.view.column.right() - 1, abs=2)


def test_what_is_on_the_page_grows_with_its_text(page: OpenPage) -> None:
    def sizes() -> list[int]:
        foot, tools = page.foot(), page.view.findChildren(CodeTools)[-1]
        browser = page.view.findChildren(ImageTools)[-1].open
        return [foot.height(), foot.buttons.copy_button.width(), tools.copy.width(), browser.font().pixelSize()]

    shown(page, "```python\nx = 1\n```\n\n![A cat](https://example.org/cat.png)")
    before = sizes()
    assert before[0] == ACTIONS_HEIGHT
    page.view.set_zoom(2.0)
    page.qtbot.waitUntil(lambda: page.view.is_settled)
    assert [two / one for one, two in zip(before, sizes(), strict=True)] == pytest.approx([2, 2, 2, 2], rel=0.05)
    assert page.foot().buttons.copy_button.fontMetrics().height() <= page.foot().height()


def test_the_frame_of_the_focus_holds_the_words_below_a_question(page: OpenPage) -> None:
    shown(page, "An answer")
    page.view.item_focus.go_to(0)
    frame = page.view.stack.items[0].frame.translated(page.view.area_of(0).topLeft()).adjusted(-7, -7, 7, 7)
    words = page.foot(0).buttons.copy_button
    assert frame.contains(QPointF(words.mapTo(page.view.viewport(), words.rect().center())))
    assert frame.left() > page.view.column.left(), "it is around the bubble"


def test_a_summary_that_is_opened_has_the_room_it_needs(page: OpenPage) -> None:
    shown(page, "An answer")
    page.view.show_memory(MemoryStart(2, 1, "What was said before, at some length. " * 12), OverflowPolicy.SUMMARY)
    divider = page.view.divider
    assert divider is not None
    assert divider.summary is not None
    QApplication.processEvents()
    before = page.view.area_of(2).top() - page.view.area_of(1).top()
    divider.summary.button.click()
    text = divider.summary.findChildren(MessageTextView)[-1]
    page.qtbot.waitUntil(lambda: text.isVisible())
    assert text.height() >= text.document().size().height() > 60
    assert divider.rect().contains(QRect(text.mapTo(divider, text.rect().topLeft()), text.size()))
    assert page.view.area_of(2).top() - page.view.area_of(1).top() >= before + text.height()


def test_a_drawn_formula_does_not_say_on_which_side_a_quote_has_its_bar() -> None:
    assert is_leftward(Paragraph((Span("x", math=True), Span(" מרחק"))))
    assert not is_leftward(Paragraph((Span("x"), Span(" מרחק"))))
