"""Downloads beside the chats: the sidebars, the notices at their end, and closing the window."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.core.download import Download, DownloadState
from app.ui.questions import QuestionDialog
from app.ui.sidebar.library import LibraryPlace
from tests.ui.driving import OpenWindow
from tests.ui.library.fake_downloads import FakeDownloads, a_download

Open = Callable[..., OpenWindow]


def open_with(open_window: Open, *downloads: Download) -> tuple[OpenWindow, FakeDownloads]:
    service = FakeDownloads(*downloads)
    one = open_window(downloads=service)
    one.wait_for_model()
    waiting = sum(download.state is DownloadState.WAITING for download in downloads)
    one.qtbot.waitUntil(lambda: len(service.fetching) == min(waiting, 3))
    return one, service


def question(one: OpenWindow) -> QuestionDialog:
    found = one.dialog()
    assert isinstance(found, QuestionDialog)
    return found


def test_the_sidebar_tells_of_one_by_its_name_and_of_several_by_their_number(open_window: Open) -> None:
    one, service = open_with(open_window, a_download(1, size_bytes=10**9), a_download(2, size_bytes=10**9))
    line = one.window.sidebar.footer.download_line
    service.tell(1, 500_000_000)
    one.qtbot.waitUntil(lambda: line.percent == "25 %")
    assert line.text() == "2 downloads"
    service.finish(2)
    one.qtbot.waitUntil(lambda: line.text() == "Phi-4 14B")
    assert line.percent == "50 %"
    assert one.window.windowTitle() == "50 % · Inglenook", "the system's taskbar shows it"
    line.click()
    assert one.window.centre.shows(one.window.downloads.page)
    assert one.window.library_sidebar.entries[LibraryPlace.DOWNLOADS].isChecked()
    service.finish(1)
    one.qtbot.waitUntil(line.isHidden)
    assert one.window.windowTitle() == "Inglenook"
    one.page.notices.clear()


def test_the_card_tells_when_the_hub_is_contacted(open_window: Open) -> None:
    one, service = open_with(open_window, a_download(1))
    cards = (one.window.sidebar.footer.network_card, one.window.library_sidebar.network_card)
    one.qtbot.waitUntil(lambda: all(card.is_online for card in cards))
    assert all("only the model hub is contacted" in card.words.text() for card in cards)
    service.finish(1)
    one.qtbot.waitUntil(lambda: not any(card.is_online for card in cards))
    assert all("nothing leaves this computer" in card.words.text() for card in cards)


def test_the_entry_counts_what_is_not_done(open_window: Open) -> None:
    paused = a_download(2, state=DownloadState.PAUSED)
    one, service = open_with(open_window, a_download(1), paused, a_download(3, state=DownloadState.DONE))
    entry = one.window.library_sidebar.entries[LibraryPlace.DOWNLOADS]
    one.qtbot.waitUntil(lambda: entry.note.text() == "2")
    assert entry.accessibleName() == "Downloads, 2"
    service.finish(1)
    one.qtbot.waitUntil(lambda: entry.note.text() == "1")


def test_a_finished_model_is_offered_and_opened(open_window: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    one, service = open_with(open_window, a_download(1))
    service.finish(1)
    one.qtbot.waitUntil(lambda: one.page.notices.sentences == ["Phi-4 14B (Q6_K) is ready."])
    loaded: list[Path | None] = []
    monkeypatch.setattr(one.window.loader, "load", loaded.append)
    one.window.navigation.show_library(LibraryPlace.DOWNLOADS)
    button = one.page.notices.rows[0].action_button
    assert button is not None
    button.click()
    assert loaded == [a_download(1).model_path]
    assert not one.window.centre.shows_library


def test_what_stops_is_told_where_one_chats(open_window: Open) -> None:
    one, service = open_with(open_window, a_download(1))
    service.stop(1, DownloadState.PAUSED, "The disk is full.")
    told = "The download of Phi-4 14B (Q6_K) stopped. The disk is full."
    one.qtbot.waitUntil(lambda: one.page.notices.sentences == [told])
    button = one.page.notices.rows[0].action_button
    assert button is not None
    button.click()
    assert one.window.centre.shows(one.window.downloads.page)


def test_closing_asks_and_what_ran_goes_on_at_the_next_start(open_window: Open) -> None:
    one, service = open_with(open_window, a_download(1), a_download(2))
    one.window.close()
    asked = question(one)
    assert asked.text() == "2 downloads are under way."
    assert asked.informativeText() == "They go on where they are when you start Inglenook again."
    QTest.keyClick(asked, Qt.Key.Key_Return)
    assert one.window.isVisible(), "Enter means Stay"
    one.window.close()
    question(one).act_button.click()
    assert not one.window.isVisible()
    assert one.window.shutdown()
    assert [service.state(number) for number in (1, 2)] == [DownloadState.WAITING] * 2
    assert service.fetching == set()


def test_closing_does_not_ask_when_nothing_is_under_way(open_window: Open) -> None:
    one, _ = open_with(open_window, a_download(1, state=DownloadState.PAUSED), a_download(2, state=DownloadState.DONE))
    assert one.window.close()


def test_a_process_that_is_asked_to_end_does_not_ask_back(open_window: Open) -> None:
    one, service = open_with(open_window, a_download(1))
    one.window.end()
    assert not one.window.isVisible()
    assert one.window.shutdown()
    assert service.state(1) is DownloadState.WAITING


def test_discover_and_downloads_are_a_press_apart(open_window: Open) -> None:
    one, _ = open_with(open_window)
    one.window.navigation.show_library()
    sidebar = one.window.library_sidebar
    assert one.window.centre.shows(one.window.discover.page)
    sidebar.entries[LibraryPlace.DOWNLOADS].click()
    assert one.window.centre.shows(one.window.downloads.page)
    one.window.downloads.page.empty.button.click()
    assert one.window.centre.shows(one.window.discover.page)
    assert sidebar.entries[LibraryPlace.DISCOVER].isChecked()
    one.wait_until_idle()
