"""The torture conversation: everything that a message can consist of, to be looked at as a picture."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from app.core.conversation import Message
from app.core.generation import GenerationStatistics, StopReason
from app.ui.self_test_examples import REASONING, answer, question

FIRST_ID = 101
_FILE = Path("examples") / "torture.md"
_HEAD = "%%% "  # begins the line above a message: "question" or "answer", then what else is to be seen of it
_FIGURES = GenerationStatistics(6200, 6130, 318, 0.03, 4.43, 0.42)


def torture_messages(resources: Path, image: Path) -> list[Message]:
    """The conversation, its ids from FIRST_ID on; `image` is the file that it shows as a local image."""
    text = (resources / _FILE).read_text("utf-8").replace("{image}", image.as_posix())
    return list(_messages(text))


def _messages(text: str) -> Iterator[Message]:
    for number, part in enumerate(("\n" + text).split("\n" + _HEAD)[1:], FIRST_ID):
        head, _, said = part.partition("\n")
        role, *seen = head.split()
        yield question(number, said) if role == "question" else _answer(number, said, seen)


def _answer(number: int, text: str, seen: list[str]) -> Message:
    made = answer(
        number,
        text,
        replace(_FIGURES, reasoning_seconds=2.1 if "thought" in seen else 0.0),
        StopReason.CANCELLED if "stopped" in seen else StopReason.END_OF_TURN,
        REASONING if "thought" in seen else "",
    )
    return replace(made, version=2, version_count=2) if "versions" in seen else made
