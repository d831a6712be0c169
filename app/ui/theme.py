"""Which colours the window wears: System, Light or Dark, applied to the whole application and told to who paints."""

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from app.core.settings import Theme
from app.ui.fonts import load_fonts, text_font
from app.ui.icons import ICON_PIXELS, tinted_icon
from app.ui.style import palette_from, style_sheet_from
from app.ui.tokens import DARK, LIGHT, Tokens


class Appearance(QObject):
    """The colours in use; `changed` follows every change, after the style sheet was applied."""

    changed = Signal()

    def __init__(self, application: QApplication, resources: Path, theme: Theme = Theme.SYSTEM) -> None:
        super().__init__()
        self._application = application
        self._resources = resources
        self._theme = theme
        self._tokens = LIGHT
        load_fonts(resources)
        application.setStyle("Fusion")
        application.setFont(text_font())
        self._apply()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_scheme_changed)

    @property
    def theme(self) -> Theme:
        """What the user chose."""
        return self._theme

    @property
    def tokens(self) -> Tokens:
        """The colours in use."""
        return self._tokens

    @property
    def is_dark(self) -> bool:
        """Whether the dark colours are in use."""
        return self._tokens is DARK

    def choose(self, theme: Theme) -> None:
        """Wear `theme` from now on; System follows the system's colour scheme."""
        if theme is not self._theme:
            self._theme = theme
            self._apply()
            self.changed.emit()

    def icon(self, name: str, colour: str = "", size: int = ICON_PIXELS) -> QIcon:
        """An icon of resources/icons in `colour` (else that of quiet text), for a size in logical pixels."""
        return tinted_icon(self._resources, name, colour or self._tokens.text_2, self._tokens.accent, size)

    def _wanted(self) -> Tokens:
        if self._theme is Theme.SYSTEM:
            dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
            return DARK if dark else LIGHT
        return DARK if self._theme is Theme.DARK else LIGHT

    def _apply(self) -> None:
        self._tokens = self._wanted()
        self._application.setPalette(palette_from(self._tokens))
        self._application.setStyleSheet(style_sheet_from(self._tokens))

    def _on_system_scheme_changed(self) -> None:
        if self._wanted() is not self._tokens:
            self._apply()
            self.changed.emit()
