"""The page "Downloads": every download in its order, and what they come to."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.core.download import Download, DownloadProgress, DownloadState
from app.core.errors import InglenookError
from app.ui.downloads.acts import DownloadAct
from app.ui.downloads.desk import DownloadDesk
from app.ui.downloads.row import DownloadRow
from app.ui.downloads.words import total_words
from app.ui.labels import text_label
from app.ui.library.state_panel import StatePanel
from app.ui.notice import Notice, NoticeBar
from app.ui.theme import Appearance

_NARROW_BELOW = 860
_MARGIN = 30
_NARROW_MARGIN = 16
_GAP = 15
_MOST_WIDTH = 1280
_NOTHING = "Nothing is being downloaded, and nothing was. Choose a model that fits this computer."
_ALL_DONE = "Everything is here."


class DownloadsPage(QWidget):
    """A row stays the same widget however the order changes."""

    discover_requested = Signal()

    def __init__(self, desk: DownloadDesk, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._runner = desk.runner
        self._appearance = appearance
        self._is_narrow = False
        self.rows: dict[int, DownloadRow] = {}
        self.setObjectName("Page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.notices = NoticeBar(appearance, self)
        self.totals = text_label("", "small", self, wraps=True)
        self.all_button = QPushButton("Pause all", self)
        self.all_button.clicked.connect(self._on_all_pressed)
        self.empty = StatePanel(self)
        self.empty.pressed.connect(self.discover_requested)
        self._lay_out()
        self._runner.changed.connect(self._refresh)
        self._runner.progressed.connect(self._on_progressed)
        self._runner.failed.connect(self._on_failed)
        self._refresh()

    @property
    def names(self) -> list[str]:
        """What is listed, from above."""
        return [one.name for one in self._runner.downloads]

    def row(self, download_id: int) -> DownloadRow:
        """The row of a download that is listed."""
        return self.rows[download_id]

    def _refresh(self) -> None:
        downloads = self._runner.downloads
        for gone in self.rows.keys() - {one.id for one in downloads}:
            row = self.rows.pop(gone)
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        waiting = [one.id for one in downloads if one.state is DownloadState.WAITING]
        for place, download in enumerate(downloads):
            row = self.rows.get(download.id) or self._make_row(download.id)
            if self._list.indexOf(row) != place:
                self._list.insertWidget(place, row)
            row.show_progress(self._runner.progress(download))
            in_line = waiting.index(download.id) if download.id in waiting else None
            row.show_moves(
                sooner=in_line is not None and in_line > 0, later=in_line is not None and in_line < len(waiting) - 1
            )
        self.empty.show_state(_NOTHING if self._runner.is_read and not downloads else "", "Discover models")
        self._show_totals()

    def _make_row(self, download_id: int) -> DownloadRow:
        row = DownloadRow(self._appearance, self)
        row.set_narrow(self._is_narrow)
        row.acted.connect(lambda act: self._on_acted(download_id, act))
        self.rows[download_id] = row
        return row

    def _show_totals(self) -> None:
        downloads = self._runner.downloads
        words = total_words([self._runner.progress(one) for one in downloads])
        self.totals.setText(words or (_ALL_DONE if downloads else ""))
        self.all_button.setVisible(len(self._runner.unfinished) > 1)
        self.all_button.setText("Pause all" if self._runner.under_way else "Resume all")

    def _on_progressed(self, progress: DownloadProgress) -> None:
        if (row := self.rows.get(progress.download.id)) is not None:
            row.show_progress(progress)
        self._show_totals()

    def _on_acted(self, download_id: int, act: DownloadAct) -> None:
        if (download := self._download(download_id)) is not None:
            self._desk.act(download, act)

    def _on_all_pressed(self) -> None:
        if under_way := self._runner.under_way:
            for download in under_way:
                self._runner.pause(download.id)
        else:
            for download in self._runner.unfinished:
                self._runner.resume(download.id)

    def _on_failed(self, error: InglenookError) -> None:
        self.notices.show_notice(Notice(error.sentence))

    def _download(self, download_id: int) -> Download | None:
        return next((one for one in self._runner.downloads if one.id == download_id), None)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(text_label("Downloads", "title", self))
        words.addWidget(self.totals)
        self._head = QHBoxLayout()
        self._head.setSpacing(16)
        self._head.addLayout(words, 1)
        self._head.addWidget(self.all_button, 0, Qt.AlignmentFlag.AlignTop)
        body = QWidget()
        body.setObjectName("FormBody")
        self._body = QVBoxLayout(body)
        self._body.setSpacing(_GAP)
        self._list = QVBoxLayout()
        self._list.setSpacing(_GAP)
        self._body.addWidget(self.empty)
        self._body.addLayout(self._list)
        self._body.addStretch(1)
        self._area = QScrollArea(self)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # invisible while all is in view
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notices)
        column.addLayout(self._head)
        column.addWidget(self._area, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = event.size().width()
        self._is_narrow = width < _NARROW_BELOW
        side = _NARROW_MARGIN if self._is_narrow else max(_MARGIN, (width - _MOST_WIDTH) // 2)
        bar = self._area.verticalScrollBar().sizeHint().width()
        self._head.setContentsMargins(side, 22, side, _GAP)
        self._body.setContentsMargins(side, 0, side - bar, 22)
        for row in self.rows.values():
            row.set_narrow(self._is_narrow)
