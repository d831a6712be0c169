"""One way to start, as a card that is chosen like a radio button."""

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QRadioButton, QSizePolicy, QVBoxLayout, QWidget

from app.ui.elided_label import ElidedLabel
from app.ui.labels import text_label
from app.ui.library.pill import Pill
from app.ui.theme import Appearance

_RADIUS = 12
_DOT = 8.0
_INSET = 18


class StartCard(QRadioButton):
    """The whole card can be pressed."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.name = ElidedLabel(self, Qt.TextElideMode.ElideRight)
        self.name.setProperty("kind", "strong")
        self.precision = text_label("", "tag", self)
        self.precision.setIndent(0)  # else the padding counts as a frame, and Qt adds an indent of its own
        self.tag = Pill(appearance, self)
        self.reason = ElidedLabel(self, Qt.TextElideMode.ElideRight)
        self.reason.setProperty("kind", "small")
        self.size_label = text_label("", "start-size", self)
        self.speed = text_label("", "figure", self)
        self._lay_out()
        appearance.changed.connect(self.update)

    def show_start(
        self, name: str, precision: str, tag: str, reason: str, size: str, speed: str, explained: str = ""
    ) -> None:
        """Show a way to start; what is empty is left out. `explained` is the card's tooltip."""
        self.name.show_text(name)
        self.precision.setText(precision)
        self.precision.setVisible(bool(precision))
        self.tag.show_words(tag, "accent" if tag == "recommended" else "plain")
        self.reason.show_text(reason)
        self.setToolTip(explained)
        self.size_label.setText(size)
        self.speed.setText(speed)
        said = (" ".join(filter(None, (name, precision))), tag, reason, size, speed)
        self.setAccessibleName(", ".join(part.rstrip(".") for part in said if part))

    def _lay_out(self) -> None:
        title = QHBoxLayout()
        title.setSpacing(6)
        title.addWidget(self.name)
        title.addWidget(self.precision)
        title.addWidget(self.tag)
        title.addStretch()
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(title)
        words.addWidget(self.reason)
        figures = QVBoxLayout()
        figures.setSpacing(2)
        for label in (self.size_label, self.speed):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            figures.addWidget(label)
        row = QHBoxLayout(self)
        row.setContentsMargins(_INSET + 31, 15, _INSET, 15)
        row.setSpacing(16)
        row.addLayout(words, 1)
        row.addLayout(figures)
        for label in self.findChildren(QLabel):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        return QWidget.sizeHint(self)

    def minimumSizeHint(self) -> QSize:
        return QWidget.minimumSizeHint(self)

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = self._appearance.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        checked = self.isChecked()
        width = 2.0 if checked else 1.0
        ground = tokens.accent_soft if checked else tokens.sunken if self.underMouse() else tokens.raised
        painter.setPen(QPen(QColor(tokens.accent if checked or self.hasFocus() else tokens.line), width))
        painter.setBrush(QColor(ground))
        half = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), _RADIUS, _RADIUS)
        middle = QPointF(_INSET + _DOT, self.height() / 2)
        if checked:
            painter.setPen(QPen(QColor(tokens.accent), 5.0))
            painter.setBrush(QColor(tokens.on_accent))
            painter.drawEllipse(middle, _DOT - 2.5, _DOT - 2.5)
        else:
            painter.setPen(QPen(QColor(tokens.text_3), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(middle, _DOT - 0.75, _DOT - 0.75)
        if checked and self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(middle, _DOT + 3, _DOT + 3)
