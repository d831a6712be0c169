"""Puts the application's icon into the files that Windows, macOS and Linux want; their formats are written here."""

import struct
import subprocess
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from dev_steps.environment import tool_environment
from dev_steps.failure import SetupError
from dev_steps.places import Places

ICON = Path("resources", "icons", "inglenook.svg")
ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)
ICNS_SIZES = (16, 32, 64, 128, 256, 512, 1024)
MAC_MARGIN = 100 / 1024  # Apple's grid leaves this much around a square with round corners
PNG_FROM = 256  # smaller ones are bare pixels, which every program that shows an .ico understands

# Apple's four letters for a PNG of so many pixels; a size may be shown as itself and as half of it on a fine display.
ICNS_PNG = (
    (b"ic11", 32),
    (b"ic12", 64),
    (b"ic07", 128),
    (b"ic13", 256),
    (b"ic08", 256),
    (b"ic14", 512),
    (b"ic09", 512),
    (b"ic10", 1024),
)
# For 16 and 32 pixels a PNG is not shown everywhere: packed colours with a mask beside them are.
ICNS_PACKED = ((b"is32", b"s8mk", 16), (b"il32", b"l8mk", 32))
SHORTEST_RUN, LONGEST_RUN, LONGEST_COPY = 3, 130, 128


@dataclass(frozen=True)
class Picture:
    """A square picture: `pixels` wide and high, `rgba` its rows from the top, four bytes a pixel."""

    pixels: int
    rgba: bytes

    def __post_init__(self) -> None:
        if len(self.rgba) != 4 * self.pixels * self.pixels:
            raise ValueError(f"{len(self.rgba)} bytes are not {self.pixels} by {self.pixels} pixels of four")


def draw(places: Places, sizes: tuple[int, ...], margin: float = 0.0) -> list[Picture]:
    """The application's icon at each of `sizes`, drawn by the environment's Qt."""
    with tempfile.TemporaryDirectory() as folder:
        script = places.root / "packaging" / "draw_icon.py"
        command = [places.python, script, places.root / ICON, folder, margin, *sizes]
        env = {**tool_environment(places), "QT_QPA_PLATFORM": "offscreen"}
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=env, check=False)
        if done.returncode != 0:
            raise SetupError(f"The icon could not be drawn:\n{done.stderr.strip()}")
        return [Picture(size, (Path(folder) / f"{size}.rgba").read_bytes()) for size in sizes]


def png(picture: Picture) -> bytes:
    """The picture as a PNG file."""
    width = 4 * picture.pixels
    rows = b"".join(b"\0" + picture.rgba[start : start + width] for start in range(0, len(picture.rgba), width))
    header = struct.pack(">IIBBBBB", picture.pixels, picture.pixels, 8, 6, 0, 0, 0)
    parts = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def ico(pictures: list[Picture]) -> bytes:
    """A Windows icon file with all the pictures, 256 pixels at most."""
    images = [png(picture) if picture.pixels >= PNG_FROM else _bitmap(picture) for picture in pictures]
    offset = 6 + 16 * len(images)
    directory = struct.pack("<HHH", 0, 1, len(images))
    for picture, image in zip(pictures, images, strict=True):
        side = picture.pixels % 256  # 256 is written as 0
        directory += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(image), offset)
        offset += len(image)
    return directory + b"".join(images)


def _bitmap(picture: Picture) -> bytes:
    """Bare pixels as an .ico holds them: rows from the bottom, blue first, then the mask that old programs look at."""
    side = picture.pixels
    header = struct.pack("<IiiHHIIiiII", 40, side, 2 * side, 1, 32, 0, 0, 0, 0, 0, 0)
    colours, mask = bytearray(), bytearray()
    for row in range(side - 1, -1, -1):
        line = picture.rgba[4 * side * row : 4 * side * (row + 1)]
        turned = bytearray(line)
        turned[0::4], turned[2::4] = line[2::4], line[0::4]
        colours += turned
        clear = int("".join("1" if alpha == 0 else "0" for alpha in line[3::4]), 2)
        words = -(-side // 32)
        mask += (clear << (32 * words - side)).to_bytes(4 * words, "big")
    return header + bytes(colours) + bytes(mask)


def icns(pictures: list[Picture]) -> bytes:
    """A macOS icon file; the pictures must have the sizes of ICNS_SIZES."""
    by_size = {picture.pixels: picture for picture in pictures}
    parts = []
    for colours, mask, size in ICNS_PACKED:
        rgba = by_size[size].rgba
        parts += [(colours, b"".join(packed(rgba[channel::4]) for channel in range(3))), (mask, rgba[3::4])]
    parts += [(kind, png(by_size[size])) for kind, size in ICNS_PNG]
    body = b"".join(kind + struct.pack(">I", 8 + len(content)) + content for kind, content in parts)
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def packed(channel: bytes) -> bytes:
    """One colour's bytes, run-length coded as icns has it: n < 128 copies n + 1 bytes, else one is repeated n - 125."""
    out, plain, at = bytearray(), bytearray(), 0
    while at < len(channel):
        run = 1
        while run < LONGEST_RUN and at + run < len(channel) and channel[at + run] == channel[at]:
            run += 1
        if run >= SHORTEST_RUN:
            _copy(out, plain)
            out += bytes((run + 125, channel[at]))
        else:
            plain += channel[at : at + run]
        at += run
    _copy(out, plain)
    return bytes(out)


def _copy(out: bytearray, plain: bytearray) -> None:
    for start in range(0, len(plain), LONGEST_COPY):
        piece = plain[start : start + LONGEST_COPY]
        out += bytes((len(piece) - 1,)) + piece
    plain.clear()


def write_ico(places: Places, target: Path) -> Path:
    """Draw the icon and write it as the Windows icon file `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(ico(draw(places, ICO_SIZES)))
    return target


def write_icns(places: Places, target: Path) -> Path:
    """Draw the icon and write it as the macOS icon file `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(icns(draw(places, ICNS_SIZES, MAC_MARGIN)))
    return target


def write_png(places: Places, target: Path, pixels: int) -> Path:
    """Draw the icon and write it as the PNG file `target`, as Linux wants it in each of several sizes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(png(draw(places, (pixels,))[0]))
    return target
