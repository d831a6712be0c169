"""What the terminal says beside an answer: nothing is left out in silence, and stdout holds the answer alone."""

import pytest

from app.cli.terminal import Aside, show_aside
from app.core.generation import ContextShifted, PromptRepaired, ReasoningChunk
from app.services.events import HistorySummarised, HistoryTrimmed

START = "This answer is longer than the context: the model wrote on without seeing its first 12 characters.\n"


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (HistoryTrimmed(1), "The context is full: the model no longer sees the oldest message.\n"),
        (HistoryTrimmed(0, left_out_characters=12), START),
        (HistoryTrimmed(2, 3, 12), "The context is full: the model no longer sees the 2 oldest messages.\n" + START),
        (HistorySummarised(2, "Ships."), "The context is full: the model sees the 2 oldest messages as a summary.\n"),
        (
            ContextShifted(1),
            "The context was full while this was written: the oldest 1 token of the conversation were forgotten.\n",
        ),
        (PromptRepaired("Two messages became one."), "Two messages became one.\n"),
        (ReasoningChunk("Let me see.", 3, 0.1), ""),
    ],
)
def test_asides_are_said_on_stderr(event: Aside, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    show_aside(event)
    assert capsys.readouterr() == ("", said)
