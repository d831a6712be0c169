"""`inglenook chat`: the window's conversation in a terminal, line by line."""

import queue
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from app.bootstrap import Application, Options, assemble
from app.cli import exit_codes
from app.cli.declared_options import Chosen
from app.cli.passphrase import opened_profile
from app.cli.terminal import Aside, interruptible, load_model, show_aside, show_notices
from app.core.cancel import CancelToken
from app.core.conversation import Message, Role, is_temporary, title_from
from app.core.errors import CancelledError, InglenookError, StorageError
from app.core.generation import Chunk, SamplingParameters, StopReason
from app.core.model import LoadParameters
from app.core.wording import figures, stop_reason_note
from app.services.events import ChatEvent, MessageSaved, ReplyFinished, SaveFailed

HELP = """\
Write a line and press Enter. Ctrl+C stops an answer, Ctrl+D leaves.
  /new          begin a new conversation
  /temporary    begin a temporary chat: kept in memory only, gone when you leave it
  /keep         keep the temporary chat among the conversations after all
  /stop         stop the answer that is being written
  /continue     write on the last answer, which was cut short
  /retry        answer the last message anew; the answer before is kept
  /edit TEXT    send TEXT in place of your last message, which is kept too
  /delete       delete your last message with its answer
  /model FILE   use another GGUF file; /model alone says which is in use
  /help         show this
  /quit         leave"""
_AFTER_CRASH = "Type /model FILE to load one, or start again to load the same as before."
_POLL_SECONDS = 0.1  # a wait without end cannot be interrupted by Ctrl+C on Windows


def chat_in_terminal(
    options: Options,
    model: Path | None,
    load: Chosen[LoadParameters],
    sampling: Chosen[SamplingParameters],
    *,
    temporary: bool = False,
    passphrase_stdin: bool = False,
) -> int:
    """Answer the lines of standard input until it ends; returns the exit code. With `temporary` no chat is kept.

    On a terminal a failure is said and the chat goes on; lines from a file or a pipe are answered too, and then the
    exit code tells whether one of them failed. `passphrase_stdin`: the first line is the passphrase of the profile.
    """
    load.applied_to(LoadParameters(Path()))  # refuse bad values before a model is loaded for nothing
    sampling.applied_to(SamplingParameters())
    application = assemble(options, opened_profile(options, from_stdin=passphrase_stdin))
    try:
        show_notices(application)
        chat = _Chat(application, _Lines(), load, sampling, temporary=temporary)
        if application.crash is not None:
            said = f"{application.crash.sentence} {_AFTER_CRASH}" if model is None else application.crash.what_happened
            click.echo(said, err=True)
        if application.crash is None or model is not None:
            chat.load(model or _model_from_settings(application))
        return chat.run()
    finally:
        application.models.unload()
        application.close()


def _model_from_settings(application: Application) -> Path | None:
    stored = application.settings.load().model_path
    return Path(stored) if stored else None


class _Lines:
    """Standard input read by a thread of its own, so that /stop is heard while an answer is being written."""

    def __init__(self) -> None:
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._answering: CancelToken | None = None
        self._lock = threading.Lock()
        threading.Thread(target=self._read, name="terminal-lines", daemon=True).start()

    def next(self, leave: CancelToken) -> str | None:
        """The next line without its end; None when there are no more, or when `leave` was cancelled."""
        while not leave.cancelled:
            try:
                return self._queue.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                continue
        return None

    def answering(self, cancel: CancelToken | None) -> None:
        """Say which token /stop cancels now; None while no answer is being written."""
        with self._lock:
            self._answering = cancel

    def _read(self) -> None:
        for line in sys.stdin:
            text = line.rstrip("\r\n")
            with self._lock:
                if text.strip() == "/stop" and self._answering is not None:
                    self._answering.cancel()
                    continue
            self._queue.put(text)
        self._queue.put(None)


class _Chat:
    """The loop: a command or a message for each line."""

    def __init__(
        self,
        application: Application,
        lines: _Lines,
        load: Chosen[LoadParameters],
        sampling: Chosen[SamplingParameters],
        *,
        temporary: bool,
    ) -> None:
        self._application = application
        self._load = load
        self._sampling = sampling
        self._lines = lines
        self._interactive = sys.stdin.isatty() and sys.stdout.isatty()
        self._conversation_id: int | None = None
        self._is_temporary = temporary  # every chat of this run is
        self._failed = False
        if temporary:
            self._begin_temporary()

    def run(self) -> int:
        """Answer until the lines end."""
        if self._interactive:
            click.echo("Type /help for the commands.")
        while True:
            if self._interactive:
                click.echo(click.style("› ", fg="yellow"), nl=False)
            with interruptible() as leave:
                line = self._lines.next(leave)
            if leave.cancelled or line is None or line.strip() == "/quit":
                break
            if line.strip():
                self._handle(line)
        self._save_rest()
        if leave.cancelled:
            click.echo()
            return exit_codes.CANCELLED
        return exit_codes.FAILURE if self._failed and not self._interactive else exit_codes.DONE

    def _save_rest(self) -> None:
        """A last try to save the answers that could not be saved when they ended."""
        try:
            self._application.chat.retry_unsaved()
        except StorageError as error:
            self._fail(error.sentence)

    def _handle(self, line: str) -> None:
        try:
            self._obey(line)
        except StorageError as error:
            self._fail(error.sentence)

    def _obey(self, line: str) -> None:
        word, _, rest = line.strip().partition(" ")
        plain: dict[str, Callable[[], None]] = {
            "/new": self._new,
            "/temporary": self._begin_temporary,
            "/keep": self._keep,
            "/continue": self._continue,
            "/retry": self._retry,
            "/delete": self._delete,
        }
        if word in plain:
            plain[word]()
        elif word == "/stop":
            click.echo("No answer is being written.", err=True)
        elif word == "/edit":
            self._edit(rest.strip())
        elif word == "/model":
            self._model(rest.strip())
        elif word == "/help":
            click.echo(HELP)
        elif word.startswith("/") and word[1:].isalpha():
            self._fail(f"{word} is not a command. Type /help for the commands.")
        else:
            self._send(line)

    def _new(self) -> None:
        if self._is_temporary:
            self._begin_temporary()
        else:
            self._leave()
            click.echo("A new conversation.", err=True)

    def _leave(self) -> None:
        """Leave the conversation; a temporary one is gone then."""
        left, self._conversation_id = self._conversation_id, None
        if left is not None and is_temporary(left):
            self._application.temporary_chats.drop(left)
            self._application.chat.forget(left)

    def _begin_temporary(self) -> None:
        self._leave()
        self._conversation_id = self._application.temporary_chats.begin().id
        click.echo("A temporary chat: kept in memory only, gone when you leave it.", err=True)

    def _keep(self) -> None:
        if self._conversation_id is None or not is_temporary(self._conversation_id):
            self._fail("This conversation is kept already.")
        elif not self._messages():
            self._fail("There is nothing to keep yet.")
        else:
            kept = self._application.temporary_chats.keep(self._conversation_id)
            self._conversation_id = kept.id
            click.echo(f"Kept: {kept.title}", err=True)

    def _model(self, name: str) -> None:
        if name:
            self.load(Path(name.strip("\"'")))
            return
        current = self._application.models.current
        click.echo(f"{current.name}: {current.info.path}" if current else "No model is loaded.", err=True)

    def load(self, path: Path | None) -> None:
        """Load `path` (None: the included model), or say why it cannot be."""
        try:
            with interruptible() as cancel:
                loaded = load_model(self._application, path, cancel, self._load)
        except CancelledError:
            self._fail("Loading was stopped. Use /model FILE to open a model.")
        except InglenookError as error:
            self._fail(error.sentence)
        else:
            note = " Tiny model, expect mistakes." if loaded.entry is not None and loaded.entry.tiny else ""
            click.echo(f"{loaded.name} is ready.{note}", err=True)

    def _send(self, text: str) -> None:
        chat, sampling = self._application.chat, self._chosen_sampling()
        self._answer(lambda cancel: chat.send(text, cancel, conversation_id=self._conversation_id, sampling=sampling))

    def _continue(self) -> None:
        reply = self._last(Role.ASSISTANT)
        if reply is None:
            self._fail("There is no answer here that could be continued.")
        else:
            self._answer(lambda cancel: self._application.chat.continue_reply(reply.id, cancel))

    def _retry(self) -> None:
        messages, sampling = self._messages(), self._chosen_sampling()
        question, reply = _last_of(messages, Role.USER), _last_of(messages, Role.ASSISTANT)
        if question is None:
            self._fail("There is no message here that could be answered anew.")
            return
        asked = reply if reply is not None and reply.parent_id == question.id else question
        self._answer(lambda cancel: self._application.chat.retry(asked.id, cancel, sampling=sampling))

    def _edit(self, text: str) -> None:
        question, sampling = self._last(Role.USER), self._chosen_sampling()
        if question is None:
            self._fail("There is no message here that could be edited.")
        else:
            self._answer(lambda cancel: self._application.chat.edit(question.id, text, cancel, sampling=sampling))

    def _delete(self) -> None:
        question = self._last(Role.USER)
        if question is None:
            self._fail("There is no message here that could be deleted.")
            return
        self._application.conversations.delete_message(question.id)
        click.echo(f"Deleted: {title_from(question.text)}", err=True)

    def _last(self, role: Role) -> Message | None:
        """The last message of this conversation that `role` wrote; None when there is none. Raises StorageError."""
        return _last_of(self._messages(), role)

    def _messages(self) -> list[Message]:
        return self._application.conversations.messages(self._conversation_id) if self._conversation_id else []

    def _answer(self, events: Callable[[CancelToken], Iterator[ChatEvent]]) -> None:
        with interruptible() as cancel:
            self._lines.answering(cancel)
            try:
                for event in events(cancel):
                    self._show(event)
            except InglenookError as error:
                click.echo()
                self._fail(error.sentence)
            finally:
                self._lines.answering(None)

    def _chosen_sampling(self) -> SamplingParameters | None:
        model = self._application.models.current
        return self._sampling.applied_to(model.sampling) if model and self._sampling.values else None

    def _show(self, event: ChatEvent) -> None:
        if isinstance(event, Chunk):
            click.echo(event.text, nl=False)
        elif isinstance(event, Aside):
            show_aside(event)
        elif isinstance(event, MessageSaved):
            self._conversation_id = event.conversation.id
        elif isinstance(event, SaveFailed):
            self._fail(event.error.sentence)
        elif isinstance(event, ReplyFinished):
            click.echo()
            notes = [figures(event.message.statistics)] if event.message.statistics else []
            if event.message.stop_reason not in (None, StopReason.END_OF_TURN):
                notes.append(stop_reason_note(event.message.stop_reason))
            if self._interactive:
                click.echo(click.style("  ".join(notes), dim=True))

    def _fail(self, sentence: str) -> None:
        self._failed = True
        click.echo(sentence, err=True)


def _last_of(messages: list[Message], role: Role) -> Message | None:
    return next((message for message in reversed(messages) if message.role is role), None)
