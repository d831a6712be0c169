"""Opens the report of a problem, with what just happened and the model in use."""

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.services.problem_report import ReportSources, problem_report
from app.ui.model_loader import ModelLoader
from app.ui.report_dialog import ReportDialog
from app.ui.tasks import Tasks


class Reporting(QObject):
    """`sources` is what a report is made of; `window` is what the dialog opens in front of."""

    def __init__(self, sources: ReportSources, loader: ModelLoader, tasks: Tasks, window: QWidget) -> None:
        super().__init__(window)
        self._sources = sources
        self._loader = loader
        self._tasks = tasks
        self._window = window

    def show(self, details: str = "") -> ReportDialog:
        """Let the user read and save a report; `details` say what happened."""
        write = partial(problem_report, self._sources, details=details, model=self._loader.current)
        dialog = ReportDialog(write, self._tasks, self._window)
        dialog.open()
        return dialog
