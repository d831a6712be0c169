"""Shows that the icon's files are what each system reads: every size, every pixel, in the documented form."""

import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QImage

from dev_steps.icon_files import (
    ICNS_PNG,
    ICNS_SIZES,
    ICO_SIZES,
    Picture,
    draw,
    icns,
    ico,
    packed,
    png,
    write_icns,
    write_ico,
    write_png,
)
from dev_steps.places import Places

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Places:
    """The real checkout, whose environment's Python has Qt; nothing is written into it."""
    return Places(ROOT, tmp_path)


def gradient(pixels: int) -> Picture:
    """A picture in which every pixel differs from its neighbours; the left edge is clear."""
    rows = [(x % 256, y % 256, (x + y) % 256, 0 if x == 0 else 255) for y in range(pixels) for x in range(pixels)]
    return Picture(pixels, bytes(value for pixel in rows for value in pixel))


def read(content: bytes) -> QImage:
    image = QImage.fromData(QByteArray(content))
    assert not image.isNull()
    return image.convertToFormat(QImage.Format.Format_RGBA8888)


def unpacked(coded: bytes, length: int) -> tuple[bytes, int]:
    """A channel of an icns, and how many coded bytes it took."""
    out, at = bytearray(), 0
    while len(out) < length:
        count = coded[at]
        if count < 128:
            out += coded[at + 1 : at + count + 2]
            at += count + 2
        else:
            out += coded[at + 1 : at + 2] * (count - 125)
            at += 2
    return bytes(out), at


def test_a_png_keeps_every_pixel() -> None:
    picture = gradient(37)
    assert bytes(read(png(picture)).constBits()) == picture.rgba


def test_a_picture_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="not 4 by 4"):
        Picture(4, b"")


@pytest.mark.parametrize("pixels", [16, 20, 48, 256])
def test_an_ico_keeps_every_pixel(pixels: int) -> None:
    picture = gradient(pixels)
    content = ico([picture])
    assert struct.unpack_from("<HHHBB", content) == (0, 1, 1, pixels % 256, pixels % 256)
    length, offset = struct.unpack_from("<II", content, 14)
    assert offset + length == len(content)
    if pixels == 256:
        assert bytes(read(content[offset:]).constBits()) == picture.rgba
        return
    side, double, planes, depth = struct.unpack_from("<iiHH", content, offset + 4)
    assert (side, double, planes, depth) == (pixels, 2 * pixels, 1, 32)
    last_row = picture.rgba[-4 * pixels :]
    assert content[offset + 40 : offset + 44] == bytes((last_row[2], last_row[1], last_row[0], last_row[3]))
    mask = content[offset + 40 + 4 * pixels * pixels :]
    assert len(mask) == pixels * 4 * -(-pixels // 32)
    assert mask[0] == 0b10000000, "only the clear pixel at the left is masked"


def test_the_packing_can_be_undone() -> None:
    for channel in (b"", b"a", b"aa", b"aaa", b"ab" * 200, b"x" * 300 + b"yz" + b"z" * 131, bytes(range(256)) * 2):
        coded = packed(channel)
        assert unpacked(coded, len(channel)) == (channel, len(coded))


def test_an_icns_holds_every_size() -> None:
    pictures = [gradient(size) for size in ICNS_SIZES]
    content = icns(pictures)
    assert struct.unpack_from(">4sI", content) == (b"icns", len(content))
    parts, at = {}, 8
    while at < len(content):
        kind, length = struct.unpack_from(">4sI", content, at)
        parts[kind] = content[at + 8 : at + length]
        at += length
    assert {kind: read(parts[kind]).width() for kind, _ in ICNS_PNG} == dict(ICNS_PNG)
    assert parts[b"s8mk"] == pictures[0].rgba[3::4]
    coded = parts[b"il32"]
    for channel in range(3):
        plain, used = unpacked(coded, 32 * 32)
        assert plain == pictures[1].rgba[channel::4]
        coded = coded[used:]
    assert coded == b""


@pytest.mark.skipif(shutil.which("icns2png") is None, reason="icnsutils is not installed")
def test_icnsutils_reads_it(checkout: Places, tmp_path: Path) -> None:
    path = write_icns(checkout, tmp_path / "x.icns")
    listed = subprocess.run(["icns2png", "-l", str(path)], capture_output=True, text=True, check=True).stdout
    for kind in ("is32", "il32", "s8mk", "l8mk", "ic08", "ic09", "ic10"):
        assert kind in listed
    subprocess.run(["icns2png", "-x", "-o", str(tmp_path), str(path)], capture_output=True, check=True)
    image = QImage(str(next(tmp_path.glob("*32x32x32.png"))))
    assert image.width() == 32
    assert image.pixelColor(0, 0).alpha() == 0
    assert image.pixelColor(16, 8).alpha() == 255


def test_the_icon_is_drawn_sharp_at_every_size(checkout: Places, tmp_path: Path) -> None:
    content = write_ico(checkout, tmp_path / "folder" / "x.ico").read_bytes()
    assert struct.unpack_from("<H", content, 4) == (len(ICO_SIZES),)
    plain, framed = draw(checkout, (64,))[0], draw(checkout, (64,), 0.25)[0]
    middle_of_the_left_edge = 4 * 64 * 32
    assert plain.rgba[middle_of_the_left_edge + 3] == 255
    assert framed.rgba[middle_of_the_left_edge + 3] == 0
    assert read(write_png(checkout, tmp_path / "x.png", 48).read_bytes()).width() == 48


def test_the_drawing_is_the_same_each_time(checkout: Places) -> None:
    assert draw(checkout, (48,)) == draw(checkout, (48,))
