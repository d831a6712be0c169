"""The sentences that say why a model file runs as it does on a computer; what to do is another's (fit/remedies)."""

from collections.abc import Sequence

from app.core.machine import Machine, MemoryUse
from app.core.memory import PROCESSOR, MemoryBudget, MemoryPlan
from app.core.plan_wording import a_context, context_words
from app.core.quantities import gigabytes

_WORTH_NAMING = 500_000_000


def gpu_words(budgets: Sequence[MemoryBudget]) -> str:
    """What the GPUs are called together."""
    gpus = budgets[1:]
    if len(gpus) == 1:
        return f"the {gpus[0].title}"
    titles = {gpu.title for gpu in gpus}
    return f"the {len(gpus)} GPUs ({titles.pop()})" if len(titles) == 1 else f"the {len(gpus)} GPUs"


def gpu_usable(budgets: Sequence[MemoryBudget]) -> int:
    """What all GPUs may take together, in bytes; of unified ones, which share the RAM, the largest."""
    apart = sum(gpu.usable_bytes for gpu in budgets[1:] if not gpu.unified)
    return apart + max((gpu.usable_bytes for gpu in budgets[1:] if gpu.unified), default=0)


def all_on_gpu(plan: MemoryPlan, budgets: Sequence[MemoryBudget], context: int, note: str) -> str:
    """It fits as it was asked for."""
    needed = plan.total_bytes - plan.of(PROCESSOR).total_bytes
    return (
        f"All layers and {a_context(context)}{note} fit on {gpu_words(budgets)}: "
        f"{gigabytes(needed)} of {gigabytes(gpu_usable(budgets))} that a model may take."
    )


def shorter_context(
    budgets: Sequence[MemoryBudget], weights: int, asked_bytes: int, asked: int, context: int, note: str
) -> str:
    """The weights fit, and the context that was asked for is too long."""
    return (
        f"The context is too long, not the model too big: its weights ({gigabytes(weights)}) fit on "
        f"{gpu_words(budgets)}, but {a_context(asked)} would make it {gigabytes(asked_bytes)} of "
        f"{gigabytes(gpu_usable(budgets))}; {context_words(context)}{note} fits."
    )


def partly_on_gpu(
    budgets: Sequence[MemoryBudget], weights: int, layers: int, count: int, expert_layers: int, context: int
) -> str:
    """The weights are more than the GPUs hold."""
    rest = (
        f"the experts of {expert_layers} of {count} layers stay on the processor"
        if expert_layers
        else f"{layers} of {count} layers go there and the rest runs on the processor, which is slower"
    )
    usable = gpu_usable(budgets)
    if weights > usable:
        why = f"The weights ({gigabytes(weights)}) are too big for {gpu_words(budgets)} ({gigabytes(usable)} usable)"
    else:
        why = (
            f"The weights ({gigabytes(weights)}) leave too little of {gpu_words(budgets)} "
            f"({gigabytes(usable)} usable) for {a_context(context)}"
        )
    return f"{why}: {rest}."


def processor(budgets: Sequence[MemoryBudget], needed: int, context: int, machine: Machine) -> str:
    """No GPU helps."""
    why = "No GPU was found" if not machine.gpus else f"Not one layer fits on {gpu_words(budgets)}"
    return (
        f"{why}, so it runs on the processor with {a_context(context)}: {gigabytes(needed)} of "
        f"{gigabytes(budgets[0].usable_bytes)} of memory."
    )


def too_large(budgets: Sequence[MemoryBudget], needed: int, context: int, *, weights_alone: bool) -> str:
    """Neither GPU nor RAM hold it."""
    what = "its weights alone need" if weights_alone else f"with {a_context(context)} it needs"
    has = f"{gigabytes(budgets[0].usable_bytes)} of memory is usable"
    apart = sum(gpu.usable_bytes for gpu in budgets[1:] if not gpu.unified)
    if apart:
        has = (
            f"{gigabytes(apart)} on {gpu_words(budgets)} and {gigabytes(budgets[0].usable_bytes)} of memory are usable"
        )
    return f"Too large: {what} {gigabytes(needed)}, and {has}."


def over(memory: MemoryPlan, budgets: Sequence[MemoryBudget], context: int) -> str:
    """What was chosen does not fit: which device is short, and whether the model or the context is to blame."""
    short = [budget for budget in budgets if memory.of(budget.device).total_bytes > budget.usable_bytes] or budgets[:1]
    part = memory.of(short[0].device)
    where = f"the {short[0].title}" if short[0].device != PROCESSOR else "the memory of this computer"
    needed, usable = gigabytes(part.total_bytes), gigabytes(short[0].usable_bytes)
    if part.weights_bytes > short[0].usable_bytes:
        return f"Too big for {where}: the weights alone need {gigabytes(part.weights_bytes)}, and {usable} is usable."
    return f"{a_context(context).capitalize()} is too long for {where}: it needs {needed}, and {usable} is usable."


def as_chosen(layers: int, count: int) -> str:
    """It was asked for that only some layers are on the GPU."""
    return f"{layers} of {count} layers on the GPU, the rest on the processor, which is slower."


def on_processor(memory: MemoryPlan, budgets: Sequence[MemoryBudget], *, has_gpu: bool) -> str:
    """It runs without a GPU, because there is none or none was asked for."""
    why = "No layer is put on the GPU" if has_gpu else "No GPU was found"
    needed, usable = gigabytes(memory.total_bytes), gigabytes(budgets[0].usable_bytes)
    return f"{why}, so it runs on the processor: {needed} of {usable} of memory."


def unknown(doubts: Sequence[str], needed: int, context: int) -> str:
    """What a header says cannot be relied on; `needed` 0 is not known either."""
    cautious = f" At most about {gigabytes(needed)} with {a_context(context)}." if needed else ""
    return f"It cannot be told how it runs here: {' '.join(doubts)}{cautious}"


def others(machine: Machine, is_unified: bool) -> str:
    """Who else holds memory that would help, the largest first; empty when nobody does."""
    is_ram = is_unified or not machine.gpus
    uses = [use for use in machine.uses if use.size_bytes >= _WORTH_NAMING and (use.device == PROCESSOR) is is_ram]
    if not uses:
        return ""
    largest: MemoryUse = max(uses, key=lambda use: use.size_bytes)
    return f" {largest.program} holds {gigabytes(largest.size_bytes)} of it."
