"""What came of a plan once the model was loaded: planned against actual, and what makes it slow."""

import math
from dataclasses import dataclass

from app.core.memory import MemoryPlan
from app.core.plan import LoadPlan
from app.core.quantities import file_size


@dataclass(frozen=True, slots=True)
class Fitting:
    """`planned` is None when nothing could be planned, `actual` when the engine does not tell its buffers' sizes.

    `warnings` are sentences about what makes the model slower here than it need be, each with its reason and remedy.
    """

    planned: LoadPlan | None
    actual: MemoryPlan | None
    warnings: tuple[str, ...] = ()


def deviation(planned: MemoryPlan, actual: MemoryPlan) -> float:
    """By which part of what was planned more was taken; below 0 less. Infinite where nothing at all was planned."""
    if planned.total_bytes <= 0:
        return math.inf if actual.total_bytes > 0 else 0.0
    return actual.total_bytes / planned.total_bytes - 1


def fitting_words(fitting: Fitting) -> str:
    """Planned against actual in one line: "Planned 17.7 GB, took 17.9 GB (+1.1 %)"; empty when neither is known."""
    planned, actual = fitting.planned, fitting.actual
    if planned is None:
        return "" if actual is None else f"Took {file_size(actual.total_bytes)}; nothing was planned"
    words = f"Planned {file_size(planned.memory.total_bytes)}"
    if actual is None:
        return f"{words}; what it took is not known"
    off = deviation(planned.memory, actual)
    by = f" ({round(100 * off, 1) + 0.0:+.1f} %)" if math.isfinite(off) else ""  # the sum makes -0.0 a 0.0
    return f"{words}, took {file_size(actual.total_bytes)}{by}"
