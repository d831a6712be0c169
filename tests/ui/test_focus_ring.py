"""Shows that wherever the keyboard is, a ring or a frame is seen that was not there before."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.core.settings import Theme
from app.ui.parameters.fields import CheckBox, ChoiceBox, NumberBox
from app.ui.theme import Appearance
from tests.unit.ui.test_tokens import contrast

LEAST = 3.0  # contrast of a ring with the page around it (WCAG 2.2, 1.4.11)
LEAST_CHANGE = 2.0  # contrast with what was there before
SMALLEST = 14  # pixels


def button(kind: str = "", name: str = "", *, checked: bool = False) -> QWidget:
    made = QPushButton("Words")
    made.setObjectName(name)
    made.setProperty("kind", kind)
    made.setCheckable(checked)
    made.setChecked(checked)
    return made


def tool(kind: str = "", name: str = "", *, checked: bool = False) -> QWidget:
    made = QToolButton()
    made.setText("Words")
    made.setObjectName(name)
    made.setProperty("kind", kind)
    made.setCheckable(checked)
    made.setChecked(checked)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return made


def within(name: str, child: QWidget) -> QWidget:
    frame = QFrame()
    frame.setObjectName(name)
    QVBoxLayout(frame).addWidget(child)
    frame.setFocusProxy(child)
    return frame


def plain_text(kind: str) -> QWidget:
    made = QPlainTextEdit("Words")
    made.setProperty("kind", kind)
    made.setCursorWidth(0)
    made.setFixedSize(120, 80)
    return made


def tabs() -> QWidget:
    made = QTabBar()
    made.addTab("One")
    made.addTab("Two")
    return made


def named(made: QWidget, name: str) -> QWidget:
    made.setObjectName(name)
    return made


FOCUSABLE: dict[str, Callable[[], QWidget]] = {
    "button": button,
    "go": lambda: button("go"),
    "ghost": lambda: button("ghost"),
    "tool": tool,
    "small": lambda: tool("small"),
    "act": lambda: tool("act"),
    "choice": lambda: tool("choice"),
    "choice made": lambda: tool("choice", checked=True),
    "round": lambda: tool("round"),
    "fold": lambda: button("ghost", "FoldButton"),
    "fold tool": lambda: tool("", "FoldButton"),
    "entry": lambda: button("entry"),
    "entry chosen": lambda: button("entry", checked=True),
    "switch": lambda: button("toggle"),
    "switch on": lambda: button("toggle", checked=True),
    "remedy": lambda: button("remedy"),
    "new chat": lambda: button("", "NewChat"),
    "example": lambda: button("", "Example"),
    "model": lambda: tool("", "ModelButton"),
    "format": lambda: tool("", "FormatButton"),
    "think": lambda: tool("", "ThinkButton", checked=True),
    "banner": lambda: within("TinyBanner", button("ghost")),
    "line": QLineEdit,
    "number": lambda: NumberBox(0, 10),
    "choices": ChoiceBox,
    "check box": lambda: CheckBox("Words"),
    "field": lambda: plain_text("field"),
    "paper": lambda: plain_text("paper"),
    "reader": lambda: plain_text("reader"),
    "tabs": tabs,
}


def seen(widget: QWidget, *, focused: bool) -> QImage:
    """The widget as it is painted with the keyboard in it, or elsewhere."""
    window = widget.window()
    target = widget.focusProxy() or widget
    other = window.findChild(QWidget, "Elsewhere")
    assert other is not None
    (target if focused else other).setFocus(Qt.FocusReason.TabFocusReason)
    QApplication.processEvents()
    assert target.hasFocus() is focused
    return widget.grab().toImage()


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
@pytest.mark.parametrize("what", FOCUSABLE)
def test_the_keyboard_is_seen(what: str, theme: Theme, appearance: Appearance, qtbot: QtBot) -> None:
    appearance.choose(theme)
    page = QFrame()
    page.setObjectName("Page")
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    widget = FOCUSABLE[what]()
    if isinstance(widget, QLineEdit | NumberBox):
        widget.setReadOnly(True)  # a caret would be seen too
    column.addWidget(widget)
    column.addWidget(named(QPushButton("Elsewhere"), "Elsewhere"))
    page.show()
    qtbot.waitExposed(page)
    page.activateWindow()
    without, with_focus = seen(widget, focused=False), seen(widget, focused=True)
    changed = [
        (x, y)
        for x in range(without.width())
        for y in range(without.height())
        if contrast(with_focus.pixelColor(x, y).name(), without.pixelColor(x, y).name()) >= LEAST_CHANGE
        and contrast(with_focus.pixelColor(x, y).name(), appearance.tokens.surface) >= LEAST
    ]
    across, down = {x for x, _ in changed}, {y for _, y in changed}
    assert changed, "nothing shows where the keyboard is"
    width, height = max(across) - min(across) + 1, max(down) - min(down) + 1
    assert min(width, height) >= SMALLEST
    assert len(changed) >= width + height, "what shows where the keyboard is goes less than half around"
