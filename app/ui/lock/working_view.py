"""What stands on the card while the profile is rewritten for another lock, or is being closed."""

from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from app.ui.labels import text_label

_STEPS = 1000


class WorkingView(QWidget):
    """A title, a sentence, and how far it has come; without `has_progress` nobody waits long enough for a bar."""

    def __init__(self, title: str, words: str, *, has_progress: bool = False) -> None:
        super().__init__()
        self.bar = QProgressBar(self)
        self.bar.setObjectName("LockProgress")
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setAccessibleName(title)
        self.bar.setVisible(has_progress)
        column = QVBoxLayout(self)
        column.setContentsMargins(40, 34, 40, 34)
        column.setSpacing(10)
        column.addWidget(text_label(title, "title", self))
        column.addWidget(text_label(words, "quiet", self, wraps=True))
        column.addSpacing(8)
        column.addWidget(self.bar)

    def show_progress(self, part: float) -> None:
        """How far it has come, 0 to 1."""
        self.bar.setValue(round(part * _STEPS))
