"""Which file of a model is best for a computer, and which model: by quality above a speed floor, not by size."""

import re
from collections.abc import Sequence
from dataclasses import replace

from app.core.model import KvCacheType
from app.core.plan import FilePlan, Remedy, RemedyKind, SpeedRange, Verdict
from app.core.plan_wording import a_context
from app.fit.recommendation import LEAST_CONTEXT, WANTED_CONTEXT

_LOSSY = ("noticeable loss", "heavy loss")
"""Precisions of these words are advised only where nothing else runs; see fit/quality."""
_LONG_CONTEXT = 16_384
_FAST_ENOUGH = 2
"""How many times the speed floor a model must reach that is partly on the processor: it slows down with the context."""
_LOSSLESS_SHARE = 0.999
"""From here on nobody can tell the difference: Q8_0 is as good as twice the bytes."""
_HARDLY_SLOWER = 0.85
_SHARE_BY_BITS = {1: 0.4, 2: 0.7, 3: 0.9, 4: 0.97, 5: 0.985, 6: 0.997}
"""What a precision without published figures counts for, by the bits in its name: about as those that have some."""
_BITS = re.compile(r"(?:^|[^0-9A-Z])(?:I?Q|TQ|MXFP|NVFP)([1-8])")
_RUNNING = (Verdict.ALL_ON_GPU, Verdict.SHORTER_CONTEXT, Verdict.PARTLY_ON_GPU, Verdict.PROCESSOR)
_ON_GPU = (Verdict.ALL_ON_GPU, Verdict.SHORTER_CONTEXT)


def best_file(files: Sequence[FilePlan], speed_floor: float) -> FilePlan | None:
    """The file to advise; None when none runs.

    Precisions with a noticeable loss come last. Of those that reach the floor, a comfortable context with an exact KV
    cache is worth more than a better precision, and the better precision more than speed; what is lossless in practice
    counts as one. Where none reaches the floor, the fastest is best, or a better one that is hardly slower.
    """
    running = [file for file in files if file.verdict in _RUNNING]
    if not running:
        return None
    good = [file for file in running if _is_good(file)] or running
    fast = [file for file in good if reaches(file.writing, speed_floor)]
    if fast:
        return max(fast, key=lambda file: (_comfort(file), _counted_share(file), -file.file.size_bytes))
    fastest = max(_middle(file.writing) for file in good)
    as_fast = [file for file in good if _middle(file.writing) >= _HARDLY_SLOWER * fastest]
    return max(as_fast, key=lambda file: (_share(file), -file.file.size_bytes))


def merit(best: FilePlan, strength: float, speed_floor: float) -> tuple[float, ...]:
    """A key to rank models by their best files: the higher the better. `strength` is OfferedModel.strength.

    First those that reach the floor in a good precision, comfortably: with a long context, and wholly on the GPU unless
    they are fast without that. Among these the strongest comes first; among the others the fastest.
    """
    is_fast = reaches(best.writing, speed_floor)
    is_whole = best.verdict is not Verdict.PARTLY_ON_GPU or reaches(best.writing, _FAST_ENOUGH * speed_floor)
    return (
        float(is_fast),
        float(_is_good(best)),
        float(is_whole and best.context_length >= _LONG_CONTEXT),
        strength * _share(best) if is_fast else _middle(best.writing),
    )


def reaches(speed: SpeedRange | None, floor: float) -> bool:
    """Whether the middle of a range is at or above the floor; what is not known is not held against a model."""
    return speed is None or _middle(speed) >= floor


def with_smaller_remedies(files: Sequence[FilePlan]) -> tuple[FilePlan, ...]:
    """The files, and for each that is not wholly on the GPU the most exact one that is, or that runs at all."""
    return tuple(_with_smaller(file, files) for file in files)


def _with_smaller(file: FilePlan, files: Sequence[FilePlan]) -> FilePlan:
    if file.verdict not in (Verdict.PARTLY_ON_GPU, Verdict.TOO_LARGE):
        return file
    smaller = [other for other in files if other.file.size_bytes < file.file.size_bytes]
    fitting = [other for other in smaller if other.verdict in _ON_GPU]
    if not fitting and file.verdict is Verdict.TOO_LARGE:
        fitting = [other for other in smaller if other.verdict in _RUNNING]
    if not fitting:
        return file
    best = max(fitting, key=lambda other: other.file.size_bytes)
    where = "all on the GPU" if best.verdict in _ON_GPU else "it runs"
    remedy = Remedy(
        RemedyKind.SMALLER_PRECISION,
        f"Take {best.file.quantization}: {where} with {a_context(best.context_length)}",
        best.context_length,
        best.kv_cache_type,
        best.file.name,
    )
    return replace(file, remedies=(*file.remedies, remedy))


def _comfort(file: FilePlan) -> int:
    """3: a comfortable context with an exact cache on the GPU; 0: partly on the processor."""
    comfortable = file.verdict is Verdict.ALL_ON_GPU or file.context_length >= WANTED_CONTEXT
    if file.verdict in _ON_GPU:
        return 3 if comfortable and file.kv_cache_type is KvCacheType.F16 else 2 if comfortable else 1
    return 3 if file.verdict is Verdict.PROCESSOR and file.context_length >= 2 * LEAST_CONTEXT else 0


def _share(file: FilePlan) -> float:
    if file.quality is not None:
        return file.quality.share
    found = _BITS.search(file.file.quantization.upper())
    return _SHARE_BY_BITS.get(int(found[1]), 1.0) if found else _SHARE_BY_BITS[4]


def _counted_share(file: FilePlan) -> float:
    return min(_share(file), _LOSSLESS_SHARE)


def _is_good(file: FilePlan) -> bool:
    return _share(file) > _SHARE_BY_BITS[3] if file.quality is None else file.quality.word not in _LOSSY


def _middle(speed: SpeedRange | None) -> float:
    return (speed.low * speed.high) ** 0.5 if speed else 0.0
