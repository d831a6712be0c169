"""The dialog of the hub's token: where it is kept, trying it, and forgetting it."""

import threading
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QLineEdit

from app.core.errors import HubTokenError, StorageError
from app.storage.hub_token import HubTokenStore, TokenPlace, checked_token
from app.ui.hub_token_dialog import HubTokenDialog
from app.ui.transcript.links import LinkDialog
from tests.ui.driving import OpenWindow
from tests.ui.library.fake_hub import FakeHubSearch
from tests.ui.test_names import assert_named

TOKEN = "hf_aSecretThatNobodyMaySee"
Open = Callable[..., OpenWindow]


class FakeTokens(HubTokenStore):
    """With a keychain called "Test Keychain", or without one; `threads` are those that asked."""

    def __init__(self, name: str = "Test Keychain") -> None:
        super().__init__({})
        self.called = name
        self.refusal: StorageError | None = None
        self.threads: set[threading.Thread] = set()

    def keychain(self) -> str:
        self.threads.add(threading.current_thread())
        return self.called

    def keep(self, token: str) -> None:
        token = checked_token(token)
        if self.refusal is not None:
            raise self.refusal
        self._remember(token, TokenPlace.KEYCHAIN)


@pytest.fixture
def hub() -> FakeHubSearch:
    return FakeHubSearch()


@pytest.fixture
def show(open_window: Open, hub: FakeHubSearch) -> Callable[[FakeTokens], tuple[OpenWindow, HubTokenDialog]]:
    def open_one(tokens: FakeTokens) -> tuple[OpenWindow, HubTokenDialog]:
        one = open_window(hub=hub, tokens=tokens)
        one.wait_for_model()
        one.window.dialogs.show_hub_token()
        dialog = one.dialog()
        assert isinstance(dialog, HubTokenDialog)
        one.qtbot.waitUntil(lambda: dialog.is_settled)
        return one, dialog

    return open_one


Show = Callable[[FakeTokens], tuple[OpenWindow, HubTokenDialog]]


def press(one: OpenWindow, dialog: HubTokenDialog, token: str, act: Callable[[], None]) -> None:
    dialog.field.setText(token)
    act()
    one.qtbot.waitUntil(lambda: dialog.is_settled)


def test_a_token_is_kept_and_forgotten(show: Show, hub: FakeHubSearch) -> None:
    tokens = FakeTokens()
    one, dialog = show(tokens)
    assert dialog.place.text() == "No token is kept."
    assert not dialog.forget_button.isEnabled()
    assert not dialog.remark.isVisible()
    assert dialog.field.echoMode() is QLineEdit.EchoMode.Password
    press(one, dialog, TOKEN, dialog.keep_button.click)
    assert tokens.get() == TOKEN
    assert dialog.place.text() == "A token is kept in the system's keychain (Test Keychain)."
    assert dialog.field.text() == ""
    press(one, dialog, "", dialog.forget_button.click)
    assert tokens.get() == ""
    assert dialog.place.text() == "No token is kept."
    assert hub.asked == [], "nothing of that uses the network"
    assert threading.main_thread() not in tokens.threads, "a locked keychain would hold the window up"
    assert_named(dialog, 4)
    dialog.close()


def test_without_a_keychain_it_is_kept_for_this_run(show: Show) -> None:
    tokens = FakeTokens("")
    one, dialog = show(tokens)
    assert dialog.remark.isVisible()
    assert "never written to a file" in dialog.remark.text()
    assert dialog.keep_button.text() == "Keep for this run"
    press(one, dialog, TOKEN, dialog.keep_button.click)
    assert dialog.place.text() == "A token is kept in memory. It is forgotten when Inglenook ends."
    assert tokens.place() is TokenPlace.THIS_RUN
    dialog.close()


def test_it_is_tried_at_the_hub_by_a_press(show: Show, hub: FakeHubSearch) -> None:
    one, dialog = show(FakeTokens())
    press(one, dialog, TOKEN, dialog.test_button.click)
    assert dialog.said.text() == "hub.test accepts it: it is the token of somebody."
    assert hub.asked == [f"whose is {TOKEN}"]
    press(one, dialog, TOKEN, dialog.keep_button.click)
    hub.errors.append(HubTokenError("hub.test does not accept your token."))
    press(one, dialog, "", dialog.test_button.click)
    assert hub.asked[-1] == f"whose is {TOKEN}", "with an empty field it is the one that is kept"
    assert dialog.said.text() == "hub.test does not accept your token."
    assert dialog.test_button.isEnabled()
    dialog.close()


def test_what_is_refused_stays_in_the_field(show: Show) -> None:
    tokens = FakeTokens()
    tokens.refusal = StorageError("The system's keychain did not keep the token.")
    one, dialog = show(tokens)
    press(one, dialog, "two words", dialog.keep_button.click)
    assert "That is no token" in dialog.said.text()
    press(one, dialog, TOKEN, dialog.keep_button.click)
    assert dialog.said.text() == "The system's keychain did not keep the token."
    assert dialog.field.text() == TOKEN
    dialog.close()


def test_the_page_of_tokens_is_shown_before_it_is_opened(show: Show) -> None:
    one, dialog = show(FakeTokens())
    dialog.make_button.click()
    link = one.dialog()
    assert isinstance(link, LinkDialog)
    assert link.informativeText() == "https://hub.test/settings/tokens"
    link.close()
    dialog.close()


def test_it_opens_from_the_settings(open_window: Open) -> None:
    one = open_window(tokens=FakeTokens())
    one.wait_for_model()
    one.window.dialogs.show_settings()
    settings = one.dialog()
    settings.token_button.click()  # type: ignore[attr-defined] # it is a SettingsDialog
    dialog = one.dialog()
    assert isinstance(dialog, HubTokenDialog)
    one.qtbot.waitUntil(lambda: dialog.is_settled)
    dialog.close()
    settings.close()
