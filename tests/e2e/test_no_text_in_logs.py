"""After a full session with every detail logged, no text of the user's is anywhere but among the chats."""

from pathlib import Path

import pytest

from tests.e2e.driven import bare_environment, run, write_launcher

PLANTED = "Xyzzy"  # part of every secret below
_CHATS = ("conversations.db", "states/")  # where the texts belong

_SESSION = """
def steps(window):
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication
    from app.core.errors import ChatTemplateError, InvalidParameterError
    from app.ui.tasks import Lane

    yield lambda: window.loader.current is not None
    services = window._services
    services.tokens.keep_for_this_run("hf_XyzzyToken")
    conversation = services.conversations.create("Xyzzy title", "You are Xyzzy system")
    window.sidebar.show_conversations(services.conversations.list())
    window.page.show_conversation(conversation.id)
    for question in ("Xyzzy message", "think: Xyzzy again"):
        window.page.send(question)
        yield lambda: not window.tasks.is_busy and not window.replies.live
    services.conversations.rename(conversation.id, "Xyzzy renamed")

    word = "Xyz" + "zy"  # a traceback shows lines of the program, and this one stands for a user's text

    def crash():
        raise RuntimeError(f"{word} in an unforeseen error")

    def task(_emit, _cancel):
        try:
            {"known": 1}[f"{word} key"]
        except KeyError as error:
            raise ValueError(f"could not understand {word}") from error

    def refused(error):
        def work(_emit, _cancel):
            raise error
        return work

    QTimer.singleShot(0, crash)
    yield lambda: QApplication.activeModalWidget() is not None
    QApplication.activeModalWidget().reject()
    window.tasks.run(Lane.SIDE, task, print, print, lambda error: None)
    yield lambda: QApplication.activeModalWidget() is not None
    QApplication.activeModalWidget().reject()
    for error in (
        ChatTemplateError("The template refuses: Xyzzy", "Xyzzy"),
        InvalidParameterError("“Xyzzy” is no number", "Xyzzy"),
    ):
        window.tasks.run(Lane.SIDE, refused(error), print, print, lambda error: None)
        yield lambda: not window.tasks.is_busy
    window.page.composer.set_text("Xyzzy not sent")
    yield lambda: services.drafts.get(conversation.id).text == "Xyzzy not sent"
    print("done", flush=True)
"""


def files_with(text: str, folder: Path) -> set[str]:
    """The files below whose content or name has the text."""
    found = set()
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if text in name or (path.is_file() and text.encode() in path.read_bytes()):
            found.add(name)
    return found


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    (tmp_path / "tmp").mkdir()
    return tmp_path / "profile"


def test_a_session_in_the_window_writes_texts_nowhere_but_among_the_chats(tmp_path: Path, profile: Path) -> None:
    environment = bare_environment(tmp_path / "home", tmp_path / "tmp")
    launcher = write_launcher(tmp_path / "installed", _SESSION, frozen=False)
    done = run(launcher, "--profile", profile, "--fake-engine", "--debug", environment=environment)
    assert done.stdout == "done\n", done.stderr
    assert "You are" not in done.stderr
    assert PLANTED not in done.stderr, "--debug writes the log to standard error too"
    assert "conversations.db" in {name.partition("-")[0] for name in files_with(PLANTED, profile)}, "the test can see"
    assert {name for name in files_with(PLANTED, profile) if not name.startswith(_CHATS)} == set()
    assert files_with(PLANTED, tmp_path / "home") | files_with(PLANTED, tmp_path / "tmp") == set()
    log = (profile / "logs" / "inglenook.log").read_text(encoding="utf-8")
    for words in ("RuntimeError", "ValueError", "KeyError", "which led to", "ChatTemplateError"):
        assert words in log


def test_a_question_in_the_terminal_is_kept_nowhere(tmp_path: Path, profile: Path) -> None:
    environment = bare_environment(tmp_path / "home", tmp_path / "tmp")
    launcher = write_launcher(tmp_path / "installed", frozen=False)
    arguments = ("--profile", profile, "--fake-engine", "--debug", "ask", "Xyzzy question")
    options = ("--system", "You are Xyzzy", "--stop", "Xyzzy stop", "--overflow", "trim")
    done = run(launcher, *arguments, *options, environment=environment)
    assert done.returncode == 0, done.stderr
    assert PLANTED in done.stdout
    assert PLANTED not in done.stderr
    assert files_with(PLANTED, tmp_path) == set()
