"""An entry of a sidebar: a way to somewhere else, with a few figures at its end."""

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.ui.labels import text_label


class EntryButton(QPushButton):
    """`explained` is its tooltip."""

    def __init__(self, words: str, explained: str, parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self._words = words
        self.setProperty("kind", "entry")
        self.setToolTip(explained)
        self.setAccessibleName(words)
        self.note = text_label("", "tiny", self)
        inside = QHBoxLayout(self)
        inside.setContentsMargins(10, 0, 10, 0)
        inside.addStretch()
        inside.addWidget(self.note)

    def show_note(self, note: str) -> None:
        """Show figures such as a count; an empty note shows none."""
        self.note.setText(note)
        self.setAccessibleName(f"{self._words}, {note}" if note else self._words)
