"""What Linux says of GPUs in /sys/class/drm: the memory that AMD's driver counts, and attached displays."""

import logging
from pathlib import Path

from app.engine.machine.evidence import Evidence, GpuFacts

_log = logging.getLogger(__name__)

SOURCE = "Linux"
_CARDS = Path("/sys/class/drm")


def ask_linux(cards: Path = _CARDS) -> Evidence:
    """Every graphics card that the kernel has a driver for."""
    try:
        names = sorted(path.name for path in cards.iterdir())
    except OSError as error:
        _log.debug("no graphics cards are listed: %s", error)
        return Evidence()
    own = [name for name in names if name.startswith("card") and "-" not in name]
    return Evidence(tuple(_describe(cards, card, names) for card in own))


def _describe(cards: Path, card: str, names: list[str]) -> GpuFacts:
    device = cards / card / "device"
    connectors = [name for name in names if name.startswith(f"{card}-")]
    total = amount_in(_read(device / "mem_info_vram_total"))
    used = amount_in(_read(device / "mem_info_vram_used"))
    return GpuFacts(
        source=SOURCE,
        address=address_in(_read(device / "uevent")),
        total_bytes=total,
        free_bytes=max(total - used, 0) if total is not None and used is not None else None,
        has_display=display_in([_read(cards / connector / "status") for connector in connectors]),
    )


def address_in(uevent: str) -> str:
    """The PCI address in a device's uevent; empty for what is on no PCI bus."""
    values = dict(line.partition("=")[::2] for line in uevent.splitlines())
    return values.get("PCI_SLOT_NAME", "").strip().lower()


def display_in(statuses: list[str]) -> bool | None:
    """Whether any connector has a display; None where the card has none or they do not tell."""
    known = [status.strip() for status in statuses if status.strip() in ("connected", "disconnected")]
    return "connected" in known if known else None


def amount_in(text: str) -> int | None:
    """A number of bytes; None for anything else."""
    text = text.strip()
    return int(text) if text.isdecimal() else None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""  # each driver has some of these files
