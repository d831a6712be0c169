"""Asks before the page of Inglenook's releases is opened in the browser; Inglenook itself asks nobody."""

from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QWidget

from app import RELEASES_PAGE, __version__
from app.ui.transcript.links import LinkDialog


class ReleasesDialog(LinkDialog):
    """Says which version this is and where newer ones are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QUrl(RELEASES_PAGE), parent)
        self.setWindowTitle("Look for a newer version?")
        self.setText(
            f"This is Inglenook {__version__}. It never looks for a newer version by itself: the releases are on this "
            "page, which your browser opens."
        )
