"""The line above the conversation: which model is in use, in what state it is, and how to change it."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from app.ui.chat.context_bar import ContextBar, ContextUse, short_count
from app.ui.chat.model_state import ModelState, ModelStatus, StateDot
from app.ui.elided_label import ElidedLabel
from app.ui.text_action import text_action
from app.ui.theme import Appearance

HEIGHT = 52


class ChatHeader(QFrame):
    """Shows a ModelStatus, and offers what can be done about the model in a menu."""

    open_requested = Signal()
    included_requested = Signal()
    speed_requested = Signal()
    about_model_requested = Signal()
    about_requested = Signal()
    report_requested = Signal()
    releases_requested = Signal()
    stop_requested = Signal()  # give up the model that is loading
    unload_requested = Signal()
    loading_requested = Signal()
    sampling_requested = Signal()
    settings_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.setObjectName("Header")
        self.setFixedHeight(HEIGHT)
        self.dot = StateDot(appearance, self)
        self._name = ElidedLabel(self)
        self._name.setObjectName("ModelName")
        self._tag = _plain(self, "tag")
        self._state = _plain(self, "small")
        self._menu = self._make_menu()
        self.menu_button = self._make_menu_button()
        self.stop_button = QToolButton(self)
        self.stop_button.setText("Stop loading")
        self.stop_button.setProperty("kind", "small")
        self.stop_button.setToolTip("Give up the model that is loading (Esc)")
        self.stop_button.clicked.connect(self.stop_requested)
        self._context_caption = _plain(self, "tiny")
        self._context_caption.setText("context")
        self._context_bar = ContextBar(appearance, self)
        self._context_figures = _plain(self, "count")
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 0, 18, 0)
        row.setSpacing(10)
        row.addWidget(self.dot)
        row.addWidget(self._name, 1)  # no alignment here: an aligned label would not give way
        for widget in (self._tag, self._state, self.stop_button, self.menu_button):
            row.addWidget(widget, alignment=Qt.AlignmentFlag.AlignVCenter)
        row.addStretch()
        row.addWidget(self._context_caption)
        row.addWidget(self._context_bar)
        row.addWidget(self._context_figures)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()
        self.show_status(ModelStatus(ModelState.NONE))
        self.show_context(None)

    @property
    def words(self) -> str:
        """The model's name and its state in words."""
        return f"{self._name.text()} {self._state.text()}".strip()

    @property
    def menu(self) -> QMenu:
        """What can be done about the model."""
        return self._menu

    def show_status(self, status: ModelStatus) -> None:
        """Show which model is in use and how far it has come."""
        words, is_ready = status.words, status.state is ModelState.READY
        self.dot.state = status.state
        self.dot.setAccessibleName(f"Model: {words or ('ready' if is_ready else 'none')}")
        self.dot.update()
        self._name.show_text(status.name or "No model")
        self._tag.setText(status.quantization)
        self._tag.setVisible(bool(status.quantization))
        self._state.setText(words)
        self._state.setVisible(bool(words))
        is_loading = status.state is ModelState.LOADING
        self.stop_button.setVisible(is_loading)
        self.stop_action.setVisible(is_loading)
        for action in (
            self.unload_action,
            self.loading_action,
            self.sampling_action,
            self.speed_action,
            self.about_model_action,
        ):
            action.setEnabled(is_ready)

    def show_memory(self, words: str) -> None:
        """What the model took of this computer's memory, as the tooltip of its name and its tag."""
        self._tag.setToolTip(words)
        self._name.setToolTip(f"{self._name.text()}\n{words}" if words else self._name.text())

    def show_context(self, use: ContextUse | None) -> None:
        """Show how full the context is; None hides it."""
        for widget in (self._context_caption, self._context_bar, self._context_figures):
            widget.setVisible(use is not None)
        if use is not None:
            self._context_bar.show_use(use)
            self._context_figures.setText(f"{short_count(use.used)} / {short_count(use.length)}")
            tip = f"The conversation filled {use.used:,} of {use.length:,} tokens at its last answer"
            self._context_bar.setToolTip(tip)
            self._context_figures.setToolTip(tip)

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        self.open_action = text_action(menu, "Open a model file…")
        self.open_action.setShortcut(QKeySequence(QKeySequence.StandardKey.Open))
        self.open_action.triggered.connect(self.open_requested)
        self.included_action = text_action(menu, "Use the included model")
        self.included_action.triggered.connect(self.included_requested)
        self.stop_action = text_action(menu, "Stop loading")
        self.stop_action.triggered.connect(self.stop_requested)
        self.unload_action = text_action(menu, "Unload the model")
        self.unload_action.triggered.connect(self.unload_requested)
        menu.addSeparator()
        self.loading_action = text_action(menu, "Loading…")
        self.loading_action.triggered.connect(self.loading_requested)
        self.sampling_action = text_action(menu, "Sampling…")
        self.sampling_action.triggered.connect(self.sampling_requested)
        self.settings_action = text_action(menu, "Settings…")
        self.settings_action.triggered.connect(self.settings_requested)
        menu.addSeparator()
        self.speed_action = text_action(menu, "Speed report…")
        self.speed_action.triggered.connect(self.speed_requested)
        self.about_model_action: QAction = text_action(menu, "About this model…")
        self.about_model_action.triggered.connect(self.about_model_requested)
        self.about_action = text_action(menu, "About Inglenook…")
        self.about_action.triggered.connect(self.about_requested)
        self.report_action = text_action(menu, "Report a problem…")
        self.report_action.triggered.connect(self.report_requested)
        self.releases_action = text_action(menu, "Look for a newer version…")
        self.releases_action.triggered.connect(self.releases_requested)
        return menu

    def _make_menu_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("ModelButton")
        button.setAccessibleName("Model menu")
        button.setToolTip("Open another model, or see more about this one")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(self._menu)
        button.setIconSize(QSize(14, 14))
        return button

    def _on_appearance_changed(self) -> None:
        self.menu_button.setIcon(self._appearance.icon("chevron-down", size=14))


def _plain(parent: QWidget, kind: str) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("kind", kind)
    return label
