"""Looking for a newer version: the address is shown, and only a press opens it, in the browser."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app import RELEASES_PAGE, __version__
from app.ui.releases_dialog import ReleasesDialog
from tests.ui.driving import OpenWindow


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the browser was asked to open."""
    addresses: list[str] = []
    target = "app.ui.opening.QDesktopServices.openUrl"
    monkeypatch.setattr(target, lambda url: addresses.append(url.toString()))
    return addresses


def asked(one: OpenWindow) -> ReleasesDialog:
    """The dialog, by the header's menu."""
    one.page.header.releases_action.trigger()
    dialog = one.dialog()
    assert isinstance(dialog, ReleasesDialog)
    return dialog


def test_the_page_of_the_releases_is_opened_by_a_press(
    open_window: Callable[..., OpenWindow], opened: list[str]
) -> None:
    dialog = asked(open_window())
    assert dialog.informativeText() == RELEASES_PAGE
    assert __version__ in dialog.text()
    assert opened == []
    next(button for button in dialog.buttons() if button.text() == "Open in the browser").click()
    assert opened == [RELEASES_PAGE]


def test_enter_and_escape_open_nothing(open_window: Callable[..., OpenWindow], opened: list[str]) -> None:
    one = open_window()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        dialog = asked(one)
        QTest.keyClick(dialog, key)
        assert not dialog.isVisible()
    assert opened == []
