"""The brand at the top of a sidebar: the mark and the name."""

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.ui.icon_view import IconView
from app.ui.theme import Appearance

_PIXELS = 20


class BrandRow(QWidget):
    """It changes with the theme by itself."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._mark = IconView(_PIXELS, self)
        name = QLabel("Inglenook", self)
        name.setObjectName("Brand")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 0)
        row.setSpacing(9)
        row.addWidget(self._mark)
        row.addWidget(name)
        row.addStretch()
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def _on_appearance_changed(self) -> None:
        self._mark.show_icon(self._appearance.icon("brand", self._appearance.tokens.text, _PIXELS))
