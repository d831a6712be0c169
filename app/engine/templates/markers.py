"""Which marks a chat template's models put around their reasoning, and how they are written down again."""

from dataclasses import dataclass

from app.engine.templates.reasoning import ReasoningMarkers


@dataclass(frozen=True, slots=True)
class _Pair:
    """`opened` and `closed` are the marks with the blank lines that models write around them."""

    opening: str
    closing: str
    opened: str
    closed: str


def _lines(opening: str, closing: str) -> _Pair:
    return _Pair(opening, closing, f"{opening}\n", f"\n{closing}\n\n")


def _inline(opening: str, closing: str, after: str = "") -> _Pair:
    return _Pair(opening, closing, opening + after, closing)


_PAIRS = (
    _lines("<think>", "</think>"),  # Qwen 3, DeepSeek R1, GLM, SmolLM3, Granite 3.3, Phi-4, …
    _lines("<thinking>", "</thinking>"),
    _lines("<thought>", "</thought>"),  # EXAONE Deep
    _lines("<reasoning>", "</reasoning>"),
    _inline("[THINK]", "[/THINK]"),  # Magistral
    _inline("<seed:think>", "</seed:think>"),  # Seed-OSS
    _inline("<|channel>thought", "<channel|>", "\n"),  # Gemma 4
    _inline("<|START_THINKING|>", "<|END_THINKING|>"),  # Command
    _inline("<|inner_prefix|>", "<|inner_suffix|>"),  # Apertus
    _inline("<longcat_think>", "</longcat_think>", "\n"),
    _lines("<|begin_of_thought|>", "<|end_of_thought|>"),  # Sky-T1, OpenThinker
    _lines("◁think▷", "◁/think▷"),  # Kimi
    _lines("Here are my reasoning steps:", "[BEGIN FINAL RESPONSE]"),  # Apriel
)

_WRAPPERS = (
    ("<answer>", "</answer>"),  # Hunyuan
    ("<response>", "</response>"),  # Granite 3.3
    ("<|START_RESPONSE|>", "<|END_RESPONSE|>"),
    ("<|begin_of_solution|>", "<|end_of_solution|>"),
)

_HARMONY = ReasoningMarkers(("<|channel|>analysis<|message|>",), ("<|end|>",), harmony=True)
_HARMONY_FINAL = "<|channel|>final<|message|>"


def find_markers(source: str) -> ReasoningMarkers | None:
    """The marks that a template's text names, which its models have learnt; None when it names none."""
    if "<|channel|>" in source and "<|message|>" in source:
        return _HARMONY
    pairs = [pair for pair in _PAIRS if pair.opening in source or pair.closing in source]
    if not pairs:
        return None
    return ReasoningMarkers(
        tuple(pair.opening for pair in pairs),
        tuple(pair.closing for pair in pairs),
        wrappers=tuple(pair for pair in _WRAPPERS if pair[0] in source and pair[1] in source),
    )


def open_at_end(markers: ReasoningMarkers | None, text: str) -> bool:
    """Whether the last mark in `text` is an opening."""
    if markers is None:
        return False
    opened = max(text.rfind(opening) for opening in markers.openings)
    return opened > max(text.rfind(closing) for closing in markers.closings)


def written_on(markers: ReasoningMarkers | None, prompt: str, opened: bool, reasoning: str, text: str) -> str:
    """`prompt`, which ends where the assistant begins, with the reasoning and the text that it has written so far.

    `opened`: the prompt itself has opened the reasoning. Without a text the reasoning is left open. Reasoning that the
    prompt has no place for (none of its marks, or a closed block already) is left out.
    """
    if markers is None:
        return prompt + text
    if markers.harmony:
        thought = markers.openings[0] + reasoning if reasoning else ""
        between = f"{markers.closings[0]}<|start|>assistant" if thought else ""
        return prompt + thought + (between + _HARMONY_FINAL + text if text else "")
    opening = max(markers.openings, key=prompt.rfind) if opened else markers.openings[0]
    pair = next(pair for pair in _PAIRS if pair.opening == opening)
    closed_by_prompt = prompt.rstrip().endswith(markers.closings)
    if opened:
        prompt += reasoning
    elif reasoning and not closed_by_prompt:
        prompt += pair.opened + reasoning
    ends_inside = opened or (bool(reasoning) and not closed_by_prompt)
    return prompt + (pair.closed if text and ends_inside else "") + text
