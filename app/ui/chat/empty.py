"""What a new chat shows before the first message: a word, and three questions to try."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.ui.icon_view import IconView
from app.ui.theme import Appearance

EXAMPLES = (
    "What is the capital of France?",
    "Explain in two sentences why the sky is blue.",
    "Write a polite e-mail that reminds a customer of an invoice.",
)
_WIDTH = 500


class EmptyChatView(QScrollArea):
    """`example_chosen` carries the text of the question that was clicked. It scrolls where the window is very low."""

    example_chosen = Signal(str)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        body = QWidget()
        self._mark = IconView(44, body)
        title = QLabel("What would you like to talk about?", body)
        title.setProperty("kind", "title")
        words = QLabel("The model runs on this computer. What you write stays here.", body)
        words.setProperty("kind", "quiet")
        self.buttons = [self._example(text) for text in EXAMPLES]
        column = QVBoxLayout(body)
        column.setSpacing(8)
        column.addStretch(3)
        for widget in (self._mark, title, words):
            column.addWidget(widget, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(14)
        column.addLayout(_in_the_middle(self.buttons))
        column.addStretch(4)
        self.setWidget(body)
        body.setAutoFillBackground(False)  # setWidget() has turned it on
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def _example(self, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName("Example")
        button.setAccessibleName(f"Ask: {text}")
        button.setToolTip("Send this question")
        button.clicked.connect(lambda: self.example_chosen.emit(text))
        return button

    def _on_appearance_changed(self) -> None:
        self._mark.show_icon(self._appearance.icon("brand", self._appearance.tokens.text, 44))


def _in_the_middle(buttons: Sequence[QPushButton]) -> QHBoxLayout:
    """One below the other, as wide as there is room, up to _WIDTH."""
    holder = QWidget()
    holder.setMaximumWidth(_WIDTH)
    inside = QVBoxLayout(holder)
    inside.setContentsMargins(0, 0, 0, 0)
    inside.setSpacing(8)
    for button in buttons:
        inside.addWidget(button)
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(holder, 1000)
    row.addStretch(1)
    return row
