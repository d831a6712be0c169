"""Adds model files and folders that the user chose or dropped: sorts them, asks once, and says what is no model."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.core.file_names import grouped, is_model
from app.core.quantities import file_size
from app.core.wording import counted
from app.ui.file_choice import choose_files
from app.ui.labels import text_label
from app.ui.library.shelf import Shelf
from app.ui.library.shelf_words import is_within
from app.ui.notice import Notice

_NAMED = 3
_SUFFIX = ".gguf"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen: folders, the files that models are opened by, their size in all, and what is no model."""

    folders: tuple[Path, ...]
    files: tuple[Path, ...]
    size_bytes: int
    companions: tuple[Path, ...]  # GGUF files that are no models themselves
    others: tuple[Path, ...]


def sorted_out(paths: Sequence[Path]) -> Chosen:
    """Look at each once; the parts of a split file are one model."""
    folders = tuple(path for path in paths if path.is_dir())
    ggufs = [path for path in paths if path.suffix.lower() == _SUFFIX and path.is_file()]
    models = [path for path in ggufs if is_model(path.as_posix())]
    return Chosen(
        folders=folders,
        files=tuple(Path(group.name) for group in grouped(str(path) for path in models)),
        size_bytes=sum(path.stat().st_size for path in models),
        companions=tuple(path for path in ggufs if path not in models),
        others=tuple(path for path in paths if path not in folders and path not in ggufs),
    )


def refusal(chosen: Chosen) -> str:
    """What was not taken, and why; empty when everything was."""
    sentences = []
    if chosen.others:
        verb = "is no model" if len(chosen.others) == 1 else "are no models"
        sentences.append(f"{_names(chosen.others)} {verb}. Models are files that end in .gguf.")
    if chosen.companions:
        verb = "belongs to a model and is none" if len(chosen.companions) == 1 else "belong to models and are none"
        sentences.append(f"{_names(chosen.companions)} {verb} that one can chat with.")
    return " ".join(sentences)


class AddDialog(QDialog):
    """Asks whether files are used where they are or copied; Enter uses them where they are."""

    use_chosen = Signal()
    copy_chosen = Signal()

    def __init__(self, chosen: Chosen, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        is_one = len(chosen.files) == 1
        self.setWindowTitle("Add a model" if is_one else "Add models")
        self.setMinimumWidth(460)
        question = f"Add {chosen.files[0].name}?" if is_one else f"Add {len(chosen.files)} models?"
        it, is_there = ("it", "it is") if is_one else ("them", "they are")
        explanation = (
            f"Inglenook can use {it} where {is_there}, or copy {it} ({file_size(chosen.size_bytes)}) into its folder "
            f"of models, so that the original can be moved or deleted."
        )
        self.use_button = self._button(f"Use where {is_there}", "Nothing is copied; the file must stay there")
        self.use_button.setProperty("kind", "go")
        self.use_button.setDefault(True)
        self.copy_button = self._button("Copy", "Put a copy into the folder of models")
        cancel = self._button("Cancel", "Add nothing")
        cancel.clicked.connect(self.reject)
        for button, chosen_signal in ((self.use_button, self.use_chosen), (self.copy_button, self.copy_chosen)):
            button.clicked.connect(self.accept)
            button.clicked.connect(chosen_signal)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(text_label(question, "strong", self, wraps=True))
        column.addWidget(text_label(explanation, "quiet", self, wraps=True))
        column.addSpacing(4)
        row = QHBoxLayout()
        row.addStretch()
        for button in (cancel, self.copy_button, self.use_button):
            row.addWidget(button)
        column.addLayout(row)

    def _button(self, words: str, explained: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setToolTip(explained)
        button.setAutoDefault(False)
        return button


class Adding(QObject):
    """`window` is what the dialogs open in front of."""

    begun = Signal()  # something is added, and is worth looking at
    told = Signal(Notice)

    def __init__(self, shelf: Shelf, window: QWidget) -> None:
        super().__init__(window)
        self._shelf = shelf
        self._window = window

    def choose(self) -> None:
        """Ask for files, and add them."""
        choose_files(self._window, "Add model files", lambda files: self.add([Path(file) for file in files]))

    def add(self, paths: Sequence[Path]) -> None:
        """Add files and folders; whether files are copied is asked, unless they lie where models are looked for."""
        chosen = sorted_out(paths)
        sentence = refusal(chosen)
        if sentence:
            self.told.emit(Notice(sentence))
        if chosen.folders or chosen.files:
            self.begun.emit()
        for folder in chosen.folders:
            self._shelf.add_folder(folder)
        if not chosen.files:
            return
        if all(is_within(file, (*self._shelf.folders, *chosen.folders)) for file in chosen.files):
            self._shelf.add(chosen.files)
            return
        dialog = AddDialog(chosen, self._window)
        dialog.use_chosen.connect(lambda: self._shelf.add(chosen.files))
        dialog.copy_chosen.connect(lambda: self._shelf.add(chosen.files, copy=True))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _names(paths: Sequence[Path]) -> str:
    named = [path.name for path in paths[:_NAMED]]
    if len(paths) > _NAMED:
        return f"{', '.join(named)} and {counted(len(paths) - _NAMED, 'more file')}"
    return " and ".join(filter(None, (", ".join(named[:-1]), named[-1])))
