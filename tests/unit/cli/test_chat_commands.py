"""What `inglenook chat` says when a command fails."""

import io
from pathlib import Path

import pytest

from app.bootstrap import Options
from app.cli import exit_codes
from app.cli.chat import chat_in_terminal
from app.cli.declared_options import Chosen
from app.core.conversation import Message
from app.core.errors import StorageError
from app.storage.conversations import ConversationStore

SENTENCE = "The disk cannot be read."


def test_messages_that_cannot_be_read_are_not_said_to_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreadable(_store: ConversationStore, _conversation_id: int) -> list[Message]:
        raise StorageError(SENTENCE, "")

    monkeypatch.setattr(ConversationStore, "messages", unreadable)
    monkeypatch.setattr("sys.stdin", io.StringIO("One\n/retry\n/continue\n/edit Two\n/delete\n"))

    code = chat_in_terminal(Options(profile=tmp_path, fake_engine=True), None, Chosen({}), Chosen({}))

    said = capsys.readouterr().err.splitlines()
    assert code == exit_codes.FAILURE
    assert said.count(SENTENCE) == 4
    assert not [line for line in said if line.startswith("There is no")]
