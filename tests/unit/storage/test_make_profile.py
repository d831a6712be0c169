"""The profile for the start-up benchmark is what it claims to be."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.core.conversation import MessageState, Role
from app.storage.conversations import ConversationStore
from app.storage.database import open_database
from tests.benchmarks.make_profile import CONVERSATIONS, MESSAGES, SPREAD, make_profile
from tests.unit.storage.conftest import NOW


def test_the_benchmark_s_profile_holds_what_it_says(tmp_path: Path) -> None:
    path = make_profile(tmp_path / "profile", NOW)
    opened = open_database(path, NOW)
    store = ConversationStore(opened.database)
    conversations = store.list()
    assert len(conversations) == CONVERSATIONS
    assert store.recover_interrupted() == 0
    for conversation in conversations[::50]:
        messages = store.messages(conversation.id)
        assert len(messages) == MESSAGES
        assert {m.state for m in messages} == {MessageState.COMPLETE}
        assert [m.role for m in messages[:2]] == [Role.USER, Role.ASSISTANT]
        assert NOW - SPREAD <= conversation.created_at <= conversation.updated_at <= NOW
    ages = [NOW - conversation.updated_at for conversation in conversations]
    for low, high in ((0, 1), (1, 7), (7, 30), (30, 200)):
        assert any(timedelta(days=low) <= age < timedelta(days=high) for age in ages), (low, high)
    opened.database.close()
    with pytest.raises(FileExistsError):
        make_profile(tmp_path / "profile", NOW)
