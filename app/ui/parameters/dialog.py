"""The frame of the dialogs in which parameters are chosen: a form that scrolls, a sentence, and the buttons."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.core.errors import InvalidParameterError
from app.ui.labels import hairline, text_label

_MARGIN = 24


class ParameterDialog(QDialog):
    """Apply calls apply(); a value that cannot be keeps the dialog open, with what is wrong in a sentence."""

    def __init__(self, title: str, explanation: str, act: str = "Apply", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 640)
        self.explanation = text_label(explanation, "quiet", self, wraps=True)
        self.explanation.setVisible(bool(explanation))
        self._problem = text_label("", "problem", self, wraps=True)
        self._problem.hide()
        self.body = QWidget(self)
        self.body.setObjectName("FormBody")
        self.content = QVBoxLayout(self.body)
        self.content.setContentsMargins(_MARGIN, 6, _MARGIN, 18)
        self.content.setSpacing(6)
        self.area = QScrollArea(self)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self.body)
        self.apply_button = QPushButton(act, self)
        self.apply_button.setProperty("kind", "go")
        self.apply_button.setDefault(True)
        self.apply_button.clicked.connect(self._on_apply_clicked)
        self.cancel_button = QPushButton("Cancel", self)
        self.cancel_button.setAutoDefault(False)
        self.cancel_button.clicked.connect(self.reject)
        self._left = QHBoxLayout()
        self._above = QVBoxLayout()
        self._lay_out(title)

    @property
    def problem(self) -> str:
        """The sentence about what is wrong; empty when nothing is."""
        return self._problem.text()

    def show_problem(self, sentence: str) -> None:
        """Say what is wrong."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))

    def apply(self) -> None:
        """Take what stands in the form; raises InvalidParameterError."""
        raise NotImplementedError

    def add_above(self, widget: QWidget) -> None:
        """Put a widget above the form, where it stays when the form scrolls."""
        self._above.addWidget(widget)
        self._above.setContentsMargins(_MARGIN, 0, _MARGIN, 12)

    def add_left_button(self, text: str) -> QPushButton:
        """A button at the left end of the row of buttons."""
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.setToolTip(text)
        self._left.addWidget(button)
        return button

    def _on_apply_clicked(self) -> None:
        try:
            self.apply()
        except InvalidParameterError as error:
            self.show_problem(error.sentence)
        else:
            self.accept()

    def _lay_out(self, title: str) -> None:
        head = QVBoxLayout()
        head.setContentsMargins(_MARGIN, 22, _MARGIN, 12)
        head.setSpacing(4)
        head.addWidget(text_label(title, "title", self, wraps=True))
        head.addWidget(self.explanation)
        buttons = QHBoxLayout()
        buttons.addLayout(self._left)
        buttons.addStretch()
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.apply_button)
        foot = QVBoxLayout()
        foot.setContentsMargins(_MARGIN, 12, _MARGIN, 18)
        foot.setSpacing(10)
        foot.addWidget(self._problem)
        foot.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(self._above)
        column.addWidget(self.area, 1)
        column.addWidget(hairline(self))
        column.addLayout(foot)
