"""Finding words in a conversation: Ctrl+F, and what one sees and presses then."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.core.conversation import Message, Role
from app.core.settings import OverflowPolicy, Theme
from app.ui.transcript.find_bar import FindBar
from app.ui.transcript.memory import MemoryStart
from tests.ui.driving import OpenWindow
from tests.ui.messages import answer, message
from tests.ui.transcript.reading import OpenPage
from tests.ui.transcript.torture import mixed_conversation

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class Finder:
    """Someone who looks for words on a page."""

    def __init__(self, page: OpenPage) -> None:
        self.page = page

    @property
    def bar(self) -> FindBar:
        return self.page.view.finder.bar

    @property
    def count(self) -> str:
        return self.bar.count.text()

    def look_for(self, words: str) -> None:
        """Press Ctrl+F, type, and wait for the count."""
        self.page.press(Qt.Key.Key_F, CONTROL)
        self.bar.field.clear()
        QTest.keyClicks(self.bar.field, words)
        self.page.qtbot.waitUntil(lambda: self.page.view.finding.query == words)
        self.wait()

    def wait(self) -> None:
        finding = self.page.view.finding
        self.page.qtbot.waitUntil(lambda: finding.is_up_to_date)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.bar.field, key, modifiers)

    def current_area(self) -> QRect:
        """Where the current match begins in the viewport."""
        current = self.page.view.finding.current
        assert current is not None
        return self.page.view.page.rect_of(current).toAlignedRect()

    def assert_shown(self) -> None:
        """The current match is in view, not covered, and painted as the current one."""
        area, view = self.current_area(), self.page.view
        assert view.viewport().rect().contains(area.adjusted(0, 0, -area.width() + 1, 0))
        assert not area.intersects(self.bar.geometry())
        picture = self.page.colours()
        inside = area.adjusted(1, 3, 0, -3)
        colours = {
            picture.pixelColor(x, y).name()
            for x in range(inside.left(), inside.right() + 1)
            for y in range(inside.top(), inside.bottom())
        }
        assert view.look.tokens.warn.lower() in colours


@pytest.fixture
def finder(page: OpenPage) -> Finder:
    return Finder(page)


def many(count: int = 1000) -> list[Message]:
    texts = {1: "the needle at first", 500: "a **needle** and another needle", count: "the last needle"}
    return [
        message(n, Role.USER if n % 2 else Role.ASSISTANT, texts.get(n, f"number {n}\n\n" * 3))
        for n in range(1, count + 1)
    ]


def test_matches_are_counted_over_messages_never_in_view(finder: Finder) -> None:
    finder.page.view.show_messages(many())
    finder.look_for("needle")
    assert finder.count == "4 of 4", "the first one from what is in view on"
    finder.assert_shown()


def test_one_goes_from_match_to_match_around_the_ends(finder: Finder) -> None:
    finder.page.view.show_messages(many())
    finder.look_for("needle")
    seen = []
    for _ in range(5):
        finder.press(Qt.Key.Key_Return)
        seen.append(finder.count)
        finder.assert_shown()
    assert seen == ["1 of 4", "2 of 4", "3 of 4", "4 of 4", "1 of 4"]
    finder.press(Qt.Key.Key_Return, SHIFT)
    assert finder.count == "4 of 4"
    finder.press(Qt.Key.Key_F3)
    assert finder.count == "1 of 4"
    finder.press(Qt.Key.Key_F3, SHIFT)
    assert finder.count == "4 of 4"
    finder.assert_shown()


def test_one_goes_to_long_answers_that_were_given_back(finder: Finder) -> None:
    texts = [f"{'some words of a long answer ' * 40}\n\n" * 90 + f"needle {number}" for number in range(4)]
    finder.page.view.show_messages([answer(text, number + 1) for number, text in enumerate(texts)])
    finder.look_for("needle")
    for number in (1, 2, 3, 4, 1):
        finder.press(Qt.Key.Key_F3)
        assert finder.count == f"{number} of 4"
        finder.assert_shown()


EVERYWHERE = """A needle in a paragraph, and **a nee**dle in two styles.

```
needle in code
```

| head | needle |
|------|--------|
| needle | cell |

- a needle in a list

> a needle in a quote

# needle in a heading

The last needle."""


def test_every_kind_of_block_shows_what_is_found(finder: Finder) -> None:
    finder.page.view.resize(900, 900)
    finder.page.view.show_messages([message(1, Role.USER, "The needle?"), answer(EVERYWHERE, 2)])
    finder.look_for("needle")
    assert finder.count.endswith("of 10")
    for _ in range(10):
        finder.press(Qt.Key.Key_Return)
        finder.assert_shown()
    mark = finder.page.view.look.tokens.warn_soft.lower()
    for words in ("needle in a para", "needle in code", "needle in a list", "needle in a quote", "needle in a heading"):
        assert {mark, finder.page.view.look.tokens.warn.lower()} & finder.page.colours_at(words), words


def test_a_match_at_the_right_of_wide_code_is_brought_into_view(finder: Finder) -> None:
    code = "```\n" + "wide " * 100 + "needle\n```\n"
    table = "|" + "wide column |" * 12 + "\n" + "|-" * 12 + "|\n" + "|words" * 11 + "|needle|\n"
    finder.page.view.show_messages([answer(f"{code}\n\n{table}", 2)])
    finder.look_for("needle")
    for _ in range(2):
        finder.press(Qt.Key.Key_Return)
        finder.assert_shown()
        end = finder.page.view.finding.current_end
        assert end is not None
        assert finder.page.view.page.rect_of(end).right() < finder.page.view.column.right() + 1


def test_what_is_found_at_the_top_is_not_behind_the_bar(finder: Finder) -> None:
    finder.page.view.resize(720, 400)
    question = message(1, Role.USER, "Words before a needle")
    finder.page.view.show_messages([question])
    finder.look_for("needle")
    finder.assert_shown()
    finder.press(Qt.Key.Key_Escape)
    assert finder.page.view.area_of(0).top() < 40, "it goes back to where it was"


def test_a_folded_thought_is_found_once_it_is_open(finder: Finder) -> None:
    view = finder.page.view
    view.show_messages([replace(answer("The answer", 2), reasoning="A needle thought.")])
    finder.look_for("needle")
    assert finder.count == "No matches"
    heading = finder.page.fold(0)
    heading.button.click()
    finder.wait()
    assert finder.count == "1 of 1"
    finder.assert_shown()
    heading.button.click()
    assert finder.count == "No matches"


def test_what_is_written_meanwhile_is_found_too(finder: Finder) -> None:
    view, page = finder.page.view, finder.page
    view.show_messages([message(1, Role.USER, "A needle?")])
    view.begin_reply(2)
    finder.look_for("needle")
    assert finder.count == "1 of 1"
    page.write("There is **a needle** and\n\n")
    page.write("```\nneedle\n")
    finder.wait()
    assert finder.count == "1 of 3"
    page.write("needle again\n```\n\n" + "More words.\n\n" * 60)
    finder.wait()
    assert finder.count == "1 of 4"
    top = view.top
    view.finish_reply(
        answer("There is **a needle** and\n\n```\nneedle\nneedle again\n```\n\n" + "More words.\n\n" * 60, 2)
    )
    finder.wait()
    assert finder.count == "1 of 4"
    assert view.top == top, "the reader is not taken anywhere"
    page.assert_painted()


def test_the_end_of_an_answer_takes_nobody_to_a_match(finder: Finder) -> None:
    view, page = finder.page.view, finder.page
    view.show_messages(many(100))
    view.begin_reply(101)
    page.write("Words.\n\n" * 5)
    finder.look_for("needle")
    finder.press(Qt.Key.Key_Return)
    page.press(Qt.Key.Key_End)
    view.finish_reply(answer("Words.\n\n" * 5, 101))
    finder.wait()
    assert page.is_at_end()


def test_a_line_above_moves_what_is_found_with_its_message(finder: Finder) -> None:
    view = finder.page.view
    view.show_messages(
        [message(1, Role.USER, "A question"), answer("A needle", 2), message(3, Role.USER, "And a needle")]
    )
    finder.look_for("needle")
    view.show_memory(MemoryStart(2, 1), OverflowPolicy.TRIM)
    assert finder.count == "1 of 2"
    finder.assert_shown()
    view.show_memory(None, OverflowPolicy.TRIM)
    finder.assert_shown()


def test_another_conversation_is_searched_from_its_end(finder: Finder) -> None:
    finder.page.view.show_messages(many(50))
    finder.look_for("number")
    finder.page.view.show_messages(mixed_conversation(20))
    finder.wait()
    assert finder.page.is_at_end()
    assert finder.count == "1 of 10"


def test_a_change_of_theme_keeps_what_is_found(finder: Finder) -> None:
    view = finder.page.view
    view.show_messages(many(100))
    finder.look_for("needle")
    finder.press(Qt.Key.Key_Return)
    view.appearance.choose(Theme.DARK)
    finder.assert_shown()
    assert finder.count == "1 of 2"
    view.appearance.choose(Theme.LIGHT)


def test_escape_ends_it_wherever_the_keyboard_is(finder: Finder) -> None:
    view, page = finder.page.view, finder.page
    view.show_messages(many(10))
    view.setFocus()
    finder.look_for("needle")
    finder.press(Qt.Key.Key_Escape)
    assert not finder.bar.isVisible()
    assert view.hasFocus()
    assert view.look.tokens.warn.lower() not in page.colours_at("needle")
    finder.look_for("needle")
    view.setFocus()
    page.press(Qt.Key.Key_Escape)
    assert not finder.bar.isVisible()


def test_it_begins_with_what_is_selected(finder: Finder) -> None:
    view, page = finder.page.view, finder.page
    view.show_messages([answer("Some words of a needle and a needle", 2)])
    page.click(page.point_of("eedle"), 2)
    page.press(Qt.Key.Key_F, CONTROL)
    finder.wait()
    assert finder.bar.query == "needle"
    assert finder.count == "1 of 2"


def test_a_page_that_fits_has_no_way_to_the_end_while_one_searches(finder: Finder) -> None:
    finder.page.view.show_messages([answer("A needle", 2)])
    finder.look_for("needle")
    assert not finder.page.view.jump_button.isVisible()


def test_in_the_window_the_keyboard_goes_back_to_the_composer(open_window: Callable[..., OpenWindow]) -> None:
    one = open_window()
    one.wait_for_model()
    one.ask("Where is the needle?")
    one.wait_until_idle()
    field, bar = one.page.composer.field, one.page.transcript.finder.bar
    assert field.hasFocus()
    one.press(Qt.Key.Key_F, CONTROL)
    assert bar.isVisible()
    assert bar.field.hasFocus()
    QTest.keyClicks(bar.field, "needle")
    one.qtbot.waitUntil(lambda: bar.count.text().endswith("of 2"))
    QTest.keyClick(bar.field, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert QApplication.focusWidget() is field
