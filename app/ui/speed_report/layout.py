"""Where the parts of the speed report's dialog stand; the table scrolls when the dialog is low."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from app.ui.speed_report.dialog import SpeedReportDialog

_MARGIN = 24


def lay_out_report(dialog: "SpeedReportDialog") -> None:
    """From above: what it is, the run, the table with what it was measured on, the buttons."""
    title = QLabel("Speed report", dialog)
    title.setProperty("kind", "title")
    column = QVBoxLayout(dialog)
    column.setContentsMargins(0, 22, 0, 18)
    column.setSpacing(10)
    for widget in (title, dialog.purpose, dialog.costs):
        column.addLayout(_inset(widget))
    column.addSpacing(4)
    column.addLayout(_inset(dialog.run_button, dialog.status, dialog.reports))
    column.addLayout(_inset(dialog.problem))
    column.addWidget(_scrolling(dialog), 1)
    column.addLayout(_inset(dialog.copy_button, None, dialog.close_button))


def _scrolling(dialog: "SpeedReportDialog") -> QScrollArea:
    body = QWidget(dialog)
    body.setObjectName("FormBody")
    inside = QVBoxLayout(body)
    inside.setContentsMargins(_MARGIN, 4, _MARGIN, 8)
    inside.setSpacing(14)
    inside.addWidget(dialog.table)
    inside.addWidget(dialog.facts)
    inside.addStretch()
    area = QScrollArea(dialog)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(body)
    return area


def _inset(*widgets: QWidget | None) -> QHBoxLayout:
    """A row within the margins; labels take the room that is left, None stands for a gap."""
    row = QHBoxLayout()
    row.setContentsMargins(_MARGIN, 0, _MARGIN, 0)
    row.setSpacing(14)
    for widget in widgets:
        if widget is None:
            row.addStretch()
        else:
            row.addWidget(widget, 1 if isinstance(widget, QLabel) else 0)
    return row
