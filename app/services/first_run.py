"""Chooses what a new user is offered to start with: the best model for the computer, and one that is far faster."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.core.offer import OfferedModel
from app.core.plan import FilePlan, ModelPlan, SpeedRange, Verdict
from app.core.plan_wording import a_context

_FAR_FASTER = 2.0
_TIMES = ("twice", "three times", "four times", "five times", "six times", "seven times", "eight times", "nine times")


@dataclass(frozen=True, slots=True)
class Start:
    """A model to begin with, and its file for this computer; `reason` says in one sentence why this one."""

    offer: OfferedModel
    file: FilePlan
    reason: str


@dataclass(frozen=True, slots=True)
class Starts:
    """What is offered; None where nothing of the kind fits this computer."""

    recommended: Start | None
    faster: Start | None


def choose_starts(
    ranked: Sequence[ModelPlan], offer_of: Callable[[str], OfferedModel | None], speed_floor: float
) -> Starts:
    """The first of `ranked`, best first, that runs, and the first smaller one that writes at least twice as fast.

    What needs an account at the hub, and what is larger than the room on the disk, is no start. `speed_floor` is what
    they were ranked for, in tokens per second.
    """
    found = [(offer, plan.best) for plan in ranked if plan.best is not None and (offer := offer_of(plan.id))]
    starts = [(offer, file) for offer, file in found if not offer.gated and _has_room(file, ranked[0])]
    if not starts:
        return Starts(None, None)
    offer, file = starts[0]
    recommended = Start(offer, file, _why(file, speed_floor))
    return Starts(recommended, next((one for other in starts[1:] if (one := _faster(other, file))), None))


def times_as_fast(ratio: float) -> str:
    """For example "three times" for what is between three and four times as fast."""
    return _TIMES[int(ratio) - 2] if ratio < 10 else "more than ten times"


def _why(file: FilePlan, speed_floor: float) -> str:
    """Why this one is recommended, on one line; the plan's own reason has the figures."""
    room = f" with room for {a_context(file.context_length)}" if file.context_length else ""
    if file.writing is not None and file.writing.high < speed_floor:
        return f"The fastest that is good enough{room}"
    fits = file.verdict in (Verdict.ALL_ON_GPU, Verdict.SHORTER_CONTEXT)
    return f"The strongest that {'fits' if fits else 'is fast enough here,'}{room}"


def _faster(other: tuple[OfferedModel, FilePlan], than: FilePlan) -> Start | None:
    offer, file = other
    if file.writing is None or than.writing is None or file.file.size_bytes >= than.file.size_bytes:
        return None
    ratio = _middle(file.writing) / max(_middle(than.writing), 1e-9)
    if ratio < _FAR_FASTER:
        return None
    return Start(offer, file, f"Answers {times_as_fast(ratio)} as fast, and knows less")


def _middle(speed: SpeedRange) -> float:
    return (speed.low + speed.high) / 2


def _has_room(file: FilePlan, plan: ModelPlan) -> bool:
    free = plan.machine.disk_free_bytes
    return free is None or file.file.size_bytes <= free
