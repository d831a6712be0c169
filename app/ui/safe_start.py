"""The notice after a crash: what happened, and the choices of what to do now that nothing was loaded by itself."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from app.core.errors import StorageError
from app.services.log_copy import save_log_copy
from app.services.safe_start import CrashFound
from app.ui.notice import Notice, NoticeAction, NoticeKind

_LOG_NAME = "inglenook-log.txt"


def safe_start_notice(
    crash: CrashFound, load_again: Callable[[], None], use_included: Callable[[], None], save_log: Callable[[], None]
) -> Notice:
    """What the crash was found in; the notice stays open while the log is saved."""
    return Notice(
        crash.sentence,
        NoticeKind.ERROR,
        "Load it again",
        load_again,
        (NoticeAction("Use the included model", use_included), NoticeAction("Save the log…", save_log, closes=False)),
    )


def ask_where_to_save_log(log_file: Path, parent: QWidget, tell: Callable[[Notice], None]) -> None:
    """Ask for a place and copy the log there; `tell` gets the outcome."""

    def save(file: str) -> None:
        try:
            save_log_copy(log_file, Path(file))
        except StorageError as error:
            tell(Notice(error.sentence))
        else:
            tell(Notice(f"The log was saved as {file}. No message's text is in it.", NoticeKind.NOTE))

    dialog = QFileDialog(parent, "Save the log", _LOG_NAME, "Text files (*.txt);;All files (*)")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(save)
    dialog.open()
