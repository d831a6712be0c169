"""What fills the window: the chats or the library, each with its sidebar."""

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget


class CentreView(QWidget):
    """Both are there all the time, so that an answer goes on being written while the library is in view."""

    def __init__(
        self, sidebar: QWidget, page: QWidget, library_sidebar: QWidget, library: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._library_sidebar = library_sidebar
        self._sides = QStackedWidget(self)
        self._pages = QStackedWidget(self)
        for side, beside in ((sidebar, page), (library_sidebar, library)):
            self._sides.addWidget(side)
            self._pages.addWidget(beside)
        self._sides.setFixedWidth(sidebar.maximumWidth())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._sides)
        row.addWidget(self._pages, 1)
        self._alone: QWidget | None = None

    @property
    def alone(self) -> QWidget | None:
        """The page that has the whole window; None as a rule."""
        return self._alone

    def show_alone(self, page: QWidget) -> None:
        """Give one page the whole window, without a sidebar, until end_alone()."""
        self._alone = page
        self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)
        self._sides.hide()

    def end_alone(self) -> None:
        """Bring what was in view before that page back, and take it apart."""
        page, self._alone = self._alone, None
        if page is None:
            return
        self._sides.show()
        self._pages.setCurrentIndex(self._sides.currentIndex())
        self._pages.removeWidget(page)
        page.hide()
        page.deleteLater()

    @property
    def shows_library(self) -> bool:
        """Whether the library is in view, and not the chats."""
        return self._pages.currentIndex() == 1

    def show_library(self) -> None:
        """Bring the library into view, with the keyboard in it."""
        if not self.shows_library:
            self._turn_to(1)
            self._library_sidebar.setFocus()

    def show_chats(self) -> bool:
        """Bring the chats into view; False when they are."""
        if not self.shows_library:
            return False
        self._turn_to(0)
        return True

    def _turn_to(self, index: int) -> None:
        self._sides.setCurrentIndex(index)
        self._pages.setCurrentIndex(index)
