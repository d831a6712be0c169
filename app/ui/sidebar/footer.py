"""What stands below the conversations: the ways to other pages, the theme, and what leaves the computer."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.core.settings import Theme
from app.ui.sidebar.download_line import DownloadLine
from app.ui.sidebar.entry import EntryButton
from app.ui.sidebar.network_card import NetworkCard
from app.ui.theme import Appearance

_CHOICES = (
    (Theme.SYSTEM, "monitor", "Theme: as the system says"),
    (Theme.LIGHT, "sun", "Theme: light"),
    (Theme.DARK, "moon", "Theme: dark"),
)


class SidebarFooter(QWidget):
    """What is fetched, the ways to models and settings, three theme buttons of which one is down, the card below."""

    theme_chosen = Signal(Theme)
    models_requested = Signal()
    settings_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._buttons: dict[Theme, QToolButton] = {}
        self._group = QButtonGroup(self)
        self.models_button = EntryButton("Models", "Find models that fit this computer (Ctrl+M)", self)
        self.models_button.clicked.connect(self.models_requested)
        self.settings_button = EntryButton("Settings", "Choose how Inglenook behaves (Ctrl+,)", self)
        self.settings_button.clicked.connect(self.settings_requested)
        self.download_line = DownloadLine(appearance, self)
        self.network_card = NetworkCard(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        ways = QVBoxLayout()
        ways.setSpacing(4)
        ways.addWidget(self.download_line)
        ways.addWidget(self.models_button)
        ways.addWidget(self.settings_button)
        column.addLayout(ways)
        column.addLayout(self._theme_row())
        column.addWidget(self.network_card)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def theme_button(self, theme: Theme) -> QToolButton:
        """The button that chooses `theme`."""
        return self._buttons[theme]

    def _theme_row(self) -> QHBoxLayout:
        field = QFrame(self)
        field.setObjectName("ThemeChoice")
        inside = QHBoxLayout(field)
        inside.setContentsMargins(2, 2, 2, 2)
        inside.setSpacing(2)
        for theme, _, name in _CHOICES:
            button = QToolButton(field)
            button.setProperty("kind", "choice")
            button.setCheckable(True)
            button.setIconSize(QSize(16, 16))
            button.setToolTip(name)
            button.setAccessibleName(name)
            button.clicked.connect(lambda _=False, chosen=theme: self.theme_chosen.emit(chosen))
            self._group.addButton(button)
            self._buttons[theme] = button
            inside.addWidget(button)
        caption = QLabel("Theme", self)
        caption.setProperty("kind", "quiet")
        row = QHBoxLayout()
        row.setContentsMargins(10, 0, 0, 0)
        row.addWidget(caption)
        row.addStretch()
        row.addWidget(field)
        return row

    def _on_appearance_changed(self) -> None:
        tokens = self._appearance.tokens
        self.models_button.setIcon(self._appearance.icon("package", tokens.text_2))
        self.settings_button.setIcon(self._appearance.icon("settings", tokens.text_2))
        for theme, icon, _ in _CHOICES:
            chosen = theme is self._appearance.theme
            self._buttons[theme].setIcon(self._appearance.icon(icon, tokens.text if chosen else tokens.text_2))
            self._buttons[theme].setChecked(chosen)
