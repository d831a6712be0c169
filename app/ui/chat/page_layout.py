"""Where the parts of the chat page stand: one below the other, the composer in a column in the middle."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

COMPOSER_WIDTH = 724


def lay_out_page(page: QWidget, top: Sequence[QWidget], middle: QWidget, bottom: Sequence[QWidget]) -> None:
    """`top` takes the whole width, `middle` all the height that is left, `bottom` a column of COMPOSER_WIDTH."""
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in top:
        column.addWidget(widget)
    column.addWidget(middle, 1)
    column.addLayout(_centred(page, bottom))


def _centred(page: QWidget, widgets: Sequence[QWidget]) -> QHBoxLayout:
    foot = QWidget(page)
    foot.setMaximumWidth(COMPOSER_WIDTH)
    foot.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    inside = QVBoxLayout(foot)
    inside.setContentsMargins(0, 8, 0, 18)
    inside.setSpacing(0)
    for widget in widgets:
        inside.addWidget(widget)
    row = QHBoxLayout()
    row.setContentsMargins(12, 0, 12, 0)
    row.addStretch(1)
    row.addWidget(foot, 1000)
    row.addStretch(1)
    return row
