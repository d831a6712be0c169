"""Shows which sentences of a growing answer are read out, and when."""

import pytest
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui.transcript import announcer as announcer_module
from app.ui.transcript.announcer import MOST_CHARACTERS, Passage, SentenceAnnouncer, end_of_sentences, shortened
from app.ui.transcript.markdown.content import Alignment, Block, Code, Heading, Image, Paragraph, Rule, Span, Table


def prose(text: str) -> Paragraph:
    return Paragraph((Span(text),))


def table() -> Table:
    cell = (Span("a"),)
    return Table((Alignment.NONE,) * 2, (cell, cell), ((cell, cell),) * 3)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Hello wor", ""),
        ("Hello world.", ""),  # perhaps an ellipsis, or a number
        ("Hello world. A", "Hello world. "),
        ("It is 3.14 now. Good", "It is 3.14 now. "),
        ("Use e.g. this one. And", "Use e.g. this one. "),
        ('He said "Yes." Then', 'He said "Yes." '),
        ("你好。我是模型。好", "你好。我是模型。"),
        ("नमस्ते। मैं", "नमस्ते। "),
        ("مرحبا؟ نعم", "مرحبا؟ "),
        ("🔥🔥 burn. Two", "🔥🔥 burn. "),
        ("A lone \ud83d half. Then", "A lone \ud83d half. "),
        ("one line\nanother", "one line\n"),
        ("", ""),
    ],
)
def test_whole_sentences(text: str, whole: str) -> None:
    assert text[: end_of_sentences(text)] == whole


def test_a_sentence_without_end_is_read_in_pieces() -> None:
    assert end_of_sentences("a" * 1_000_000) == 4_000


def test_an_answer_is_read_out_once() -> None:
    passage = Passage()
    assert passage.take([], is_whole=False) == ""
    assert passage.take([prose("One. Tw")], is_whole=False) == "One."
    assert passage.take([prose("One. Two. Three")], is_whole=False) == "Two."
    assert passage.take([prose("One. Two. Three. Four"), prose("Fi")], is_whole=False) == "Three. Four"
    assert passage.take([prose("One. Two. Three. Four"), prose("Five")], is_whole=True) == "Five"
    assert passage.take([prose("One. Two. Three. Four"), prose("Five")], is_whole=True) == ""


def test_code_is_not_read_out() -> None:
    blocks: list[Block] = [Heading(2, (Span("Sorting"),)), Code("python", "a. B\nc. D", is_open=True)]
    passage = Passage()
    assert passage.take(blocks, is_whole=False) == "Sorting"
    blocks = [blocks[0], Code("python", "a. B\nc. D\ne"), prose("Then. It")]
    assert passage.take(blocks, is_whole=False) == "python, 3 lines.\nThen."


def test_what_has_no_sentences_is_named() -> None:
    blocks: list[Block] = [table(), Rule(), Image("https://example.org/cat.png", "A cat"), Code("", "x")]
    said = "Table of 2 columns and 3 rows.\nA cat\nCode, 1 line."
    assert Passage().take(blocks, is_whole=True) == said


def test_a_line_that_turns_out_to_be_a_table() -> None:
    passage = Passage()
    assert passage.take([prose("| One. | Two. |")], is_whole=False) == "| One. | Two."
    assert passage.take([table()], is_whole=True) == "Table of 2 columns and 3 rows."


def test_too_much_at_once_is_shortened() -> None:
    assert shortened("a" * MOST_CHARACTERS) == "a" * MOST_CHARACTERS
    assert shortened("word " * MOST_CHARACTERS) == "word " * (MOST_CHARACTERS // 5 - 1) + "word …"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What assistive technology gets to say, politely."""
    heard: list[str] = []

    def hear(event: QAccessibleAnnouncementEvent) -> None:
        assert event.politeness() == QAccessible.AnnouncementPoliteness.Polite
        heard.append(event.message())

    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    return heard


@pytest.fixture
def announcer(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> SentenceAnnouncer:
    monkeypatch.setattr(announcer_module, "PAUSE_MS", 10)
    view = QWidget()
    qtbot.addWidget(view)
    return SentenceAnnouncer(view)


def test_sentences_are_announced_while_the_model_writes(
    announcer: SentenceAnnouncer, said: list[str], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    blocks = [prose("A seat. By the")]
    announcer.begin(lambda: blocks)
    qtbot.waitUntil(lambda: said == ["A seat."])
    blocks[0] = prose("A seat. By the fire. War")
    qtbot.waitUntil(lambda: said == ["A seat.", "By the fire."])
    blocks[0] = prose("A seat. By the fire. Warm.")
    announcer.end()
    assert said == ["A seat.", "By the fire.", "Warm."]
    announcer.end()
    assert len(said) == 3


def test_nothing_is_read_while_nobody_listens(announcer: SentenceAnnouncer, said: list[str]) -> None:
    def read() -> list[Block]:
        pytest.fail("nobody listens")

    announcer.begin(read)
    announcer.end()
    assert said == []
