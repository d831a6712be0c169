"""A few more words cost the same however long the answer is: no more is laid out, and no more is painted."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import cast

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QPaintEvent, QTextLayout
from PySide6.QtWidgets import QApplication

from app.core.conversation import Role
from app.ui.transcript.blocks import code_piece, text_piece
from tests.ui.messages import message
from tests.ui.transcript.reading import OpenPage

FLUSHES = 40
DEAR = 2  # of these
ONE_WINDOW = 1_100  # characters
ONE_PIECE = 8_192  # characters
FEW_LINES = 132  # logical pixels: three lines of text, and what stands below the answer
LONG = 60_000  # characters between the beginning and the end that are compared
WORDS = "a few words more of it, "
KINDS = {
    "a paragraph": ("", WORDS),
    "paragraphs": ("", WORDS * 3 + "\n\n"),
    "code": ("```python\n", "value = f(1, 'word')\n"),
    "a list": ("", f"- {WORDS}\n"),
    "a table": ("| a | b |\n|---|---|\n", f"| {WORDS} | 1 |\n"),
}


@dataclass(frozen=True)
class Cost:
    """What flushes took, one after the other: characters laid out, and logical pixels of height painted."""

    laid_out: list[int]
    painted: list[int]

    def mostly(self) -> "Cost":
        """Without the dearest few: at times the next piece of a long block begins, or what was seen is given back."""
        return Cost(sorted(self.laid_out)[:-DEAR], sorted(self.painted)[:-DEAR])


class Watcher(QObject):
    """Adds up what is laid out and painted."""

    def __init__(self) -> None:
        super().__init__()
        self.laid_out = 0
        self.painted = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            self.painted += cast(QPaintEvent, event).rect().height()
        return False


@pytest.fixture
def watcher(page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> Watcher:
    watching = Watcher()

    class Counted(QTextLayout):
        def __init__(self, text: str, *rest: object) -> None:
            super().__init__(text, *rest)
            watching.laid_out += len(text)

    for module in (text_piece, code_piece):
        monkeypatch.setattr(module, "QTextLayout", Counted)
    monkeypatch.setattr(page.view.answer_end.caret, "_motion", SimpleNamespace(is_reduced=True))
    page.view.viewport().installEventFilter(watching)
    return watching


def written(page: OpenPage, watcher: Watcher, words: str) -> Cost:
    """Write them so many times; what each time took."""
    costs = Cost([], [])
    for _ in range(FLUSHES):
        watcher.laid_out = watcher.painted = 0
        before = page.view.rows[-1].text
        page.view.append_to_reply(words)
        page.settle()
        QApplication.processEvents()
        assert page.view.rows[-1].text == before + words
        costs.laid_out.append(watcher.laid_out)
        costs.painted.append(watcher.painted)
    return costs


def write_much(page: OpenPage, words: str) -> None:
    page.view.append_to_reply(words * (LONG // len(words)))
    page.settle()
    QApplication.processEvents()  # paints, and sees what is not coloured yet
    page.settle()


@pytest.mark.parametrize("kind", KINDS)
def test_more_words_cost_the_same_at_the_end_of_a_long_answer(page: OpenPage, watcher: Watcher, kind: str) -> None:
    view, (head, words) = page.view, KINDS[kind]
    view.show_messages([message(1, Role.USER, "Q")])
    view.begin_reply(2)
    view.append_to_reply(head + words * 40)
    page.settle()
    first = written(page, watcher, words)
    write_much(page, words)
    assert view.follows
    last = written(page, watcher, words)
    assert max(last.laid_out) <= ONE_PIECE
    assert max(last.painted) <= view.viewport().height() + FEW_LINES
    first, last = first.mostly(), last.mostly()
    assert 0 < sum(last.laid_out) <= 1.2 * sum(first.laid_out)
    assert 0 < sum(last.painted) <= 1.2 * sum(first.painted)
    assert max(last.laid_out) <= ONE_WINDOW
    assert max(last.painted) <= FEW_LINES


@pytest.mark.parametrize("kind", KINDS)
def test_words_out_of_view_are_not_painted(page: OpenPage, watcher: Watcher, kind: str) -> None:
    view, (head, words) = page.view, KINDS[kind]
    view.begin_reply(2)
    view.append_to_reply(head)
    write_much(page, words)
    view.scroll_to(view.verticalScrollBar().maximum() - 120)
    assert not view.follows
    page.settle()
    height = view.stack.height
    costs = written(page, watcher, words).mostly()
    assert view.stack.height > height
    assert max(costs.painted) == 0
    assert max(costs.laid_out) <= ONE_WINDOW
