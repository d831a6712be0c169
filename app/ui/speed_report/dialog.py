"""The speed report's dialog: measures the model in use and shows what was measured, now and before."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from app.core.errors import InglenookError, StorageError
from app.core.speed import STANDARD_TESTS, SpeedReport
from app.core.speed_wording import duration_words
from app.services.speed import EarlierReport, SpeedService
from app.services.speed_events import SpeedModelLoading, SpeedReportDone, SpeedRunDone, SpeedTestStarted
from app.services.speed_text import as_markdown
from app.ui.labels import text_label
from app.ui.parameters.fields import ChoiceBox
from app.ui.speed_report.explanation import costs_in_words, purpose_in_words
from app.ui.speed_report.facts import ReportFacts
from app.ui.speed_report.layout import lay_out_report
from app.ui.speed_report.runner import SpeedRunner
from app.ui.speed_report.table import SpeedTable

_COPY = "Copy as Markdown"
_COPIED_MILLISECONDS = 1500
_NOTHING_YET = "Nothing is measured yet. Press Run to begin."


class SpeedReportDialog(QDialog):
    """Esc stops a run first; closing the dialog stops it too."""

    def __init__(self, speed: SpeedService, runner: SpeedRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._speed = speed
        self._runner = runner
        self._earlier: list[EarlierReport] = []
        self._report: SpeedReport | None = None
        self._test_words = ""
        self._copied = QTimer(self)
        self._copied.setSingleShot(True)
        self._copied.setInterval(_COPIED_MILLISECONDS)
        self.setWindowTitle("Speed report")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(860, 650)
        self.setMinimumWidth(700)
        self._make_parts()
        lay_out_report(self)
        self._connect()
        self._show_nothing()
        self._read_earlier()
        self._explain()
        self._show_last_of_this_model()
        self._show_running(runner.is_running)

    def _make_parts(self) -> None:
        self.purpose = text_label("", "quiet", self, wraps=True)
        self.costs = text_label("", "small", self, wraps=True)
        self.status = text_label("", "strong", self, wraps=True)
        self.problem = text_label("", "problem", self, wraps=True)
        self.problem.hide()
        self.run_button = QPushButton("Run", self)
        self.run_button.setProperty("kind", "go")
        self.run_button.setDefault(True)
        self.reports = ChoiceBox(self)
        self.reports.setAccessibleName("Reports")
        self.reports.setToolTip("Reports that were made before on this computer")
        self.table = SpeedTable(self)
        self.facts = ReportFacts(self)
        self.copy_button = QPushButton(_COPY, self)
        self.copy_button.setToolTip("Copy the table and what it was measured on")
        self.close_button = QPushButton("Close", self)
        self.close_button.setToolTip("Close the report; a run is stopped")
        for button in (self.copy_button, self.close_button):
            button.setAutoDefault(False)

    def _connect(self) -> None:
        self.run_button.clicked.connect(self._on_run_clicked)
        self.copy_button.clicked.connect(self._on_copy_clicked)
        self.close_button.clicked.connect(self.reject)
        self.reports.currentIndexChanged.connect(self._on_report_chosen)
        self._copied.timeout.connect(self._on_copied)
        self._runner.model_loading.connect(self._on_model_loading)
        self._runner.test_started.connect(self._on_test_started)
        self._runner.run_done.connect(self._on_run_done)
        self._runner.report_done.connect(self._on_report_done)
        self._runner.failed.connect(self._on_failed)
        self._runner.ended.connect(self._on_ended)

    def _explain(self) -> None:
        model = self._speed.model
        estimate = self._speed.estimated_seconds([kept.report for kept in self._earlier])
        self.purpose.setText(purpose_in_words(model.name if model else "the model", estimate))
        costs = costs_in_words(self._speed.lengthened_context(), self._speed.forgets_conversation)
        self.costs.setText(costs)
        self.costs.setVisible(bool(costs))

    def _read_earlier(self) -> None:
        try:
            self._earlier = self._speed.earlier()
        except StorageError as error:
            self._show_problem(error.sentence)
        self.reports.blockSignals(True)
        self.reports.clear()
        self.reports.addItem("New report")
        for kept in self._earlier:
            self.reports.addItem(f"{kept.created_at.astimezone():%d %b %Y, %H:%M} · {kept.report.model.name}")
        self.reports.blockSignals(False)
        self.reports.setVisible(bool(self._earlier))

    def _show_last_of_this_model(self) -> None:
        model = self._speed.model
        file_name = model.info.path.name if model else None
        for number, kept in enumerate(self._earlier, 1):
            if kept.report.model.file_name == file_name:
                self.reports.setCurrentIndex(number)
                return

    def _show_nothing(self) -> None:
        self.status.setText(_NOTHING_YET if self._speed.model else "No model is loaded. Open a model first.")
        self.table.show_tests(STANDARD_TESTS)
        self._show_report(None)

    def _show_report(self, report: SpeedReport | None) -> None:
        """What the facts and the copy button are about."""
        self._report = report
        self.facts.show_report(report)
        self.copy_button.setEnabled(report is not None)

    def _show_running(self, running: bool) -> None:
        self.run_button.setText("Stop" if running else "Run")
        self.run_button.setToolTip("End here, with what there is (Esc)" if running else "Measure the model in use")
        self.run_button.setProperty("kind", "" if running else "go")
        self.run_button.style().polish(self.run_button)
        self.run_button.setDefault(not running)  # Enter begins a run, and never ends one
        self.run_button.setAutoDefault(not running)
        self.run_button.setEnabled(running or self._speed.model is not None)
        self.reports.setEnabled(not running)

    def _show_problem(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    def _on_run_clicked(self) -> None:
        if self._runner.is_running:
            self._stop()
            return
        waits = self._runner.has_to_wait
        self.reports.setCurrentIndex(0)
        self._show_problem("")
        self._show_nothing()
        self.status.setText("Waiting for the answer that is being written…" if waits else "Getting ready…")
        self._runner.start()
        self._show_running(True)

    def _stop(self) -> None:
        self.status.setText("Stopping…")
        self._runner.stop()

    def _on_report_chosen(self, index: int) -> None:
        self._show_problem("")
        if index <= 0:
            self._show_nothing()
            return
        kept = self._earlier[index - 1]
        self.status.setText(f"Measured on {kept.created_at.astimezone():%d %B %Y at %H:%M}.")
        self.table.show_results(kept.report.results)
        self._show_report(kept.report)

    def _on_model_loading(self, event: SpeedModelLoading) -> None:
        self.status.setText(f"Loading the model with a context of {event.context_length:,} tokens…")

    def _on_test_started(self, event: SpeedTestStarted) -> None:
        self.table.show_measuring(event.test)
        left = f" · {duration_words(event.seconds_left)} left" if event.seconds_left is not None else ""
        self._test_words = f"Test {event.number} of {event.count}: {event.test.title}{left}"
        self.status.setText(self._test_words)

    def _on_run_done(self, event: SpeedRunDone) -> None:
        self.table.show_result(event.result)
        if event.result.runs < event.runs:
            self.status.setText(f"{self._test_words} · run {event.result.runs + 1} of {event.runs}")

    def _on_report_done(self, event: SpeedReportDone) -> None:
        if event.report.results:
            self._show_report(event.report)
        if event.complete:
            self._read_earlier()
            kept = event.failure is None and bool(self._earlier)
            self.reports.blockSignals(True)
            self.reports.setCurrentIndex(1 if kept else 0)
            self.reports.blockSignals(False)
            self.status.setText("Measured just now, and kept on this computer." if kept else "Measured just now.")
        if event.failure is not None:
            self._show_problem(event.failure.sentence)

    def _on_failed(self, error: InglenookError) -> None:
        self.status.setText("The measurement could not be finished.")
        self._show_problem(error.sentence)

    def _on_ended(self) -> None:
        self.table.show_stopped()
        self._show_running(False)
        if self._report is None and not self.problem.text():
            self.status.setText("Stopped before anything was measured.")
        elif self.status.text() == "Stopping…":
            self.status.setText("Stopped. What was measured until then is shown, and not kept.")
        self._explain()

    def _on_copy_clicked(self) -> None:
        if self._report is not None:
            QGuiApplication.clipboard().setText(as_markdown(self._report))
            self.copy_button.setText("Copied")
            self._copied.start()

    def _on_copied(self) -> None:
        self.copy_button.setText(_COPY)

    def done(self, result: int) -> None:
        self._runner.stop()
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._runner.is_running:
            self._stop()
        else:
            super().keyPressEvent(event)
