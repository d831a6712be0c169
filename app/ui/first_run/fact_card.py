"""One fact about this computer: a caption, what it is, and what that means."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.ui.elided_label import ElidedLabel
from app.ui.first_run.words import CardWords
from app.ui.labels import text_label


class FactCard(QFrame):
    """Gives way where there is little room; the tooltip has the rest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("FactCard")
        self.caption = text_label("", "fact-caption", self)
        self.title = ElidedLabel(self, Qt.TextElideMode.ElideRight)
        self.title.setProperty("kind", "strong")
        self.below = ElidedLabel(self, Qt.TextElideMode.ElideRight)
        self.below.setProperty("kind", "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(1)
        for label in (self.caption, self.title, self.below):
            column.addWidget(label)

    def show_words(self, words: CardWords) -> None:
        """Show a fact."""
        self.caption.setText(words.caption)
        self.title.show_text(words.title)
        self.below.show_text(words.below)
        self.setToolTip(words.explained)
