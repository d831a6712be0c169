"""Images that stand alone: those of this computer are shown, all others are a box with their address."""

import base64
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import QColor, QImage, QImageWriter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui.theme import Appearance
from app.ui.tokens import LIGHT
from app.ui.transcript.blocks.image_block import ImageBlock, ImageTools
from app.ui.transcript.blocks.image_cache import ScaledImages
from app.ui.transcript.blocks.image_source import ImageSource, NoImage, image_source
from app.ui.transcript.blocks.painted import HighlightKind, Look, PaintedBlock
from app.ui.transcript.markdown.content import Image, Rule
from tests.ui.transcript.blocks.painting import changed_area, colours_in, laid_out, marked, picture

REMOTE = "https://example.org/cat.png"
BOX_HEIGHT = 64


@pytest.fixture(autouse=True)
def _fonts(appearance: Appearance) -> None:
    """The bundled fonts are there."""


def blue(width: int, height: int) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#0000FF"))
    return image


def saved(folder: Path, width: int = 300, height: int = 200, name: str = "blue.png") -> str:
    path = folder / name
    assert blue(width, height).save(str(path))
    return str(path)


def encoded(kind: str = "png", width: int = 30, height: int = 20) -> str:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert QImageWriter(buffer, QByteArray(kind.encode())).write(blue(width, height))
    return base64.b64encode(buffer.data().data()).decode()


def is_box(painter: PaintedBlock) -> bool:
    colours = colours_in(picture(painter), QRectF(0, 0, painter.width, painter.height))
    return "#0000FF" not in colours and LIGHT.line in colours


def test_a_local_image_is_shown_in_its_size(tmp_path: Path) -> None:
    painter = laid_out(Image(saved(tmp_path), "A blue one"))

    assert painter.height == 200
    assert colours_in(picture(painter), QRectF(1, 1, 298, 198)) == {"#0000FF"}
    assert colours_in(picture(painter), QRectF(301, 0, 399, 200)) == {"#FFFFFF"}
    assert painter.tooltip_at(QPointF(5, 5)) == "A blue one"
    assert painter.tools_rect().isEmpty()


@pytest.mark.parametrize(
    ("size", "width", "shown"),
    [
        ((1400, 700), 700, (700, 350)),
        ((300, 960), 700, (150, 480)),
        ((2, 3_000), 700, (1, 480)),
        ((900, 9), 300, (300, 3)),
    ],
)
def test_a_large_image_is_made_smaller(
    tmp_path: Path, size: tuple[int, int], width: float, shown: tuple[int, int]
) -> None:
    painter = laid_out(Image(saved(tmp_path, *size), ""), width)

    assert painter.rect_at(0) == QRectF(0, 0, *shown)
    assert "#0000FF" in colours_in(picture(painter), painter.rect_at(0))


@pytest.mark.parametrize("as_address", ["{path}", "file://{path}", "file:{path}", "file://localhost{path}"])
def test_an_address_of_a_file_is_understood(tmp_path: Path, as_address: str) -> None:
    path = saved(tmp_path, name="with blank.png")

    assert not is_box(laid_out(Image(as_address.format(path=path), "")))
    assert not is_box(laid_out(Image(as_address.format(path=path.replace(" ", "%20")), "")))


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_an_image_in_the_message_is_shown(kind: str) -> None:
    painter = laid_out(Image(f"data:image/{kind};base64,{encoded(kind)}", ""))

    assert painter.height == 20
    assert picture(painter).pixelColor(15, 10).blue() > 240


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        (REMOTE, "not loaded"),
        ("HTTP://example.org/cat.png", "not loaded"),
        ("cat.png", "not shown here"),
        ("../cat.png", "not shown here"),
        ("", "not shown here"),
        ("javascript:alert(1)", "not shown here"),
        ("file://server/share/cat.png", "not shown here"),
        ("//server/share/cat.png", "not shown here"),
        ("\\\\server\\share\\cat.png", "not shown here"),
        ("/" + "x" * 10_000, "not shown here"),
        ("/" + "x" * 4_000, "not on this computer"),
        ("/no\0such", "not shown here"),
        ("/no/such/\ud800.png", "not on this computer"),
        ("/dev/zero", "not on this computer"),
        ("/tmp", "not on this computer"),
        ("data:image/svg+xml;base64,PHN2Zy8+", "in the message"),
        ("data:image/png;base64,%%%", "cannot be read"),
        ("data:image/png;base64,AAAA", "in the message"),
        ("data:image/png;base64," + "A" * 2_000_004, "Image in the message (1.5 MB)"),
    ],
)
def test_any_other_address_is_a_box_that_says_why(address: str, reason: str) -> None:
    found = image_source(address)
    assert isinstance(found, NoImage)
    assert reason in found.reason

    painter = laid_out(Image(address, "A cat"))
    assert painter.height == BOX_HEIGHT
    assert is_box(painter)
    assert reason in painter.tooltip_at(QPointF(5, 5))


def test_fifty_megabytes_in_the_message_are_a_box() -> None:
    painter = laid_out(Image("data:image/png;base64," + "A" * 66_666_668, ""))

    assert "Image in the message (50 MB)" in painter.tooltip_at(QPointF(5, 5))
    assert is_box(painter)


def test_files_that_are_no_images_are_a_box(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("words")
    (tmp_path / "empty.png").touch()
    (tmp_path / "drawing.png").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    (tmp_path / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    head = Path(saved(tmp_path)).read_bytes()[:45]
    (tmp_path / "head.png").write_bytes(head)

    for name in ("text", "empty", "drawing", "cut"):
        assert is_box(laid_out(Image(str(tmp_path / f"{name}.png"), name)))
    assert "cannot be read" in laid_out(Image(str(tmp_path / "text.png"), "")).tooltip_at(QPointF(1, 1))


def test_what_takes_too_long_to_read_is_a_box(tmp_path: Path) -> None:
    found = image_source(saved(tmp_path, 3_000, 2_000))

    assert isinstance(found, NoImage)
    assert "3,000 × 2,000" in found.reason
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate(60_000_000)
    assert "60 MB" in laid_out(Image(str(huge), "")).tooltip_at(QPointF(1, 1))


def test_a_file_that_vanishes_becomes_a_box(tmp_path: Path) -> None:
    path = saved(tmp_path)
    painter = laid_out(Image(path, "Gone"))
    Path(path).unlink()

    assert colours_in(picture(painter), QRectF(0, 0, 700, 200)) > {LIGHT.line}


def test_an_image_is_read_again_after_it_was_given_back(tmp_path: Path) -> None:
    painter = laid_out(Image(saved(tmp_path), ""))
    before = picture(painter)
    painter.release()

    assert picture(painter) == before


def test_scrolling_back_to_an_image_does_not_read_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path)
    painter = laid_out(Image(path, ""))
    before = picture(painter)
    with monkeypatch.context() as patch:
        patch.setattr(ImageSource, "read", lambda *_: None)
        painter.release()
        assert picture(painter) == before
        assert picture(laid_out(Image(path, ""))) == before

    red = blue(300, 200)
    red.fill(QColor("#FF0000"))
    assert red.save(path)
    painter.release()
    assert picture(painter).pixelColor(150, 100).name() == "#ff0000", "the file has changed"


def test_images_are_kept_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = ScaledImages(most_bytes=2 * 4 * 100 * 100)
    sources = [image_source(saved(tmp_path, 100, 100, f"{name}.png")) for name in "abc"]
    first, second, third = (source for source in sources if isinstance(source, ImageSource))
    for source in (first, second, first, third):
        assert kept.image(source, 100, 100) is not None
    assert kept.bytes == 2 * 4 * 100 * 100
    assert kept.image(first, 200, 200) is not None, "larger than all that may be kept"
    assert kept.bytes == 0
    for source in (first, second, first, third):
        kept.image(source, 100, 100)

    monkeypatch.setattr(ImageSource, "read", lambda *_: None)

    assert [kept.image(source, 100, 100) is not None for source in (first, second, third)] == [True, False, True]


def test_a_white_image_has_an_edge(tmp_path: Path) -> None:
    path = tmp_path / "white.png"
    white = blue(60, 40)
    white.fill(QColor("white"))
    assert white.save(str(path))

    image = picture(laid_out(Image(str(path), "")))

    for edge in (QRectF(0, 0, 60, 1), QRectF(0, 39, 60, 1), QRectF(0, 0, 1, 40), QRectF(59, 0, 1, 40)):
        assert LIGHT.line in colours_in(image, edge)
        assert "#FFFFFF" not in colours_in(image, edge)
    assert colours_in(image, QRectF(1, 1, 58, 38)) == {"#FFFFFF"}


def test_on_a_fine_screen_an_image_has_all_its_pixels(tmp_path: Path) -> None:
    path = tmp_path / "half.png"
    image = blue(400, 200)
    for x in range(0, 400, 2):
        for y in range(200):
            image.setPixelColor(x, y, QColor("#FF0000"))
    assert image.save(str(path))
    fine = laid_out(Image(str(path), ""), width=200, look=Look(LIGHT, 1.0, 2.0))

    assert fine.height == 100
    assert colours_in(picture(fine, ratio=2.0), QRectF(1, 1, 198, 98)) == {"#FF0000", "#0000FF"}


def test_a_remote_image_has_a_button_that_tells_its_address(qtbot: QtBot) -> None:
    painter = laid_out(Image(REMOTE, "A cat"))
    page = QWidget()
    qtbot.addWidget(page)
    tools = painter.make_tools(page)
    assert isinstance(tools, ImageTools)
    tools.setGeometry(painter.tools_rect().toRect())
    page.resize(700, 100)
    page.show()

    with qtbot.waitSignal(tools.link_activated) as signal:
        QTest.mouseClick(tools.open, Qt.MouseButton.LeftButton)

    assert signal.args == [QUrl(REMOTE)]
    assert tools.open.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert tools.rect().contains(tools.open.geometry())
    assert QRectF(0, 0, 700, painter.height).contains(painter.tools_rect())


def test_only_a_remote_image_has_a_button(qtbot: QtBot, tmp_path: Path) -> None:
    page = QWidget()
    qtbot.addWidget(page)

    for address in (saved(tmp_path), "/no/such.png", "data:image/png;base64,%", "javascript:alert(1)"):
        assert laid_out(Image(address, "")).make_tools(page) is None


def test_in_little_width_the_button_stands_below_the_words() -> None:
    painter = laid_out(Image(REMOTE, "A cat"), width=250)

    assert painter.height > BOX_HEIGHT
    assert painter.tools_rect().top() > 40
    assert QRectF(0, 0, 250, painter.height).contains(painter.tools_rect())


def test_long_words_do_not_run_under_the_button() -> None:
    painter = laid_out(Image("https://example.org/" + "long/" * 1_000, "word " * 1_000))

    assert colours_in(picture(painter), painter.tools_rect()) == {"#FFFFFF"}


@pytest.mark.parametrize("kind", list(HighlightKind))
def test_a_marked_image_shows_it(tmp_path: Path, kind: HighlightKind) -> None:
    shown, box = laid_out(Image(saved(tmp_path), "A blue one")), laid_out(Image(REMOTE, "A cat"))

    assert changed_area(picture(shown), picture(shown, marked(0, 3, kind))) == QRectF(0, 0, 300, 200)
    words = changed_area(picture(box), picture(box, marked(0, 3, kind)))
    assert 20 < words.width() < 100
    assert picture(box) == picture(box, marked(2, 2, kind))


def test_the_left_half_is_the_beginning_and_the_right_half_the_end(tmp_path: Path) -> None:
    painter = laid_out(Image(saved(tmp_path), "A blue one", link="https://example.org"))

    assert painter.place_at(QPointF(10, 10)) == 0
    assert painter.place_at(QPointF(290, 10)) == len("A blue one")
    assert painter.rect_at(0) == QRectF(0, 0, 300, 200)
    assert painter.rect_at(10).left() == 300
    assert painter.link_at(QPointF(10, 10)) == "https://example.org"
    assert painter.link_at(QPointF(400, 10)) == ""


def test_another_address_needs_another_painter() -> None:
    painter = ImageBlock(Image(REMOTE, "A c"), Look(LIGHT))

    assert painter.update_block(Image(REMOTE, "A cat"))
    assert not painter.update_block(Image(REMOTE + "x", "A cat"))
    assert not painter.update_block(Rule())
