"""What a reader does on the page, and sees of it."""

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from app.ui.transcript.fold_heading import FoldHeading
from app.ui.transcript.places import Place
from app.ui.transcript.reply_turn import ReplyTurn
from app.ui.transcript.turn_foot import TurnFoot
from app.ui.transcript.view import TranscriptView


@dataclass
class OpenPage:
    """A transcript on screen, and hands and eyes for it."""

    qtbot: QtBot
    view: TranscriptView

    def place_of(self, words: str, *, message: int = -1, end: bool = False) -> Place:
        """Where words stand; in the last message unless another is named."""
        message %= len(self.view.stack.items)
        for block in range(self.view.page.block_count(message)):
            at = self.view.page.text_of(message, block).find(words)
            if at >= 0:
                return Place(message, block, at + len(words) * end)
        raise AssertionError(f"{words!r} is not in message {message}")

    def point_of(self, words: str, *, message: int = -1, end: bool = False) -> QPoint:
        """A point in the viewport at the edge of words."""
        area = self.view.page.rect_of(self.place_of(words, message=message, end=end))
        return QPoint(round(area.left()) + (0 if end else 1), round(area.center().y()))

    def pause(self) -> None:
        """Wait until a click is no longer the second one."""
        self.qtbot.wait(QApplication.doubleClickInterval() + 20)

    def drag(self, start: QPoint, end: QPoint) -> None:
        """Press the left button at one point and let it go at another."""
        port = self.view.viewport()
        QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=start)
        for step in (1, 2, 3, 4):
            QTest.mouseMove(port, start + (end - start) * step / 4)
        QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=end)

    def click(self, point: QPoint, times: int = 1) -> None:
        """Click with the left button, several times quickly, but long after the last click."""
        port = self.view.viewport()
        self.pause()
        for number in range(times):
            press = QTest.mouseDClick if number == 1 else QTest.mouseClick
            press(port, Qt.MouseButton.LeftButton, pos=point)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key on the page."""
        QTest.keyClick(self.view, key, modifiers)

    def copied(self) -> str:
        """Press Ctrl+C, and say what is on the clipboard then."""
        QGuiApplication.clipboard().setText("nothing was copied")
        self.press(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        return QGuiApplication.clipboard().text()

    def wheel(self, steps: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Turn the wheel: upwards is more than 0."""
        port = self.view.viewport()
        middle = QPointF(port.rect().center())
        turned = QPoint(0, 120 * steps)
        event = QWheelEvent(
            middle,
            port.mapToGlobal(middle),
            QPoint(),
            turned,
            Qt.MouseButton.NoButton,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(port, event)

    def assert_painted(self) -> None:
        """What was painted piece by piece must look like what is painted all at once."""
        QApplication.processEvents()
        window = self.view.window()
        area = QRect(self.view.mapTo(window, QPoint(0, 0)), self.view.size())
        on_screen = window.screen().grabWindow(window.winId()).toImage().copy(area)
        anew = window.grab().toImage().copy(area)
        on_screen, anew = (one.convertToFormat(QImage.Format.Format_RGB32) for one in (on_screen, anew))
        width = anew.width()
        lines = [y for y in range(anew.height()) if on_screen.copy(0, y, width, 1) != anew.copy(0, y, width, 1)]
        lines = [y for y in lines if any(_differ(on_screen.pixel(x, y), anew.pixel(x, y)) for x in range(width))]
        assert not lines, f"not painted between {lines[0]} and {lines[-1]}"

    def colours(self) -> QImage:
        """What the viewport looks like."""
        return self.view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)

    def y_of(self, words: str, *, message: int = -1) -> float:
        """How far below the viewport's top words stand."""
        return self.view.page.rect_of(self.place_of(words, message=message)).top()

    def colours_at(self, words: str, *, message: int = -1) -> set[str]:
        """The colours of the pixels around the beginning of words, of which those behind the letters are the most."""
        area = self.view.page.rect_of(self.place_of(words, message=message)).toAlignedRect()
        picture = self.colours()
        return {
            QColor(picture.pixel(x, y)).name()
            for x in range(area.left(), area.left() + 12)
            for y in range(area.top() + 1, area.bottom())
            if picture.rect().contains(x, y)
        }

    def answer(self, row: int = -1) -> ReplyTurn:
        """An answer by its number among the messages."""
        turn = self.view.rows[row]
        assert isinstance(turn, ReplyTurn)
        return turn

    def fold(self, row: int = -1) -> FoldHeading:
        """The heading of what was thought before an answer that is in view."""
        heading = self.view.widgets.widget_of(self.answer(row).fold)
        assert isinstance(heading, FoldHeading)
        return heading

    def number_of(self, row: int = -1) -> int:
        """The id of a message."""
        message = self.view.rows[row].message
        assert message is not None
        return message.id

    def settle(self) -> None:
        """Wait until all that was written is seen as it will be."""
        self.qtbot.waitUntil(lambda: self.view.is_settled)

    def foot(self, row: int = -1) -> TurnFoot:
        """What stands below a turn that is in view."""
        foot = self.view.widgets.widget_of(self.view.rows[row].foot)
        assert isinstance(foot, TurnFoot)
        return foot

    def button(self, words: str) -> QAbstractButton:
        """The last visible button with these words on it."""
        return [b for b in self.view.findChildren(QAbstractButton) if b.text() == words and b.isVisible()][-1]

    def is_at_end(self) -> bool:
        """Whether nothing is below what is in view."""
        bar = self.view.verticalScrollBar()
        return bar.value() == bar.maximum()

    def write(self, text: str) -> None:
        """Let the answer grow, and wait until that is seen."""
        before = self.view.stack.height
        self.view.append_to_reply(text)
        self.qtbot.waitUntil(lambda: self.view.stack.height > before)


def _differ(one: int, other: int) -> bool:
    """Whether two colours are different ones: the edges of what is smoothed are rounded in one way or another."""
    return any(abs((one >> shift & 255) - (other >> shift & 255)) > 4 for shift in (0, 8, 16))
