"""The text that is being written: it breaks its lines as the finished answer will, and paints little at a time."""

import random

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui.fonts import LINE_PIXELS
from app.ui.theme import Appearance
from app.ui.transcript.document import plain_document
from app.ui.transcript.streaming_view import StreamingTextView

TEXT = (
    "Wait a little longer after each failure, and add jitter so that many clients don't retry in step.\n\n"
    "עברית עם English words inside, and enough of them to fill more than one line of the page.\n"
    "1. retry only calls that are safe\n2. bound the total time\n\n"
    "An-unbroken-"
    + "word" * 60
    + " and 日本語のテキスト, עברית, naïve café 👩‍💻 end. "
    + "More words follow here. " * 20
)


@pytest.fixture
def view(qtbot: QtBot, appearance: Appearance) -> StreamingTextView:
    made = StreamingTextView("#FFFFFF")
    qtbot.addWidget(made)
    made.resize(420, 10)
    made.show()
    return made


def finished(text: str, width: int, colour: QColor) -> QImage:
    """The same text as Qt's own document shows it."""
    document = plain_document(text)
    document.setTextWidth(width)
    image = QImage(width, round(document.size().height()), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setPen(colour)
    document.drawContents(painter)
    painter.end()
    return image


def streamed(view: StreamingTextView) -> QImage:
    image = QImage(view.size(), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    view.render(image, renderFlags=QWidget.RenderFlag.DrawChildren)
    return image


def lines_of(text: str, width: int) -> int:
    """The lines of Qt's own layout, less the empty one that it adds where a break falls on the end of the text."""
    document = plain_document(text)
    document.setTextWidth(width)
    assert document.size().height() > 0
    count, block = 0, document.begin()
    while block.isValid():
        layout = block.layout()
        count += max(1, sum(layout.lineAt(n).textLength() > 0 for n in range(layout.lineCount())))
        block = block.next()
    return count


def pieces_of(text: str, seed: int) -> list[str]:
    dice = random.Random(seed)
    pieces, place = [], 0
    while place < len(text):
        length = dice.choice((1, 2, 5, 11))
        pieces.append(text[place : place + length])
        place += length
    return pieces


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_is_as_high_as_the_finished_text_at_every_moment(view: StreamingTextView, seed: int) -> None:
    for piece in pieces_of(TEXT, seed):
        view.append_text(piece)
        assert view.height() == LINE_PIXELS * lines_of(view.text, view.width()), view.text[-40:]
    assert view.text == TEXT


def test_it_looks_like_the_finished_text(view: StreamingTextView) -> None:
    for piece in pieces_of(TEXT, 4):
        view.append_text(piece)
    expected = finished(TEXT, view.width(), view.palette().text().color())
    shown = streamed(view)
    assert shown.size() == expected.size()
    different = sum(
        abs(shown.pixelColor(x, y).lightness() - expected.pixelColor(x, y).lightness()) > 90
        for x in range(0, shown.width(), 2)
        for y in range(0, shown.height(), 2)
    )
    assert different == 0, "letters stand where they will stand"


def test_a_new_width_breaks_the_lines_anew(view: StreamingTextView, qtbot: QtBot) -> None:
    view.append_text(TEXT)
    before = view.height()
    view.resize(210, view.height())
    qtbot.waitUntil(lambda: view.height() > before)
    assert view.height() == LINE_PIXELS * lines_of(TEXT, 210)


class PaintedArea(QObject):
    """Adds up the pixels that a widget is asked to paint."""

    def __init__(self) -> None:
        super().__init__()
        self.pixels = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.pixels += event.rect().width() * event.rect().height()
        return False


def test_a_word_costs_the_same_however_long_the_text_is(view: StreamingTextView, qtbot: QtBot) -> None:
    view.append_text("Many words stand here already. " * 400)
    qtbot.waitExposed(view)
    qtbot.wait(50)
    area = PaintedArea()
    view.installEventFilter(area)
    for _ in range(5):
        view.append_text("no")
        qtbot.wait(20)
    assert 0 < area.pixels <= 5 * view.width() * 44, "two lines at most, of a text that is much higher"
    assert view.height() > 2000
