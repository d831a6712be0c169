"""Puts what a model takes of a device's memory into words: short for a legend, whole for who reads them out."""

from app.core.memory import DeviceMemory, MemoryBudget
from app.core.quantities import gigabytes

GB = 10**9
_MB = 10**6


def short_amount(size_bytes: int, among: int) -> str:
    """A figure without its unit, which is GB where `among`, the largest of its neighbours, has one, else MB."""
    return f"{size_bytes / GB:.1f}" if among >= GB else f"{size_bytes / _MB:.0f}"


def amount(size_bytes: int) -> str:
    """An amount with its unit: GB from one on, else MB."""
    return gigabytes(size_bytes) if size_bytes >= GB else f"{size_bytes / _MB:.0f} MB"


def room(budget: MemoryBudget) -> int:
    """What is free on the device, with what the model in use would give back."""
    return max(budget.free_bytes, budget.usable_bytes)


def excess(memory: DeviceMemory, budget: MemoryBudget) -> int:
    """How much more the model takes than it may; 0 when it fits, or when the device does not say what it has."""
    return max(0, memory.total_bytes - budget.usable_bytes) if budget.total_bytes > 0 else 0


def held_by_others(budget: MemoryBudget) -> int:
    """What others hold of the device."""
    return max(0, budget.total_bytes - room(budget))


def taken_of_free(memory: DeviceMemory, budget: MemoryBudget) -> str:
    """What is taken of what is free: "17.7 of 23.2 GB free"."""
    taken, free = memory.total_bytes, room(budget)
    if budget.total_bytes <= 0:
        return f"{amount(taken)}, free memory not known"
    if taken <= 0:
        return f"{amount(free)} free"
    if free <= 0:
        return f"{amount(taken)}, none free"
    if (taken >= GB) == (free >= GB):
        return f"{short_amount(taken, taken)} of {amount(free)} free"
    return f"{amount(taken)} of {amount(free)} free"


def in_a_sentence(memory: DeviceMemory, budget: MemoryBudget) -> str:
    """All that the bar shows, as one reads it out."""
    sentences = [_taken(memory, budget)]
    if over := excess(memory, budget):
        sentences.append(f"That is {amount(over)} more than there is room for.")
    if budget.total_bytes > 0:
        sentences.append(_rest(budget))
    return f"{budget.title or memory.device}: {' '.join(sentences)}"


def exact_figures(memory: DeviceMemory, budget: MemoryBudget) -> str:
    """Every figure to the byte, a line for each."""
    lines = [budget.title or memory.device]
    if memory.total_bytes > 0:
        lines += [
            f"Weights: {memory.weights_bytes:,} bytes",
            f"KV cache: {memory.kv_cache_bytes:,} bytes",
            f"Compute: {memory.compute_bytes:,} bytes",
            f"Together: {memory.total_bytes:,} bytes",
        ]
    if budget.total_bytes > 0:
        lines += [
            f"Room for a model: {budget.usable_bytes:,} bytes",
            f"Free: {room(budget):,} of {budget.total_bytes:,} bytes",
        ]
    return "\n".join(lines)


def _taken(memory: DeviceMemory, budget: MemoryBudget) -> str:
    if memory.total_bytes <= 0:
        return "no model takes anything of it."
    known = budget.total_bytes > 0
    free = f" of {amount(room(budget))} that are free" if known else "; how much is free is not known"
    parts = (
        f"weights {amount(memory.weights_bytes)}, KV cache {amount(memory.kv_cache_bytes)}, "
        f"compute {amount(memory.compute_bytes)}"
    )
    return f"the model takes {amount(memory.total_bytes)}{free}: {parts}."


def _rest(budget: MemoryBudget) -> str:
    others = held_by_others(budget)
    in_use = f", of which the system and other programs hold {amount(others)}" if others >= GB // 20 else ""
    return f"It has {amount(budget.total_bytes)}{in_use}; a model may take {amount(budget.usable_bytes)}."
