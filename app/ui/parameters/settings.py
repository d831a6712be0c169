"""The dialog of the settings."""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.core.settings import Settings
from app.ui.parameters.dialog import ParameterDialog
from app.ui.parameters.form import ParameterForm, ParameterGroup

GROUPS = (
    ParameterGroup("Conversations", ("overflow", "prompt_cache_megabytes")),
    ParameterGroup("Lock", ("lock_after_minutes", "lock_on_sleep")),
    ParameterGroup("Models", ("speed_floor", "models_folder")),
    ParameterGroup("Network", ("network", "hub_endpoint", "proxy")),
    ParameterGroup("Downloads", ("downloads_at_once", "download_limit_megabytes")),
    ParameterGroup("Appearance", ("theme", "text_percent")),
)


class SettingsDialog(ParameterDialog):
    """`settings_chosen` carries the settings as they stand in the form when Apply is pressed."""

    settings_chosen = Signal(Settings)
    token_requested = Signal()
    lock_requested = Signal()

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__("Settings", "", parent=parent)
        self.resize(640, 500)
        self._settings = settings
        self.form = ParameterForm(Settings, GROUPS, self.body)
        self.form.show_values(settings)
        self.content.addWidget(self.form)
        self.content.addStretch()
        self.token_button = self.add_left_button("Hub token…")
        self.token_button.setToolTip("For models that the hub gives only to those who agreed to their terms")
        self.token_button.clicked.connect(self.token_requested)
        self.lock_button = self.add_left_button("Lock…")
        self.lock_button.setToolTip("Encrypt your conversations, or change what opens them")
        self.lock_button.clicked.connect(self.lock_requested)
        self.form.focus_first()

    def apply(self) -> None:
        """Send off the settings."""
        self.settings_chosen.emit(replace(self._settings, **self.form.values()))
