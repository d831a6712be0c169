"""What a model will take with given load parameters, against what a computer has, and what is advised instead."""

from collections.abc import Sequence
from dataclasses import replace

from app.core.machine import Machine
from app.core.memory import MemoryBudget, MemoryPlan
from app.core.model import Backend, FlashAttention, KvCacheType, LoadParameters
from app.core.plan import ContextPlan, LoadPlan, Placement, Remedy, RemedyKind, Verdict
from app.core.plan_wording import context_words
from app.core.shape import ModelShape
from app.fit import reasons
from app.fit.memory import plan_memory
from app.fit.placing import context_steps, fits, longest_context, whole_placement
from app.fit.recommendation import Site
from app.fit.speed import writing_speed


def plan_load(
    shape: ModelShape, parameters: LoadParameters, site: Site, extra_bytes: int = 0, flash_on_cpu: bool = False
) -> LoadPlan:
    """The plan of one load; `extra_bytes` is what is loaded beside the model (adapters, a draft model, a projector).

    `flash_on_cpu`: what AUTO means without a GPU, where the model's trial measured it.
    """
    placement = placement_of(shape, parameters, site.machine, site.budgets)
    auto = flash_on_cpu or placement.gpu_layers > 0
    context = context_of(shape, parameters, extra_bytes, auto_is_flash=auto)
    memory = plan_memory(shape, context, placement)
    verdict = _verdict(shape, memory, placement, site.budgets)
    return LoadPlan(
        memory=memory,
        budgets=site.budgets,
        layer_count=len(shape.layers),
        verdict=verdict,
        reason=_reason(shape, memory, placement, context, site, verdict),
        writing=None if shape.doubts else writing_speed(shape, context, placement, site.machine, site.measured),
        remedies=_remedies(shape, context, placement, site.budgets) if verdict is Verdict.TOO_LARGE else (),
        gpu_layers=len(shape.layers) - placement.first_gpu_layer(len(shape.layers)),
    )


def context_of(
    shape: ModelShape, parameters: LoadParameters, extra_bytes: int = 0, *, auto_is_flash: bool = True
) -> ContextPlan:
    """What memory depends on beside the weights, as the loader settles it: at most what the model was trained on."""
    trained = shape.trained_context_length
    is_stretched = parameters.rope_frequency_scale > 0 or parameters.rope_scaling.value in ("linear", "yarn")
    length = parameters.context_length
    return ContextPlan(
        context_length=min(length, trained) if trained and not is_stretched else length,
        kv_cache_type=parameters.kv_cache_type,
        flash_attention=parameters.flash_attention is FlashAttention.ON
        or (parameters.flash_attention is FlashAttention.AUTO and (auto_is_flash or parameters.drafts_ahead)),
        batch_tokens=parameters.batch_tokens,
        full_sliding_window=parameters.full_sliding_window,
        outputs=parameters.outputs,
        extra_bytes=extra_bytes,
    )


def placement_of(
    shape: ModelShape, parameters: LoadParameters, machine: Machine, budgets: Sequence[MemoryBudget]
) -> Placement:
    """Where the loader puts the layers: on the main device, by the device split, or by what each GPU may take."""
    gpus = [gpu.name for gpu in machine.gpus]
    count = len(shape.layers)
    wanted = count if parameters.gpu_layers is None else min(parameters.gpu_layers, count)
    if parameters.backend is Backend.CPU:
        wanted = 0
    if not gpus or not wanted:
        return Placement()
    # The experts of the model's first layers, of which only those on GPUs count.
    experts = max(min(parameters.expert_layers_on_cpu, count) - (count - wanted), 0)
    return Placement(wanted + 1, _shares(shape, parameters, gpus, budgets), experts)


def _shares(
    shape: ModelShape, parameters: LoadParameters, gpus: Sequence[str], budgets: Sequence[MemoryBudget]
) -> tuple[tuple[str, float], ...]:
    if parameters.device_split:
        parts = list(zip(gpus, parameters.device_split, strict=False))
        total = sum(part for _, part in parts) or 1.0
        return tuple((name, part / total) for name, part in parts)
    if parameters.main_device:
        return ((parameters.main_device, 1.0),)
    whole = whole_placement(shape, budgets)
    return whole.shares if whole else tuple((name, 1 / len(gpus)) for name in gpus)


def _verdict(shape: ModelShape, memory: MemoryPlan, placement: Placement, budgets: Sequence[MemoryBudget]) -> Verdict:
    if not fits(memory, budgets):
        return Verdict.TOO_LARGE
    if shape.doubts:
        return Verdict.UNKNOWN
    if placement.first_gpu_layer(len(shape.layers)) == 0:
        return Verdict.ALL_ON_GPU
    return Verdict.PARTLY_ON_GPU if placement.gpu_layers else Verdict.PROCESSOR


def _reason(
    shape: ModelShape,
    memory: MemoryPlan,
    placement: Placement,
    context: ContextPlan,
    site: Site,
    verdict: Verdict,
) -> str:
    length, budgets, count = context.context_length, site.budgets, len(shape.layers)
    on_gpu = count - placement.first_gpu_layer(count)
    if verdict is Verdict.UNKNOWN:
        return reasons.unknown(shape.doubts, memory.total_bytes, length)
    if verdict is Verdict.ALL_ON_GPU:
        note = "" if context.kv_cache_type is KvCacheType.F16 else f" with a {context.kv_cache_type} KV cache"
        return reasons.all_on_gpu(memory, budgets, length, note)
    if verdict is Verdict.TOO_LARGE:
        return reasons.over(memory, budgets, length)
    if verdict is Verdict.PARTLY_ON_GPU:
        return reasons.as_chosen(on_gpu, count)
    return reasons.on_processor(memory, budgets, has_gpu=bool(site.machine.gpus))


def _remedies(
    shape: ModelShape, context: ContextPlan, placement: Placement, budgets: Sequence[MemoryBudget]
) -> tuple[Remedy, ...]:
    """A smaller cache, or a shorter context, where either makes it fit; the one that costs least comes first."""
    found = []
    steps = context_steps(shape.trained_context_length, context.context_length)
    if context.kv_cache_type is KvCacheType.F16:
        quantized = replace(context, kv_cache_type=KvCacheType.Q8_0)
        if fits(plan_memory(shape, quantized, placement), budgets):
            words = "Use a q8_0 KV cache"
            found.append(Remedy(RemedyKind.QUANTIZED_CACHE, words, context.context_length, KvCacheType.Q8_0))
    longest = longest_context(shape, context, placement, budgets, steps)
    if longest:
        words = f"Shorten the context to {context_words(longest)}"
        found.append(Remedy(RemedyKind.SHORTER_CONTEXT, words, longest, context.kv_cache_type))
    return tuple(found)
