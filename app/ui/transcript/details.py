"""What made an answer, as text: lines for the tooltip of its figures, and JSON to reproduce them."""

import json
from collections.abc import Iterator
from enum import Enum
from typing import Any

from app.core.conversation import Message
from app.core.declared import declarations
from app.core.generation import GenerationStatistics, OutputKind
from app.core.plain_json import plain
from app.core.provenance import Provenance
from app.core.quantities import file_size
from app.core.wording import counted
from app.ui.choices import words_of

_ALWAYS = ("context_length", "threads", "temperature")  # told even where they are the defaults


def figures_explained(message: Message) -> str:
    """How the figures came about, and with what they can be reproduced; empty when nothing was measured."""
    if message.statistics is None:
        return ""
    lines = [f"Written by {message.model_name}"] if message.model_name else []
    lines += _measured(message.statistics)
    if message.provenance is not None:
        lines += ["", *_made_by(message.provenance)]
    return "\n".join(lines)


def details_json(message: Message) -> str:
    """Everything that is known of how an answer came about, as JSON."""
    known = {
        "model": message.model_name,
        "created_at": message.created_at.isoformat(),
        "stop_reason": message.stop_reason,
        "statistics": message.statistics,
        "provenance": message.provenance,
    }
    return json.dumps(plain(known), indent=2, ensure_ascii=False, allow_nan=False)


def _measured(figures: GenerationStatistics) -> Iterator[str]:
    yield f"Prompt: {counted(figures.prompt_tokens, 'token')}, {figures.reused_tokens:,} of them reused"
    if figures.prompt_tokens_per_second > 0:
        yield f"Prompt processing: {figures.prompt_tokens_per_second:,.0f} tokens per second"
    if figures.reasoning_tokens:
        yield f"Reasoning: {counted(figures.reasoning_tokens, 'token')} in {figures.reasoning_seconds:.1f} s"
    if figures.drafted_tokens:
        yield f"Drafted ahead: {counted(figures.drafted_tokens, 'token')}, {figures.accepted_tokens:,} of them kept"
    if figures.earlier_tokens:
        yield f"Written on: {counted(figures.earlier_tokens, 'token')} were there before"
    yield "tok/s counts from the first token of the answer to the last"


def _made_by(made: Provenance) -> Iterator[str]:
    yield f"File: {made.file_name}, {made.quantization}, {file_size(made.size_bytes)}"
    if made.sha256:
        yield f"SHA-256: {made.sha256}"
    yield f"Device: {made.device}" if made.device else "Device: not known"
    yield f"Engine: {made.engine_version}" if made.engine_version else "Engine: not known"
    yield f"Loaded with: {_chosen(made.load)}"
    if made.load.adapters:
        yield "LoRA adapters: " + ", ".join(f"{a.path.name} at {a.scale:g}" for a in made.load.adapters)
    if made.load.draft_model:
        yield f"Draft model: {made.load.draft_model.name}"
    yield f"Sampling: {_chosen(made.sampling)}"
    if made.output.kind is not OutputKind.TEXT:
        yield f"Format: {words_of(made.output.kind)}"
    yield "With these, the figures can be reproduced"


def _chosen(parameters: Any) -> str:
    """The declared values that are not the defaults, and the few that one always wants to know."""
    parts = []
    for declaration in declarations(type(parameters)):
        value = getattr(parameters, declaration.name)
        if value != declaration.default or declaration.name in _ALWAYS:
            parts.append(f"{_lower_first(declaration.title)} {_in_words(value, declaration.unset)}")
    return ", ".join(parts)


def _in_words(value: Any, unset: str) -> str:
    if value is None:
        return unset
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Enum):
        return words_of(value).split(",")[0].lower()
    if isinstance(value, int | float):
        return f"{value:,}"
    return json.dumps(value, ensure_ascii=False, default=str)


def _lower_first(title: str) -> str:
    """A title within a sentence: only words that are no abbreviations begin small."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]
