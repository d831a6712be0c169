"""Makes a profile with 300 stored conversations, for measuring how fast the window starts on it."""

import argparse
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.core.conversation import MessageState, Role, title_from
from app.core.generation import GenerationStatistics, StopReason
from app.storage.conversations import ConversationStore
from app.storage.database import open_database
from app.storage.profile import prepare_profile

CONVERSATIONS = 300
MESSAGES = 10
SPREAD = timedelta(days=200)  # so that every group of the sidebar has its share
MODEL_NAME = "SmolLM2 135M Instruct"
_TOPICS = ("bread", "the tides", "a bicycle chain", "Roman roads", "regular expressions", "tomatoes", "jet lag", "SQL")
_OPENINGS = ("How would you explain", "What should I know about", "Write a short note on", "What goes wrong with")
_WORDS = ("the", "a", "of", "and", "fire", "water", "stone", "house", "reads", "keeps", "under", "warm", "plain", "day")


def make_profile(folder: Path, now: datetime) -> Path:
    """Fill `folder` with a database like that of a busy half-year before `now`; the database's path.

    Always the same for the same `now`. Raises FileExistsError when there is one already, and StorageError.
    """
    prepare_profile(folder)
    path = folder / "conversations.db"
    if path.exists():
        raise FileExistsError(f"{path} exists already; choose an empty folder")
    chance = random.Random(300)
    database = open_database(path, now).database
    try:
        store = ConversationStore(database, _clock(now).__next__)
        for _ in range(CONVERSATIONS):
            _add_conversation(store, chance)
    finally:
        database.close()
    return path


def _clock(now: datetime) -> Iterator[datetime]:
    """Times that come closer to `now` ever more slowly, as a sidebar is fuller of recent conversations."""
    looks = CONVERSATIONS * (1 + MESSAGES + MESSAGES // 2)
    for look in range(looks):
        yield now - SPREAD * (1 - look / looks) ** 3
    while True:
        yield now


def _add_conversation(store: ConversationStore, chance: random.Random) -> None:
    question = f"{chance.choice(_OPENINGS)} {chance.choice(_TOPICS)}?"
    conversation = store.create(title_from(question))
    for _ in range(MESSAGES // 2):
        store.add_message(conversation.id, Role.USER, question)
        reply = store.add_message(conversation.id, Role.ASSISTANT, "", MessageState.STREAMING, MODEL_NAME)
        text = _answer(chance)
        store.finish(reply.id, text, MessageState.COMPLETE, StopReason.END_OF_TURN, _figures(text, chance))
        question = f"{_prose(chance, chance.randint(4, 40))}?"


def _answer(chance: random.Random) -> str:
    """Markdown of 100 to 3,000 characters: paragraphs, now and then a list or code."""
    blocks = [_prose(chance, chance.randint(15, 90)) + "." for _ in range(chance.randint(1, 5))]
    if chance.random() < 0.3:
        blocks.append("\n".join(f"- **{_prose(chance, 2)}**: {_prose(chance, 9)}." for _ in range(4)))
    if chance.random() < 0.2:
        blocks.append("```python\nfor page in pages:\n    print(page.title)\n```")
    return "\n\n".join(blocks)


def _prose(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS, k=words)).capitalize()


def _figures(text: str, chance: random.Random) -> GenerationStatistics:
    tokens = max(2, len(text) // 4)
    speed = chance.uniform(60, 120)  # tokens per second
    return GenerationStatistics(
        prompt_tokens=200,
        reused_tokens=150,
        completion_tokens=tokens,
        prompt_seconds=0.2,
        generation_seconds=(tokens - 1) / speed,
        time_to_first_token=0.25,
    )


def main() -> None:
    """Make a profile in the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where to make it; made when missing")
    path = make_profile(parser.parse_args().folder, datetime.now(UTC))
    print(f"{CONVERSATIONS} conversations of {MESSAGES} messages, {path.stat().st_size / 1e6:.1f} MB: {path}")


if __name__ == "__main__":
    main()
