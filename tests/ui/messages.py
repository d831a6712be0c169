"""Messages to show in tests."""

from dataclasses import replace

from app.core.conversation import Message, MessageState, Role
from app.core.generation import GenerationStatistics, StopReason
from tests.ui.driving import a_moment

FIGURES = GenerationStatistics(40, 30, 318, 0.05, 4.415, 0.42)


def message(number: int, role: Role, text: str) -> Message:
    return Message(number, 1, role, text, MessageState.COMPLETE, a_moment())


def answer(text: str, number: int = 2) -> Message:
    made = message(number, Role.ASSISTANT, text)
    return replace(made, model_name="M", stop_reason=StopReason.END_OF_TURN, statistics=FIGURES)
