"""Where Qt keeps what it remembers by itself, such as the folders that its file dialog showed last."""

from pathlib import Path

from PySide6.QtCore import QSettings


def keep_qt_settings_in(profile: Path) -> None:
    """From now on Qt's own notes lie in the profile, and not in a file that all Qt programs of the user share.

    On Windows and macOS the system's own file dialogs are used, whose notes no program is asked about.
    """
    for form in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(form, QSettings.Scope.UserScope, str(profile / "qt"))
