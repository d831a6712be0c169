"""Shows that a screen reader, a process of its own on a real AT-SPI bus, finds the conversation and hears it change."""

import sys
from collections.abc import Iterator

import pytest

from tests.ui.at_spi import SECONDS, Desktop, lacking, open_desktop
from tests.ui.transcript.accessible_window import NAME

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="AT-SPI is Linux's")


@pytest.fixture
def desktop() -> Iterator[Desktop]:
    if missing := lacking():
        pytest.fail(missing, pytrace=False)
    with open_desktop("tests.ui.transcript.accessible_window", NAME) as opened:
        yield opened


def test_a_screen_reader_reads_the_conversation_and_hears_it_change(desktop: Desktop) -> None:
    found = desktop.tree().all_of("list")
    assert [one.name for one in found] == ["Conversation"]
    items = found[0].all_of("list item")
    assert [(item.name, item.description) for item in items] == [
        ("You wrote", "What is an inglenook?"),
        ("Answer of Mistral Small", "A seat beside the **hearth**. 🔥"),
        ("Answer", "It is"),
    ]
    assert all({"focusable", "read-only", "showing", "visible"} <= item.states for item in items)
    assert ["busy" in item.states for item in items] == [False, False, True]
    assert items[0].rect[1] < items[0].rect[1] + items[0].rect[3] <= items[1].rect[1] < items[2].rect[1]
    names = [button.name for button in found[0].all_of("push button")]
    assert {"Copy this message", "Copy this answer"} <= set(names)

    for focused, about in enumerate(("You wrote", "Answer of Mistral Small")):
        desktop.command("down")
        desktop.wait_until_heard("object:state-changed:focused", about)
        assert ["focused" in item.states for item in desktop.items()] == [index == focused for index in range(3)]

    desktop.command("write")
    assert desktop.wait_until_heard("object:announcement", "Conversation").words == "It is a seat."

    desktop.command("end")
    desktop.wait_until_heard("object:property-change:accessible-description", "Answer of Mistral Small")
    assert not any("busy" in item.states for item in desktop.items())
    assert desktop.items()[2].description == "It is a seat. And warm."

    desktop.command("add")
    assert desktop.wait_until_heard("object:children-changed:add", "Conversation").detail == 3
    assert desktop.items()[3].description == "Thanks"

    desktop.command("divide")
    assert desktop.wait_until_heard("object:children-changed:add", "Conversation").detail == 2
    assert desktop.items()[2].name.startswith("The model's memory begins here")
    desktop.command("undivide")
    desktop.wait_until_heard("object:children-changed:remove", "Conversation")
    assert [item.description for item in desktop.items()][-2:] == ["It is a seat. And warm.", "Thanks"]

    desktop.command("close")
    assert desktop.window.wait(SECONDS) == 0


def test_the_window_may_end_while_a_screen_reader_holds_on_to_it(desktop: Desktop) -> None:
    assert len(desktop.items()) == 3
    desktop.command("quit")
    assert desktop.window.wait(SECONDS) == 0
