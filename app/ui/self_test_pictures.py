"""Photographs every page and state of the window, in light and dark, at one and two device pixels per logical one."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app.core.generation import OutputFormat, OutputKind
from app.core.run import RunStep
from app.core.settings import OverflowPolicy, Theme
from app.services.safe_start import CrashFound
from app.ui.notice import Notice, NoticeKind
from app.ui.pictures import RATIOS, save_pictures
from app.ui.safe_start import safe_start_notice
from app.ui.self_test_examples import REPAIR, SUMMARY, example_messages
from app.ui.self_test_torture import torture_messages
from app.ui.sidebar.library import LibraryPlace
from app.ui.transcript.folded_text import FoldButton
from app.ui.transcript.memory import MemoryStart
from app.ui.waiting import let_live, wait_until
from app.ui.window import MainWindow

LONG_QUESTION = "Explain in a few sentences why the sky is blue, and why a sunset is red."
_SETTLE_MILLISECONDS = 80
_LAYOUT_ROUNDS = 5
_WRITING_SECONDS = 60.0
_LAYOUT_SECONDS = 5.0
_LIBRARY_SECONDS = 20.0
_TORTURE_PLACES = {100: (0.0, 0.15, 0.3, 0.6, 0.8, 1.0), 200: (0.0, 0.3, 0.6, 1.0)}  # by percent of zoom
_THEMES = (Theme.LIGHT, Theme.DARK)


class PictureTour:
    """Goes through the states one after the other; `failures` tells which could not be reached."""

    def __init__(self, window: MainWindow, folder: Path) -> None:
        self._window = window
        self._folder = folder
        self._taken: list[Path] = []
        self.failures: list[str] = []

    def take(self) -> list[Path]:
        """Take every picture; the files that were written."""
        theme = self._window.appearance.theme
        answered = self._window.page.shown_id
        try:
            self._both("chat")
            self._window.page.show_new_chat()
            self._both("empty")
            if self._window.loader.current is not None:
                self._streaming()
            if answered is not None:
                self._window.page.show_conversation(answered)
            self._notices()
            self._example()
            self._torture()
            self._find()
            self._library()
            self._first_run()
            self._dialogs()
        finally:
            self._window.appearance.choose(theme)
        return self._taken

    def _both(self, name: str, widget: QWidget | None = None) -> None:
        # The theme that is worn comes first: changing it takes longer than the picture.
        for theme in sorted(_THEMES, key=lambda theme: theme is not self._window.appearance.theme):
            self._window.appearance.choose(theme)
            self._shoot(f"{name}-{theme.value}", widget or self._window)

    def _shoot(self, name: str, widget: QWidget) -> None:
        let_live(_SETTLE_MILLISECONDS)
        # On a busy computer the time may be over before the last of the layouts has been asked for and made.
        for _ in range(_LAYOUT_ROUNDS):
            QApplication.sendPostedEvents()
        written = save_pictures(widget, self._folder, name)
        self._taken += written
        if len(written) != len(RATIOS):
            self.failures.append(f"The picture {name} could not be written to {self._folder}.")

    def _streaming(self) -> None:
        page = self._window.page
        for theme in _THEMES:
            self._window.appearance.choose(theme)
            page.show_new_chat()
            page.send(LONG_QUESTION)
            if wait_until(self._has_speed, _WRITING_SECONDS):
                self._shoot(f"streaming-{theme.value}", self._window)
            else:
                self.failures.append("The long question was not answered, so streaming could not be photographed.")
            page.stop()
            if not wait_until(lambda: not self._window.replies.live, _WRITING_SECONDS):
                self.failures.append("The long answer could not be stopped.")

    def _has_speed(self) -> bool:
        """Whether the strip has drawn its line, or the answer has already ended."""
        return not self._window.replies.live or len(self._window.page.strip.sparkline.values) > 2

    def _torture(self) -> None:
        """Everything that a message can consist of, at two sizes; the shown conversation is put back afterwards."""
        page, transcript = self._window.page, self._window.page.transcript
        image = self._taken[0] if self._taken else self._folder
        zoom = transcript.look.zoom
        for theme in _THEMES:
            self._window.appearance.choose(theme)
            transcript.show_messages(torture_messages(self._window.resources, image))
            for percent, places in _TORTURE_PLACES.items():
                transcript.set_zoom(percent / 100)
                for place in places:
                    name = f"torture-{percent}-{round(place * 100)}-{theme.value}"
                    if not wait_until(partial(self._has_come_to, place), _LAYOUT_SECONDS):
                        self.failures.append(f"What {name} is to show was not reached.")
                    self._shoot(name, self._window)
        transcript.set_zoom(zoom)
        if page.shown_id is not None:
            page.show_conversation(page.shown_id)

    def _find(self) -> None:
        """The bar that finds words in a conversation, with what it found."""
        page = self._window.page
        page.open_find()
        page.transcript.finder.bar.field.setText("the")
        self._both("find")
        page.transcript.finder.bar.close_bar()

    def _has_come_to(self, place: float) -> bool:
        """Scroll to a part of the whole; whether it was there before and stays: heights are estimated at first."""
        transcript = self._window.page.transcript
        bar = transcript.verticalScrollBar()
        before = bar.value(), bar.maximum()
        transcript.scroll_to(place * bar.maximum())
        stays = (bar.value(), bar.maximum()) == before and transcript.is_settled
        return stays and abs(bar.value() - place * bar.maximum()) <= 1

    def _example(self) -> None:
        """A transcript that the included model does not come to; the shown conversation is put back afterwards."""
        page = self._window.page
        for theme in _THEMES:
            self._window.appearance.choose(theme)
            page.transcript.show_messages(example_messages())
            page.transcript.add_notes(12, [REPAIR])
            page.transcript.show_memory(MemoryStart(11, 12, SUMMARY), OverflowPolicy.SUMMARY)
            page.composer.set_has_thinking_switch(True)
            page.composer.format_button.show_format(OutputFormat(OutputKind.JSON))
            self._shoot(f"memory-{theme.value}", self._window)
            for folded in page.transcript.findChildren(FoldButton):
                folded.setChecked(True)
            self._shoot(f"opened-{theme.value}", self._window)
        page.composer.format_button.show_format(OutputFormat())
        page.show_model(self._window.loader.current)
        if page.shown_id is not None:
            page.show_conversation(page.shown_id)

    def _notices(self) -> None:
        notices = self._window.page.notices
        sentence = "The answer could not be saved: the disk is full. Make room, then try again."
        notices.show_notice(Notice(sentence, NoticeKind.ERROR, "Try again", notices.clear))
        self._both("notice")
        notices.clear()
        crash = CrashFound("SmolLM2 135M", Path(), RunStep.LOADING, Path(), may_use_gpu=True)
        notices.show_notice(safe_start_notice(crash, *[notices.clear] * 4))
        self._both("safe-start")
        notices.clear()

    def _library(self) -> None:
        """The library as it opens, with all that it has, and as narrow as the window may be."""
        window, library = self._window, self._window.discover.page
        size = window.size()
        window.navigation.show_library(LibraryPlace.DISCOVER)
        if not wait_until(lambda: library.is_settled, _LIBRARY_SECONDS) or not library.list.names:
            self.failures.append("The library did not say which models fit this computer.")
        self._both("library")
        library.filters.clear()
        window.resize(window.minimumWidth(), size.height())
        wait_until(lambda: library.is_settled, _LIBRARY_SECONDS)
        self._both("library-narrow")
        window.resize(size)
        library.filters.fits.setChecked(True)
        self._shelf()
        window.navigation.show_library(LibraryPlace.DOWNLOADS)
        self._both("downloads")
        window.navigation.show_chats()

    def _first_run(self) -> None:
        """How the window begins for a new user, wide and as narrow as it may be, and what is said before a download."""
        window, size = self._window, self._window.size()
        page = window.show_first_run()
        if not wait_until(lambda: page.is_settled, _LIBRARY_SECONDS):
            self.failures.append("The first start did not say what fits this computer.")
        self._both("first-run")
        window.resize(window.minimumWidth(), size.height())
        self._both("first-run-narrow")
        window.resize(size)
        if page.choosing.chosen is not None:
            page.choosing.act()
            self._both("first-run-licence")
        window.navigation.show_chats()

    def _shelf(self) -> None:
        """The models on this computer, with all that one of them offers, and as narrow as the window may be."""
        window, size = self._window, self._window.size()
        window.navigation.show_library(LibraryPlace.SHELF)
        for name, width in (("on-this-computer", size.width()), ("on-this-computer-narrow", window.minimumWidth())):
            window.resize(width, size.height())
            wait_until(lambda: not window.tasks.is_busy, _LIBRARY_SECONDS)
            if not window.shelf.page.names:
                self.failures.append("The models on this computer were not listed.")
            self._both(name)
        window.resize(size)

    def _dialogs(self) -> None:
        self._dialog("about", self._window.dialogs.show_about)
        self._dialog("settings", self._window.dialogs.show_settings)
        self._dialog("network", self._window.network.show_page)
        self._dialog("schema", self._window.page.composer.format_button.actions_by_kind[OutputKind.SCHEMA].trigger)
        if self._window.loader.current is not None:
            self._dialog("loading", self._window.model_dialogs.show_loading)
            self._dialog("sampling", self._window.model_dialogs.show_sampling)
            self._dialog("speed-report", self._window.dialogs.show_speed_report)
            self._dialog("about-model", self._window.model_dialogs.show_about)

    def _dialog(self, name: str, show: Callable[[], None]) -> None:
        show()
        wait_until(lambda: not self._window.tasks.is_busy, _LAYOUT_SECONDS)  # what is worked out for the dialog
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog):
            self._both(name, dialog)
            dialog.close()
        else:
            self.failures.append(f"The dialog {name} did not open.")
