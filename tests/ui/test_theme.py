"""The theme: fonts, tinted icons, and System that follows the system."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontInfo, QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.settings import Theme
from app.ui.fonts import code_font, text_font
from app.ui.icons import application_icon
from app.ui.theme import Appearance
from app.ui.tokens import DARK, LIGHT
from tests.ui.conftest import RESOURCES


def test_the_bundled_fonts_are_used(appearance: Appearance) -> None:
    assert QFontInfo(text_font()).family() == "Inter"
    assert QFontInfo(code_font()).family() == "JetBrains Mono"
    assert QFontInfo(QApplication.font()).family() == "Inter"
    assert QFontInfo(text_font()).pixelSize() == 14


def test_system_follows_the_system(appearance: Appearance, qtbot: QtBot) -> None:
    dark_system = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    appearance.choose(Theme.SYSTEM)
    assert appearance.tokens is (DARK if dark_system else LIGHT)
    with qtbot.waitSignal(appearance.changed):
        appearance.choose(Theme.DARK)
    assert appearance.tokens is DARK
    assert QApplication.palette().window().color().name().upper() == DARK.window
    appearance.choose(Theme.LIGHT)
    assert QApplication.palette().window().color().name().upper() == LIGHT.window


def test_a_change_of_the_system_is_heard(appearance: Appearance, qtbot: QtBot) -> None:
    hints = QGuiApplication.styleHints()
    appearance.choose(Theme.SYSTEM)
    try:
        hints.setColorScheme(Qt.ColorScheme.Dark)
        if hints.colorScheme() is Qt.ColorScheme.Dark:  # a platform may have no such thing
            assert appearance.tokens is DARK
    finally:
        hints.unsetColorScheme()
        appearance.choose(Theme.LIGHT)


def test_icons_wear_the_colour_and_are_sharp_at_two_pixels_each(appearance: Appearance) -> None:
    pixmap = appearance.icon("square-filled", "#FF0000").pixmap(QSize(16, 16), 2.0)
    assert pixmap.size() == QSize(32, 32)
    assert pixmap.toImage().pixelColor(16, 16).name() == "#ff0000"


def test_the_application_has_its_icon() -> None:
    image = application_icon(RESOURCES).pixmap(128, 128).toImage()
    assert image.pixelColor(64, 80).name().upper() == LIGHT.accent, "the flame"
    assert image.pixelColor(10, 64).name().upper() == LIGHT.window, "the paper"
