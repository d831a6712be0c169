"""The fields that a form is made of: numbers, choices and check boxes in the application's look.

Nothing in them changes by a turn of the wheel that was meant to scroll the form.
"""

from PySide6.QtCore import QLocale, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QDoubleSpinBox, QPlainTextEdit, QWidget

DECIMALS = 6
LARGEST = 2**53  # beyond it, a double no longer holds every whole number
_MARK = 16
_GAP = 8


class NumberBox(QDoubleSpinBox):
    """A number between two bounds, written without noughts that say nothing; whole numbers have `decimals` 0.

    It is a spin box of doubles in either case: one of integers ends at 2^31.
    """

    def __init__(self, minimum: float, maximum: float, decimals: int = DECIMALS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLocale(QLocale.c())
        self.setDecimals(decimals)
        self.setRange(minimum, maximum)
        self.lineEdit().setTextMargins(8, 0, 8, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if maximum > 1000:
            self.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        else:
            self.setSingleStep(1 if decimals == 0 else 0.05 if maximum <= 1 else 0.1)

    def textFromValue(self, value: float) -> str:
        text = f"{value:.{self.decimals()}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ChoiceBox(QComboBox):
    """One of several words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self.palette().color(QPalette.ColorRole.PlaceholderText), 1.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        x, y = self.width() - 17, self.height() / 2
        painter.drawPolyline(QPolygonF([QPointF(x - 4, y - 2), QPointF(x, y + 2), QPointF(x + 4, y - 2)]))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class CheckBox(QCheckBox):
    """A box with a tick in the accent's colour; its words, if any, stand to the right."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def _box(self) -> QRectF:
        return QRectF(1.5, (self.height() - _MARK) / 2 + 0.5, _MARK - 1, _MARK - 1)

    def _tick(self) -> QPolygonF:
        box = self._box()
        places = ((0.25, 0.52), (0.43, 0.7), (0.76, 0.33))
        return QPolygonF([QPointF(box.left() + x * box.width(), box.top() + y * box.height()) for x, y in places])

    def hitButton(self, pos: object) -> bool:  # noqa: ARG002 (Qt's name for the place of the click)
        return True

    def sizeHint(self) -> QSize:
        words = self.fontMetrics().horizontalAdvance(self.text()) + _GAP if self.text() else 0
        return QSize(_MARK + 4 + words, max(24, self.fontMetrics().height() + 4))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = self.palette()
        accent = palette.color(QPalette.ColorRole.Accent)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        border = accent if self.hasFocus() or self.isChecked() else palette.color(QPalette.ColorRole.PlaceholderText)
        painter.setPen(QPen(border, 1))
        painter.setBrush(accent if self.isChecked() else palette.color(QPalette.ColorRole.Base))
        painter.drawRoundedRect(self._box(), 4, 4)
        if self.hasFocus():
            painter.setPen(QPen(accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self._box().adjusted(-1, -1, 1, 1), 5, 5)
        if self.isChecked():
            tick = QPen(palette.color(QPalette.ColorRole.Base), 2)
            tick.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(tick)
            painter.drawPolyline(self._tick())
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        words = self.rect().adjusted(_MARK + _GAP + 2, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())


class LinesEdit(QPlainTextEdit):
    """A few lines of plain text; Tab goes on to the next field."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "field")
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.verticalScrollBar().maximum() > 0:
            super().wheelEvent(event)
        else:
            event.ignore()  # all is in view: the turn belongs to the form
