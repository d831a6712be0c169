"""What a person does in the window and sees of it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from app.core.conversation import Message
from app.engine.fake import FakeEngine
from app.ui.chat.model_state import ModelState
from app.ui.chat.page import ChatPage
from app.ui.services import WindowServices
from app.ui.transcript.fold_heading import FoldHeading
from app.ui.transcript.reply_turn import ReplyTurn
from app.ui.transcript.turn_foot import TurnFoot
from app.ui.transcript.user_turn import UserTurn
from app.ui.window import MainWindow


def a_moment() -> datetime:
    return datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@dataclass
class OpenWindow:
    """A window on screen, and hands and eyes for it."""

    qtbot: QtBot
    window: MainWindow
    services: WindowServices
    engine: FakeEngine

    @property
    def page(self) -> ChatPage:
        return self.window.page

    def wait_for_model(self) -> None:
        self.qtbot.waitUntil(lambda: self.window.page.header.words == "SmolLM2 135M", timeout=10_000)

    def type_text(self, text: str) -> None:
        QTest.keyClicks(self.page.composer.field, text)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.page.composer.field, key, modifiers)

    def ask(self, text: str) -> None:
        """Type and press Enter."""
        self.type_text(text)
        self.press(Qt.Key.Key_Return)

    def wait_until_idle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.window.tasks.is_busy, timeout=10_000)

    def wait_for_words(self) -> None:
        """Wait until the shown answer has its first words."""
        self.qtbot.waitUntil(lambda: len(self.texts()) > 1 and bool(self.texts()[-1]), timeout=10_000)

    def texts(self) -> list[str]:
        """The messages in view, from the top."""
        return [row.text for row in self.page.transcript.rows]

    def question_row(self) -> UserTurn:
        """The first question in view."""
        return next(row for row in self.page.transcript.rows if isinstance(row, UserTurn))

    def answer_row(self) -> ReplyTurn:
        """The last answer in view."""
        return next(row for row in reversed(self.page.transcript.rows) if isinstance(row, ReplyTurn))

    def foot_of(self, turn: UserTurn | ReplyTurn) -> TurnFoot:
        """What stands below a turn that is in view."""
        foot = self.page.transcript.widgets.widget_of(turn.foot)
        assert isinstance(foot, TurnFoot)
        return foot

    def answer_foot(self) -> TurnFoot:
        """What stands below the last answer."""
        return self.foot_of(self.answer_row())

    def fold_of(self, turn: ReplyTurn) -> FoldHeading:
        """The heading of what was thought before an answer that is in view."""
        fold = self.page.transcript.widgets.widget_of(turn.fold)
        assert isinstance(fold, FoldHeading)
        return fold

    def model_state(self) -> ModelState:
        """What the dot says."""
        return self.page.header.dot.state

    def stored(self, conversation_id: int | None = None) -> list[Message]:
        """The stored messages of a conversation; of the newest when none is named."""
        listed = self.services.conversations.list()
        if conversation_id is None and not listed:
            return []
        return self.services.conversations.messages(conversation_id or listed[0].id)

    def dialog(self) -> QDialog:
        """The dialog in front of the window."""
        found = QApplication.activeModalWidget()
        assert isinstance(found, QDialog)
        return found
