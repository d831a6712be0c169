"""Where a model's layers can go on a computer, and how long a context fits then."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from app.core.memory import PROCESSOR, MemoryBudget, MemoryPlan
from app.core.plan import ContextPlan, Placement
from app.core.shape import ModelShape
from app.fit.memory import plan_memory

CONTEXT_STEPS = (2048, 4096, 8192, 16384, 32768, 65536, 131072, 262144, 524288, 1048576)
"""The context lengths that are considered, in tokens; beside them what the model was trained on."""


def context_steps(trained: int, most: int | None = None) -> tuple[int, ...]:
    """The context lengths up to what the model was trained on (0: not known), and up to `most`, the shortest first."""
    top = min(trained or CONTEXT_STEPS[-1], most or CONTEXT_STEPS[-1])
    return (*(step for step in CONTEXT_STEPS if step < top), top)


def fits(plan: MemoryPlan, budgets: Sequence[MemoryBudget]) -> bool:
    """Whether every device has room for its part; what unified GPUs take is RAM too."""
    ram = plan.of(PROCESSOR).total_bytes
    for budget in budgets:
        needed = plan.of(budget.device).total_bytes
        if budget.device != PROCESSOR and needed > budget.usable_bytes:
            return False
        ram += needed if budget.unified else 0
    return ram <= budgets[0].usable_bytes


def room(budgets: Sequence[MemoryBudget]) -> int:
    """What RAM and GPUs may take together, in bytes; what GPUs share with the RAM counts once."""
    return budgets[0].usable_bytes + sum(budget.usable_bytes for budget in budgets[1:] if not budget.unified)


def whole_placement(shape: ModelShape, budgets: Sequence[MemoryBudget]) -> Placement | None:
    """All layers on the GPUs, divided by what each may take; None without a GPU that may take something."""
    usable = [(budget.device, budget.usable_bytes) for budget in budgets[1:] if budget.usable_bytes > 0]
    total = sum(size for _, size in usable)
    if not total:
        return None
    return Placement(len(shape.layers) + 1, tuple((device, size / total) for device, size in usable))


def longest_context(
    shape: ModelShape, context: ContextPlan, placement: Placement, budgets: Sequence[MemoryBudget], steps: Sequence[int]
) -> int:
    """The last of `steps` that fits with this placement; 0 when none does. Memory grows with the context."""

    def fits_at(number: int) -> bool:
        asked = replace(context, context_length=steps[number])
        return fits(plan_memory(shape, asked, placement), budgets)

    found = _most(0, len(steps) - 1, fits_at)
    return 0 if found is None else steps[found]


def partial_placement(shape: ModelShape, context: ContextPlan, budgets: Sequence[MemoryBudget]) -> Placement | None:
    """As much on the GPUs as fits; of a model of experts these go to the processor first. None when nothing fits.

    The rest must have room in RAM.
    """
    whole = whole_placement(shape, budgets)
    if whole is None or shape.weights_bytes > room(budgets):
        return None
    count = len(shape.layers)
    if any(layer.expert_bytes for layer in shape.layers):
        left = _most(0, count, lambda kept: _fits(shape, context, _with_experts(whole, count - kept), budgets))
        if left is not None:
            return _with_experts(whole, count - left)
    # From one layer beside the output on: the output alone is no help.
    layers = _most(2, count + 1, lambda number: _fits_gpus(shape, context, replace(whole, gpu_layers=number), budgets))
    if layers is None:
        return None
    placement = replace(whole, gpu_layers=layers)
    return placement if _fits(shape, context, placement, budgets) else None


def _with_experts(placement: Placement, layers: int) -> Placement:
    return replace(placement, expert_layers_on_cpu=layers)


def _fits(shape: ModelShape, context: ContextPlan, placement: Placement, budgets: Sequence[MemoryBudget]) -> bool:
    return fits(plan_memory(shape, context, placement), budgets)


def _fits_gpus(shape: ModelShape, context: ContextPlan, placement: Placement, budgets: Sequence[MemoryBudget]) -> bool:
    plan = plan_memory(shape, context, placement)
    return all(plan.of(budget.device).total_bytes <= budget.usable_bytes for budget in budgets[1:])


def _most(low: int, high: int, is_good: Callable[[int], bool]) -> int | None:
    """The greatest number from `low` to `high` that is good, if all below it are good too; None when `low` is not."""
    if not is_good(low):
        return None
    while low < high:
        middle = (low + high + 1) // 2
        if is_good(middle):
            low = middle
        else:
            high = middle - 1
    return low
