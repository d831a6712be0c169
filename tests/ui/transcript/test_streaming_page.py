"""An answer while it is written: the caret, the thoughts, the figures, and nothing that moves by itself."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtWidgets import QApplication

from app.core.conversation import Role
from app.engine.fake import FakeScript
from tests.ui.driving import OpenWindow
from tests.ui.messages import answer, message
from tests.ui.transcript.reading import OpenPage

TEXT = "Some words.\n\n```python\nprint(1)\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- an item\n- another\n\nThe end."


def caret(page: OpenPage) -> QRect | None:
    """Where the block of the accent's colour stands, as far as it is seen."""
    picture = page.colours()
    accent = page.view.look.tokens.accent.lower()
    column = page.view.column.toRect()
    spots = [
        (x, y)
        for y in range(0, picture.height(), 2)
        for x in range(column.left(), column.right(), 2)
        if picture.pixelColor(x, y).name() == accent
    ]
    if not spots:
        return None
    xs, ys = [x for x, _ in spots], [y for _, y in spots]
    return QRect(min(xs), min(ys), max(xs) - min(xs) + 1, max(ys) - min(ys) + 1)


@pytest.fixture
def still(page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """A page of someone who wishes for less motion."""
    monkeypatch.setattr(page.view.answer_end.caret, "_motion", SimpleNamespace(is_reduced=True))
    return page


def test_the_caret_stands_behind_the_last_word_while_an_answer_is_written(still: OpenPage) -> None:
    view = still.view
    view.show_messages([message(1, Role.USER, "Q")])
    assert caret(still) is None
    view.begin_reply(2)
    at_first = caret(still)
    assert at_first is not None, "before the first word"
    still.write("Some")
    one_word = caret(still)
    assert one_word is not None
    still.settle()
    view.append_to_reply(" words more")
    still.qtbot.waitUntil(lambda: caret(still) != one_word)
    more_words = caret(still)
    assert more_words is not None
    assert more_words.left() > one_word.left() > at_first.left()
    assert abs(more_words.center().y() - still.point_of("words").y()) < 4
    view.finish_reply(answer("Some words more", 2))
    assert caret(still) is None


@pytest.mark.parametrize("cut", [11, 20, 31, 34, 40, 55, 66, 75, len(TEXT)])
def test_the_caret_stands_in_every_kind_of_block(still: OpenPage, cut: int) -> None:
    still.view.begin_reply(2)
    still.write(TEXT[:cut])
    found = caret(still)
    assert found is not None
    assert found.width() <= 9
    assert found.height() <= 17
    still.assert_painted()


def test_the_caret_breathes(page: OpenPage) -> None:
    page.view.begin_reply(2)
    page.write("Some words.")
    assert page.view.answer_end.caret.is_breathing
    area = page.view.page.rect_of(page.place_of("words.", end=True)).translated(6, 0)
    seen: set[str] = set()

    def look() -> bool:
        seen.add(page.colours().pixelColor(area.center().toPoint()).name())
        return len(seen) > 3

    page.qtbot.waitUntil(look)
    page.view.finish_reply(answer("Some words.", 2))
    assert not page.view.answer_end.caret.is_breathing


def test_with_less_motion_the_caret_stands_still(still: OpenPage) -> None:
    still.view.begin_reply(2)
    still.write("Some words.")
    before = still.colours()
    assert not still.view.answer_end.caret.is_breathing
    still.qtbot.wait(300)
    assert still.colours() == before
    assert caret(still) is not None


def test_the_caret_is_not_seen_where_its_answer_is_out_of_view(still: OpenPage) -> None:
    still.view.begin_reply(2)
    still.write("A line.\n\n" * 60)
    still.press(Qt.Key.Key_Home)
    assert caret(still) is None
    still.assert_painted()


def test_thoughts_are_folded_while_they_are_thought_and_live_when_opened(still: OpenPage) -> None:
    view = still.view
    view.begin_reply(2)
    view.append_reasoning("First thought.\n")
    still.settle()
    assert still.fold().button.text() == "▸ Thinking…"
    still.fold().button.click()
    assert still.y_of("First thought.") > 0
    for number in range(60):
        view.append_reasoning(f"Thought {number}.\n")
        QApplication.processEvents()
    still.qtbot.waitUntil(lambda: "Thought 59" in view.page.text_of(0, view.page.block_count(0) - 1))
    still.assert_painted()
    view.end_reasoning(2.1)
    still.write("The answer.")
    still.press(Qt.Key.Key_Home)
    assert still.fold().button.text() == "▾ Thought for 2.1 s"
    view.finish_reply(replace(answer("The answer.", 2), reasoning="First thought.\nA last thought."))
    still.settle()
    assert still.y_of("A last thought.") > 0
    still.assert_painted()


def test_who_listens_hears_an_answer_to_its_end_and_only_what_is_new(
    still: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda event: said.extend(_announced(event)))
    view = still.view
    view.begin_reply(2, "Said before.")
    view.append_to_reply(" These are the last words.")
    view.finish_reply(answer("Said before. These are the last words.", 2))
    assert said == ["These are the last words."]
    view.write_on(2)
    view.append_to_reply(" And more.")
    view.show_messages([])
    assert said == ["These are the last words."], "who has gone elsewhere does not hear the rest"


def _announced(event: QAccessibleEvent) -> list[str]:
    return [event.message()] if isinstance(event, QAccessibleAnnouncementEvent) else []


def test_thoughts_that_are_thought_do_not_move_who_reads_elsewhere(still: OpenPage) -> None:
    view = still.view
    view.show_messages([answer("A line.\n\n" * 40, 1), message(3, Role.USER, "More?")])
    view.begin_reply(4)
    view.append_reasoning("Thought.\n" * 3)
    still.settle()
    still.fold().button.click()
    still.wheel(2)
    top = view.top
    view.append_reasoning("Thought.\n" * 30)
    still.settle()
    assert view.top == top
    still.assert_painted()


def test_the_first_message_of_a_page_does_not_move_when_its_answer_grows(still: OpenPage) -> None:
    view = still.view
    view.show_messages([])
    view.add_waiting("A question", "Waiting…")
    y = still.y_of("A question", message=0)
    view.mark_sent(message(1, Role.USER, "A question"))
    assert still.y_of("A question", message=0) == y
    view.begin_reply(2)
    still.write("Words.\n\nMore words.")
    assert still.y_of("A question", message=0) == y
    before = still.y_of("More words.")
    view.finish_reply(answer("Words.\n\nMore words.", 2))
    assert (still.y_of("A question", message=0), still.y_of("More words.")) == (y, before)


def test_the_strip_shows_how_far_the_prompt_is_read(open_window: Callable[..., OpenWindow]) -> None:
    one = open_window(FakeScript(reply="Yes.", batch_seconds=0.3))
    one.wait_for_model()
    one.page.composer.set_text("word " * 1500)
    one.press(Qt.Key.Key_Return)
    strip = one.page.strip
    one.qtbot.waitUntil(lambda: strip.words.startswith("Reading 512 of 1,5"))
    assert strip.reading_bar.isVisible()
    assert 0.3 < strip.reading_bar.value() / strip.reading_bar.maximum() < 0.4
    one.qtbot.waitUntil(lambda: strip.words.startswith("Reading 1,024 of 1,5"))
    one.wait_until_idle()
    assert strip.words == ""
    assert not strip.reading_bar.isVisible()
