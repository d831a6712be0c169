"""How one model file runs on a computer: the verdict, the context, the numbers, and one sentence why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.machine import Machine
from app.core.memory import MemoryBudget, MemoryPlan
from app.core.model import KvCacheType
from app.core.plan import ContextPlan, FilePlan, ModelFile, Placement, Remedy, RemedyKind, Verdict
from app.core.plan_wording import context_words
from app.core.shape import ModelShape
from app.fit import reasons
from app.fit.memory import plan_memory
from app.fit.placing import context_steps, fits, longest_context, partial_placement, room, whole_placement
from app.fit.quality import quality_of
from app.fit.speed import NO_MEASUREMENTS, Measurements, reading_speed, writing_speed

WANTED_CONTEXT = 32768
"""How long a context is comfortable where the user does not say: most conversations and documents fit."""
LEAST_CONTEXT = 4096
"""With less than this a conversation is no pleasure: rather a smaller precision, or some layers on the processor."""
PARTIAL_CONTEXT = 8192
"""Where not all fits on the GPU, a longer context costs layers: this much is taken unless more is asked for."""

_ON_CPU = Placement()


@dataclass(frozen=True, slots=True)
class Wish:
    """What a file is planned for: None leaves it to the plan. `speed_floor` is in tokens per second."""

    context_length: int | None = None
    kv_cache_type: KvCacheType | None = None
    speed_floor: float = 10.0


@dataclass(frozen=True, slots=True)
class Site:
    """A computer, what of it may be used (budgets_of), and what was measured there."""

    machine: Machine
    budgets: tuple[MemoryBudget, ...]
    measured: Measurements = NO_MEASUREMENTS


def plan_file(file: ModelFile, shape: ModelShape | None, site: Site, wish: Wish, parameter_count: int = 0) -> FilePlan:
    """The plan of one file; without a shape only its size counts. `parameter_count` says what a precision costs."""
    if shape is None:
        return _of_unknown_shape(file, site, parameter_count)
    return _Planner(file, shape, site, wish, parameter_count).plan()


def _of_unknown_shape(file: ModelFile, site: Site, parameter_count: int) -> FilePlan:
    if file.size_bytes > room(site.budgets):
        verdict, reason = (
            Verdict.TOO_LARGE,
            reasons.too_large(site.budgets, file.size_bytes, 0, weights_alone=True),
        )
    else:
        verdict = Verdict.UNKNOWN
        reason = reasons.unknown(("its layers are not known before its header was read.",), 0, 0)
    quality = quality_of(file.quantization, parameter_count)
    return FilePlan(file, verdict, 0, 0, 0, KvCacheType.F16, None, None, None, reason, quality=quality)


class _Planner:
    """Plans one file; `_wanted` is the context length that it tries first."""

    def __init__(self, file: ModelFile, shape: ModelShape, site: Site, wish: Wish, parameter_count: int) -> None:
        self._file = file
        self._shape = shape
        self._site = site
        self._wish = wish
        self._parameter_count = parameter_count
        trained = shape.trained_context_length or LEAST_CONTEXT
        self._wanted = min(wish.context_length or WANTED_CONTEXT, trained)
        self._least = min(LEAST_CONTEXT, self._wanted)

    def plan(self) -> FilePlan:
        """The first of these ways that is open."""
        found = self._on_gpu() or self._partly() or self._on_processor() or self._too_large()
        if self._shape.doubts and found.verdict is not Verdict.TOO_LARGE:
            needed = found.memory.total_bytes if found.memory else 0
            reason = reasons.unknown(self._shape.doubts, needed, found.context_length)
            return replace(found, verdict=Verdict.UNKNOWN, reason=reason, writing=None, reading=None, remedies=())
        return found

    def _types(self) -> tuple[KvCacheType, ...]:
        asked = self._wish.kv_cache_type
        return (asked,) if asked is not None else (KvCacheType.F16, KvCacheType.Q8_0)

    def _on_gpu(self) -> FilePlan | None:
        placement = whole_placement(self._shape, self._site.budgets)
        if placement is None:
            return None
        for kind in self._types():
            if self._fits(self._context(self._wanted, kind), placement):
                length = self._wanted if self._wish.context_length else self._longest(kind, placement)
                return self._all_on_gpu(length, kind, placement)
        for kind in self._types():
            length = self._longest(kind, placement, self._wanted)
            if length >= self._least:
                return self._shorter(length, kind, placement)
        return None

    def _all_on_gpu(self, length: int, kind: KvCacheType, placement: Placement) -> FilePlan:
        context = self._context(length, kind)
        memory = plan_memory(self._shape, context, placement)
        reason = reasons.all_on_gpu(memory, self._site.budgets, length, _note(kind))
        return self._made(Verdict.ALL_ON_GPU, context, placement, memory, reason)

    def _shorter(self, length: int, kind: KvCacheType, placement: Placement) -> FilePlan:
        context = self._context(length, kind)
        asked = plan_memory(self._shape, self._context(self._wanted, kind), placement)
        reason = reasons.shorter_context(
            self._site.budgets,
            self._shape.weights_bytes,
            asked.total_bytes - asked.devices[0].total_bytes,
            self._wanted,
            length,
            _note(kind),
        )
        remedies = self._quantized_cache(length, kind, placement)
        plan = plan_memory(self._shape, context, placement)
        return self._made(Verdict.SHORTER_CONTEXT, context, placement, plan, reason + self._others(), remedies)

    def _quantized_cache(self, length: int, kind: KvCacheType, placement: Placement) -> tuple[Remedy, ...]:
        if kind is not KvCacheType.F16:
            return ()
        longer = self._longest(KvCacheType.Q8_0, placement, self._wanted)
        if longer <= length:
            return ()
        words = f"Use a q8_0 KV cache: {context_words(longer)} fits"
        return (Remedy(RemedyKind.QUANTIZED_CACHE, words, longer, KvCacheType.Q8_0),)

    def _partly(self) -> FilePlan | None:
        wanted = self._wanted if self._wish.context_length else min(self._wanted, PARTIAL_CONTEXT)
        kind = self._types()[0]
        for length in dict.fromkeys((wanted, self._least)):
            context = self._context(length, kind)
            placement = partial_placement(self._shape, context, self._site.budgets)
            if placement is not None:
                return self._partly_at(context, placement)
        return None

    def _partly_at(self, context: ContextPlan, placement: Placement) -> FilePlan:
        count = len(self._shape.layers)
        reason = reasons.partly_on_gpu(
            self._site.budgets,
            self._shape.weights_bytes,
            count - placement.first_gpu_layer(count),
            count,
            placement.expert_layers_on_cpu,
            context.context_length,
        )
        plan = plan_memory(self._shape, context, placement)
        return self._made(Verdict.PARTLY_ON_GPU, context, placement, plan, reason + self._others())

    def _on_processor(self) -> FilePlan | None:
        kind = self._types()[0]
        steps = context_steps(self._shape.trained_context_length, self._wanted)
        length = longest_context(self._shape, self._context(0, kind), _ON_CPU, self._site.budgets, steps)
        if length < min(self._least, steps[-1]):
            return None
        context = self._context(length, kind)
        plan = plan_memory(self._shape, context, _ON_CPU)
        reason = reasons.processor(self._site.budgets, plan.total_bytes, length, self._site.machine)
        remedies: tuple[Remedy, ...] = ()
        if length < self._wanted:
            remedies = self._quantized_cache(length, kind, _ON_CPU)
        return self._made(Verdict.PROCESSOR, context, _ON_CPU, plan, reason, remedies)

    def _too_large(self) -> FilePlan:
        context = self._context(self._least, self._types()[0])
        plan = plan_memory(self._shape, context, _ON_CPU)
        budgets = self._site.budgets
        alone = self._shape.weights_bytes > room(budgets)
        needed = self._shape.weights_bytes if alone else plan.total_bytes
        reason = reasons.too_large(budgets, needed, self._least, weights_alone=alone) + self._others()
        found = self._made(Verdict.TOO_LARGE, context, _ON_CPU, plan, reason)
        return replace(found, context_length=0, writing=None, reading=None)

    def _made(
        self,
        verdict: Verdict,
        context: ContextPlan,
        placement: Placement,
        memory: MemoryPlan,
        reason: str,
        remedies: Sequence[Remedy] = (),
    ) -> FilePlan:
        site, shape = self._site, self._shape
        return FilePlan(
            file=self._file,
            verdict=verdict,
            context_length=context.context_length,
            gpu_layers=len(shape.layers) - placement.first_gpu_layer(len(shape.layers)),
            layer_count=len(shape.layers),
            kv_cache_type=context.kv_cache_type,
            memory=memory,
            writing=writing_speed(shape, context, placement, site.machine, site.measured),
            reading=reading_speed(shape, placement, site.machine, site.measured),
            reason=reason,
            placement=placement,
            quality=quality_of(self._file.quantization, self._parameter_count),
            remedies=tuple(remedies),
        )

    def _longest(self, kind: KvCacheType, placement: Placement, most: int | None = None) -> int:
        steps = context_steps(self._shape.trained_context_length, most)
        return longest_context(self._shape, self._context(0, kind), placement, self._site.budgets, steps)

    def _context(self, length: int, kind: KvCacheType) -> ContextPlan:
        return ContextPlan(length, kind)

    def _fits(self, context: ContextPlan, placement: Placement) -> bool:
        return fits(plan_memory(self._shape, context, placement), self._site.budgets)

    def _others(self) -> str:
        return reasons.others(self._site.machine, any(budget.unified for budget in self._site.budgets))


def _note(kind: KvCacheType) -> str:
    return "" if kind is KvCacheType.F16 else f" with a {kind} KV cache"
