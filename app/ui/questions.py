"""The questions that are asked before something cannot be undone."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from app.core.wording import counted


class QuestionDialog(QMessageBox):
    """A question that is answered by one button that acts, or by Cancel, which Enter and Esc both mean."""

    def __init__(self, question: str, explanation: str, act: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Inglenook")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(question)
        self.setInformativeText(explanation)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.act_button: QPushButton = self.addButton(act, QMessageBox.ButtonRole.DestructiveRole)
        self.cancel_button: QPushButton = self.addButton(QMessageBox.StandardButton.Cancel)
        self.setDefaultButton(self.cancel_button)
        self.setEscapeButton(self.cancel_button)


def delete_question(title: str, parent: QWidget) -> QuestionDialog:
    """Before a conversation is deleted."""
    return QuestionDialog(f"Delete “{title}”?", "The conversation cannot be brought back.", "Delete", parent)


def delete_message_question(below: int, parent: QWidget) -> QuestionDialog:
    """Before a message is deleted, with the `below` messages that follow it in all their versions."""
    explanation = f"{counted(below, 'message')} that follow{'s' if below == 1 else ''} will be deleted with it. "
    return QuestionDialog(
        "Delete this message?", (explanation if below else "") + "This cannot be undone.", "Delete", parent
    )


def lock_question(parent: QWidget) -> QuestionDialog:
    """Before the profile is locked while an answer is not on disk."""
    return QuestionDialog(
        "An answer is not saved yet.",
        "It could not be written to the disk. Make room and press “Try again” in the window, or lock and lose it.",
        "Lock and lose it",
        parent,
    )


def unsaved_question(parent: QWidget) -> QuestionDialog:
    """Before the window is closed while an answer is not on disk."""
    return QuestionDialog(
        "An answer is not saved yet.",
        "It could not be written to the disk. Make room and press “Try again” in the window, or close and lose it.",
        "Close and lose it",
        parent,
    )
