"""The table of a speed report: a row for every test, filled while it is measured."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from app.core.speed import SpeedResult, SpeedTest
from app.core.speed_wording import (
    NOT_MEASURED,
    range_words,
    rate_words,
    runs_words,
    scaled_words,
    seconds_words,
    size_words,
)
from app.ui.labels import hairline, text_label

_TITLES = ("Test", "Tokens", "", "Tokens/s", "Range", "First token", "Total", "Runs")
_COLUMNS = len(_TITLES)
_FIGURE_WIDTHS = {3: 56, 4: 84, 5: 66, 6: 66, 7: 28}  # so that nothing moves when the figures come in
_MEASURING = "…"


class SpeedTable(QWidget):
    """Rows are told apart by the tests' names."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        for column, width in _FIGURE_WIDTHS.items():
            self._grid.setColumnMinimumWidth(column, width)
        self._rows: dict[str, _Row] = {}

    @property
    def words(self) -> dict[str, list[str]]:
        """What each row says, from left to right, by its test's name."""
        return {name: row.words for name, row in self._rows.items()}

    def show_tests(self, tests: Sequence[SpeedTest]) -> None:
        """Rows for these tests, with nothing measured."""
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._rows = {}
        for column, title in enumerate(_TITLES):
            self._grid.addWidget(text_label(title, "tiny", self), 0, column, _alignment(column))
        for number, test in enumerate(tests):
            self._grid.addWidget(hairline(self), 2 * number + 1, 0, 1, _COLUMNS)
            row = self._rows[test.name] = _Row(test, self)
            for column, label in enumerate(row.labels):
                self._grid.addWidget(label, 2 * number + 2, column, _alignment(column))

    def show_results(self, results: Sequence[SpeedResult]) -> None:
        """Rows for these results."""
        self.show_tests([result.test for result in results])
        for result in results:
            self.show_result(result)

    def show_measuring(self, test: SpeedTest) -> None:
        """This test is being run now, and no other."""
        self.show_stopped()
        if test.name in self._rows:
            self._rows[test.name].show_test(test)
            self._rows[test.name].show_measuring()

    def show_result(self, result: SpeedResult) -> None:
        """What the runs of a test gave up to now."""
        if result.test.name in self._rows:
            self._rows[result.test.name].show_result(result)

    def show_stopped(self) -> None:
        """No test is being run any more."""
        for row in self._rows.values():
            row.show_stopped()


class _Row:
    """The labels of one test."""

    def __init__(self, test: SpeedTest, parent: QWidget) -> None:
        self._title = text_label(test.title, "strong", parent)
        self._size = text_label("", "small", parent)
        self._scaled = text_label("scaled", "label", parent)
        self._figures = [text_label(NOT_MEASURED, kind, parent) for kind in ("figure-strong", *["figure"] * 4)]
        self._is_scaled = False
        self.labels = [self._title, self._size, self._scaled, *self._figures]
        self._title.setToolTip(test.name)
        self.show_test(test)

    @property
    def words(self) -> list[str]:
        """What the row says, from left to right."""
        return [label.text() for label in self.labels if label is not self._scaled or self._is_scaled]

    def show_test(self, test: SpeedTest) -> None:
        """How large the test is, and whether it was made smaller."""
        self._size.setText(size_words(test))
        scaled = scaled_words(test)
        self._is_scaled = bool(scaled)
        self._scaled.setVisible(self._is_scaled)
        for label in (self._size, self._scaled):
            label.setToolTip(scaled.capitalize())
        self._scaled.setAccessibleDescription(scaled)

    def show_measuring(self) -> None:
        self._figures[0].setText(_MEASURING)
        self._mark(is_live=True)

    def show_stopped(self) -> None:
        if self._figures[0].text() == _MEASURING:
            self._figures[0].setText(NOT_MEASURED)
        self._mark(is_live=False)

    def show_result(self, result: SpeedResult) -> None:
        self.show_test(result.test)
        texts = (
            rate_words(result.rate.median),
            range_words(result.rate, result.runs),
            seconds_words(result.first_token_seconds),
            seconds_words(result.total_seconds),
            str(result.runs),
        )
        for label, text in zip(self._figures, texts, strict=True):
            label.setText(text or NOT_MEASURED)
        self._figures[0].setToolTip(f"Median of {runs_words(result)}" if result.runs > 1 else "One run")

    def _mark(self, *, is_live: bool) -> None:
        self._title.setProperty("kind", "live" if is_live else "strong")
        self._title.style().polish(self._title)


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in _FIGURE_WIDTHS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
