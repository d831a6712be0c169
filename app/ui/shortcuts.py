"""The keys of the whole window, wherever the keyboard is; those of one part are in that part."""

from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from app.ui.chat.page import ChatPage
from app.ui.model_loader import ModelLoader
from app.ui.navigation import Navigation
from app.ui.sidebar.view import TEMPORARY_CHAT_KEYS
from app.ui.temporary_in_window import TemporaryInWindow
from app.ui.window_dialogs import WindowDialogs

_Keys = QKeySequence.StandardKey | Qt.Key | str


class Shortcuts(QObject):
    """Escape goes one step back, wherever that is: what is written is stopped only while the chats are shown."""

    def __init__(
        self,
        navigation: Navigation,
        dialogs: WindowDialogs,
        page: ChatPage,
        temporary: TemporaryInWindow,
        loader: ModelLoader,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._navigation = navigation
        self._dialogs = dialogs
        self._page = page
        self._temporary = temporary
        self._loader = loader
        window.addAction(page.header.open_action)
        for keys, act in self._acts():
            QShortcut(QKeySequence(keys), window, act)

    def _acts(self) -> Iterator[tuple[_Keys, Callable[[], object]]]:
        yield QKeySequence.StandardKey.New, self._navigation.show_new_chat
        yield TEMPORARY_CHAT_KEYS, self._temporary.begin
        yield "Ctrl+,", self._dialogs.show_settings
        yield "Ctrl+M", self._navigation.show_library
        yield QKeySequence.StandardKey.Find, self._navigation.find
        for plus in ("Ctrl++", "Ctrl+="):
            yield plus, lambda: self._page.transcript.zoom_by(1)
        yield "Ctrl+-", lambda: self._page.transcript.zoom_by(-1)
        yield "Ctrl+0", lambda: self._page.transcript.zoom_by(0)
        yield Qt.Key.Key_Escape, self._go_back

    def _go_back(self) -> None:
        if not (self._navigation.go_back() or self._page.leave_editing() or self._page.stop()):
            self._loader.stop()
