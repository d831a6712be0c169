"""Opens the dialogs about the application itself.

Each is read from the disk when it is first opened: the window need not wait for them when it starts.
"""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.ui.chat.header import ChatHeader
from app.ui.lock.in_window import LockInWindow
from app.ui.model_loader import ModelLoader
from app.ui.services import WindowServices
from app.ui.settings_in_window import SettingsInWindow
from app.ui.speed_report.runner import SpeedRunner
from app.ui.tasks import Tasks


class WindowDialogs(QObject):
    """`window` is what they open in front of; `page_requested` carries the address of a page of the hub."""

    page_requested = Signal(str)

    def __init__(
        self,
        services: WindowServices,
        settings: SettingsInWindow,
        loader: ModelLoader,
        lock: LockInWindow,
        tasks: Tasks,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._services = services
        self._settings = settings
        self._loader = loader
        self._lock = lock
        self._tasks = tasks
        self._window = window
        self.speed_runner = SpeedRunner(services.speed, tasks, self)
        self.speed_runner.failed.connect(loader.note_lost)

    def offer_in(self, header: ChatHeader) -> None:
        """Open them from the header's menu."""
        header.settings_requested.connect(self.show_settings)
        header.speed_requested.connect(self.show_speed_report)
        header.about_requested.connect(self.show_about)
        header.report_action.setVisible(self._services.report is not None)
        header.report_requested.connect(self.show_report)
        header.releases_requested.connect(self.show_releases)

    def show_crash(self, details: str) -> None:
        """Show the details of an error that nobody foresaw."""
        from app.ui.crash_dialog import CrashDialog

        dialog = CrashDialog(details, self._window)
        dialog.report_button.setVisible(self._services.report is not None)
        dialog.report_requested.connect(lambda: self.show_report(details))
        dialog.open()

    def show_report(self, details: str = "") -> None:
        """Let the user read and save what a report of a problem contains."""
        if self._services.report is not None:
            from app.ui.reporting import Reporting

            Reporting(self._services.report, self._loader, self._tasks, self._window).show(details)

    def show_about(self) -> None:
        """Show the version and the licences."""
        from app.ui.about_dialog import about_inglenook

        about_inglenook(self._services.resources, self._window).open()

    def show_releases(self) -> None:
        """Say where newer versions are, and open that page if the user wants it."""
        from app.ui.releases_dialog import ReleasesDialog

        ReleasesDialog(self._window).open()

    def show_speed_report(self) -> None:
        """Let the user measure the model in use, and see what was measured before."""
        from app.ui.speed_report.dialog import SpeedReportDialog

        SpeedReportDialog(self._services.speed, self.speed_runner, self._window).open()

    def show_settings(self) -> None:
        """Let the user choose how the application behaves."""
        from app.ui.parameters.settings import SettingsDialog

        dialog = SettingsDialog(self._settings.current, self._window)
        dialog.settings_chosen.connect(self._settings.choose)
        dialog.token_button.setVisible(self._services.tokens is not None)
        dialog.token_requested.connect(lambda: self.show_hub_token(dialog))
        dialog.lock_button.setVisible(self._lock.is_possible)
        dialog.lock_requested.connect(lambda: self._lock.show_dialog(dialog))
        dialog.open()

    def show_hub_token(self, parent: QWidget | None = None) -> None:
        """Let the user give, try and forget the token of their account at the hub."""
        from app.ui.hub_token_dialog import HubTokenDialog

        if self._services.tokens is not None:
            dialog = HubTokenDialog(self._services.tokens, self._services.hub, self._tasks, parent or self._window)
            dialog.page_requested.connect(self.page_requested)
            dialog.open()
