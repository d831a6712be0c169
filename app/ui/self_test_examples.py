"""Messages for the pictures of states that the included model does not come into: reasoning, a full context, a stop."""

from datetime import UTC, datetime
from pathlib import Path

from app.core.conversation import Message, MessageState, Role
from app.core.generation import GenerationStatistics, SamplingParameters, StopReason
from app.core.model import LoadParameters
from app.core.provenance import Provenance

SUMMARY = "They planned three days in Porto in May: the bridge and the cellars on the first, the coast on the second."
REASONING = "The user wants the shortest way.\nFrom São Bento it is line D, southwards, two stops to Jardim do Morro."
REPAIR = "This model knows no system prompt, so yours was put before your first message."
_MADE_BY = Provenance(
    "Qwen3 8B",
    "Qwen3-8B-Q4_K_M.gguf",
    5_027_783_488,
    "d98cdcbd03e17ce47681435b5150e34c1417f50b5c0019dd560e4882c5745785",
    "Q4_K_M",
    "llama.cpp in llama-cpp-python 0.3.36",
    "CPU, 8 threads",
    LoadParameters(Path("Qwen3-8B-Q4_K_M.gguf"), threads=8),
    SamplingParameters(temperature=0.6, top_k=20, seed=42),
)


def example_messages() -> list[Message]:
    """A conversation whose last answer was stopped, and whose model thought before each answer."""
    stopped = GenerationStatistics(6134, 6130, 121, 0.03, 1.67, 0.42, 45, 2.1, 30, 21)
    return [
        question(11, "And how do we get back from the cellars in the evening?"),
        answer(12, "Over the upper deck of the bridge, on foot: it is *ten minutes* to the cathedral.", stopped),
        question(13, "What if it rains?"),
        answer(14, "Then take the metro. Line D crosses the same bridge, and from", stopped, StopReason.MAX_TOKENS),
    ]


def question(number: int, text: str) -> Message:
    """What a person might have asked; `number` is the message's id."""
    return Message(number, 1, Role.USER, text, MessageState.COMPLETE, datetime.now(UTC))


def answer(
    number: int,
    text: str,
    figures: GenerationStatistics,
    reason: StopReason = StopReason.END_OF_TURN,
    reasoning: str = REASONING,
) -> Message:
    """What a model might have answered."""
    return Message(
        number,
        1,
        Role.ASSISTANT,
        text,
        MessageState.COMPLETE,
        datetime.now(UTC),
        model_name=_MADE_BY.model_name,
        stop_reason=reason,
        statistics=figures,
        reasoning=reasoning,
        provenance=_MADE_BY,
        memory_begins=11,
    )
