"""How fast the memory of known GPUs is read, by the name that drivers give them: their makers' published figures."""

import re
from dataclasses import dataclass

_GIB = 2**30
_GB = 10**9
_SIZE_TOLERANCE = 0.12  # a card of 12 GB reports 11.6 to 12.0 GiB, an Apple GPU of 16 GB its working set
_WORDS_OF_NO_MEANING = re.compile(
    r"\((?:r|tm|c)\)|\b(?:nvidia|geforce|amd|radeon|intel|apple|graphics|gpu|generation)\b", re.IGNORECASE
)
_PARENTHESIS = re.compile(r"\([^)]*\)")  # Mesa adds the driver and the chip: "(RADV NAVI31)"


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """Bytes per second, and where the figure is from; 0 and empty are not known."""

    bytes_per_second: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Card:
    """One card: a bus of so many bits, each of which carries so many Gbit/s; `gib` tells namesakes apart by memory."""

    name: str
    bits: int
    gigabits: float
    gib: tuple[int, ...] = ()


_NVIDIA = (
    _Card("rtx 5090", 512, 28),
    _Card("rtx 5090 d", 512, 28),
    _Card("rtx 5080", 256, 30),
    _Card("rtx 5070 ti", 256, 28),
    _Card("rtx 5070", 192, 28),
    _Card("rtx 5060 ti", 128, 28),
    _Card("rtx 5060", 128, 28),
    _Card("rtx 5050", 128, 20),
    _Card("rtx 5090 laptop", 256, 28),
    _Card("rtx 5080 laptop", 256, 28),
    _Card("rtx 5070 ti laptop", 192, 28),
    _Card("rtx 5070 laptop", 128, 24),
    _Card("rtx 5060 laptop", 128, 24),
    _Card("rtx 4090", 384, 21),
    _Card("rtx 4090 d", 384, 21),
    _Card("rtx 4080 super", 256, 23),
    _Card("rtx 4080", 256, 22.4),
    _Card("rtx 4070 ti super", 256, 21),
    _Card("rtx 4070 ti", 192, 21),
    _Card("rtx 4070 super", 192, 21),
    _Card("rtx 4070", 192, 21),
    _Card("rtx 4060 ti", 128, 18),
    _Card("rtx 4060", 128, 17),
    _Card("rtx 4090 laptop", 256, 18),
    _Card("rtx 4080 laptop", 192, 18),
    _Card("rtx 4070 laptop", 128, 16),
    _Card("rtx 4060 laptop", 128, 16),
    _Card("rtx 4050 laptop", 96, 16),
    _Card("rtx 3090 ti", 384, 21),
    _Card("rtx 3090", 384, 19.5),
    _Card("rtx 3080 ti", 384, 19),
    _Card("rtx 3080", 384, 19, (12,)),
    _Card("rtx 3080", 320, 19, (10,)),
    _Card("rtx 3070 ti", 256, 19),
    _Card("rtx 3070", 256, 14),
    _Card("rtx 3060 ti", 256, 14),  # one with faster memory has the same name: the slower is taken
    _Card("rtx 3060", 192, 15, (12,)),
    _Card("rtx 3060", 128, 15, (8,)),
    _Card("rtx 3050", 128, 14, (8,)),
    _Card("rtx 3050", 96, 14, (6,)),
    _Card("rtx 3080 ti laptop", 256, 16),
    _Card("rtx 3080 laptop", 256, 14),
    _Card("rtx 3070 ti laptop", 256, 14),
    _Card("rtx 3070 laptop", 256, 14),
    _Card("rtx 3060 laptop", 192, 14),
    _Card("rtx 3050 ti laptop", 128, 12),
    _Card("rtx 3050 laptop", 128, 12, (4,)),
    _Card("rtx 2080 ti", 352, 14),
    _Card("rtx 2080 super", 256, 15.5),
    _Card("rtx 2080", 256, 14),
    _Card("rtx 2070 super", 256, 14),
    _Card("rtx 2070", 256, 14),
    _Card("rtx 2060 super", 256, 14),
    _Card("rtx 2060", 192, 14),
    _Card("gtx 1660 ti", 192, 12),
    _Card("gtx 1660 super", 192, 14),
    _Card("gtx 1660", 192, 8),
    _Card("gtx 1080 ti", 352, 11),
    _Card("gtx 1080", 256, 10),
    _Card("gtx 1070", 256, 8),
    _Card("rtx pro 6000 blackwell workstation edition", 512, 28),
    _Card("rtx 6000 ada", 384, 20),
    _Card("rtx 5000 ada", 256, 18),
    _Card("rtx 4500 ada", 192, 18),
    _Card("rtx 4000 ada", 160, 18),
    _Card("rtx a6000", 384, 16),
    _Card("rtx a5000", 384, 16),
    _Card("rtx a4500", 320, 16),
    _Card("rtx a4000", 256, 14),
    _Card("rtx a2000", 192, 12),
    _Card("rtx a2000 12gb", 192, 12),
    _Card("l40s", 384, 18),
    _Card("l40", 384, 18),
    _Card("l4", 192, 12.5),
    _Card("a40", 384, 14.5),
    _Card("a10", 384, 12.5),
    _Card("a10g", 384, 12.5),
    _Card("t4", 256, 10),
    _Card("tesla t4", 256, 10),
)
_AMD = (
    _Card("rx 9070 xt", 256, 20),
    _Card("rx 9070", 256, 20),
    _Card("rx 9060 xt", 128, 20),
    _Card("rx 7900 xtx", 384, 20),
    _Card("rx 7900 xt", 320, 20),
    _Card("rx 7900 gre", 256, 18),
    _Card("rx 7800 xt", 256, 19.5),
    _Card("rx 7700 xt", 192, 18),
    _Card("rx 7600 xt", 128, 18),
    _Card("rx 7600", 128, 18),
    _Card("rx 6950 xt", 256, 18),
    _Card("rx 6900 xt", 256, 16),
    _Card("rx 6800 xt", 256, 16),
    _Card("rx 6800", 256, 16),
    _Card("rx 6750 xt", 192, 18),
    _Card("rx 6700 xt", 192, 16),
    _Card("rx 6700", 160, 16),
    _Card("rx 6650 xt", 128, 17.5),
    _Card("rx 6600 xt", 128, 16),
    _Card("rx 6600", 128, 14),
    _Card("rx 6500 xt", 64, 18),
    _Card("pro w7900", 384, 18),
    _Card("pro w7800", 256, 18),
    _Card("8060s", 256, 8),
)
_INTEL = (
    _Card("arc b580", 192, 19),
    _Card("arc b570", 160, 19),
    _Card("arc a770", 256, 17.5, (16,)),
    _Card("arc a770", 256, 16, (8,)),
    _Card("arc a750", 256, 16),
    _Card("arc a580", 256, 16),
    _Card("arc a380", 96, 15.5),
)
_MAKERS = (("NVIDIA", _NVIDIA), ("AMD", _AMD), ("Intel", _INTEL))

# GB/s as published where no width and rate of a bus are. HBM cards carry their memory's size in their names.
_PUBLISHED = {
    "h200": 4800,
    "h100 80gb hbm3": 3350,
    "h100 nvl": 3900,
    "h100 pcie": 2000,
    "a100-sxm4-80gb": 2039,
    "a100 80gb pcie": 1935,
    "a100-sxm4-40gb": 1555,
    "a100-pcie-40gb": 1555,
    "a30": 933,
    "gb10": 273,
}

# Apple publishes GB/s. Where one name has two, those with the smaller GPU are known by the RAM that they are sold with:
# (GiB of RAM, GB/s); every other amount has the faster memory.
_APPLE = {
    "m1": 68.25,
    "m1 pro": 200,
    "m1 max": 400,
    "m1 ultra": 800,
    "m2": 100,
    "m2 pro": 200,
    "m2 max": 400,
    "m2 ultra": 800,
    "m3": 100,
    "m3 pro": 150,
    "m3 max": 400,
    "m3 ultra": 819,
    "m4": 120,
    "m4 pro": 273,
    "m4 max": 546,
    "m5": 153,
}
_APPLE_SLOWER = {"m3 max": ((36, 96), 300), "m4 max": ((36,), 410)}


def known_bandwidth(description: str, total_bytes: int, ram_bytes: int) -> Bandwidth:
    """The bandwidth of a GPU's memory by the driver's name for it, which must be this card's and no longer one.

    `total_bytes` is its memory, `ram_bytes` the computer's: both tell namesakes apart. A laptop's card is another than
    the desktop's of the same number.
    """
    name = plain_name(description)
    if description.lower().startswith("apple"):
        return _apple(name, ram_bytes)
    if name in _PUBLISHED:
        return Bandwidth(_PUBLISHED[name] * _GB, f"NVIDIA's specification of the {description}")
    for maker, cards in _MAKERS:
        namesakes = [card for card in cards if card.name == name and _has_size(card, total_bytes)]
        if namesakes:
            card = namesakes[0]
            rate = round(card.bits * card.gigabits * _GB / 8)
            return Bandwidth(rate, f"{maker}'s specification: {card.bits} bits x {card.gigabits:g} Gbit/s")
    return Bandwidth()


def plain_name(description: str) -> str:
    """A driver's name for a GPU without its maker, in small letters: "rtx 4090 laptop"."""
    text = _WORDS_OF_NO_MEANING.sub(" ", description)
    return " ".join(_PARENTHESIS.sub(" ", text).lower().split())


def _has_size(card: _Card, total_bytes: int) -> bool:
    return not card.gib or any(abs(total_bytes / _GIB - gib) <= gib * _SIZE_TOLERANCE for gib in card.gib)


def _apple(name: str, ram_bytes: int) -> Bandwidth:
    published = _APPLE.get(name)
    if published is None:
        return Bandwidth()
    sizes, slower = _APPLE_SLOWER.get(name, ((), 0))
    speed = slower if round(ram_bytes / _GIB) in sizes else published
    return Bandwidth(round(speed * _GB), f"Apple's specification of the {name.title()}")
