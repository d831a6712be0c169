"""One precision of a model: how large, how good, where it runs and how fast; chosen, it says why."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.core.download import DownloadState
from app.core.plan import FilePlan, ModelPlan, Remedy
from app.ui.downloads.acts import DownloadAct
from app.ui.downloads.runner import FileDownload
from app.ui.downloads.strip import DownloadStrip
from app.ui.labels import text_label
from app.ui.library.pill import Pill
from app.ui.library.quality import QualityView
from app.ui.library.row_actions import RowActions
from app.ui.library.words import (
    REMEDY_WORDS,
    memory_words,
    row_in_a_sentence,
    size_words,
    speed_details,
    speed_words,
    verdict_tone,
    verdict_words,
)
from app.ui.theme import Appearance

INSET = 18
PRECISION_WIDTH, SIZE_WIDTH, QUALITY_WIDTH, SPEED_WIDTH, ACTION_WIDTH = 92, 84, 176, 142, 136
GAP = 12
_NARROW_INSET = 12
_NARROW_GAP = 6
_NARROW_WIDTHS = (78, 70)  # of precision and size; the speed takes what it needs


class RowReason(QWidget):
    """Why a precision runs as it does, what it takes, and what can be done about it by one press."""

    remedy_chosen = Signal(Remedy)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = text_label("", "small", self, wraps=True)
        self.buttons: list[QPushButton] = []
        self._remedies: tuple[Remedy, ...] = ()
        self._row = QHBoxLayout()
        self._row.setSpacing(6)
        self._row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.words)
        column.addLayout(self._row)

    def show_plan(self, plan: FilePlan) -> None:
        """Show the reason of a plan and its remedies."""
        self.words.setText(" ".join(filter(None, (plan.reason, memory_words(plan.memory, plan.kv_cache_type)))))
        if plan.remedies != self._remedies:
            self._remedies = plan.remedies
            self._make_buttons(plan.remedies)

    def _make_buttons(self, remedies: Sequence[Remedy]) -> None:
        for button in self.buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        for number, remedy in enumerate(remedies):
            button = QPushButton(REMEDY_WORDS[remedy.kind], self)
            button.setProperty("kind", "remedy")
            button.setToolTip(remedy.words)
            button.setAccessibleDescription(remedy.words)
            button.clicked.connect(lambda _=False, remedy=remedy: self.remedy_chosen.emit(remedy))
            self._row.insertWidget(number, button)
            self.buttons.append(button)


class PrecisionRow(QAbstractButton):
    """A press chooses it; the button at its end downloads the file, whose progress then stands in the row."""

    hovered = Signal(bool)
    link_requested = Signal()
    acted = Signal(DownloadAct)
    remedy_chosen = Signal(Remedy)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.plan: FilePlan | None = None
        self._called = ""
        self._is_narrow = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # what it says can be shortened
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.precision = text_label("", "figure-strong", self)
        self.size_label = text_label("", "figure", self)
        self.quality = QualityView(appearance, self)
        self.pill = Pill(appearance, self)
        self.speed = text_label("", "figure", self)
        self.strip = DownloadStrip(appearance, self)
        self.strip.hide()
        self.row_actions = RowActions(self)
        self.row_actions.link_requested.connect(self.link_requested)
        self.row_actions.acted.connect(self.acted)
        self.reason: RowReason | None = None
        self._cells = QGridLayout()
        self._cells.setHorizontalSpacing(GAP)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(INSET, 9, INSET, 9)
        self._column.setSpacing(0)
        self._second = QHBoxLayout()
        self._second.setSpacing(GAP)
        self._column.addLayout(self._cells)
        self._column.addLayout(self._second)
        self.set_narrow(False)
        appearance.changed.connect(self.update)

    def show_plan(self, plan: FilePlan, model: ModelPlan, repository: str) -> None:
        """Show how a file runs. Without a repository there is no address to copy."""
        self.plan = plan
        self.precision.setText(plan.file.quantization)
        self.precision.setToolTip(plan.file.name)
        self.size_label.setText(size_words(plan))
        self.size_label.setToolTip(f"{plan.file.size_bytes:,} bytes" if plan.file.exact else "Rounded by its source")
        self.quality.show_quality(plan.quality)
        self._fit_widths()
        self.pill.show_words(verdict_words(plan, model), verdict_tone(plan, model.machine), plan.reason)
        self.speed.setText(speed_words(plan.writing))
        self.speed.setToolTip(speed_details(plan))
        self.setAccessibleName(row_in_a_sentence(plan, model))
        self.setAccessibleDescription(plan.reason)
        self._called = f"{model.name}, {plan.file.quantization}"
        is_advised = model.best is not None and model.best.file.name == plan.file.name
        self.row_actions.show_file(self._called, is_advised=is_advised, has_address=bool(repository))
        if self.reason is not None:
            self.reason.show_plan(plan)

    def show_chosen(self, chosen: bool) -> None:
        """Whether this is the precision whose memory the machine's card shows; it then says why."""
        self.setChecked(chosen)
        if chosen and self.reason is None and self.plan is not None:
            self.reason = RowReason(self)
            self.reason.remedy_chosen.connect(self.remedy_chosen)
            self.reason.show_plan(self.plan)
            self._column.addWidget(self.reason)
        if self.reason is not None:
            self.reason.setVisible(chosen)

    def show_download(self, found: FileDownload) -> None:
        """Show how far its download has come, in place of how it runs; a finished one can be opened."""
        progress = found.progress
        is_open = bool(found) and (progress is None or progress.download.state is not DownloadState.DONE)
        for widget in (self.quality, self.pill, self.speed):
            widget.setVisible(not is_open)
        self.strip.setVisible(is_open)
        self._place_strip()
        if progress is not None:
            self.strip.show_progress(progress)
        elif found.is_asked:
            self.strip.show_asking(self._called)
        self.row_actions.show_download(found, self._called)

    def set_narrow(self, narrow: bool) -> None:
        """Put the verdict and the quality below the rest instead of beside it."""
        self._is_narrow = narrow
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        widgets: tuple[QWidget, ...] = (
            self.precision,
            self.size_label,
            self.quality,
            self.pill,
            self.speed,
            self.row_actions,
        )
        for widget in widgets:
            self._cells.removeWidget(widget)
            self._second.removeWidget(widget)
        self._fit_widths()
        self._cells.setColumnStretch(2, 1 if narrow else 0)
        self._cells.setColumnStretch(3, 0 if narrow else 1)
        self._cells.setColumnMinimumWidth(5, 0 if narrow else ACTION_WIDTH)
        self._second.setContentsMargins(0, 6 if narrow else 0, 0, 0)
        places = [widget for widget in widgets if not narrow or widget not in (self.pill, self.quality)]
        for column, widget in enumerate(places):
            self._cells.addWidget(widget, 0, column, right if widget is self.row_actions else left)
        if narrow:
            self._second.addWidget(self.pill, 1, left)
            self._second.addWidget(self.quality, 0, right)
        self._place_strip()

    def _place_strip(self) -> None:
        """A hidden widget over several columns would take the spacing between them away, so it leaves the grid."""
        self._second.removeWidget(self.strip)
        self._cells.removeWidget(self.strip)
        if self.strip.isHidden():
            return
        if self._is_narrow:
            self._second.addWidget(self.strip, 1)
        else:
            self._cells.addWidget(self.strip, 0, 2, 1, 3)

    def _fit_widths(self) -> None:
        """The same widths in every row, so that what they say stands in columns."""
        narrow = self._is_narrow
        precision, size = _NARROW_WIDTHS if narrow else (PRECISION_WIDTH, SIZE_WIDTH)
        self.precision.setFixedWidth(precision)
        self.size_label.setFixedWidth(size)
        self._cells.setColumnMinimumWidth(4, 0 if narrow else SPEED_WIDTH)  # a label would keep it in its size hint
        self.quality.setFixedWidth(self.quality.sizeHint().width() if narrow else QUALITY_WIDTH)
        inset = _NARROW_INSET if narrow else INSET
        self._column.setContentsMargins(inset, 9, inset, 9)
        self._cells.setHorizontalSpacing(_NARROW_GAP if narrow else GAP)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.hovered.emit(True)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered.emit(False)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = self._appearance.tokens
        painter = QPainter(self)
        inside: QRect = self.rect()
        if self.isChecked():
            painter.fillRect(inside, QColor(tokens.accent_soft))
        elif self.underMouse():
            ground = QColor(tokens.sunken)
            ground.setAlphaF(0.5)
            painter.fillRect(inside, ground)
        painter.fillRect(QRect(inside.left(), inside.top(), inside.width(), 1), QColor(tokens.line))
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(tokens.accent))
            painter.drawRoundedRect(inside.adjusted(2, 2, -3, -3), tokens.r_s, tokens.r_s)
