"""The reader's place stays where it is, whatever becomes higher above it; the end is followed only by who is there."""

import random
from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication

from app.core.conversation import Role
from app.core.settings import OverflowPolicy, Theme
from app.ui.transcript.blocks.block_tools import CodeTools
from app.ui.transcript.folded_text import FoldButton
from app.ui.transcript.memory import MemoryStart
from app.ui.transcript.shown_widgets import Source
from tests.ui.messages import answer, message
from tests.ui.transcript.reading import OpenPage
from tests.ui.transcript.torture import PARTS, mixed_answer, mixed_conversation

PROSE = "\n\n".join(f"Paragraph {n} " + "of words that go on and on and on, " * 12 for n in range(40))


def texts_in_view(page: OpenPage) -> dict[tuple[int, int], float]:
    """The y of each block whose beginning is in view."""
    view = page.view
    found = {}
    for index, item in view.stack.visible(view.top, view.top + view.viewport().height()):
        for block in range(view.page.block_count(index)):
            y = item.area_of(block).top() + view.stack.top_of(index) - view.top
            if 0 <= y < view.viewport().height():
                found[index, block] = y
    return found


def assert_stayed(before: dict[tuple[int, int], float], after: dict[tuple[int, int], float], by: float = 0) -> None:
    common = before.keys() & after.keys()
    assert common
    assert {key: after[key] for key in common} == {key: pytest.approx(before[key] + by, abs=1) for key in common}


def assert_widgets_in_place(page: OpenPage) -> None:
    """Every visible button stands where its turn or block is."""
    view = page.view
    seen = list(view.stack.visible(view.top, view.top + view.viewport().height()))
    wanted: dict[Source, tuple[int, int]] = {}
    for index, item in seen:
        y = view.stack.top_of(index) - view.top
        for stacked, part in item.widgets_between(-y, view.viewport().height() - y):
            wanted[part] = (round(view.column.left() + stacked.indent), round(y + stacked.top))
        first = 0
        for column in item.columns:
            for number in range(len(column)):
                area = item.area_of(first + number)
                if y + area.bottom() > 0 and y + area.top() < view.viewport().height():
                    painter = column.painter_of(number)
                    tools = painter.tools_rect().translated(area.topLeft())
                    if not painter.tools_rect().isEmpty():
                        wanted[painter] = (round(view.column.left() + tools.left()), round(y + tools.top()))
            first += len(column)
    standing = {source: widget for source in wanted if (widget := view.widgets.widget_of(source)) is not None}
    assert standing.keys() == wanted.keys()
    for source, widget in standing.items():
        assert widget.isVisible()
        assert (widget.x(), widget.y()) == pytest.approx(wanted[source], abs=1)


@pytest.fixture
def long_page(page: OpenPage) -> OpenPage:
    page.view.show_messages(mixed_conversation(40))
    return page


def test_the_wheel_moves_the_text_by_its_step_and_no_more(long_page: OpenPage) -> None:
    view = long_page.view
    for _ in range(60):
        before, top = texts_in_view(long_page), view.top
        long_page.wheel(1)
        assert view.top >= 0
        after = texts_in_view(long_page)
        moved = {round(after[key] - before[key]) for key in before.keys() & after.keys()}
        assert moved == {120}, top


class Reader:
    """Someone who does whatever comes to mind, while an answer is written."""

    def __init__(self, page: OpenPage, seed: int) -> None:
        self.page = page
        self.dice = random.Random(seed)
        self.words = PARTS.format(n=2)
        self.pressed = 0

    def act(self) -> None:
        choice, page, view = self.dice.choice, self.page, self.page.view
        match self.dice.randrange(9):
            case 0 | 1 | 2:
                page.wheel(choice([1, 1, 2, 5, -1, -3, -8]))
            case 3:
                page.press(choice([Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_K, Qt.Key.Key_J, Qt.Key.Key_End]))
            case 4:
                view.resize(self.dice.randrange(400, 1000), self.dice.randrange(250, 600))
            case 5:
                view.zoom_by(choice([-1, 1]))
            case 6 if buttons := self.buttons():
                choice(buttons).click()
                self.pressed += 1
            case _:
                start = self.dice.randrange(len(self.words))
                view.append_to_reply(self.words[start : start + 80])

    def buttons(self) -> list[QAbstractButton]:
        """Those in view that make something higher or lower."""
        view = self.page.view
        folds: list[QAbstractButton] = [b for b in view.findChildren(FoldButton) if b.isVisible()]
        return folds + [tools.wrap for tools in view.findChildren(CodeTools) if tools.isVisible()]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_screen_shows_what_is_there_after_every_step(
    page: OpenPage, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = page.view
    monkeypatch.setattr(view.answer_end.caret, "_motion", SimpleNamespace(is_reduced=True))
    thoughts = "A thought.\n" * 30
    view.show_messages([replace(one, reasoning=thoughts * (one.id % 4 == 0)) for one in mixed_conversation(12)])
    view.begin_reply(13)
    reader = Reader(page, seed)
    for _ in range(30):
        reader.act()
        page.settle()
        page.assert_painted()
        assert_widgets_in_place(page)
        bar = view.verticalScrollBar()
        below = bar.maximum() - bar.value()
        assert not view.follows or below == 0
        assert view.jump_button.isVisible() is (below > 4)
    assert reader.pressed >= 2


def test_the_screen_shows_what_is_there_on_the_way_to_the_end(page: OpenPage) -> None:
    page.view.show_messages([mixed_answer(n) for n in range(2, 12)])
    page.press(Qt.Key.Key_Home)
    while not page.is_at_end():
        page.wheel(-1)
        page.assert_painted()


@pytest.mark.parametrize("text", [PROSE, PROSE.replace("\n\n", " ")], ids=["paragraphs", "one paragraph"])
def test_the_text_at_the_top_stays_there_on_resize_and_zoom(page: OpenPage, text: str) -> None:
    view = page.view
    view.show_messages([message(1, Role.USER, "Q"), answer(text)])
    page.wheel(20)
    words = "Paragraph 25"
    y = page.y_of(words)
    view.scroll_to(view.top + y + 5)
    before = page.y_of(words)
    assert before == pytest.approx(-5, abs=1)
    for width in (800, 640, 1000, 900):
        view.resize(width, 500)
        QApplication.processEvents()
        assert page.y_of(words) == pytest.approx(before, abs=30), "its line is at the top"
    view.resize(900, 500)
    for steps in (1, 1, 1, -1, -1, -1, -1, 0):
        view.zoom_by(steps)
        assert abs(page.y_of(words)) < 40


def test_a_window_that_is_drawn_to_and_fro_ends_where_it_began(page: OpenPage) -> None:
    view = page.view
    view.show_messages([message(1, Role.USER, "Q"), answer(PROSE.replace("\n\n", " "))])
    page.wheel(9)
    before = page.y_of("Paragraph 35")
    for width in (*range(890, 600, -13), *range(610, 1000, 17), 900):
        view.resize(width, 500)
        page.assert_painted()
    assert page.y_of("Paragraph 35") == pytest.approx(before, abs=1)


def test_a_change_of_theme_moves_nothing(long_page: OpenPage) -> None:
    long_page.wheel(20)
    before = texts_in_view(long_page)
    long_page.view.appearance.choose(Theme.DARK)
    assert_stayed(before, texts_in_view(long_page))
    long_page.assert_painted()
    long_page.view.appearance.choose(Theme.LIGHT)


def test_a_divider_above_moves_nothing(long_page: OpenPage) -> None:
    long_page.wheel(15)
    before = {(key[0] + 1, key[1]): y for key, y in texts_in_view(long_page).items()}
    long_page.view.show_memory(MemoryStart(4, 3, "A summary"), OverflowPolicy.SUMMARY)
    assert_stayed(before, texts_in_view(long_page))
    long_page.view.show_memory(None, OverflowPolicy.SUMMARY)
    assert_stayed({(key[0] - 1, key[1]): y for key, y in before.items()}, texts_in_view(long_page))


def test_home_end_and_pages(long_page: OpenPage) -> None:
    view = long_page.view
    long_page.press(Qt.Key.Key_Home)
    assert view.top == 0
    assert not view.follows
    assert long_page.y_of("Question 1,", message=0) > 0
    before = texts_in_view(long_page)
    long_page.press(Qt.Key.Key_PageDown)
    moved = view.top
    assert view.viewport().height() - 60 <= moved <= view.viewport().height()
    long_page.press(Qt.Key.Key_PageUp)
    assert view.top == 0
    assert_stayed(before, texts_in_view(long_page))
    long_page.press(Qt.Key.Key_End)
    assert long_page.is_at_end()
    assert view.follows


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_home_reaches_the_top_though_the_end_is_known(page: OpenPage, count: int) -> None:
    table = "|a|\n|-|\n" + "| " + "words and " * 60 + "|\n\n"
    page.view.show_messages([answer(table * count + "line\\\n" * 20, 2)])
    page.press(Qt.Key.Key_Home)
    assert page.view.top == 0


def test_folding_moves_nothing_above_it(page: OpenPage) -> None:
    view = page.view
    thoughtful = replace(answer("The answer", 2), reasoning="A thought.\n" * 60)
    view.show_messages([message(1, Role.USER, "Q"), thoughtful, message(3, Role.USER, "More?"), answer(PROSE, 4)])
    page.press(Qt.Key.Key_Home)
    heading = page.fold(1)
    before = heading.y()
    heading.button.click()
    assert heading.y() == before
    assert page.y_of("A thought.", message=1) > before
    page.wheel(-2)
    before = heading.y()
    heading.button.click()
    assert heading.y() == before
    page.assert_painted()
    assert_widgets_in_place(page)


def test_the_top_of_code_stays_where_it_is_when_its_lines_are_broken(page: OpenPage) -> None:
    code = "```\n" + ("long words " * 60 + "\n") * 8 + "```"
    page.view.show_messages([answer("\n\n".join([code] * 3 + ["The end."]), 2)])
    tools = min((t for t in page.view.findChildren(CodeTools) if t.isVisible()), key=lambda t: t.y())
    before, height = tools.y(), page.view.stack.height
    tools.wrap.click()
    assert page.view.stack.height > height + 200
    assert tools.y() == before
    page.assert_painted()


def test_a_page_that_fits_has_no_way_to_the_end(page: OpenPage) -> None:
    page.view.show_messages([replace(answer("The answer", 2), reasoning="A thought.")])
    page.fold(0).button.click()
    assert not page.view.jump_button.isVisible()
    assert page.view.follows


@pytest.mark.parametrize("is_following", [True, False])
def test_nothing_jumps_when_the_answer_ends(page: OpenPage, is_following: bool) -> None:
    view = page.view
    view.show_messages([message(1, Role.USER, "Q")])
    view.begin_reply(2)
    page.write(PROSE)
    if not is_following:
        page.wheel(6)
    page.write("\n\n- an item\n- the last words")
    before = texts_in_view(page)
    view.finish_reply(answer(PROSE + "\n\n- an item\n- the last words", 2))
    assert_stayed(before, texts_in_view(page))
    assert texts_in_view(page) == before
    page.assert_painted()


def test_the_screen_is_right_while_an_answer_grows(page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    view = page.view
    monkeypatch.setattr(view.answer_end.caret, "_motion", SimpleNamespace(is_reduced=True))
    view.show_messages(mixed_conversation(3))
    view.begin_reply(4)
    text = mixed_answer(4).text
    for start in range(0, len(text), 23):
        view.append_to_reply(text[start : start + 23])
        QApplication.processEvents()
        page.settle()
        page.assert_painted()
        assert_widgets_in_place(page)


def test_few_widgets_are_kept(page: OpenPage) -> None:
    view = page.view
    view.show_messages(mixed_conversation(1000))
    QApplication.processEvents()
    at_first = len(view.viewport().children())
    for _ in range(40):
        view.scroll_to(view.top * 0.9 - 200)
    QApplication.sendPostedEvents(None, 52)
    QApplication.processEvents()
    assert len(view.viewport().children()) < at_first + 8
    assert_widgets_in_place(page)
