"""A program that shows a conversation in a window and does what the lines on its standard input say."""

import sys
from dataclasses import replace

from PySide6.QtCore import QSocketNotifier, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.core.conversation import Role
from app.core.settings import OverflowPolicy
from app.paths import paths_for
from app.ui.theme import Appearance
from app.ui.transcript.memory import MemoryStart
from app.ui.transcript.view import TranscriptView
from tests.ui.messages import answer, message

NAME = "inglenook-at-spi-test"
WRITER = "Mistral Small"


def obey(view: TranscriptView, command: str) -> None:
    """Do one thing as a person or the model would."""
    match command:
        case "down":
            QTest.keyClick(view, Qt.Key.Key_Down)
        case "write":
            view.append_to_reply(" a seat. And")
        case "end":
            view.finish_reply(replace(answer("It is a seat. And warm.", 3), model_name=WRITER))
        case "add":
            view.add_waiting("Thanks", "")
        case "divide":
            view.show_memory(MemoryStart(3, 2), OverflowPolicy.TRIM)
        case "undivide":
            view.show_memory(None, OverflowPolicy.TRIM)
        case "quit":
            QApplication.quit()
        case "close":
            view.deleteLater()
            view.destroyed.connect(QApplication.quit)


def main() -> int:
    """Open the window; the end of standard input closes it."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName(NAME)
    appearance = Appearance(application, paths_for().resources)
    view = TranscriptView(appearance)
    view.setWindowTitle("Conversation")
    view.resize(600, 400)
    view.show_messages(
        [
            message(1, Role.USER, "What is an inglenook?"),
            replace(answer("A seat beside the **hearth**. 🔥"), model_name=WRITER),
        ]
    )
    view.begin_reply(3, "It is")
    view.show()
    view.activateWindow()
    view.setFocus()

    def on_line() -> None:
        obey(view, sys.stdin.readline().strip() or "close")

    commands = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read, application)
    commands.activated.connect(on_line)
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
