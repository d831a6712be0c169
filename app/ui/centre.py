"""What fills the window: the chats or the library, each with its sidebar."""

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget


class CentreView(QWidget):
    """The chats are there all the time, so that an answer goes on being written while the library is in view."""

    def __init__(
        self, sidebar: QWidget, page: QWidget, library_sidebar: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._library_sidebar = library_sidebar
        self._library: QWidget | None = None
        self._sides = QStackedWidget(self)
        self._pages = QStackedWidget(self)
        for side in (sidebar, library_sidebar):
            self._sides.addWidget(side)
        self._pages.addWidget(page)
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
        if self.shows_library and self._library is not None:
            self._pages.setCurrentWidget(self._library)
        else:
            self._pages.setCurrentIndex(0)
        self._pages.removeWidget(page)
        page.hide()
        page.deleteLater()

    @property
    def shows_library(self) -> bool:
        """Whether the library is in view, and not the chats."""
        return self._sides.currentIndex() == 1

    def shows(self, page: QWidget) -> bool:
        """Whether this page of the library is in view."""
        return self.shows_library and self._library is page

    def show_library(self, page: QWidget) -> None:
        """Bring a page of the library into view."""
        self._library = page
        was_elsewhere = not self.shows_library
        if self._pages.indexOf(page) < 0:
            self._pages.addWidget(page)
        self._sides.setCurrentIndex(1)
        self._pages.setCurrentWidget(page)
        if was_elsewhere:
            self._library_sidebar.setFocus()

    def show_chats(self) -> bool:
        """Bring the chats into view; False when they are."""
        if not self.shows_library:
            return False
        self._sides.setCurrentIndex(0)
        self._pages.setCurrentIndex(0)
        return True
