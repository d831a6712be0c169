"""What the system and a GPU's own driver say of it, to be held against what llama.cpp says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GpuFacts:
    """One GPU as one source knows it. None and empty are not known; memory is in bytes.

    `address` is its place on the PCI bus, such as "0000:01:00.0". `bandwidth` is in bytes per second. `uses` are the
    programs that hold its memory, with how much; it is None where the source does not tell.
    """

    source: str
    address: str = ""
    name: str = ""
    total_bytes: int | None = None
    free_bytes: int | None = None
    has_display: bool | None = None
    bandwidth: int = 0
    bandwidth_source: str = ""
    uses: tuple[tuple[str, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one source says of all GPUs, and why it says less than it should (sentences; empty is all well)."""

    gpus: tuple[GpuFacts, ...] = ()
    doubts: tuple[str, ...] = ()
