"""A program that shows a plain conversation in a window and does what the lines on its standard input say."""

import sys

from PySide6.QtCore import QSocketNotifier, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.ui.transcript.announcer import SentenceAnnouncer
from app.ui.transcript.markdown.content import Paragraph, Span
from tests.ui.transcript.plain_conversation import PlainConversation, PlainItem, three_items

NAME = "inglenook-at-spi-test"


def obey(view: PlainConversation, command: str) -> None:
    """Do one thing as a person or the model would."""
    match command:
        case "down":
            QTest.keyClick(view, Qt.Key.Key_Down)
        case "end":
            view.shown[-1].text = "It is a seat."
            view.end_writing()
        case "add":
            view.add(PlainItem("You wrote", "Thanks"))
        case "delete":
            view.take(0)
        case "write":
            announcer = SentenceAnnouncer(view)
            announcer.begin(lambda: [Paragraph((Span("It is a seat. It"),))])
            announcer.end()
        case "quit":
            QApplication.quit()
        case "close":
            view.deleteLater()
            view.destroyed.connect(QApplication.quit)


def main() -> int:
    """Open the window; the end of standard input closes it."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName(NAME)
    view = three_items()
    view.setWindowTitle("Conversation")
    view.resize(400, 300)
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
